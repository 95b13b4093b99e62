"""What everyone of the team said of a rephrasing: side by side where there is room, else one below the other."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from textual.content import Content

from review.models import TeamAnswer, TeamView
from review.team.models import Outcome, Say
from tui.styles import BAD, DOUBTFUL, GOOD, MUTED
from tui.widgets.beside import beside
from tui.widgets.moments import day, when
from tui.widgets.plain import one_line, printable
from tui.widgets.word_diff import diff_content

LABEL_CELLS = 10
LEAST_COLUMN, MOST_COLUMN = 24, 44
"""Cells below which a column would be all line breaks, and beyond which two would stand too far apart."""
GAP = " │ "

MARKS: Final = {Say.ACCEPT: ("✓ accept", GOOD), Say.REJECT: ("✗ reject", BAD), Say.UNSURE: ("? unsure", DOUBTFUL)}
OUTCOMES: Final[dict[Outcome, tuple[str, str]]] = {
    Outcome.WAITING: ("waits for answers", MUTED),
    Outcome.ACCEPT: ("✓ accepted by the team", GOOD),
    Outcome.REJECT: ("✗ rejected by the team", BAD),
    Outcome.DISAGREE: ("no agreement: decide here", f"bold {DOUBTFUL}"),
    Outcome.CONFLICT: ("conflict: the team says otherwise", f"bold {BAD}"),
    Outcome.ADJUDICATED: ("decided here, with all answers known", GOOD),
    Outcome.OUTDATED: ("answers to other words or commands", MUTED),
}


@dataclass(frozen=True, slots=True)
class TeamBlock:
    """`wording`: what the annotators were shown, for the differences to what they would have."""

    view: TeamView
    wording: str

    @property
    def plain(self) -> str:
        return "\n".join(line.plain for line in self.lines(200))

    def lines(self, width: int) -> list[Content]:
        words, style = OUTCOMES[self.view.outcome]
        label = Content.styled(f"{'team':<{LABEL_CELLS}}", MUTED)
        lines = beside(label, Content.styled(words, style), width)
        indent = Content(" " * LABEL_CELLS)
        if self.view.detail and self._needs_words():
            lines += beside(indent, Content.styled(one_line(self.view.detail), MUTED), width)
        count = len(self.view.answers)
        column = (width - LABEL_CELLS - len(GAP) * (count - 1)) // count if count else 0
        if count > 1 and column >= LEAST_COLUMN:
            column = min(column, MOST_COLUMN)
            return lines + [indent + line for line in _side_by_side(self._cells(column), column)]
        for answer in self.view.answers:
            lines += self._below(answer, width)
        return lines

    def _needs_words(self) -> bool:
        """Whether the answers alone do not say how the outcome came about."""
        if self.view.outcome is Outcome.DISAGREE:
            return len({answer.decision for answer in self.view.answers if answer.decision is not None}) < 2
        return self.view.outcome in (Outcome.CONFLICT, Outcome.OUTDATED, Outcome.WAITING)

    def _cells(self, column: int) -> list[list[Content]]:
        cells = []
        for answer in self.view.answers:
            name = Content.styled(one_line(answer.annotator), "bold").truncate(column, ellipsis=True)
            rest = [line for part in self._details(answer) for line in part.wrap(column)]
            cells.append([name, _decision(answer), *rest, Content.styled(when(answer.at), MUTED)])
        return cells

    def _below(self, answer: TeamAnswer, width: int) -> list[Content]:
        head = Content.assemble(_decision(answer), "  ", (one_line(answer.annotator), "bold"))
        for time in (when(answer.at), day(answer.at)):
            space = width - LABEL_CELLS - head.cell_length - len(time)
            if space >= 2:
                head = Content.assemble(head, " " * space, (time, MUTED))
                break
        lines = [Content(" " * LABEL_CELLS) + head.truncate(max(1, width - LABEL_CELLS), ellipsis=True)]
        for part in self._details(answer):
            lines += beside(Content(" " * (LABEL_CELLS + 2)), part, width)
        return lines

    def _details(self, answer: TeamAnswer) -> list[Content]:
        """What the annotator would have otherwise, and why."""
        parts = []
        if answer.text is not None:
            parts.append(diff_content(self.wording, answer.text)[1])
        if answer.commands is not None:
            parts += [Content.styled(one_line(line), "bold") for line in answer.commands or ("no commands",)]
        if answer.comment:
            parts.append(Content.styled(f"“{printable(answer.comment)}”", "italic"))
        return parts


def _decision(answer: TeamAnswer) -> Content:
    words, style = MARKS[answer.decision] if answer.decision is not None else ("- passed over", MUTED)
    return Content.styled(words, style)


def _side_by_side(cells: list[list[Content]], column: int) -> list[Content]:
    gap = Content.styled(GAP, MUTED)
    empty = Content()
    return [
        gap.join([cell.pad_right(max(0, column - cell.cell_length)) for cell in row])
        for row in zip_longest(*cells, fillvalue=empty)
    ]
