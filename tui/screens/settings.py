"""Settings: checks of the environment, the configuration in force with its origin, themes, keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from textual import on, work
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import get_current_worker

from core.doctor import Check, run_checks
from core.errors import WorkbenchError
from core.user import user_config_path
from tui.actions import bindings_of
from tui.screens.base import WorkbenchScreen
from tui.screens.settings_text import checks_text, configuration_text, keys_text, theme_choices
from tui.themes import save_theme
from tui.widgets.choice_list import Choice, ChoiceList

Setting = tuple[str, Any, str]


@dataclass
class Checked(Message):
    checks: list[Check]


@dataclass
class Read(Message):
    """`problem`: why the configuration cannot be shown."""

    settings: list[Setting]
    problem: str = ""


class SettingsScreen(WorkbenchScreen):
    NAME = "settings"
    CSS_PATH = "settings.tcss"
    BINDINGS = bindings_of("settings")

    checks: list[Check] | None = None
    settings: list[Setting] | None = None
    _problem = ""

    def compose_body(self) -> Iterable[Widget]:
        with VerticalScroll(can_focus=False):
            yield Static("Checks", classes="heading", markup=False)
            yield Static("checking…", id="checks", classes="part", markup=False)
            yield Static("Configuration", classes="heading", markup=False)
            yield Static("reading…", id="configuration", classes="part", markup=False)
            yield Static("Theme", classes="heading", markup=False)
            yield ChoiceList(self._choose_theme, id="themes", classes="part")
            yield Static("Keys", classes="heading", markup=False)
            yield Static(id="keys", classes="part", markup=False)

    def on_mount(self) -> None:
        themes = self.query_one(ChoiceList)
        themes.show(theme_choices(self.app))
        self.watch(self.app, "theme", lambda: themes.show(theme_choices(self.app)), init=False)
        self.query_one("#keys", Static).update(keys_text(self.user.keymap, self.workbench.keys))
        self.action_refresh_checks()

    # -- checks and configuration -------------------------------------------------------------------------------

    def action_refresh_checks(self) -> None:
        self.say_connection("local: checking")
        self._check()
        self._read()

    @work(thread=True, exclusive=True, group="checks", description="checking the environment", exit_on_error=False)
    def _check(self) -> None:
        checks = run_checks(self.project)
        if not get_current_worker().is_cancelled:
            self.post_message(Checked(checks))

    @work(thread=True, exclusive=True, group="settings", description="reading the configuration", exit_on_error=False)
    def _read(self) -> None:
        from core.settings import effective

        try:
            found = Read(effective(self.project))
        except WorkbenchError as error:  # stays on the screen: a toast of the app says it too
            found = Read([], f"{error}")
        if not get_current_worker().is_cancelled:
            self.post_message(found)

    @on(Checked)
    def _show_checks(self, message: Checked) -> None:
        self.checks = message.checks
        self.say_connection("local ✓")
        self._fill()

    @on(Read)
    def _show_settings(self, message: Read) -> None:
        self.settings, self._problem = message.settings, message.problem
        self._fill()

    def on_resize(self) -> None:
        self._fill()

    def _fill(self) -> None:
        """Both are tables that know the width."""
        width = self.query_one("#checks").content_size.width or self.size.width - 4
        if self.checks is not None:
            self.query_one("#checks", Static).update(checks_text(self.checks, width))
        if self.settings is not None:
            text = configuration_text(self.settings, self._problem, self.project, width)
            self.query_one("#configuration", Static).update(text)

    # -- theme --------------------------------------------------------------------------------------------------

    def _choose_theme(self, choice: Choice) -> None:
        self.app.theme = choice.id
        path = user_config_path()
        save_theme(path, choice.id)
        self._read()
        self.app.notify(f"Kept in {path}", title=choice.id, timeout=3, markup=False)

    def action_choose(self) -> None:
        choice = self.query_one(ChoiceList).current
        if choice is not None:
            self._choose_theme(choice)

    def action_theme(self, step: int) -> None:
        themes = self.query_one(ChoiceList)
        themes.move(step)
        themes.scroll_visible(animate=False)

    def action_scroll(self, lines: int) -> None:
        pane = self.query_one(VerticalScroll)
        pane.scroll_to(y=pane.scroll_y + lines, animate=False)
