"""The command palette: every action of every screen by name, and the themes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui.action import Action
from tui.actions import ACTIONS
from tui.keymap import keys_in_force, shown_keys
from tui.widgets.title_bar import SCREENS

if TYPE_CHECKING:
    from tui.app import ScreenName, WorkbenchApp

_SCREEN_TITLES = dict(SCREENS)
_HIDDEN = ("app.palette",)


class ActionProvider(Provider):
    """Names read "group: title". Actions of another screen lead there, and say which key does it then."""

    @property
    def workbench(self) -> WorkbenchApp:
        return cast("WorkbenchApp", self.app)

    async def discover(self) -> Hits:
        for name, help_text, action in self._actions():
            if action.scope in ("app", self.workbench.current_mode):
                yield DiscoveryHit(name, partial(self._choose, action), help=help_text)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for name, help_text, action in self._actions():
            score = matcher.match(name)
            if score > 0:
                here = action.scope in ("app", self.workbench.current_mode)
                yield Hit(
                    score if here else score * 0.8, matcher.highlight(name), partial(self._choose, action), help=help_text
                )
        for theme in self.app.available_themes:
            name = f"Theme: {theme}"
            score = matcher.match(name)
            if score > 0:
                yield Hit(score, matcher.highlight(name), partial(setattr, self.app, "theme", theme))

    def _actions(self) -> Iterator[tuple[str, str, Action]]:
        """Name, help and action, those of the current screen first."""
        current = self.workbench.current_mode
        for action in sorted(ACTIONS, key=lambda one: (one.scope != current, one.scope != "app")):
            if action.id in _HIDDEN:
                continue
            keys = shown_keys(keys_in_force(action, self.workbench.keys))
            if action.scope in ("app", current):
                yield f"{action.group}: {action.title}", f"{action.help}  ({keys})", action
            else:
                title = _SCREEN_TITLES[action.scope]
                yield f"{title}: {action.title}", f"{action.help}  (goes to {title}; there: {keys})", action

    async def _choose(self, action: Action) -> None:
        app = self.workbench
        if action.scope == "app":
            await app.run_action(action.call)
        elif action.scope != app.current_mode:
            app.action_go(cast("ScreenName", action.scope))
            keys = shown_keys(keys_in_force(action, app.keys))
            app.notify(f"{action.title}: press {keys}", title=_SCREEN_TITLES[action.scope], markup=False)
        elif not await app.run_action(action.call, default_namespace=app.screen):
            app.warn(f"{action.title} is not possible just now: {action.help}", "Not now")
