"""Edit a rephrasing, or add one by hand. What was typed stays until it is saved or left with escape.

Wordings that the team proposed are listed; a key puts one after the other into the field, and what was typed before among them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static, TextArea

from core.errors import WorkbenchError
from review.models import Recorded
from tui.screens.dialogs.frame import Dialog, keys, plain
from tui.styles import MUTED
from tui.widgets.plain import one_line, printable
from tui.widgets.word_diff import diff_content

LISTED: Final = 4
"""Proposed wordings that are shown; the key goes through all of them."""
CURSOR = "❯"


@dataclass(frozen=True, slots=True)
class Proposed:
    """A wording, and who would have it."""

    text: str
    who: str


class AsItIs:
    """The answer of one who saves a text that was not changed."""


class EditText(Dialog[Recorded | AsItIs]):
    """`save` records the text; what it raises is shown and the dialog stays. Answers what was recorded, or that there is
    nothing to record but the acceptance."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,ctrl+s", "save", "Save", priority=True),
        Binding("ctrl+j", "new_line", "New line", priority=True),
        Binding("ctrl+n", "wording(1)", "Next wording", priority=True),
        Binding("ctrl+p", "wording(-1)", "Previous wording", priority=True),
    ]

    def __init__(
        self, title: str, original: str, text: str, save: Callable[[str], Recorded], proposed: Sequence[Proposed] = ()
    ) -> None:
        super().__init__()
        self._title, self._original, self._text, self._save = title, original, text, save
        self._proposed = proposed
        self._typed = text

    def compose(self) -> ComposeResult:
        with Vertical(classes="frame") as frame:
            frame.border_title = self._title
            yield plain("original", classes="label")
            yield plain(printable(self._original), id="before")
            if self._proposed:
                yield plain("the team would have", classes="label")
                yield plain(self._wordings(self._text), id="wordings")
            yield plain("rephrasing", classes="label")
            yield TextArea(self._text, soft_wrap=True, compact=True, highlight_cursor_line=False)
            yield plain("", id="error", classes="error")
            next_one = [("ctrl+n", "Next wording")] if self._proposed else []
            yield plain(
                keys(("enter", "Save and accept"), *next_one, ("ctrl+j", "New line"), ("esc", "Cancel")), classes="foot"
            )

    def on_mount(self) -> None:
        area = self.query_one(TextArea)
        area.move_cursor(area.document.end)
        area.focus()

    @on(TextArea.Changed)
    def _compare(self) -> None:
        typed = self.query_one(TextArea).text
        before = diff_content(self._original, typed)[0] if typed.strip() else Content(printable(self._original))
        self.query_one("#before", Static).update(before)
        if self._proposed:
            self.query_one("#wordings", Static).update(self._wordings(typed))
        self._say("")

    def _say(self, text: str) -> None:
        self.query_one("#error", Static).update(Content(one_line(text)))

    def action_new_line(self) -> None:
        self.query_one(TextArea).insert("\n")

    def _wordings(self, typed: str) -> Content:
        at = next((number for number, one in enumerate(self._proposed) if one.text == typed), 0)
        first = max(0, min(at - LISTED // 2, len(self._proposed) - LISTED))
        lines = [
            Content.assemble(
                (f"{CURSOR if one.text == typed else ' '} ", "bold"), (f"{one_line(one.who)}  ", MUTED), one_line(one.text)
            )
            for one in self._proposed[first : first + LISTED]
        ]
        return Content("\n").join(lines)

    def action_wording(self, by: int) -> None:
        """The next one of what was typed and what was proposed."""
        if not self._proposed:
            return
        area, choices = self.query_one(TextArea), [one.text for one in self._proposed]
        if area.text not in choices:
            self._typed = area.text
        if self._typed not in choices:
            choices.insert(0, self._typed)
        area.text = choices[(choices.index(area.text) + by) % len(choices)]
        area.move_cursor(area.document.end)

    def action_save(self) -> None:
        text = self.query_one(TextArea).text
        if text.strip() == self._text.strip() and self._text:
            self.dismiss(AsItIs())
            return
        try:
            recorded = self._save(text)
        except WorkbenchError as error:
            self._say(f"{error.what}. {error.remedy}")
            return
        self.dismiss(recorded)
