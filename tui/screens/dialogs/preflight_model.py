"""Which model a dataset is to be checked for."""

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

from core.project import Project
from tui.screens.dialogs.frame import Dialog, keys, plain
from tui.styles import MUTED
from tui.widgets.line_input import LineInput


@dataclass
class _Model(Message):
    name: str


class PreflightDialog(Dialog[str]):
    """Answers with a folder or a name on the hub; the last one that was used stands there already."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "start", show=False)]

    def __init__(self, project: Project, dataset: str) -> None:
        super().__init__()
        self._project, self._dataset = project, dataset

    def compose(self) -> ComposeResult:
        with Vertical(classes="frame") as frame:
            frame.border_title = f"Preflight of {self._dataset}"
            yield plain("Model to be trained: a folder, or its name on the hub", classes="label")
            yield LineInput("model", "", "models/base  or  organisation/name")
            yield plain(
                Content.styled(
                    "Its tokenizer and chat template are read, nothing is trained. Options such as the length to train with,"
                    " or checks to waive: `workbench preflight --help`.",
                    MUTED,
                ),
                classes="label",
            )
            yield plain(keys(("enter", "Start", "start"), ("esc", "Cancel", "leave")), classes="foot")

    def on_mount(self) -> None:
        self.query_one(LineInput).focus()
        self._find()

    @work(thread=True, exclusive=True, group="model", description="looking for the model", exit_on_error=False)
    def _find(self) -> None:
        """That of the newest preflight of any version, else where the project's tokenizer lies."""
        with closing(self._project.open()) as connection:
            row = connection.execute("SELECT model FROM preflight ORDER BY id DESC LIMIT 1").fetchone()
        section = self._project.raw_config.get("project")
        tokenizer = section.get("tokenizer") if isinstance(section, dict) else None
        folder = str(tokenizer).removesuffix("tokenizer.json").rstrip("/") if tokenizer else ""
        if not get_current_worker().is_cancelled:
            self.post_message(_Model(row[0] if row else folder))

    @on(_Model)
    def _propose(self, message: _Model) -> None:
        line = self.query_one(LineInput)
        if not line.value:
            line.value = message.name
            line.cursor_position = len(message.name)

    @on(LineInput.Entered)
    def _entered(self, message: LineInput.Entered) -> None:
        if message.text:
            self.dismiss(message.text)

    @on(LineInput.Closed)
    def _left_line(self) -> None:
        self.dismiss(None)

    def action_start(self) -> None:
        if text := self.query_one(LineInput).value.strip():
            self.dismiss(text)
