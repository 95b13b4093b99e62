"""Correct the commands of a step: one to a line, read while they are typed, with flow and slot names to complete."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static, TextArea

from core.commands import Command, Dialect, describe, parse, to_json
from core.errors import WorkbenchError
from review.models import Recorded
from tui.screens.dialogs.frame import Dialog, keys, plain
from tui.screens.dialogs.names import Known, Names, completions, unknown_names
from tui.styles import BAD, DOUBTFUL, GOOD, KEY, MUTED
from tui.widgets.plain import one_line, printable

MOST_OFFERED = 8


class CorrectCommands(Dialog[Recorded]):
    """`save` takes canonical JSON; what it raises is shown and the dialog stays. Answers what was recorded."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s,f10", "save", "Save", priority=True),
        Binding("tab", "complete", "Complete", priority=True),
    ]

    def __init__(
        self, original: str, lines: Sequence[str], dialect: Dialect, save: Callable[[str], Recorded], names: Names
    ) -> None:
        super().__init__()
        self._original, self._lines, self._dialect, self._save, self._names = original, lines, dialect, save, names

    @cached_property
    def _known(self) -> Known:
        return self._names()

    def compose(self) -> ComposeResult:
        with Vertical(classes="frame") as frame:
            frame.border_title = "Correct the commands of this step"
            yield plain("user says", classes="label")
            yield plain(printable(self._original), id="said")
            yield plain(f"commands, one to a line (dialect {self._dialect.value.upper()})", classes="label")
            yield TextArea("\n".join(self._lines), soft_wrap=True, compact=True, highlight_cursor_line=False)
            yield plain("", id="offered")
            yield plain("read as", classes="label")
            with VerticalScroll(can_focus=False):
                yield plain("", id="read")
            yield plain("", id="error", classes="error")
            yield plain(keys(("ctrl+s", "Save"), ("tab", "Complete"), ("esc", "Cancel")), classes="foot")

    def on_mount(self) -> None:
        area = self.query_one(TextArea)
        area.move_cursor(area.document.end)
        area.focus()
        self._read()

    @on(TextArea.Changed)
    def _read(self) -> None:
        result = parse(self.query_one(TextArea).text, self._dialect)
        read = [self._as_read(found.command) for found in result.commands]
        bad = [Content.assemble(("✗ ", BAD), (one_line(left.text), BAD), "  is no command here") for left in result.leftovers]
        nothing = Content.styled("no command: the assistant is expected to do nothing", MUTED)
        self.query_one("#read", Static).update(Content("\n").join([*bad, *read] or [nothing]))
        self._say("")

    def _as_read(self, command: Command) -> Content:
        unknown = unknown_names(command, self._known)
        words = one_line(describe(command))
        if not unknown:
            return Content.assemble(("✓ ", GOOD), words)
        note = f"  no other step names the {' and the '.join(map(one_line, unknown))}: a typing error?"
        return Content.assemble(("? ", DOUBTFUL), words, (note, DOUBTFUL))

    @on(TextArea.SelectionChanged)
    def _offer(self) -> None:
        _, offered = self._completions()
        shown = [
            Content.styled(one_line(name.strip()), KEY if at == 0 else MUTED) for at, name in enumerate(offered[:MOST_OFFERED])
        ]
        more = f"   +{len(offered) - MOST_OFFERED}" if len(offered) > MOST_OFFERED else ""
        line = Content.assemble(("tab ", MUTED), Content("  ").join(shown), (more, MUTED)) if shown else Content(" ")
        self.query_one("#offered", Static).update(line)

    def _completions(self) -> tuple[str, list[str]]:
        area = self.query_one(TextArea)
        row, column = area.cursor_location
        before = area.document.get_line(row)[:column]
        return completions(before, self._dialect, self._known)

    def action_complete(self) -> None:
        word, offered = self._completions()
        if offered:
            area = self.query_one(TextArea)
            row, column = area.cursor_location
            area.replace(offered[0], (row, column - len(word)), (row, column))

    def _say(self, text: str) -> None:
        self.query_one("#error", Static).update(Content(one_line(text)))

    def action_save(self) -> None:
        result = parse(self.query_one(TextArea).text, self._dialect)
        if result.leftovers:
            self._say(
                f"`{result.leftovers[0].text}` is no command of dialect {self._dialect.value.upper()}. Mend or delete it."
            )
            return
        try:
            recorded = self._save(to_json(result.found))
        except WorkbenchError as error:
            self._say(f"{error.what}. {error.remedy}")
            return
        self.dismiss(recorded)
