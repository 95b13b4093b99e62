"""What a run of the stage came to, counted as the tests end."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.annotation.outcome import ANSWER, REMARK, Annotated, Outcome
from core.annotation.selection import Chosen
from core.llm.models import CallFailure, FailureKind
from core.stages.models import ItemFailure, StageName, StageReport
from core.stages.words import counted

_DIFF_LINES = 6
_FIGURES = re.compile(r"\d+(?:\.\d+)?")
"""Seconds and sizes do not make another cause."""


@dataclass(slots=True)
class Tallies:
    """`waiting`: tests that were not annotated though nothing is wrong with them or with their calls."""

    chosen: Chosen
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    standing: Counter[Outcome] = field(default_factory=Counter)
    steps: int = 0
    cleaned: int = 0
    remarks: int = 0
    without_commands: int = 0
    waiting: int = 0
    ended: int = 0
    left_out: list[ItemFailure] = field(default_factory=list)
    kept: list[ItemFailure] = field(default_factory=list)
    failures: list[ItemFailure] = field(default_factory=list)
    stopped: str = ""

    def add(self, one: Annotated, *, stands: bool) -> None:
        """Count a test that has ended. `stands`: it has no annotation of this run, and one from elsewhere, which counts."""
        self.ended += 1
        self.steps += len(one.commands) + (len(one.own) if one.outcome.has_labels else 0)
        self.cleaned += one.cleaned
        self.remarks += sum(failure["kind"] == REMARK for failure in one.failures) if one.outcome.has_labels else 0
        if one.call is not None:
            self._add_unanswered(one, one.call)
            return
        is_bare = bool(one.contexts) and one.outcome.has_labels and not one.has_commands
        self.without_commands += is_bare
        (self.standing if stands else self.outcomes)[one.outcome] += 1
        if one.outcome is Outcome.ANNOTATED:
            return
        item = _item_of(one, is_left_out=not stands and one.outcome is Outcome.FAILED)
        if is_bare:
            item = replace(item, remedy=f"It has no commands now: none is left of the model's answers. {item.remedy}")
        elif stands:
            item = replace(item, remedy=f"Its annotation from a file stands, and later stages use that. {item.remedy}")
        (self.kept if stands or one.outcome is Outcome.KEPT else self.left_out).append(item)

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
            "failing tests, annotated by files": self.standing[Outcome.FAILED],
            "tests that cannot be run, left out": self.outcomes[Outcome.NOT_RUN],
            "tests that cannot be run, annotated by files": self.standing[Outcome.NOT_RUN],
            "tests not annotated yet": len(self.failures) + self.waiting + unplayed,
            "tests annotated before": self.chosen.current,
            "user steps with commands": self.steps,
        }
        failures = sorted(self.failures, key=lambda one: one.item)
        return StageReport(
            StageName.ANNOTATE,
            {label: count for label, count in counts.items() if count or label == "tests annotated"},
            left_out=tuple(sorted(self.left_out, key=lambda one: one.item)),
            failures=_by_cause(failures),
            kept=tuple(sorted(self.kept, key=lambda one: one.item)),
            notes=(*self._notes(), *notes),
            stopped=self.stopped,
            details={"failed": [one.item for one in failures]} if failures else {},
        )

    def _add_unanswered(self, one: Annotated, call: CallFailure) -> None:
        if call.ends_run and not self.stopped:
            self.stopped = call.what if call.kind is FailureKind.STOPPED else str(call)
        if call.ends_run or call.kind is FailureKind.PENDING:
            self.waiting += 1
        else:
            self.failures.append(ItemFailure(one.item, f"{call.kind.value}: {call.what}", call.remedy, call.key or None))

    def _notes(self) -> tuple[str, ...]:
        found = []
        if left_out := self.outcomes[Outcome.FAILED]:
            found.append(
                f"Later stages leave out {counted(left_out, 'failing test')}: `workbench annotate --failures` shows why,"
                " --keep-failing annotates them all the same."
            )
        if standing := self.standing[Outcome.FAILED]:
            found.append(
                f"{counted(standing, 'test')} failed with the model's commands; their annotations from files stand, and later"
                " stages use those: `workbench annotate --failures` shows what failed."
            )
        if self.without_commands:
            found.append(
                f"{counted(self.without_commands, 'test')} annotated without a command, so later stages have nothing of them:"
                " the model's answers held none, or the engine dropped all that they held."
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


def _by_cause(failures: list[ItemFailure]) -> tuple[ItemFailure, ...]:
    """The first of each cause, saying how many others there are."""
    found: dict[tuple[str, str], list[ItemFailure]] = {}
    for one in failures:
        found.setdefault((_FIGURES.sub("#", one.what), one.remedy), []).append(one)
    return tuple(
        replace(same[0], what=f"{same[0].what}\n… and so for {counted(len(same) - 1, 'other test')}")
        if len(same) > 1
        else same[0]
        for same in found.values()
    )


_MEND = "Where the model is wrong, mend its prompt or take another; where it is right, mend the test or the assistant."
_KEEP = " --keep-failing annotates it all the same."
_SHOWN_OF_KEY = 12


def _item_of(one: Annotated, *, is_left_out: bool) -> ItemFailure:
    """A test that failed or could not be run: its first failure below the answer that it came of."""
    broken = [failure for failure in one.failures if failure["kind"] not in (REMARK, ANSWER)]
    if not broken:
        return ItemFailure(one.item, str(one.failures[0]["note"]) if one.failures else "", "Mend the test.")
    answer = _answer_behind(one, broken[0])
    lines = [] if answer is None else [f"user step {answer['user_step']}: {answer['note']}"]
    lines += [f"{broken[0]['where']}: {broken[0]['kind']}", *broken[0]["diff"][:_DIFF_LINES]]
    if broken[0]["note"]:
        lines.append(str(broken[0]["note"]))
    if len(broken) > 1:
        lines.append(f"… and {len(broken) - 1} more")
    what = "\n".join(lines)
    keep = _KEEP if is_left_out else ""
    if answer is None:
        return ItemFailure(one.item, what, f"Mend the test or the assistant.{keep}")
    call = str(answer["call"])
    return ItemFailure(one.item, what, f"{_MEND}{keep}" if answer["is_command"] else _no_command(call), call or None)


def _no_command(call: str) -> str:
    return (
        f"The model's answer was no command: see `workbench llm show {call[:_SHOWN_OF_KEY]}`; check the prompt template and the"
        " model."
    )


def _answer_behind(one: Annotated, failure: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The first answer up to the failure that held no command, else the latest one."""
    before = [found for found in one.failures if "call" in found and found["user_step"] <= failure["user_step"]]
    before.sort(key=lambda found: found["user_step"])
    return next((found for found in before if not found["is_command"]), before[-1] if before else None)
