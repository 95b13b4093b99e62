"""A few lines of which one is chosen: the next action and what else waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.widget import Widget

from tui.styles import MUTED

CURSOR = "❯"


@dataclass(frozen=True, slots=True)
class Choice:
    """`text` at the left, `note` at the right where there is room."""

    id: str
    text: Content
    note: str = ""


class ChoiceList(Widget, can_focus=False):
    """The screen's keys move the cursor; a click chooses. `on_choose` is called with the choice."""

    DEFAULT_CSS = "ChoiceList { height: auto; width: 1fr; }"

    def __init__(self, on_choose: Callable[[Choice], None], *, id: str, classes: str = "") -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._on_choose = on_choose
        self.choices: Sequence[Choice] = ()
        self.cursor = 0

    @property
    def current(self) -> Choice | None:
        return self.choices[self.cursor] if self.choices else None

    def show(self, choices: Sequence[Choice]) -> None:
        """Show other choices; the cursor stays on the one it was on, else goes to the first."""
        kept = self.current.id if self.current and self.cursor else None
        grew = len(choices) != len(self.choices)
        self.choices = choices
        self.cursor = next((n for n, choice in enumerate(choices) if choice.id == kept), 0)
        self.refresh(layout=grew)

    def move(self, rows: int) -> bool:
        """Returns whether there was another choice in that direction."""
        before, self.cursor = self.cursor, max(0, min(self.cursor + rows, len(self.choices) - 1))
        self.refresh()
        return self.cursor != before

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return max(1, len(self.choices))

    def on_click(self, event: events.Click) -> None:
        if 0 <= event.y < len(self.choices):
            self.cursor = event.y
            self.refresh()
            self._on_choose(self.choices[event.y])

    def render(self) -> Content:
        width = self.content_size.width
        return Content("\n").join(
            self._line(choice, number == self.cursor, width) for number, choice in enumerate(self.choices)
        )

    def _line(self, choice: Choice, at_cursor: bool, width: int) -> Content:
        line = Content.assemble((f"{CURSOR} " if at_cursor else "  ", "bold"), choice.text)
        space = width - line.cell_length - len(choice.note)
        if choice.note and space >= 2:
            line = Content.assemble(line, " " * space, (choice.note, MUTED))
        line = line.truncate(max(1, width)).pad_right(max(0, width - line.cell_length))
        return line.stylize("on $primary-muted") if at_cursor else line
