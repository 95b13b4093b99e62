"""A conversation as text to read: turns, commands under user turns, rephrasings with marks for verdict and state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from textual.content import Content

from core.store.browse import ShownConversation, ShownRephrasing, ShownTurn
from tui.styles import DOUBTFUL, HEADING, KEY, MUTED
from tui.widgets.beside import beside
from tui.widgets.marks import STATE_MARKS, STATE_STYLES, VERDICT_MARKS, VERDICT_STYLES
from tui.widgets.plain import one_line, printable

WHO_CELLS = 6
_WHO = {"user": "user", "bot": "bot", "utter": "utter", "slot_was_set": "slot", "slot_was_not_set": "slot"}


@dataclass(frozen=True, slots=True)
class Block:
    """A text that wraps beside its `lead`."""

    lead: Content
    text: Content

    def lines(self, width: int) -> list[Content]:
        return beside(self.lead, self.text, width)


def blocks(conversation: ShownConversation) -> Iterator[Block]:
    nothing = Content()
    yield Block(nothing, Content.styled(printable(conversation.name), HEADING))
    yield Block(nothing, Content.styled(_summary(conversation), MUTED))
    yield Block(nothing, Content.styled(one_line(conversation.place), MUTED))
    for turn in conversation.turns:
        yield Block(nothing, nothing)
        yield from _turn(turn)
    if not conversation.turns:
        yield Block(nothing, nothing)
        yield Block(nothing, Content.styled("This conversation has no turns.", MUTED))


def _summary(conversation: ShownConversation) -> str:
    count = len(conversation.rephrasings)
    parts = [_count(conversation.user_steps, "user step"), _count(count, "rephrasing")]
    if count:
        parts.append(f"{conversation.open:,} open")
    return "  ".join(parts)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def _turn(turn: ShownTurn) -> Iterator[Block]:
    who = f"{_WHO.get(turn.kind, turn.kind[: WHO_CELLS - 1]):<{WHO_CELLS}}"
    text = printable(turn.text)
    if turn.kind != "user":
        style = "" if turn.kind == "bot" else f"italic {MUTED}"
        sense = "not set: " if turn.kind == "slot_was_not_set" else ""
        yield Block(Content.styled(who, MUTED), Content.styled(sense + text, style))
        return
    yield Block(Content.styled(who, KEY), Content.styled(text, "bold"))
    yield from _commands(turn)
    for one in turn.rephrasings:
        yield _rephrasing(one)


def _commands(turn: ShownTurn) -> Iterator[Block]:
    indent = " " * WHO_CELLS
    for command in turn.commands or ():
        yield Block(Content.styled(f"{indent}> ", MUTED), Content.styled(one_line(command), "$text-accent"))
    if turn.corrected:
        yield Block(Content(indent), Content.styled("* commands corrected by a person", MUTED))
    for text in turn.unparsed:
        yield Block(Content.styled(f"{indent}! ", DOUBTFUL), Content.styled(f"not understood: {printable(text)}", DOUBTFUL))
    if turn.commands is None:
        if turn.is_button:
            why, style = "a button: it says what it does, no commands are needed", MUTED
        elif turn.skip:
            why, style = f"no commands: {printable(turn.skip)}", MUTED
        else:
            why, style = "no commands yet", DOUBTFUL
        yield Block(Content.styled(f"{indent}- ", style), Content.styled(why, style))


def _rephrasing(one: ShownRephrasing) -> Block:
    lead = Content.assemble(
        " " * WHO_CELLS, (STATE_MARKS[one.state], STATE_STYLES[one.state]), " ",
        (VERDICT_MARKS.get(one.verdict, "?"), VERDICT_STYLES.get(one.verdict, "")), " ",
    )  # fmt: skip
    notes = []
    if one.state.name != "UNDECIDED":
        notes.append(one.state.label + (f": {one_line(one.reason)}" if one.reason else ""))
    if one.by_hand:
        notes.append("by hand")
    if one.ingested is not None:
        notes.append("edited")
    note = f"  {', '.join(notes)}" if notes else ""
    return Block(lead, Content.assemble((printable(one.text), "" if one.state.is_open else MUTED), (note, f"italic {MUTED}")))
