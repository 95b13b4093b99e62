"""Stages: the one that runs, live; what came of earlier ones, and every item that failed with its reason."""

from __future__ import annotations

import time
from collections.abc import Iterable

from textual import on, work
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.worker import get_current_worker

from core.stages.models import StageName
from tui.actions import bindings_of
from tui.screens.base import WorkbenchScreen
from tui.screens.stages_loading import SHOWN_FAILURES, RunsRead, load_runs
from tui.screens.stages_text import item_blocks, nothing_blocks, run_blocks
from tui.stage_live import StageLive
from tui.widgets.stage_list import StageList
from tui.widgets.stage_meter import StageMeter
from tui.widgets.stage_rows import Row, problem_after, problem_count
from tui.widgets.transcript_view import TranscriptView

READ_EVERY = 1.0
"""Seconds between two looks at what a running stage has stored."""


class StagesScreen(WorkbenchScreen):
    NAME = "stages"
    CSS_PATH = "stages.tcss"
    BINDINGS = bindings_of("stages")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]  # noqa: RUF012

    DISPENSABLE = ("stages.next_problem", "app.palette")

    _was_running: bool | None = None
    _read_at = 0.0

    def compose_body(self) -> Iterable[Widget]:
        yield StageMeter()
        with Horizontal(id="below"):
            with Vertical(id="runs"):
                yield StageList(self._show, self.action_open)
            yield TranscriptView()

    def on_mount(self) -> None:
        self.rows = self.query_one(StageList)
        self.text_view = self.query_one(TranscriptView)
        self.meter = self.query_one(StageMeter)
        self.rows.focus()
        self.workbench.stage_changed.subscribe(self, self._changed)

    def on_screen_resume(self) -> None:
        """A run of the command line must show too."""
        self._read()
        if self.workbench.live is not None:
            self._changed(self.workbench.live)

    # -- the running stage --------------------------------------------------------------------------------------

    def _changed(self, live: StageLive) -> None:
        """Several times a second while a stage runs: the meter only, unless one began or ended."""
        self.meter.show(live, self.workbench.ended)
        running = live.state != "ended"
        if running != self._was_running:
            self._was_running = running
            self._read()
            self.refresh_bindings()
        elif running and self.is_current and time.monotonic() > self._read_at + READ_EVERY and self._is_behind(live):
            self._read()

    def _is_behind(self, live: StageLive) -> bool:
        """The stage has written its row, which it does when it has prepared what it needs, or a call has failed."""
        runs = self.rows.runs
        if not runs or runs[0].finished_at is not None:
            return True
        return problem_count(runs[0]) < min(live.reading.failed, SHOWN_FAILURES)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that steer a stage stand in the footer only while one runs, those that start one only while none does."""
        running = self.workbench.stages.is_running
        if action in ("pause", "stop"):
            return running
        return not (action == "start" and running)

    def action_start(self, stage: str) -> None:
        self.workbench.start_stage(StageName(stage))

    def action_pause(self) -> None:
        self.workbench.pause_stage()

    def action_stop(self) -> None:
        self.workbench.stop_stage()

    # -- runs ---------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        self._read_at = time.monotonic()
        self._load(self.workbench.stages.is_running)

    @work(thread=True, exclusive=True, group="runs", description="reading the runs of stages", exit_on_error=False)
    def _load(self, running: bool) -> None:
        found = load_runs(self.project, running=running)
        if not get_current_worker().is_cancelled:
            self.post_message(found)

    @on(RunsRead)
    def _show_runs(self, message: RunsRead) -> None:
        self.say_connection("local ✓")
        self.rows.show(message.runs, running=self.workbench.stages.is_running)

    def _show(self, row: Row | None) -> None:
        """What the line at the cursor stands for, within the same paint."""
        if row is None:
            self.text_view.show(nothing_blocks())
        elif row.item is not None:
            self.text_view.show(item_blocks(row))
        else:
            running = self.rows.running and self.rows.runs is not None and row.run is self.rows.runs[0]
            self.text_view.show(run_blocks(row.run, running=running))

    # -- actions ------------------------------------------------------------------------------------------------

    def action_open(self) -> None:
        row = self.rows.current
        if row is None:
            return
        if row.item is None:
            if problem_count(row.run):
                self.rows.open(row.run.id, row.run.id not in self.rows.opened)
            return
        from tui.screens.dialogs.stage_item import StageItem

        items = [one for one in self.rows.rows if one.item is not None and one.run is row.run]
        self.app.push_screen(StageItem(self.project, items, items.index(row)), self._came_back)

    def _came_back(self, row: Row | None) -> None:
        """The cursor goes to the item that was looked at last."""
        if row is not None:
            self.rows.go_to(row.key)

    def action_fold(self, on: bool) -> None:
        row = self.rows.current
        if row is not None:
            self.rows.open(row.run.id, on)

    def action_next_problem(self, direction: int) -> None:
        row = self.rows.current
        found = problem_after(self.rows.runs or (), row.key, direction) if row is not None else None
        if found is None:
            where = "after" if direction > 0 else "before"
            self.app.notify(f"Nothing failed {where} this line.", title="Stages", timeout=2, markup=False)
        else:
            self.rows.go_to(found)

    def action_move(self, rows: int) -> None:
        self.rows.move_to(self.rows.cursor + rows)

    def action_page(self, pages: int) -> None:
        self.rows.page_by(pages)

    def action_jump(self, where: int) -> None:
        self.rows.move_to(0 if where == 0 else len(self.rows.rows) - 1)

    def action_scroll(self, lines: int) -> None:
        self.text_view.scroll_by(lines)

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self.text_view.text)
        self.app.notify("The text at the right is in the clipboard.", timeout=2, markup=False)
