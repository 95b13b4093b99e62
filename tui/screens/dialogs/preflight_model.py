"""Which model a dataset is to be checked for, and how."""

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
from textual.widgets import Static
from textual.worker import get_current_worker

from core.errors import UsageError
from core.preflight.options import PreflightOptions
from core.project import Project
from tui.preflight_words import EXAMPLE, preflight_options
from tui.screens.dialogs.frame import Dialog, keys, plain
from tui.styles import MUTED
from tui.widgets.line_input import LineInput


@dataclass(frozen=True, slots=True)
class PreflightAsked:
    """`words`: the options as they were typed."""

    options: PreflightOptions
    words: str


@dataclass
class _Model(Message):
    name: str


class PreflightDialog(Dialog[PreflightAsked]):
    """Answers with the options. What was asked last stands there already, else the model of the newest preflight."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "start", show=False),
        Binding("tab,down", "app.focus_next", show=False),
        Binding("shift+tab,up", "app.focus_previous", show=False),
    ]

    def __init__(self, project: Project, dataset: str, last: PreflightAsked | None = None) -> None:
        super().__init__()
        self._project, self._dataset = project, dataset
        self._model, self._words = ("", "") if last is None else (last.options.model, last.words)

    def compose(self) -> ComposeResult:
        with Vertical(classes="frame") as frame:
            frame.border_title = f"Preflight of {self._dataset}"
            yield plain("Model to be trained: a folder, or its name on the hub", classes="label")
            yield LineInput("model", self._model, "models/base  or  organisation/name")
            yield plain("More options, as after `workbench preflight`", classes="label")
            yield LineInput("options", self._words, EXAMPLE)
            yield plain(
                Content.styled(
                    "The model's tokenizer and chat template are read, nothing is trained. `workbench preflight --help` lists"
                    " the options.",
                    MUTED,
                ),
                classes="label",
            )
            yield plain("", id="problem", classes="error")
            yield plain(keys(("enter", "Start", "start"), ("tab", "Next line"), ("esc", "Cancel", "leave")), classes="foot")

    def on_mount(self) -> None:
        self._line("model").focus()
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
        line = self._line("model")
        if not line.value:
            line.value = message.name
            line.cursor_position = len(message.name)

    @on(LineInput.Entered)
    def action_start(self) -> None:
        """Without a model the dialog stays, and so it does with what cannot be right."""
        model, words = (self._line(name).value.strip() for name in ("model", "options"))
        if not model:
            self._line("model").focus()
            return
        try:
            self.dismiss(PreflightAsked(preflight_options(model, words), words))
        except UsageError as error:
            self.query_one("#problem", Static).update(Content(f"{error.what}\n→ {error.remedy}"))

    @on(LineInput.Closed)
    def _left_line(self) -> None:
        self.dismiss(None)

    def _line(self, purpose: str) -> LineInput:
        return next(line for line in self.query(LineInput) if line.purpose == purpose)
