"""Coverage: flows with bars and their steps, what is missing with its YAML, and the shortest way there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textual import on, work
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import get_current_worker

from core.coverage.report import CoverageReport, FlowCoverage
from tui.actions import bindings_of
from tui.screens.base import WorkbenchScreen
from tui.screens.coverage_loading import Loaded, load
from tui.screens.coverage_text import all_blocks, flow_blocks, nothing_measured, step_blocks, summary
from tui.widgets.coverage_rows import Row, missing_after
from tui.widgets.coverage_tree import CoverageTree
from tui.widgets.transcript_view import TranscriptView

TELL_EVERY = 25
"""Tests between two words on how far the run is."""


@dataclass
class Progressed(Message):
    done: int
    total: int


class _LeftError(Exception):
    """The app was left while the tests were running."""


class CoverageScreen(WorkbenchScreen):
    NAME = "coverage"
    CSS_PATH = "coverage.tcss"
    BINDINGS = bindings_of("coverage")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012

    loaded: Loaded | None = None
    _is_running = False

    def compose_body(self) -> Iterable[Widget]:
        yield Static("reading…", id="summary", markup=False)
        with Horizontal():
            with Vertical(id="flows"):
                yield CoverageTree(self._show, self.action_unfold)
            yield TranscriptView()

    def on_mount(self) -> None:
        self.tree_view = self.query_one(CoverageTree)
        self.text_view = self.query_one(TranscriptView)
        self.tree_view.focus()

    def on_screen_resume(self) -> None:
        """A run of another process must show, and so must files of flows that were edited meanwhile."""
        self._read()

    # -- reading and running ------------------------------------------------------------------------------------

    @work(thread=True, exclusive=True, group="coverage", description="reading the coverage", exit_on_error=False)
    def _read(self) -> None:
        found = load(self.project)
        if not get_current_worker().is_cancelled:
            self.post_message(found)

    def action_run_tests(self) -> None:
        if self._is_running:
            self.workbench.warn("The tests are being run already.", "Coverage")
            return
        self._is_running = True
        self.say_connection("local: running tests")
        self._run_tests()

    @work(thread=True, group="tests", description="running the tests", exit_on_error=False)
    def _run_tests(self) -> None:
        from core.coverage.run import run_coverage
        from core.testing.run_setup import RunOptions

        worker = get_current_worker()

        def tell(done: int, total: int) -> None:
            if worker.is_cancelled:
                raise _LeftError
            if done % TELL_EVERY == 0:
                self.post_message(Progressed(done, total))

        try:
            run_coverage(RunOptions(), folder=self.project.root, project=self.project, progress=tell)
            found = load(self.project)
        except _LeftError:
            return
        finally:
            self._is_running = False
        if not worker.is_cancelled:
            self.post_message(found)

    @on(Progressed)
    def _show_progress(self, message: Progressed) -> None:
        if self._is_running:
            self.say_connection(f"local: {message.done:,}/{message.total:,} tests")

    @on(Loaded)
    def _show_report(self, message: Loaded) -> None:
        self.loaded = message
        if not self._is_running:
            self.say_connection("local ✓")
        if message.report is not None:
            self.tree_view.show(message.report, _flow_limit(message.report))
        else:
            self.text_view.show(nothing_measured())
        self._show_summary()

    # -- showing ------------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        self._show_summary()

    def _show_summary(self) -> None:
        if self.loaded is not None:
            text = summary(self.loaded.report, self.loaded.at, self.loaded.changed, self.size.width - 2)
            self.query_one("#summary", Static).update(text, layout=False)

    def _show(self, row: Row | None) -> None:
        """What the line at the cursor stands for, within the same paint."""
        if self.loaded is None or (report := self.loaded.report) is None or row is None:
            return
        if row.flow is None:
            self.text_view.show(all_blocks(report))
            return
        source = self.loaded.sources.get(row.flow.file)
        if row.step is None:
            self.text_view.show(flow_blocks(report, row.flow, source))
        else:
            self.text_view.show(step_blocks(report, row.flow, row.step, source))

    # -- actions ------------------------------------------------------------------------------------------------

    def action_move(self, rows: int) -> None:
        self.tree_view.move_to(self.tree_view.cursor + rows)

    def action_page(self, pages: int) -> None:
        self.tree_view.page_by(pages)

    def action_jump(self, where: int) -> None:
        self.tree_view.move_to(0 if where == 0 else len(self.tree_view.rows) - 1)

    def action_scroll(self, lines: int) -> None:
        self.text_view.scroll_by(lines)

    def action_unfold(self) -> None:
        flow = self._current_flow()
        if flow is not None:
            self.tree_view.open(flow.id, flow.id not in self.tree_view.opened)

    def action_open(self) -> None:
        flow = self._current_flow()
        if flow is not None:
            self.tree_view.open(flow.id, True)

    def action_close(self) -> None:
        flow = self._current_flow()
        if flow is not None:
            self.tree_view.open(flow.id, False)

    def _current_flow(self) -> FlowCoverage | None:
        row = self.tree_view.current
        return row.flow if row is not None else None

    def action_next_missing(self, direction: int) -> None:
        row = self.tree_view.current
        if self.loaded is None or self.loaded.report is None or row is None:
            return
        found = missing_after(self.loaded.report, row.key, direction)
        if found is None:
            where = "after" if direction > 0 else "before"
            self.app.notify(f"No missing step {where} this line.", title="Coverage", timeout=2, markup=False)
        else:
            self.tree_view.go_to(found)

    def action_copy(self) -> None:
        """As `workbench coverage --draft` writes it, less the replies, which take a run of the engine."""
        row = self.tree_view.current
        if self.loaded is None or self.loaded.report is None or row is None or row.flow is None or row.step is None:
            self.workbench.warn("Go to a step that no passing test reaches: n does.", "Copy test")
            return
        way = self.loaded.report.way_to(row.flow.id, row.step.id)
        if way is None or not way.messages:
            self.workbench.warn("There is no way to copy for this step.", "Copy test")
            return
        from core.coverage.draft import draft_files
        from core.coverage.walk import Walk

        (draft,) = draft_files([Walk(way)], ()).values()
        self.app.copy_to_clipboard(draft.decode())
        self.app.notify("A test that goes this way is in the clipboard.", timeout=2, markup=False)


def _flow_limit(report: CoverageReport) -> float:
    return next((gate.wanted for gate in report.gates if gate.name == "flow"), 0.0)
