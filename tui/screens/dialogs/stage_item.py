"""An item that failed or was left out, with room to read: its text or diff, and the call behind it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from core.errors import WorkbenchError
from core.project import Project
from tui.screens.dialogs.frame import Dialog, keys, plain
from tui.screens.stage_item_text import detail_blocks
from tui.screens.stages_text import item_blocks
from tui.styles import BAD
from tui.widgets.plain import printable
from tui.widgets.stage_rows import Row
from tui.widgets.transcript_text import Block
from tui.widgets.transcript_view import TranscriptView


class StageItem(Dialog[Row]):
    """Answers with the item that was shown last. `rows`: all items of its run, to go through without leaving."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,o,q", "back", "Back"),
        Binding("n,right,l", "step(1)", "Next"),
        Binding("N,left,h", "step(-1)", "Previous"),
        Binding("j,down", "scroll(1)", "Down"),
        Binding("k,up", "scroll(-1)", "Up"),
        Binding("pagedown,space,ctrl+d", "page(1)", "Page down"),
        Binding("pageup,ctrl+u", "page(-1)", "Page up"),
        Binding("y", "copy", "Copy"),
    ]

    def __init__(self, project: Project, rows: Sequence[Row], position: int) -> None:
        super().__init__()
        self._project, self._rows, self._position = project, rows, position

    def compose(self) -> ComposeResult:
        with Vertical(classes="frame"):
            yield TranscriptView()
            foot = keys(("esc", "Back", "back"), ("n", "Next", "step(1)"), ("N", "Previous", "step(-1)"), ("y", "Copy", "copy"))
            yield plain(foot, classes="foot")

    def on_mount(self) -> None:
        self._show()

    @property
    def text(self) -> str:
        """All of it, wrapped as it is shown."""
        return self.query_one(TranscriptView).text

    def _show(self) -> None:
        row = self._rows[self._position]
        frame = self.query_one(".frame", Vertical)
        frame.border_title = f"{row.run.stage.value}: {self._position + 1:,} of {len(self._rows):,}"
        try:
            with closing(self._project.open()) as connection:
                shown = list(detail_blocks(connection, row))
        except (WorkbenchError, sqlite3.Error) as error:
            shown = [*item_blocks(row), Block(Content(), Content.styled(printable(str(error)), BAD))]
        self.query_one(TranscriptView).show(shown)

    def action_back(self) -> None:
        self.dismiss(self._rows[self._position])

    def action_step(self, items: int) -> None:
        self._position = max(0, min(self._position + items, len(self._rows) - 1))
        self._show()

    def action_scroll(self, lines: int) -> None:
        self.query_one(TranscriptView).scroll_by(lines)

    def action_page(self, pages: int) -> None:
        view = self.query_one(TranscriptView)
        view.scroll_by(pages * max(1, view.size.height - 1))

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self.text)
        self.app.notify("All of it is in the clipboard.", timeout=2, markup=False)
