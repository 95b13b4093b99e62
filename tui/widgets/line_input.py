"""A line to type in that docks under the panes: the filter, or a reason in own words. Not a modal: nothing is hidden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input


class LineInput(Input):
    """Enter submits, escape closes; `purpose` tells the screen what the line is for."""

    DEFAULT_CSS = """
    LineInput, LineInput:focus {
        height: 1; border: none; padding: 0 1; background: $surface;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Apply"),
        Binding("escape", "close", "Close"),
    ]

    @dataclass
    class Entered(Message):
        """The line was submitted."""

        purpose: str
        text: str

    class Closed(Message):
        """The line was left without submitting."""

    def __init__(self, purpose: str, value: str, placeholder: str) -> None:
        super().__init__(value, placeholder=placeholder, compact=True, select_on_focus=False)
        self.purpose = purpose

    async def action_submit(self) -> None:
        self.post_message(self.Entered(self.purpose, self.value.strip()))

    def action_close(self) -> None:
        self.post_message(self.Closed())
