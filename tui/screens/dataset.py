"""Dataset: the versions, and of the chosen one the split, lengths, diversity, worth, what was left out, preflight, holdout."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from textual import on, work
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import get_current_worker

from core.dataset.models import DatasetVersion, Part
from core.project import Project
from core.user import User
from tui.actions import bindings_of
from tui.screens.dataset_loading import DetailsRead, ListedVersion, VersionsRead, load_details, load_versions
from tui.screens.dataset_tabs import MEASURED, TABS, Measuring, Tab, pane_lines, tab_line
from tui.screens.dataset_versions import header, nothing_built, version_lines
from tui.screens.dataset_work import DatasetWork
from tui.widgets.line_list import Line, LineList

TALL = 32
"""Lines of the terminal from which there is room for more versions."""
MOST_VERSIONS, FEW_VERSIONS = 6, 3
"""That are in view; the list scrolls."""


FIRST_LINES = 60


class DatasetScreen(DatasetWork):
    NAME = "dataset"
    CSS_PATH = "dataset.tcss"
    BINDINGS = bindings_of("dataset")
    VERTICAL_BREAKPOINTS = [(0, "-short"), (TALL, "-tall")]  # noqa: RUF012
    DISPENSABLE = ("dataset.pane", "app.palette", "dataset.why")

    def __init__(self, project: Project, user: User) -> None:
        super().__init__(project, user)
        self.tab = Tab.SPLIT
        self._listed: tuple[ListedVersion, ...] | None = None
        self._details: dict[int, DetailsRead] = {}
        self._drawn: int | None = None
        self._asked: int | None = None  # whose details are being read

    def compose_body(self) -> Iterable[Widget]:
        yield Static("", id="columns", markup=False)
        yield LineList[ListedVersion](self._highlight, self.action_open, always=True, id="versions")
        yield Static("", id="job", markup=False)
        yield Static("", id="tabs", markup=False)
        yield LineList[str](lambda target: None, self.action_why, id="pane")

    def on_mount(self) -> None:
        self.versions: LineList[ListedVersion] = self.query_one("#versions", LineList)
        self.pane: LineList[str] = self.query_one("#pane", LineList)
        self.pane.show([Line()])
        self.versions.focus()

    def on_screen_resume(self) -> None:
        """A build or a preflight of the command line must show too."""
        self.read()

    @property
    def version(self) -> DatasetVersion | None:
        """The one at the cursor."""
        listed = self.versions.current
        return None if listed is None else listed.version

    # -- reading ------------------------------------------------------------------------------------------------

    @work(thread=True, exclusive=True, group="versions", description="reading the datasets", exit_on_error=False)
    def read(self) -> None:
        found = load_versions(self.project)
        if not get_current_worker().is_cancelled:
            self.post_message(found)

    @work(thread=True, exclusive=True, group="details", description="reading the dataset", exit_on_error=False)
    def _read_details(self, version: DatasetVersion) -> None:
        found = load_details(self.project, version)
        if not get_current_worker().is_cancelled:
            self.post_message(found)

    @on(VersionsRead)
    def _show_versions(self, message: VersionsRead) -> None:
        """The cursor stays on its version, or goes to the one that was just built."""
        self.say_connection("local ✓")
        kept = self.take_built() or (self.version.id if self.version is not None else None)
        self._listed = message.versions
        self._asked = None
        self._draw_versions(kept)
        self._show_frame()
        version = self.version
        if version is None:
            self._draw_pane()
        elif version.id in self._details:  # stays in view until it is read anew
            self._asked = version.id
            self._read_details(version)

    def _draw_versions(self, kept: int | str | None) -> None:
        found = self._listed or ()
        at = next((n for n, one in enumerate(found) if kept in (one.version.id, one.version.name)), 0)
        self.versions.styles.height = max(1, min(len(found), MOST_VERSIONS if self.size.height >= TALL else FEW_VERSIONS))
        self.versions.show(version_lines(found, self.versions.room), cursor=at)

    @on(DetailsRead)
    def _show_details(self, message: DetailsRead) -> None:
        self._details, self._asked = {message.version.id: message}, None
        if self.version is not None and self.version.id == message.version.id:
            self._draw_pane(keep=True)
            self._measure_if_needed()

    # -- showing ------------------------------------------------------------------------------------------------

    def _highlight(self, listed: ListedVersion | None) -> None:
        """Its split at once, in the same paint; the rest when it is read."""
        if listed is None or listed.version.id in self._details or listed.version.id == self._asked:
            return
        self._details, self._asked = {}, listed.version.id
        self.measuring = Measuring()
        self._draw_pane(keep=listed.version.id == self._drawn)
        self._read_details(listed.version)

    def on_resize(self) -> None:
        if self._listed is not None:
            self._draw_versions(self.version.id if self.version is not None else None)
            self._draw_pane(keep=True)
        self._show_frame()

    def _show_frame(self) -> None:
        width = self.size.width - 2
        self.query_one("#columns", Static).update(header(self.versions.room), layout=False)
        self.query_one("#tabs", Static).update(tab_line(self.tab, width), layout=False)

    def _draw_pane(self, *, keep: bool = False) -> None:
        version = self.version
        if version is None:
            if self._listed is not None:
                self.pane.show(list(nothing_built(self.pane.room)))
            return
        self._drawn = version.id
        problem = self.problem if self.problem is not None and self.problem.dataset == version.address else None
        lines = pane_lines(self.tab, version, self._details.get(version.id), self.measuring, problem, self.pane.room)
        self.pane.show(lines, cursor=self.pane.cursor if keep else 0)

    def problem_changed(self) -> None:
        if self.tab is Tab.PREFLIGHT:
            self._draw_pane(keep=True)

    def measuring_changed(self) -> None:
        if self.tab in MEASURED:
            self._draw_pane(keep=True)

    def _measure_if_needed(self) -> None:
        """Only what is looked at: a large version takes a minute."""
        version = self.version
        details = self._details.get(version.id) if version is not None else None
        if version is None or details is None or details.quality is not None or self.tab not in MEASURED:
            return
        if self.tab is not Tab.TOKENS or details.preflight is None:
            self.measure(version)

    # -- actions ------------------------------------------------------------------------------------------------

    @property
    def _active(self) -> LineList[str] | LineList[ListedVersion]:
        return self.pane if self.pane.has_focus else self.versions

    def action_tab(self, number: int) -> None:
        self.tab = TABS[number % len(TABS)]
        self._show_frame()
        self._draw_pane()
        self._measure_if_needed()

    def action_next_tab(self, by: int) -> None:
        self.action_tab(TABS.index(self.tab) + by)

    def action_pane(self) -> None:
        if self.pane.has_focus:
            self.versions.focus()
        else:
            self._enter_pane()

    def _enter_pane(self) -> None:
        """The cursor goes to the first line that leads somewhere, if it is on none."""
        if self.pane.current is None:
            first = (number for number, line in enumerate(islice(self.pane.lines, FIRST_LINES)) if line.target is not None)
            self.pane.move_to(next(first, self.pane.cursor))
        self.pane.focus()

    def action_back(self) -> None:
        self.versions.focus()

    def action_open(self) -> None:
        """A version: go through its pane. A line of the pane: why."""
        if self.pane.has_focus:
            self.action_why()
        else:
            self._enter_pane()

    def action_why(self) -> None:
        """Of the line at the pane's cursor."""
        target, version = self.pane.current, self.version
        if version is None or target is None:
            self.app.notify("This line stands for no row, step or rephrasing.", title="Why", timeout=3, markup=False)
            return
        if target.startswith(f"{Part.HOLDOUT}:"):
            self.workbench.warn("The holdout is sealed: `workbench why` opens it with --purpose.", "Why")
            return
        from tui.screens.dialogs.why import WhyDialog

        self.app.push_screen(WhyDialog(self.project, version.name, target))

    def action_move(self, lines: int) -> None:
        self._active.move_to(self._active.cursor + lines)

    def action_page(self, pages: int) -> None:
        self._active.page_by(pages)

    def action_jump(self, where: int) -> None:
        self._active.move_to(0 if where == 0 else len(self._active.lines) - 1)

    def action_scroll(self, lines: int) -> None:
        self.pane.scroll_by(lines)

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self.pane.text)
        self.app.notify("The text below is in the clipboard.", timeout=2, markup=False)
