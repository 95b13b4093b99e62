"""What the Team screen lists: what waits here, the rounds with their bars, who answered, and how far they agree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from textual.content import Content

from review.agreement import reliability
from review.team.models import Outcome, Round, Surface
from review.team.overview import AnnotatorSummary, RoundSummary, TeamSummary
from tui.stage_words import count
from tui.styles import BAD, DOUBTFUL, GOOD, HEADING, MUTED
from tui.widgets.beside import beside
from tui.widgets.line_list import Line
from tui.widgets.moments import day, when
from tui.widgets.plain import one_line
from tui.widgets.rephrasing_list import fit

NAME_CELLS = 14
WIDE = 96
"""Cells from which columns have room for more words."""
MOST_BAR_CELLS = 40
_SETTLED = (Outcome.ACCEPT, Outcome.REJECT, Outcome.ADJUDICATED)
_ABOUT = (
    "Nothing was handed out yet.",
    "",
    "What the machine is not sure of, what somebody flagged, and what has a high ambiguity score should not be decided by",
    "one person alone. p shows how many there are and hands them out as a round: a dataset in Argilla, with your guidelines,",
    "in which each rephrasing is answered by several people. Their answers come back by themselves while this app is open.",
    "",
    "Where they agree, that is the decision. Where they do not, the rephrasing comes back here with all answers side by side.",
    "",
    "Without a server: `workbench review pack` hands the same round out as a file, `workbench review merge` takes it in.",
)


@dataclass(frozen=True, slots=True)
class Target:
    """What a line leads to: rephrasings in Review, and the round it stands for."""

    filter: str = ""
    round: Round | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Krippendorff's alpha of the decision over the records with two answers or more; `why` it is None, if it is.

    `span`: of its 95 % interval, None where there is too little for one.
    """

    records: int = 0
    alpha: float | None = None
    span: tuple[float, float] | None = None
    why: str = ""


Lines = list[Line[Target]]


def team_lines(summary: TeamSummary, agreement: Agreement | None, width: int) -> Lines:
    """For a list with `width` cells. `agreement`: None while it is worked out."""
    if not summary.rounds:
        return _about(width)
    lines: Lines = [_heading("Waits here"), *_waiting(summary), Line(), _heading("Rounds")]
    are_several = sum(one.needs_a_person > 0 for one in summary.rounds) > 1
    for one in reversed(summary.rounds):
        lines += _round(one, width, shows_all=are_several and one.needs_a_person > 0)
    lines += [
        Line(),
        *_annotators(summary.annotators, width),
        Line(),
        _heading("Agreement", "  Krippendorff's alpha of the decisions"),
    ]
    return lines + [Line(line) for line in _agreement(agreement, width)]


def _about(width: int) -> Lines:
    lines: Lines = [_heading("The team")]
    paragraph: list[str] = []
    for text in (*_ABOUT, ""):
        if text:
            paragraph.append(text)
            continue
        lines += [Line(line) for line in Content.styled(" ".join(paragraph), MUTED).wrap(max(20, min(width, 100)))] + [Line()]
        paragraph = []
    return lines


def _heading(text: str, rest: str = "") -> Line[Target]:
    return Line(Content.assemble((text, HEADING), (rest, MUTED)))


def _waiting(summary: TeamSummary) -> Iterator[Line[Target]]:
    disagree = summary.needs_a_person - summary.conflicts
    if not summary.needs_a_person:
        has_answers = any(one.answers or one.discards for one in summary.rounds)
        words = "nothing: all that came back is settled" if has_answers else "nothing yet: no answers have come back"
        yield Line(Content.styled(f"  {words}", MUTED))
    if disagree:
        words = "disagreement" if disagree == 1 else "disagreements"
        yield _choice(disagree, f"{words}, to be decided in Review with all answers in view", "team:disagree")
    if summary.conflicts:
        words = "conflict" if summary.conflicts == 1 else "conflicts"
        yield _choice(summary.conflicts, f"{words}: the team says otherwise than was decided here", "team:conflict")


def _choice(number: int, words: str, filter_: str) -> Line[Target]:
    return Line(Content.assemble((f"{number:>5,}", f"bold {DOUBTFUL}"), f"  {words}"), Target(filter_))


def _round(one: RoundSummary, width: int, *, shows_all: bool) -> Iterator[Line[Target]]:
    """`shows_all`: what opens is not of this round alone; there is no filter by round."""
    target = Target("team:disagree" if one.outcomes.get(Outcome.DISAGREE) else "team:conflict", one.round)
    sent = one.pushed if one.round.surface is Surface.ARGILLA else one.records
    numbers = f"  {one.answered:,} of {one.records:,} answered or passed over by {one.round.overlap}"
    cells = max(6, min(MOST_BAR_CELLS, width - NAME_CELLS - 1 - len(numbers)))
    full = one.answered * cells // one.records if one.records else 0
    yield Line(
        Content.assemble(
            (f"{fit(one_line(one.round.name), NAME_CELLS)} ", "bold"),
            ("━" * full, GOOD), ("─" * (cells - full), MUTED), numbers,
        ),
        target,
    )  # fmt: skip
    settled = sum(one.outcomes.get(outcome, 0) for outcome in _SETTLED)
    parts = [
        (f"{sent:,} of {one.records:,} sent", DOUBTFUL) if sent < one.records else (f"{sent:,} sent", MUTED),
        (count(one.answers, "answer"), MUTED),
        (f"{settled:,} settled", GOOD if settled else MUTED),
        (f"{one.outcomes.get(Outcome.DISAGREE, 0):,} disagree", DOUBTFUL if one.outcomes.get(Outcome.DISAGREE) else MUTED),
        (count(one.outcomes.get(Outcome.CONFLICT, 0), "conflict"), BAD if one.outcomes.get(Outcome.CONFLICT) else MUTED),
    ]
    if outdated := one.outcomes.get(Outcome.OUTDATED, 0):
        parts.append((f"{outdated:,} outdated", MUTED))
    parts.append((_place(one.round), MUTED))
    if shows_all:
        parts.append(("⏎ shows those of all rounds", MUTED))
    indent = Content(" " * (NAME_CELLS + 1))
    line = Content()
    for words, style in parts:
        part = Content.styled(words, style)
        if line.plain and line.cell_length + 3 + part.cell_length > width - indent.cell_length:
            yield Line(indent + line)
            line = Content()
        line = line + Content("   ") + part if line.plain else part
    yield Line(indent + line)


def _place(round_: Round) -> str:
    if round_.surface is Surface.PACK:
        return "a pack"
    return f"pulled {when(round_.pulled_at)}" if round_.pulled_at else "never pulled"


def _annotators(annotators: Sequence[AnnotatorSummary], width: int) -> Iterator[Line[Target]]:
    if not annotators:
        yield _heading("Annotators")
        yield Line(Content.styled("  nobody has answered yet", MUTED))
        return
    is_wide = width >= WIDE
    cells = 28 if is_wide else NAME_CELLS
    agrees_cells, agrees, time = (21, "agrees with outcome", when) if is_wide else (16, "agrees", day)
    yield Line(
        Content.assemble(
            (f"{'Annotators':<{cells}}", HEADING),
            (f"{'answers':>9}{'discards':>10}{'unsure':>8}  {agrees:<{agrees_cells}}last answer", MUTED),
        )
    )
    for one in annotators:
        share = "nothing settled" if one.agreement is None else f"{one.agreement * 100:3.0f} % of {one.compared:,}"
        yield Line(
            Content.assemble(
                fit(one_line(one.name), cells), f"{one.answers:>9,}", (f"{one.discards:>10,}", "" if one.discards else MUTED),
                (f"{one.unsure:>8,}", "" if one.unsure else MUTED),
                (f"  {share:<{agrees_cells}}", MUTED if one.agreement is None else ""), (time(one.last_answer), MUTED),
            )
        )  # fmt: skip


def _agreement(found: Agreement | None, width: int) -> list[Content]:
    if found is None:
        return [Content.styled("  working it out…", MUTED)]
    if found.alpha is None:
        return [Content.styled(f"  cannot be told: {found.why}", MUTED)]
    words = reliability(found.alpha)
    style = GOOD if found.alpha >= 0.8 else DOUBTFUL if found.alpha >= 0.667 else BAD
    span = f"  {found.span[0]:.2f} to {found.span[1]:.2f} at 95 %" if found.span else "  no interval"
    text = Content.assemble(
        (f"{found.alpha:.2f}", f"bold {style}"), (span, MUTED),
        (f", {count(found.records, 'record')}: ", MUTED), (words, style),
    )  # fmt: skip
    return beside(Content("  "), text, max(20, width))
