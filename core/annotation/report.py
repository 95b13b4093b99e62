"""What a run of the stage came to, counted as the tests end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from core.annotation.outcome import REMARK, Annotated, Outcome
from core.annotation.selection import Chosen
from core.llm.models import FailureKind
from core.stages.models import ItemFailure, StageName, StageReport
from core.stages.words import counted

_LATER = frozenset({FailureKind.PENDING, FailureKind.STOPPED, FailureKind.BUDGET})
"""Nothing is wrong with the call: it was only not made yet."""
_DIFF_LINES = 6


@dataclass(slots=True)
class Tallies:
    chosen: Chosen
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    steps: int = 0
    cleaned: int = 0
    remarks: int = 0
    waiting: int = 0
    ended: int = 0
    left_out: list[ItemFailure] = field(default_factory=list)
    failures: list[ItemFailure] = field(default_factory=list)
    stopped: str = ""

    def add(self, one: Annotated) -> None:
        """Count a test that has ended."""
        self.ended += 1
        self.steps += len(one.commands) + (len(one.own) if one.outcome.has_labels else 0)
        self.cleaned += one.cleaned
        self.remarks += sum(failure["kind"] == REMARK for failure in one.failures) if one.outcome.has_labels else 0
        call = one.call
        if call is not None:
            if call.kind.ends_run and not self.stopped:
                self.stopped = call.what if call.kind is FailureKind.STOPPED else str(call)
            if call.kind in _LATER:
                self.waiting += 1
            else:
                self.failures.append(ItemFailure(one.item, str(call), call=call.key or None))
            return
        self.outcomes[one.outcome] += 1
        if one.outcome is not Outcome.ANNOTATED:
            self.left_out.append(ItemFailure(one.item, shown(one), _REMEDY[one.outcome]))

    def add_unknown(self, one: Annotated) -> None:
        """Count a test that could not be stored."""
        self.ended += 1
        what = "the project does not have this test, so its annotation cannot be stored"
        self.failures.append(ItemFailure(one.item, what, f"`workbench ingest {one.test.file}` says why."))

    def report(self, notes: tuple[str, ...]) -> StageReport:
        """As far as it got."""
        unplayed = len(self.chosen.wanted) - self.ended
        counts = {
            "tests annotated": self.outcomes[Outcome.ANNOTATED],
            "failing tests, annotated all the same": self.outcomes[Outcome.KEPT],
            "failing tests, left out": self.outcomes[Outcome.FAILED],
            "tests that cannot be run, left out": self.outcomes[Outcome.NOT_RUN],
            "tests not annotated yet": len(self.failures) + self.waiting + unplayed,
            "tests annotated before": self.chosen.current,
            "user steps with commands": self.steps,
        }
        return StageReport(
            StageName.ANNOTATE,
            {label: count for label, count in counts.items() if count or label == "tests annotated"},
            tuple(sorted(self.left_out, key=lambda one: one.item)),
            tuple(sorted(self.failures, key=lambda one: one.item)),
            (*self._notes(), *notes),
            self.stopped,
        )

    def _notes(self) -> tuple[str, ...]:
        found = []
        if left_out := self.outcomes[Outcome.FAILED]:
            found.append(
                f"Later stages leave out {counted(left_out, 'failing test')}: `workbench annotate --failures` shows why,"
                " --keep-failing annotates them all the same."
            )
        if self.chosen.by_file:
            found.append(f"{counted(self.chosen.by_file, 'test')} annotated by files: --all annotates them anew.")
        if self.cleaned:
            found.append(
                f"{counted(self.cleaned, 'step')} labelled with what the engine kept of the answer, not with all of it."
            )
        if self.remarks:
            found.append(f"{counted(self.remarks, 'odd answer')}, with more than commands or with none: `annotate --failures`.")
        return tuple(found)


_REMEDY = {
    Outcome.FAILED: "Mend the test or the assistant, or use --keep-failing.",
    Outcome.KEPT: "It was annotated all the same, and is marked.",
    Outcome.NOT_RUN: "Mend the test.",
}


def shown(one: Annotated) -> str:
    """The first failure with its diff, and how many more there are."""
    if not one.failures:
        return ""
    first = one.failures[0]
    if first["kind"] == REMARK:
        return str(first["note"])
    lines = [f"{first['where']}: {first['kind']}", *first["diff"][:_DIFF_LINES]]
    if first["note"]:
        lines.append(str(first["note"]))
    more = sum(failure["kind"] != REMARK for failure in one.failures) - 1
    if more:
        lines.append(f"… and {more} more")
    return "\n".join(lines)
