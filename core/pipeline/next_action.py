"""What waits for a person, and which of it comes first."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.pipeline.team_counts import TeamCounts

if TYPE_CHECKING:
    from core.pipeline.status import LastExport, PromptCounts, RephrasingCounts, StepCounts
    from core.project import Project
    from core.store.coverage import CoverageSummary


_NO_TEAM = TeamCounts()
_WORDS = re.compile(r"\b(?:steps|rephrasings|tests|records)\b")


@dataclass(frozen=True, slots=True)
class Waiting:
    """`filter` shows exactly these: rephrasings in Review, or what `screen` names in that screen."""

    id: str
    count: int
    sentence: str
    screen: str = "review"
    filter: str = ""


@dataclass(frozen=True, slots=True)
class NextAction:
    """One thing to do now. `command` is its command line; `filter` what Review shows for it."""

    id: str
    sentence: str
    command: str
    filter: str = ""


def has_annotator(project: Project) -> bool:
    """Whether `[llm.annotator]` stands in `workbench.toml`, read without checking it."""
    models = project.raw_config.get("llm")
    return isinstance(models, dict) and "annotator" in models


def list_waiting(
    steps: StepCounts,
    rephrasings: RephrasingCounts,
    prompts: PromptCounts,
    coverage: CoverageSummary | None,
    *,
    has_annotator: bool = False,
    team: TeamCounts = _NO_TEAM,
) -> tuple[Waiting, ...]:
    """Everything that waits and is not zero, most useful first."""
    state = rephrasings.by_state
    # Without a model to judge them, those that were never judged are undecided like others.
    unjudged = rephrasings.never_judged if has_annotator else 0
    rest = state["undecided"] - rephrasings.ambiguous - unjudged
    others = "other " if rephrasings.ambiguous or unjudged else ""
    lost = "not exported" if prompts.known else "nothing can be exported yet"
    found = (
        Waiting("disagree", team.disagree, "that the team disagrees on: decide here", filter="team:disagree"),
        Waiting("conflict", team.conflict, "where the team says otherwise than was decided here", filter="team:conflict"),
        Waiting("stale", state["stale"], "decided before their step changed: decide again", filter="state:stale"),
        Waiting(
            "ambiguous",
            rephrasings.ambiguous,
            "undecided that the machine found ambiguous",
            filter="state:undecided verdict:ambiguous",
        ),
        Waiting(
            "unjudged",
            unjudged,
            "undecided that no machine has judged yet: validate them",
            filter="state:undecided verdict:none",
        ),
        Waiting(
            "undecided",
            rest,
            f"{others}undecided rephrasings",
            filter=f"state:undecided -verdict:ambiguous{' -verdict:none' if unjudged else ''}",
        ),
        Waiting("flagged", state["flag"], "flagged for a second opinion", filter="state:flag"),
        Waiting("skipped", state["skip"], "skipped for later", filter="state:skip"),
        Waiting("unsent", team.unsent, "records of a round that did not reach the team yet: push again", "team"),
        Waiting("not_understood", steps.not_understood, "steps with commands that are not understood", "conversations"),
        Waiting("left_out", steps.tests_left_out, "tests that annotate has left out for failing", "conversations"),
        Waiting("failing", steps.tests_failing, "tests failing with the model's commands, annotated by files", "conversations"),
        Waiting("without_commands", steps.without_commands - steps.skipped, "steps without commands", "conversations"),
        Waiting("prompts", prompts.unknown, f"annotated steps whose prompt is not known: {lost}", "conversations"),
        Waiting("uncovered", coverage.missing if coverage else 0, "steps of flows that no passing test reaches", "coverage"),
    )
    return tuple(_singular(one) for one in found if one.count > 0)


def _singular(one: Waiting) -> Waiting:
    if one.count != 1:
        return one
    return replace(one, sentence=_WORDS.sub(lambda found: found[0][:-1], one.sentence, count=1))


def choose_next(
    tests: int,
    conversations: int,
    steps: StepCounts,
    rephrasings: RephrasingCounts,
    last_export: LastExport | None,
    coverage: CoverageSummary | None,
    *,
    has_annotator: bool = False,
    team: TeamCounts = _NO_TEAM,
) -> NextAction:
    """The one action to propose. `has_annotator`: a model is configured, so what it can do goes before what people do."""
    flagged, skipped = rephrasings.by_state["flag"], rephrasings.by_state["skip"]
    if not conversations:
        return NextAction("ingest", "ingest conversation tests and rephrasings", "workbench ingest e2e_tests/")
    if has_annotator and steps.tests_to_annotate:
        return NextAction("annotate", f"find commands for {_n(steps.tests_to_annotate, 'test')}", "workbench annotate")
    if tests and coverage is None and not rephrasings.total:
        return NextAction("coverage", "measure what the tests reach", "workbench coverage")
    if not rephrasings.total and has_annotator and steps.annotated:
        sentence = f"say {_n(steps.annotated, 'annotated user step')} in other ways"
        return NextAction("rephrase", sentence, "workbench rephrase")
    if not rephrasings.total:
        return NextAction("ingest_rephrasings", "ingest rephrasings of these conversations", "workbench ingest PATH")
    if has_annotator and rephrasings.unjudged:
        return NextAction("validate", f"validate {_n(rephrasings.unjudged, 'rephrasing')}", "workbench validate")
    if team.disagree:
        sentence = f"decide {_n(team.disagree, 'rephrasing')} that the team disagrees on"
        return NextAction("disagree", sentence, "workbench review", "team:disagree")
    if team.conflict:
        sentence = f"look at {_n(team.conflict, 'conflict')} with the team"
        return NextAction("conflict", sentence, "workbench review", "team:conflict")
    if rephrasings.open:
        return NextAction("review", f"review {_n(rephrasings.open, 'open rephrasing')}", "workbench review")
    if flagged:
        return NextAction("flagged", f"settle {_n(flagged, 'flagged rephrasing')}", "workbench review", "state:flag")
    if skipped:
        return NextAction("skipped", f"decide {_n(skipped, 'skipped rephrasing')}", "workbench review", "state:skip")
    if last_export is None or last_export.outdated:
        out = last_export.out if last_export else "build/dataset"
        return NextAction("export", "export the training and validation files", f"workbench export --out {out}")
    return NextAction("done", "nothing waits: everything is decided and exported", "workbench status")


def _n(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")
