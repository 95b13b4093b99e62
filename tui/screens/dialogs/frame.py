"""What all dialogs share: a frame in the middle, keys on its last line, escape leaves without a change."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.style import Style
from textual.widgets import Static

from tui.styles import KEY, MUTED

Answer = TypeVar("Answer")
ACTION = "action"
"""What a click on a key of the last line does, in the meta data of its style."""


class Dialog(ModalScreen[Answer]):
    """Answers None when it is left with escape."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Cancel"),
        Binding("ctrl+q", "stay", "Quit", show=False, priority=True),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]  # noqa: RUF012 -- Textual declares it so

    async def on_click(self, event: events.Click) -> None:
        """Textual's own `@click` would give the keys the colours of links."""
        action = event.style.meta.get(ACTION)
        if action:
            event.stop()
            await self.run_action(action)

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_stay(self) -> None:
        """Quitting would throw away what was typed."""
        self.notify("A dialog is open: esc leaves it, then ctrl+q quits.", severity="warning", timeout=4, markup=False)


def plain(content: Content | str = "", *, id: str | None = None, classes: str | None = None) -> Static:  # noqa: A002
    """Text that is never parsed as markup."""
    return Static(content if isinstance(content, Content) else Content(content), id=id, classes=classes, markup=False)


def keys(*pairs: tuple[str, str] | tuple[str, str, str]) -> Content:
    """The last line of a dialog: `ctrl+s Save   esc Cancel`. With an action as the third, a click carries it out."""
    return Content("   ").join([_key(*pair) for pair in pairs])


def _key(key: str, what: str, action: str = "") -> Content:
    part = Content.assemble((key, KEY), (f" {what}", MUTED))
    return part.stylize(Style.from_meta({ACTION: action})) if action else part
