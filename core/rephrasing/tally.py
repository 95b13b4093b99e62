"""What a run of the stage came to, counted conversation by conversation."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.llm.models import CallFailure, FailureKind
from core.rephrasing.checks import DropReason
from core.rephrasing.report import RephrasingReport
from core.rephrasing.rounds import ConversationResult, StepResult
from core.stages.models import ItemFailure, StageName, StageReport
from core.store.generated import StoredCounts


@dataclass(slots=True)
class Tally:
    conversations: int = 0
    steps: int = 0
    complete: int = 0
    short: int = 0
    unasked: int = 0
    pending: int = 0
    failures: list[ItemFailure] = field(default_factory=list)
    left_out: list[ItemFailure] = field(default_factory=list)
    stopped: str = ""

    def add(self, result: ConversationResult) -> None:
        self.conversations += 1
        self.steps += len(result.steps) + result.plan.complete
        self.complete += result.plan.complete
        for step in result.steps:
            self._add_step(result, step)
        if result.ended_by is not None and not self.stopped:
            self.stopped = str(result.ended_by)

    def _add_step(self, result: ConversationResult, step: StepResult) -> None:
        if not step.short:
            self.complete += 1
            return
        item = result.plan.item(step.need)
        failure = step.failure
        if failure is None:
            self.short += 1
            if not step.kept and not step.need.stored:
                self.left_out.append(_nothing_usable(item, step))
        elif failure.kind is FailureKind.PENDING:
            self.pending += 1
        elif failure.ends_run:  # told once, and not for each user step
            self.unasked += 1
        else:
            self.failures.append(_failed(item, failure))

    def report(self, stored: StoredCounts, measured: RephrasingReport) -> StageReport:
        counts = {
            "conversations": self.conversations,
            "user steps": self.steps,
            "with all rephrasings": self.complete,
            "rephrasings added": stored.rephrasings,
            **{f"not taken: {reason.value}": stored.reasons.get(reason.value, 0) for reason in DropReason},
            "user steps with too few": self.short,
            "not asked": self.unasked,
            "waiting for a batch": self.pending,
            "of user steps that changed meanwhile": stored.gone,
            "failed": len(self.failures),
        }
        always = ("conversations", "user steps", "with all rephrasings", "rephrasings added")
        return StageReport(
            StageName.REPHRASE,
            {name: count for name, count in counts.items() if count or name in always},
            left_out=tuple(self.left_out),
            failures=tuple(self.failures),
            notes=self._notes(measured),
            stopped=self.stopped,
            details=measured.summary(),
        )

    def _notes(self, measured: RephrasingReport) -> tuple[str, ...]:
        notes = []
        if measured.pooled.texts:
            notes.append(f"diversity of {measured.pooled.texts:,} rephrasings: {measured.pooled}")
        if self.short:
            notes.append(
                "`workbench rephrase --report` lists user steps with too few. The same call asks again for what they lack;"
                " `rounds` in [rephrase] says how often in one run."
            )
        return tuple(notes)


def _nothing_usable(item: str, step: StepResult) -> ItemFailure:
    reasons = ", ".join(sorted({one.reason.value for one in step.dropped}))
    remedy = "Another model may do better, or the same call, which asks for further answers."
    return ItemFailure(item, f"no answer held a usable rephrasing ({reasons})", remedy, step.dropped[-1].call)


def _failed(item: str, failure: CallFailure) -> ItemFailure:
    return ItemFailure(item, f"{failure.kind.value}: {failure.what}", failure.remedy, failure.key or None)
