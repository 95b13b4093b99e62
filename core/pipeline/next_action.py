"""What waits for a person, and which of it comes first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.pipeline.status import LastExport, PromptCounts, RephrasingCounts, StepCounts
    from core.store.coverage import CoverageSummary


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


def list_waiting(
    steps: StepCounts, rephrasings: RephrasingCounts, prompts: PromptCounts, coverage: CoverageSummary | None
) -> tuple[Waiting, ...]:
    """Everything that waits and is not zero, most useful first."""
    state = rephrasings.by_state
    rest = state["undecided"] - rephrasings.ambiguous
    lost = "not exported" if prompts.known else "nothing can be exported yet"
    found = (
        Waiting("stale", state["stale"], "decided before their step changed: decide again", filter="state:stale"),
        Waiting(
            "ambiguous",
            rephrasings.ambiguous,
            "undecided that the machine found ambiguous",
            filter="state:undecided verdict:ambiguous",
        ),
        Waiting(
            "undecided",
            rest,
            f"{'other ' if rephrasings.ambiguous else ''}undecided rephrasings",
            filter="state:undecided -verdict:ambiguous",
        ),
        Waiting("flagged", state["flag"], "flagged for a second opinion", filter="state:flag"),
        Waiting("skipped", state["skip"], "skipped for later", filter="state:skip"),
        Waiting("not_understood", steps.not_understood, "steps with commands that are not understood", "conversations"),
        Waiting("without_commands", steps.without_commands - steps.skipped, "steps without commands", "conversations"),
        Waiting("prompts", prompts.unknown, f"annotated steps whose prompt is not known: {lost}", "conversations"),
        Waiting("uncovered", coverage.missing if coverage else 0, "steps of flows that no passing test reaches", "coverage"),
    )
    return tuple(_singular(one) for one in found if one.count > 0)


def _singular(one: Waiting) -> Waiting:
    if one.count != 1:
        return one
    return replace(one, sentence=one.sentence.replace("steps", "step", 1).replace("rephrasings", "rephrasing", 1))


def choose_next(
    tests: int,
    conversations: int,
    rephrasings: RephrasingCounts,
    last_export: LastExport | None,
    coverage: CoverageSummary | None,
) -> NextAction:
    """The one action to propose."""
    flagged, skipped = rephrasings.by_state["flag"], rephrasings.by_state["skip"]
    if not conversations:
        return NextAction("ingest", "ingest conversation tests and rephrasings", "workbench ingest e2e_tests/")
    if tests and coverage is None and not rephrasings.total:
        return NextAction("coverage", "measure what the tests reach", "workbench coverage")
    if not rephrasings.total:
        return NextAction("ingest_rephrasings", "ingest rephrasings of these conversations", "workbench ingest PATH")
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
