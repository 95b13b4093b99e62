"""Where a row, a step or a rephrasing comes from, and what became of it: as `workbench why` says it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.worker import get_current_worker

from core.errors import WorkbenchError
from core.project import Project
from tui.screens.dialogs.frame import Dialog, keys, plain
from tui.styles import BAD, MUTED
from tui.widgets.plain import one_line
from tui.widgets.transcript_text import Block
from tui.widgets.transcript_view import TranscriptView


@dataclass
class _Explained(Message):
    """(depth, text) of each line, or why there is no answer."""

    lines: tuple[tuple[int, str], ...] = ()
    problem: str = ""


class WhyDialog(Dialog[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,enter", "leave", show=False),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
        Binding("pagedown,ctrl+d", "scroll(12)", show=False),
        Binding("pageup,ctrl+u", "scroll(-12)", show=False),
        Binding("y", "copy", show=False),
    ]

    def __init__(self, project: Project, dataset: str, target: str) -> None:
        super().__init__()
        self._project, self._dataset, self._target = project, dataset, target

    def compose(self) -> ComposeResult:
        with Vertical(classes="frame") as frame:
            frame.border_title = f"Why {one_line(self._target)}"
            yield TranscriptView()
            yield plain(keys(("j k", "Scroll"), ("y", "Copy", "copy"), ("esc", "Close", "leave")), classes="foot")

    def on_mount(self) -> None:
        self.query_one(TranscriptView).show([Block(Content(), Content.styled("reading…", MUTED))])
        self._read()

    @work(thread=True, exclusive=True, group="why", description="looking for the reasons")
    def _read(self) -> None:
        from core.lineage.why import explain

        try:
            with closing(self._project.open()) as connection:
                found = explain(self._project, connection, self._target, dataset=self._dataset)
                explained = _Explained(tuple(found.tree().lines()))
        except WorkbenchError as error:
            explained = _Explained(problem=str(error))
        if not get_current_worker().is_cancelled:
            self.post_message(explained)

    @on(_Explained)
    def _show(self, message: _Explained) -> None:
        view = self.query_one(TranscriptView)
        if message.problem:
            view.show([Block(Content(), Content.styled(one_line(message.problem), BAD))])
            return
        view.show([_block(depth, text) for depth, text in message.lines])

    def action_scroll(self, lines: int) -> None:
        self.query_one(TranscriptView).scroll_by(lines)

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self.query_one(TranscriptView).text)
        self.notify("The answer is in the clipboard.", timeout=2, markup=False)


def _block(depth: int, text: str) -> Block:
    lead = Content.styled("  " * max(0, depth - 1) + ("- " if depth else ""), MUTED)
    return Block(lead, Content.styled(one_line(text), "bold" if not depth else ""))
