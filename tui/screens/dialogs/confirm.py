"""One question before many decisions at once."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from tui.screens.dialogs.frame import Dialog, keys, plain
from tui.styles import MUTED


class Confirm(Dialog[bool]):
    """Answers True for yes. `verb` names what happens on the yes key."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "Yes"),  # not enter: it is pressed too easily before hundreds of decisions
        Binding("n", "leave", "No", show=False),
    ]

    def __init__(self, question: str, *details: str, verb: str) -> None:
        super().__init__()
        self._question = question
        self._details = details
        self._verb = verb

    def compose(self) -> ComposeResult:
        with Vertical(classes="frame"):
            yield plain(Content.styled(self._question, "bold"), id="question")
            for detail in self._details:
                yield plain(Content.styled(detail, MUTED))
            yield plain(keys(("y", self._verb, "yes"), ("n", "Cancel", "leave")), classes="foot")

    def action_yes(self) -> None:
        self.dismiss(True)
