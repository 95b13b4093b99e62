"""Edit a rephrasing, or add one by hand. What was typed stays until it is saved or left with escape."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static, TextArea

from core.errors import WorkbenchError
from review.models import Recorded
from tui.screens.dialogs.frame import Dialog, keys, plain
from tui.widgets.plain import one_line, printable
from tui.widgets.word_diff import diff_content


class EditText(Dialog[Recorded]):
    """`save` records the text; what it raises is shown and the dialog stays. Answers what was recorded."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,ctrl+s", "save", "Save", priority=True),
        Binding("ctrl+j", "new_line", "New line", priority=True),
    ]

    def __init__(self, title: str, original: str, text: str, save: Callable[[str], Recorded]) -> None:
        super().__init__()
        self._title, self._original, self._text, self._save = title, original, text, save

    def compose(self) -> ComposeResult:
        with Vertical(classes="frame") as frame:
            frame.border_title = self._title
            yield plain("original", classes="label")
            yield plain(printable(self._original), id="before")
            yield plain("rephrasing", classes="label")
            yield TextArea(self._text, soft_wrap=True, compact=True, highlight_cursor_line=False)
            yield plain("", id="error", classes="error")
            yield plain(keys(("enter", "Save and accept"), ("ctrl+j", "New line"), ("esc", "Cancel")), classes="foot")

    def on_mount(self) -> None:
        area = self.query_one(TextArea)
        area.move_cursor(area.document.end)
        area.focus()

    @on(TextArea.Changed)
    def _compare(self) -> None:
        typed = self.query_one(TextArea).text
        before = diff_content(self._original, typed)[0] if typed.strip() else Content(printable(self._original))
        self.query_one("#before", Static).update(before)
        self._say("")

    def _say(self, text: str) -> None:
        self.query_one("#error", Static).update(Content(one_line(text)))

    def action_new_line(self) -> None:
        self.query_one(TextArea).insert("\n")

    def action_save(self) -> None:
        text = self.query_one(TextArea).text
        if text.strip() == self._text.strip() and self._text:
            self.dismiss(None)
            return
        try:
            recorded = self._save(text)
        except WorkbenchError as error:
            self._say(f"{error.what}. {error.remedy}")
            return
        self.dismiss(recorded)
