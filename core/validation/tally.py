"""What a run of the stage has come to so far, and its report."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from core.conversations.models import Verdict
from core.llm.models import CallFailure, FailureKind
from core.stages.models import ItemFailure, StageName, StageReport
from core.stages.words import counted
from core.store.verdicts import Wording
from core.validation.models import Judged, ReasonCode


@dataclass(slots=True)
class _LeftOut:
    place: str
    why: str
    count: int = 0


@dataclass(slots=True)
class Tally:
    """`stopped`: why no further rephrasing is begun, empty while they are."""

    total: int = 0
    done: int = 0
    stopped: str = ""
    _verdicts: Counter[Verdict] = field(default_factory=Counter)
    _reasons: Counter[ReasonCode] = field(default_factory=Counter)
    _failures: list[ItemFailure] = field(default_factory=list)
    _left_out: dict[int, _LeftOut] = field(default_factory=dict)
    _pending: int = 0

    def take(self, judged: Judged) -> None:
        self._verdicts[judged.verdict] += 1
        self._reasons.update({reason.code for reason in judged.reasons})

    def leave_out(self, one: Wording, why: str) -> None:
        """Steps are listed once, with how many rephrasings they have."""
        self._left_out.setdefault(one.step_id, _LeftOut(one.place, why)).count += 1

    def fail(self, one: Wording, failure: CallFailure) -> None:
        if failure.kind is FailureKind.PENDING:
            self._pending += 1
        elif failure.ends_run:
            self.stopped = self.stopped or str(failure)
        else:
            what = f"{failure.kind.value}: {failure.what}"
            self._failures.append(ItemFailure(f"{one.place}: {one.text}", what, failure.remedy, failure.key))

    def report(self, notes: tuple[str, ...], *, again: bool = False) -> StageReport:
        """Verdicts with the reasons for them, then what got none. `again`: those with a verdict were judged too."""
        counts = {"rephrasings judged": sum(self._verdicts.values())}
        counts |= {f"  {verdict.value}": self._verdicts[verdict] for verdict in Verdict}
        counts |= {f"    {code.value}": self._reasons[code] for code in ReasonCode if self._reasons[code]}
        others = {
            "left out": sum(one.count for one in self._left_out.values()),
            "failed": len(self._failures),
            "waiting for a batch": self._pending,
        }
        counts |= {name: count for name, count in others.items() if count}
        left_out = tuple(
            ItemFailure(f"{one.place} ({counted(one.count, 'rephrasing')})", one.why) for one in self._left_out.values()
        )
        stopped = self.stopped
        if not stopped and self._pending:
            stopped = f"{counted(self._pending, 'rephrasing')} wait for the answers of a batch"
        if again and (self._failures or stopped):
            notes = (*notes, "What got no answer keeps the verdict it had: make the same call again, with `--all`.")
        return StageReport(
            StageName.VALIDATE,
            counts,
            left_out=left_out,
            failures=tuple(self._failures),
            notes=notes,
            stopped=stopped,
        )
