"""What everyone of the team said of a rephrasing: side by side where there is room, else the votes first, then what is more.

In a narrow pane all votes stand on one line, so that none is pushed out of sight; wordings, commands and comments follow, each
cut to two lines until the pane is scrolled.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from textual.content import Content

from review.models import TeamAnswer, TeamView
from review.team.models import Outcome, Say
from tui.styles import BAD, DOUBTFUL, GOOD, MUTED
from tui.widgets.beside import beside
from tui.widgets.moments import when
from tui.widgets.plain import one_line, printable
from tui.widgets.word_diff import diff_content

LABEL_CELLS = 10
LEAST_COLUMN, MOST_COLUMN = 24, 44
"""Cells below which a column would be all line breaks, and beyond which two would stand too far apart."""
GAP = " │ "
CUT_LINES = 2
NAME_CELLS = 16
INDENT = Content("  ")

MARKS: Final = {Say.ACCEPT: ("✓ accept", GOOD), Say.REJECT: ("✗ reject", BAD), Say.UNSURE: ("? unsure", DOUBTFUL)}
PASSED_OVER: Final = ("- passed over", MUTED)
OUTCOMES: Final[dict[Outcome, tuple[str, str]]] = {
    Outcome.WAITING: ("waits for answers", MUTED),
    Outcome.ACCEPT: ("✓ accepted by the team", GOOD),
    Outcome.REJECT: ("✗ rejected by the team", BAD),
    Outcome.DISAGREE: ("no agreement: decide here", f"bold {DOUBTFUL}"),
    Outcome.CONFLICT: ("conflict: the team says otherwise", f"bold {BAD}"),
    Outcome.ADJUDICATED: ("decided here, with all answers known", GOOD),
    Outcome.OUTDATED: ("answers to other words or commands", MUTED),
}
_CAUSES: Final = (
    ("the step has this text already", "the step has this text already"),
    ("commands differ", "commands differ"),
    ("texts differ", "texts differ"),
    ("one vote is too few", "one vote is too few"),
    ("; unusual text (", "unusual text"),
)
"""What a stored detail holds, and what the answers below it do not say as shortly."""


@dataclass(frozen=True, slots=True)
class TeamBlock:
    """`wording`: what the annotators were shown, for the differences to what they would have. `in_full`: nothing is cut.

    `most`: cells that the pane could have without the others.
    """

    view: TeamView
    wording: str
    in_full: bool = False
    most: int = 0

    @property
    def plain(self) -> str:
        return "\n".join(line.plain for line in self.lines(200))

    def lines(self, width: int) -> list[Content]:
        words, style = OUTCOMES[self.view.outcome]
        label = Content.styled(f"{'team':<{LABEL_CELLS}}", MUTED)
        lines = beside(label, Content.styled(words, style), width)
        indent = Content(" " * LABEL_CELLS)
        if why := self._cause():
            lines += beside(indent, Content.styled(one_line(why), MUTED), width)
        if column := self._column(width):
            return lines + [indent + line for line in _side_by_side(self._cells(column), column)]
        return lines + self._below(width)

    def _column(self, width: int) -> int:
        """Cells of each column in a pane of this width; 0: they do not stand side by side."""
        count = len(self.view.answers)
        column = (width - LABEL_CELLS - len(GAP) * (count - 1)) // count if count > 1 else 0
        return min(column, MOST_COLUMN) if column >= LEAST_COLUMN else 0

    def _cause(self) -> str:
        """How the outcome came about, as far as the answers do not say it."""
        view = self.view
        if view.outcome in (Outcome.WAITING, Outcome.OUTDATED):
            return view.detail.partition(":")[0]
        if view.outcome is Outcome.CONFLICT:
            return view.detail.rpartition("; ")[2]  # what was decided here, and by whom
        if view.outcome is not Outcome.DISAGREE:
            return ""
        said = next((words for sign, words in _CAUSES if sign in view.detail), "")
        if " came to " in view.detail:  # another round, which is not shown here
            return view.detail.rpartition("; ")[2]
        votes = [answer.decision for answer in view.answers if answer.decision is not None]
        if said or not votes:
            return said
        return "nobody took a side" if set(votes) == {Say.UNSURE} else "no majority"

    def _cells(self, column: int) -> list[list[Content]]:
        cells = []
        for answer in self.view.answers:
            name = Content.styled(one_line(answer.annotator), "bold").truncate(column, ellipsis=True)
            rest = [line for part in self._details(answer) for line in part.wrap(column)]
            cells.append([name, _decision(answer), *rest, Content.styled(when(answer.at), MUTED)])
        return cells

    # -- in a narrow pane ---------------------------------------------------------------------------------------

    def _below(self, width: int) -> list[Content]:
        if not self.view.answers:
            return []
        votes = [_vote(answer) for answer in self.view.answers]
        lines = _filled(votes, width, LABEL_CELLS)
        is_cut = False
        for part in self._parts():
            wrapped = part.wrap(max(8, width - INDENT.cell_length))
            if len(wrapped) > CUT_LINES and not self.in_full:
                is_cut = True
                last = wrapped[CUT_LINES - 1].rstrip().truncate(max(1, width - INDENT.cell_length - 2))
                wrapped = [*wrapped[: CUT_LINES - 1], last + Content.styled("..", MUTED)]
            lines += [INDENT + line for line in wrapped]
        hints = [Content.styled("J shows all of it", MUTED)] if is_cut else []
        if self.view.outcome.needs_a_person and self._column(self.most):
            hints.append(Content.styled("1 2 hide panes: side by side", MUTED))
        return lines + _filled(hints, width, INDENT.cell_length)

    def _parts(self) -> Iterator[Content]:
        """All wordings, then all commands, then all comments, each with the name of who gave it."""
        for answer in self.view.answers:
            if answer.text is not None:
                yield _named(answer, diff_content(self.wording, answer.text)[1])
        for answer in self.view.answers:
            if answer.commands is not None:
                commands = "; ".join(one_line(line) for line in answer.commands) or "no commands"
                yield _named(answer, Content.assemble((commands, "bold"), _unread(answer)))
        for answer in self.view.answers:
            if answer.comment:
                yield _named(answer, Content.styled(f"“{one_line(answer.comment)}”", "italic"))

    def _details(self, answer: TeamAnswer) -> list[Content]:
        """What the annotator would have otherwise, and why."""
        parts = []
        if answer.text is not None:
            parts.append(diff_content(self.wording, answer.text)[1])
        if answer.commands is not None:
            parts += [Content.styled(one_line(line), "bold") for line in answer.commands or ("no commands",)]
            parts += [] if answer.commands_read else [Content.assemble(_unread(answer))]
        if answer.comment:
            parts.append(Content.styled(f"“{printable(answer.comment)}”", "italic"))
        return parts


def _decision(answer: TeamAnswer) -> Content:
    return Content.styled(*(PASSED_OVER if answer.decision is None else MARKS[answer.decision]))


def _unread(answer: TeamAnswer) -> tuple[str, str]:
    return ("" if answer.commands_read else " (cannot be read)", DOUBTFUL)


def _name(answer: TeamAnswer) -> Content:
    return Content.styled(one_line(answer.annotator), "bold").truncate(NAME_CELLS, ellipsis=True)


def _vote(answer: TeamAnswer) -> Content:
    """`✓ ann`: mark and name."""
    words, style = PASSED_OVER if answer.decision is None else MARKS[answer.decision]
    return Content.styled(f"{words[0]} ", style) + _name(answer)


def _named(answer: TeamAnswer, text: Content) -> Content:
    return _name(answer) + Content("  ") + text


def _filled(parts: list[Content], width: int, indent: int) -> list[Content]:
    """As many on a line as there is room for; none is broken."""
    lines: list[Content] = []
    for part in parts:
        if lines and lines[-1].cell_length + 2 + part.cell_length <= width:
            lines[-1] = lines[-1] + Content("  ") + part
        else:
            lines.append((Content(" " * indent) + part).truncate(max(1, width), ellipsis=True))
    return lines


def _side_by_side(cells: list[list[Content]], column: int) -> list[Content]:
    gap = Content.styled(GAP, MUTED)
    empty = Content()
    return [
        gap.join([cell.pad_right(max(0, column - cell.cell_length)) for cell in row])
        for row in zip_longest(*cells, fillvalue=empty)
    ]
