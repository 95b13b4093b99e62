"""What a new dataset version is to be: a line for each option, with the values that make sense."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static
from textual.worker import get_current_worker

from core.dataset.models import DatasetOptions
from core.errors import ProjectError
from core.project import Project
from tui.screens.dialogs.frame import Dialog, keys, plain
from tui.screens.dialogs.options import CHOICES, OptionChoice, chosen_values, moved, typed
from tui.styles import BAD, KEY, MUTED
from tui.widgets.choice_list import CURSOR

MOST_DIGITS = 18


@dataclass
class _Defaults(Message):
    """Of the section `export` of workbench.toml, as it is now."""

    options: DatasetOptions
    problem: str = ""


class BuildDialog(Dialog[DatasetOptions]):
    """Answers with the options. What is not among the values is left to the command line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b,y", "build", "Build"),
        Binding("j,down", "move(1)", show=False),
        Binding("k,up", "move(-1)", show=False),
        Binding("l,right,space,enter", "change(1)", show=False),
        Binding("h,left", "change(-1)", show=False),
    ]

    def __init__(self, project: Project) -> None:
        super().__init__()
        self._project = project
        self._cursor = 0
        self._typed: str | None = None
        """Of the value at the cursor, while it is typed."""
        self.options: DatasetOptions | None = None
        """None until the configuration is read."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="frame") as frame:
            frame.border_title = "Build a dataset"
            yield plain(Content.styled("reading workbench.toml…", MUTED), id="options")
            yield plain("", id="about", classes="label")
            yield plain(
                keys(
                    ("b", "Build", "build"), ("j k", "Option"), ("h l", "Value"), ("0-9", "Type it"), ("esc", "Cancel", "leave")
                ),
                classes="foot",
            )

    def on_mount(self) -> None:
        self._read()

    @work(thread=True, exclusive=True, group="options", description="reading the configuration")
    def _read(self) -> None:
        names = {field.name for field in fields(DatasetOptions)}
        try:
            section = Project(self._project.root).settings.export.model_dump()
            found = _Defaults(DatasetOptions(**{name: value for name, value in section.items() if name in names}))
        except ProjectError as error:
            found = _Defaults(DatasetOptions(), str(error))
        if not get_current_worker().is_cancelled:
            self.post_message(found)

    @on(_Defaults)
    def _show_defaults(self, message: _Defaults) -> None:
        if message.problem:
            self.query_one("#options", Static).update(Content.styled(message.problem, BAD))
            return
        self.options = message.options
        self._show()

    def _show(self) -> None:
        if self.options is None:
            return
        lines = [_line(choice, self.options, number == self._cursor) for number, choice in enumerate(CHOICES)]
        self.query_one("#options", Static).update(Content("\n").join(lines))
        self.query_one("#about", Static).update(Content.styled(CHOICES[self._cursor].about, MUTED))

    def on_key(self, event: events.Key) -> None:
        """The first digit takes the place of the number that stands there, backspace takes its last one."""
        choice = CHOICES[self._cursor]
        if self.options is None or choice.least is None:
            return
        if event.key == "backspace":
            value = getattr(self.options, choice.name)
            text = ("" if value is None else str(value))[:-1] if self._typed is None else self._typed[:-1]
        elif event.character and event.character in "0123456789":
            text = f"{self._typed or ''}{event.character}"
        elif event.character == "-" and choice.least < 0:
            text = "-"
        else:
            return
        event.stop()
        if len(text) <= MOST_DIGITS:
            self._typed, self.options = text, typed(self.options, choice, text)
            self._show()

    def action_move(self, lines: int) -> None:
        self._typed = None
        self._cursor = (self._cursor + lines) % len(CHOICES)
        self._show()

    def action_change(self, by: int) -> None:
        if self.options is not None:
            self._typed = None
            self.options = moved(self.options, CHOICES[self._cursor], by)
            self._show()

    def action_build(self) -> None:
        if self.options is not None:
            self.dismiss(self.options)


def _line(choice: OptionChoice, options: DatasetOptions, at_cursor: bool) -> Content:
    value = getattr(options, choice.name)
    others = len(chosen_values(choice, options)) > 1
    shown = choice.words(value)
    arrows = ("◂ ", " ▸") if at_cursor and others else ("  ", "  ")
    line = Content.assemble(
        (f"{CURSOR} " if at_cursor else "  ", "bold"), (f"{choice.title:<24}", "" if at_cursor else MUTED), (arrows[0], KEY),
        (shown, "bold"), (arrows[1], KEY),
    )  # fmt: skip
    return line.pad_right(max(0, 60 - line.cell_length)).stylize("on $primary-muted") if at_cursor else line
