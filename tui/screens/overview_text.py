"""The pipeline in words and numbers: one row for each stage, its parts in aligned columns beside it."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content

from core.pipeline.status import VERDICTS, ProjectStatus, RephrasingCounts
from core.pipeline.team_counts import TeamCounts
from core.store.pack_here import PackStanding
from tui.stage_words import count
from tui.styles import BAD, DOUBTFUL, GOOD, MUTED

LABEL_CELLS = 12
LATER = ("training", "evaluation", "deployment")
BAR_CELLS = 24
GAP = 2


@dataclass(frozen=True, slots=True)
class Stage:
    """`parts`: count and what it counts; they are part of `total`."""

    label: str
    total: int | None
    parts: tuple[tuple[int, str], ...] = ()
    sentence: Content | None = None


def stages(status: ProjectStatus) -> list[Stage]:
    steps, rephrasings = status.steps, status.rephrasings
    if status.pack is not None:
        return _pack(status, status.pack)
    return [
        Stage("Tests", status.tests, ((status.conversations, "conversations in all"),)),
        Stage("Coverage", None, sentence=_coverage(status)),
        Stage(
            "User steps",
            steps.total,
            (
                (steps.annotated, "annotated"),
                (steps.buttons, "buttons"),
                (steps.without_commands - steps.skipped, "no commands"),
                (steps.skipped, "need none"),
                (steps.not_understood, "not parsed"),
            ),
        ),
        Stage("Rephrasings", rephrasings.total, tuple((rephrasings.by_verdict[v], _VERDICT_WORDS[v]) for v in VERDICTS)),
        Stage("Reviewed", rephrasings.decided, sentence=_bar(rephrasings.decided, rephrasings.total)),
        Stage("", None, (*_states(rephrasings), (rephrasings.unvalidated, "unvalidated"))),
        *_team(status.team),
        Stage("Prompts", status.prompts.known, ((status.prompts.unknown, "unknown"),)),
        Stage("Dataset", None, sentence=_dataset(status)),
        Stage("Exported", None, sentence=_export(status)),
    ]


def _states(rephrasings: RephrasingCounts) -> tuple[tuple[int, str], ...]:
    state = rephrasings.by_state
    return (
        (state["accept"], "accepted"),
        (state["reject"], "rejected"),
        (state["skip"], "skipped"),
        (state["flag"], "flagged"),
        (state["undecided"], "undecided"),
        (state["stale"], "stale"),
        (rephrasings.edited, "edited"),
        (rephrasings.by_hand, "by hand"),
    )


def _pack(status: ProjectStatus, standing: PackStanding) -> list[Stage]:
    """Of a hand-out there is nothing else to be done than to answer it."""
    pack = standing.pack
    about = f"{pack.round} of {pack.project}, answered by {pack.reviewer}"
    return [
        Stage("Hand-out", standing.records, sentence=Content.styled(about, MUTED)),
        Stage("Answered", standing.answered, sentence=_bar(standing.answered, standing.records)),
        Stage("", None, _states(status.rephrasings)),
        Stage("Hand-in", None, sentence=Content.assemble(pack.hand_in, ("  written when you leave", MUTED))),
    ]


def _team(team: TeamCounts) -> list[Stage]:
    if not team.rounds:
        return [Stage("Team", None, sentence=Content.styled("nothing handed out yet: F8", MUTED))]
    rounds = f"  {count(team.rounds, 'round')}, {count(team.answers, 'answer')}"
    parts = (
        (team.settled, "settled"),
        (team.waiting, "waiting"),
        (team.disagree, "disagree"),
        (team.conflict, "conflict"),
        (team.outdated, "outdated"),
    )
    done = team.records - team.waiting
    return [Stage("Team", done, sentence=_bar(done, team.records) + Content.styled(rounds, MUTED)), Stage("", None, parts)]


_VERDICT_WORDS = {"same": "same", "different": "different", "ambiguous": "ambiguous", "none": "no verdict"}


def pipeline(status: ProjectStatus, width: int, *, roomy: bool = False) -> Content:
    """All stages, for a pane of `width` cells. `roomy`: with a blank line between stages."""
    shown = stages(status)
    number_cells = max(len(f"{stage.total:,}") for stage in shown if stage.total is not None)
    part_number = max(len(f"{count:,}") for stage in shown for count, _ in stage.parts)
    part_word = max(len(word) for stage in shown for _, word in stage.parts if stage.label != "Tests")
    start = LABEL_CELLS + number_cells + GAP
    columns = max(1, (width - start + GAP) // (part_number + 1 + part_word + GAP))
    lines: list[Content] = []
    for stage in shown:
        if roomy and stage.label and lines:
            lines.append(Content())
        total = "" if stage.total is None else f"{stage.total:,}"
        head = Content.assemble((f"{stage.label:<{LABEL_CELLS}}", "bold"), (f"{total:>{number_cells}}", "bold"), " " * GAP)
        if stage.sentence is not None:
            lines.append(head + stage.sentence)
            continue
        for at in range(0, len(stage.parts), columns):
            cells = [_cell(count, word, part_number, part_word) for count, word in stage.parts[at : at + columns]]
            lines.append((head if at == 0 else Content(" " * start)) + Content(" " * GAP).join(cells))
    if status.pack is None:
        lines += [Content(), Content.styled(f"Not yet in this version: {', '.join(LATER)}", MUTED)]
    return Content("\n").join(lines)


def _cell(count: int, word: str, number_cells: int, word_cells: int) -> Content:
    style = MUTED if count == 0 else ""
    return Content.assemble((f"{count:>{number_cells},} ", style), (f"{word:<{word_cells}}", MUTED))


def _bar(done: int, total: int) -> Content:
    if not total:
        return Content.styled("nothing to review yet", MUTED)
    full = done * BAR_CELLS // total
    # never round a remainder away: 100 % means nothing is left
    percent = done * 100 // total
    return Content.assemble(
        ("━" * full, GOOD), ("─" * (BAR_CELLS - full), MUTED), f"  {percent} %",
        (f" of {total:,}", MUTED),
    )  # fmt: skip


def _coverage(status: ProjectStatus) -> Content:
    found = status.coverage
    if found is None:
        return Content.styled("never measured", MUTED)
    if not found.steps:
        return Content.styled("no flow has steps to reach", MUTED)
    missed = len(found.failed_gates)
    note = (f"  {missed} limit{'' if missed == 1 else 's'} missed", DOUBTFUL) if missed else ("  limits reached", GOOD)
    if not found.is_whole:
        note = ("  by some tests only", MUTED)
    return Content.assemble(_bar(found.steps - found.missing, found.steps), note)


def _dataset(status: ProjectStatus) -> Content:
    """The newest version, and what to do about it on its screen."""
    found = status.last_dataset
    if found is None:
        return Content.styled("none yet: b on F7 builds one", MUTED)
    if found.outdated:
        note = ("  outdated: b on F7", DOUBTFUL)
    elif found.preflight is None:
        note = ("  no preflight: p on F7", MUTED)
    else:
        note = ("  preflight passed", GOOD) if found.preflight else ("  preflight failed: F7 says why", BAD)
    return Content.assemble(f"{found.train + found.val + found.holdout:,} rows", (f"  {found.name}", MUTED), note)


def _export(status: ProjectStatus) -> Content:
    export = status.last_export
    if export is None:
        return Content.styled("never", MUTED)
    when = export.at[:16].replace("T", " ") + " UTC"
    note = ("  outdated: something changed since", DOUBTFUL) if export.outdated else ("  up to date", GOOD)
    return Content.assemble(export.out, (f"  {when}", MUTED), note)
