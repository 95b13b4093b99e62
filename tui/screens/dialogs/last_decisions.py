"""The last ten decisions: see them, jump to one, take the latest back."""

from __future__ import annotations

import sqlite3
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from core.store.states import STATE_OF_DECISION, State
from review import items
from review.models import LogEntry
from tui.screens.dialogs.frame import Dialog, keys, plain
from tui.styles import HEADING, KEY, MUTED
from tui.widgets.marks import STATE_MARKS, STATE_STYLES
from tui.widgets.moments import when
from tui.widgets.plain import one_line
from tui.widgets.rephrasing_list import fit

SHOWN = 10


class _Entries(Widget, can_focus=False):
    DEFAULT_CSS = "_Entries { height: auto; width: 1fr; }"

    """`mine`: the latest action in force of this reviewer, which `u` takes back."""

    def __init__(self, entries: list[LogEntry], reviewer: str) -> None:
        super().__init__()
        self.entries = entries
        self.cursor = 0
        self.mine = next((n for n, entry in enumerate(entries) if entry.in_force and entry.reviewer == reviewer), None)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return max(1, len(self.entries))

    def render(self) -> Content:
        width = max(1, self.content_size.width)
        lines = [
            entry_line(entry, width, at_cursor=number == self.cursor, next_back=number == self.mine)
            for number, entry in enumerate(self.entries)
        ]
        return Content("\n").join(lines or [Content.styled("No decisions yet.", MUTED)])


class LastDecisions(Dialog[int | str]):
    """Answers the id of a rephrasing to jump to, or "undo"."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "Down"),
        Binding("k,up", "move(-1)", "Up"),
        Binding("enter,o", "jump", "Jump to it"),
        Binding("u", "undo", "Take back the latest"),
        Binding("l,q", "leave", "Close"),
    ]

    def __init__(self, connection: sqlite3.Connection, reviewer: str) -> None:
        super().__init__()
        self._entries = _Entries(items.log(connection, SHOWN, turns=False), reviewer)

    def compose(self) -> ComposeResult:
        with Vertical(classes="frame") as frame:
            frame.border_title = "Last decisions"
            yield self._entries
            yield plain(
                keys(("enter", "Jump to it"), ("u", "Take back the line marked u, my latest"), ("esc", "Close")), classes="foot"
            )

    def action_move(self, rows: int) -> None:
        last = len(self._entries.entries) - 1
        self._entries.cursor = max(0, min(self._entries.cursor + rows, last))
        self._entries.refresh()

    def action_jump(self) -> None:
        if self._entries.entries:
            entry = self._entries.entries[self._entries.cursor]
            if entry.rephrasing_id is not None:
                self.dismiss(entry.rephrasing_id)

    def action_undo(self) -> None:
        self.dismiss("undo")


def entry_line(entry: LogEntry, width: int, *, at_cursor: bool, next_back: bool = False) -> Content:
    """`❯u12:01:03  ✓ accept ×3   text  reason  maria`; what is no longer in force is struck out.

    `next_back`: it is what `u` takes back. The reason gives way to the text.
    """
    state = STATE_OF_DECISION.get(entry.kind)
    mark, style = (STATE_MARKS[state], STATE_STYLES[state]) if state else (" ", MUTED)
    times = f" ×{entry.count:,}" if entry.count > 1 else ""
    undone = "" if entry.in_force else "strike "
    head = Content.assemble(
        ("❯" if at_cursor else " ", HEADING),
        ("u" if next_back else " ", KEY),
        (f"{when(entry.at):<8}  ", MUTED),
        (f"{mark} {entry.kind + times:<12}", f"{undone}{style}"),
    )
    words = one_line(entry.reason or "")
    reason = f"  {fit(words, min(cell_len(words), width // 4))}" if words else ""
    tail = Content.assemble((reason, STATE_STYLES[State.FLAG]), (f"  {one_line(entry.reviewer)[:16]}", MUTED))
    room = max(8, width - head.cell_length - tail.cell_length)
    text = Content.styled(fit(one_line(entry.text), room), undone.strip())
    line = Content.assemble(head, text, tail).truncate(width)
    return line.stylize("on $primary-muted") if at_cursor else line
