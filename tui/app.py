"""The app: screens, keymap, themes, and what happens to failures. Everything on a screen lives in that screen."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from functools import partial
from typing import Literal, get_args

from textual import work
from textual.dom import DOMNode
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from core.errors import WorkbenchError
from core.project import Project
from core.user import User
from review.orders import Order
from tui.actions import bindings_of
from tui.app_log import LOG_NAME, log_failure
from tui.app_team import TeamApp
from tui.hangup import CHECKED_EVERY, end_if_gone, has_terminal
from tui.messages import OpenConversation, OrderChosen
from tui.screens.review_pace import Pace
from tui.themes import DEFAULT_THEME, next_theme, settle_colours

ScreenName = Literal["overview", "conversations", "review", "settings", "coverage", "stages", "dataset", "team"]
SCREEN_NAMES: tuple[ScreenName, ...] = get_args(ScreenName)

TOAST_SECONDS = 10.0
CHECK_CONFIGURATION_AFTER = 0.3
"""Seconds. Checking imports pydantic (0.1-0.2 s of CPU), which must not hold up the first keys."""


def _palette() -> type:
    from tui.palette import ActionProvider

    return ActionProvider


def _checked(user: User) -> tuple[dict[str, str], tuple[str, ...]]:
    """The user's keys that can be applied, and a sentence for each entry that cannot."""
    if not user.keymap:
        return {}, ()
    from tui.keymap import check_keymap

    checked = check_keymap(user.keymap)
    return checked.keys, checked.problems


class WorkbenchApp(TeamApp):
    """`start`: the screen to open on. Each screen is a mode, imported and made when first shown; it keeps its place."""

    TITLE = "Workbench"
    CSS_PATH = "app.tcss"
    BINDINGS = bindings_of("app")
    COMMANDS = {_palette}  # noqa: RUF012

    def __init__(self, project: Project, user: User, start: ScreenName = "overview") -> None:
        self.DEFAULT_MODE = start  # type: ignore[misc]  # read once, by App.__init__
        super().__init__()
        self.project = project
        self.user = user
        for name in SCREEN_NAMES:
            self.add_mode(name, partial(self._make, name))
        self._pace = Pace()  # of the whole sitting, however often Review is opened anew
        self._order = Order.CONVERSATION
        self.keys, self._keymap_problems = _checked(user)
        self.animation_level = "none"
        known_theme = user.theme in self.available_themes
        self.theme = user.theme if known_theme else DEFAULT_THEME
        settle_colours(self)

    # -- starting -----------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        self.set_keymap(self.keys)
        for problem in self._keymap_problems:
            self.warn(problem, "Keymap")
        self.call_after_refresh(self.set_timer, CHECK_CONFIGURATION_AFTER, self._check_configuration)
        if not self.is_headless and has_terminal():
            self.set_interval(CHECKED_EVERY, end_if_gone)
        if self.user.theme not in self.available_themes:
            self.warn(f"There is no theme `{self.user.theme}`. Settings (F4) lists them.", "Theme")

    @work(thread=True, group="configuration", description="checking workbench.toml", exit_on_error=False)
    def _check_configuration(self) -> None:
        assert self.project.settings is not None  # reading it raises what is wrong with it

    # -- screens ------------------------------------------------------------------------------------------------

    def _make(self, name: ScreenName, filter_text: str = "", conversation_id: int | None = None) -> Screen[None]:
        if name == "overview":
            from tui.screens.overview import OverviewScreen

            return OverviewScreen(self.project, self.user)
        if name == "conversations":
            from tui.screens.conversations import ConversationsScreen

            return ConversationsScreen(self.project, self.user, filter_text, conversation_id)
        if name == "settings":
            from tui.screens.settings import SettingsScreen

            return SettingsScreen(self.project, self.user)
        if name == "coverage":
            from tui.screens.coverage import CoverageScreen

            return CoverageScreen(self.project, self.user)
        if name == "stages":
            from tui.screens.stages import StagesScreen

            return StagesScreen(self.project, self.user)
        if name == "dataset":
            from tui.screens.dataset import DatasetScreen

            return DatasetScreen(self.project, self.user)
        if name == "team":
            from tui.screens.team import TeamScreen

            return TeamScreen(self.project, self.user)
        from tui.screens.review import ReviewScreen

        return ReviewScreen(self.project, self.user, filter_text, conversation_id, pace=self._pace, order=self._order)

    def action_go(self, name: ScreenName) -> None:
        """Show a screen as it was left."""
        if not self.screen.is_modal:
            self.switch_mode(name)

    def open_review(self, filter_text: str = "", conversation_id: int | None = None) -> None:
        """Show Review on these rephrasings: those a filter matches, or those of one conversation."""
        self._open("review", filter_text, conversation_id)

    def open_conversations(self, filter_text: str = "", conversation_id: int | None = None) -> None:
        """Show Conversations, filtered, or on one of them."""
        self._open("conversations", filter_text, conversation_id)

    def _open(self, name: ScreenName, filter_text: str, conversation_id: int | None) -> None:
        """Show a screen anew; how it was left before is given up."""
        if self.current_mode == name:
            return
        self.remove_mode(name)
        self.add_mode(name, partial(self._make, name, filter_text, conversation_id))
        self.switch_mode(name)

    def on_order_chosen(self, message: OrderChosen) -> None:
        self._order = message.order

    def on_open_conversation(self, message: OpenConversation) -> None:
        self.open_conversations(conversation_id=message.conversation_id)

    # -- actions ------------------------------------------------------------------------------------------------

    def action_help(self) -> None:
        from tui.screens.help import HelpScreen

        if not self.screen.is_modal:
            self.push_screen(HelpScreen(self.current_mode, self.keys))

    def action_next_theme(self) -> None:
        self.theme = next_theme(self.theme)
        self.notify(f"{self.theme}; Settings (F4) keeps it", title="Theme", timeout=2, markup=False)

    def watch_theme(self) -> None:
        settle_colours(self)

    # -- failures -----------------------------------------------------------------------------------------------

    def warn(self, sentence: str, title: str) -> None:
        self.notify(sentence, title=title, severity="warning", timeout=TOAST_SECONDS, markup=False)

    def report(self, error: BaseException, doing: str) -> None:
        """Tell the user what failed and what to do next, and log it. `doing`: "counting", "reading the list"."""
        log_failure(self.project.state_folder, error, doing)
        log = f"{self.project.state_folder.name}/{LOG_NAME}"
        if isinstance(error, WorkbenchError):
            place = f"{error.where}: " if error.where else ""
            text, title = f"{place}{error.what}\n{error.remedy}".strip(), error.title
        elif isinstance(error, sqlite3.Error):
            text, title = f"{doing}: {error}\nTry again; if it stays, see `workbench doctor` and {log}.", "Database"
        else:
            text, title = f"{doing}: {type(error).__name__}: {error}\nDetails are in {log}.", "Unexpected failure"
        self.notify(text, title=title, severity="error", timeout=TOAST_SECONDS, markup=False)

    async def run_action(
        self,
        action: str | tuple[str, str, tuple[object, ...]],
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Carry out a key's action; what a user can mend becomes a toast on whatever screen it happened."""
        try:
            return await super().run_action(action, default_namespace, namespaces)
        except (WorkbenchError, sqlite3.Error) as error:
            self.report(error, "that key")
            return True

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.report(event.worker.error, event.worker.description or event.worker.name)

    def _handle_exception(self, error: Exception) -> None:
        """A fault of the program: logged before Textual shows it and leaves."""
        log_failure(self.project.state_folder, error, "the app stopped")
        super()._handle_exception(error)
