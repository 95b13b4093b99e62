"""What running tests found out: plain frozen records, in the order of the tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core.dialogue.events import Event
from core.dialogue.turn import StepVisit, Turn
from core.errors import Location, Problem
from core.testing.describe import transcript


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Failure:
    """One expectation that did not hold.

    `kind`: the step's or assertion's name, or `conversation` where the conversation could not go on. `user_step`: 1-based,
    0 for what stands before the first. `expected` and `actual` are readable lines of the same form; `note` says what
    the lines do not. `value` is the assertion's, for result files.
    """

    kind: str
    where: Location
    user_step: int
    expected: str
    actual: tuple[str, ...] = ()
    note: str = ""
    value: Any = None

    def diff(self) -> tuple[str, ...]:
        """`- ` what was expected, `+ ` what came instead."""
        lines = [f"- {line}" for line in self.expected.split("\n")] if self.expected else []
        return (*lines, *(f"+ {line}" for text in self.actual for line in text.split("\n")))

    def as_data(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "where": str(self.where),
            "user_step": self.user_step,
            "expected": self.expected,
            "actual": list(self.actual),
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Assumed:
    """What the test itself stood in for, since nothing else could run the action.

    `slots` were assumed so that what the test expects could follow; `said` counts the test's lines given to the action.
    """

    user_step: int
    action: str
    slots: tuple[tuple[str, Any], ...] = ()
    said: int = 0

    def __str__(self) -> str:
        parts = [f"{name} = {value!r}" for name, value in self.slots]
        if self.said:
            parts.append(f"said {self.said} line{'' if self.said == 1 else 's'} of the test")
        return f"{self.action}: {', '.join(parts) or 'did nothing'}"

    def as_data(self) -> dict[str, Any]:
        return {"user_step": self.user_step, "action": self.action, "slots": dict(self.slots), "said": self.said}


@dataclass(frozen=True, slots=True)
class Tally:
    """Assertions of one type."""

    passed: int = 0
    failed: int = 0
    not_run: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.passed + other.passed, self.failed + other.failed, self.not_run + other.not_run)

    @property
    def accuracy(self) -> float | None:
        """Share of those that were run; None if none was."""
        run = self.passed + self.failed
        return self.passed / run if run else None


def summed(parts: Iterable[Mapping[str, Tally]]) -> dict[str, Tally]:
    """The tallies of many by type, in alphabetical order."""
    total: dict[str, Tally] = {}
    for part in parts:
        for kind, tally in part.items():
            total[kind] = total.get(kind, Tally()) + tally
    return dict(sorted(total.items()))


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One test. `not_run`: why it could not be run. `opening`: events of the session start; `turns` as far as it went."""

    file: str
    name: str
    occurrence: int
    line: int
    outcome: Outcome
    failures: tuple[Failure, ...] = ()
    not_run: str = ""
    opening: tuple[Event, ...] = ()
    turns: tuple[Turn, ...] = ()
    assertions: Mapping[str, Tally] = field(default_factory=dict)
    assumed: tuple[Assumed, ...] = ()
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return self.outcome is Outcome.PASSED

    @property
    def is_test_led(self) -> bool:
        """Whether the test itself gave custom actions slots or words."""
        return any(one.slots or one.said for one in self.assumed)

    @property
    def visits(self) -> tuple[StepVisit, ...]:
        """Every step of a flow that was gone through, in order."""
        return tuple(visit for turn in self.turns for visit in turn.visits)

    @property
    def dropped(self) -> tuple[tuple[int, str, str], ...]:
        """Commands that the clean-up took out: user step, command, reason."""
        from core.commands import describe

        return tuple(
            (ordinal, describe(one.command), f"{one.reason}; {one.by} instead" if one.by else one.reason)
            for ordinal, turn in enumerate(self.turns, start=1)
            for one in turn.dropped
        )

    def as_data(self) -> dict[str, Any]:
        """Plain data for `--json`."""
        return {
            "file": self.file,
            "name": self.name,
            "occurrence": self.occurrence,
            "line": self.line,
            "passed": self.passed,
            "test_led": self.is_test_led,
            "outcome": self.outcome.value,
            "not_run": self.not_run,
            "failures": [failure.as_data() for failure in self.failures],
            "assumed": [one.as_data() for one in self.assumed],
            "dropped": [{"user_step": step, "command": text, "reason": why} for step, text, why in self.dropped],
            "warnings": list(self.warnings),
            "transcript": [] if self.passed else list(transcript(self.opening, self.turns)),
            "seconds": round(self.seconds, 6),
        }


@dataclass(frozen=True, slots=True)
class RunResult:
    """A whole run. `notes`: what is worth knowing of how it was run (which custom actions were used, what was left out).

    `problems`: what is wrong with test files; tests that it hit are not run, or could not be read at all.
    """

    cases: tuple[CaseResult, ...]
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    problems: tuple[Problem, ...] = ()

    def count(self, outcome: Outcome) -> int:
        return sum(case.outcome is outcome for case in self.cases)

    @property
    def all_passed(self) -> bool:
        return not self.problems and all(case.passed for case in self.cases)

    def assertions(self) -> dict[str, Tally]:
        """All assertions by type, in alphabetical order."""
        return summed(case.assertions for case in self.cases)

    def as_data(self) -> dict[str, Any]:
        return {
            "results": [case.as_data() for case in self.cases],
            "summary": {
                "tests": len(self.cases),
                **{outcome.value.replace(" ", "_"): self.count(outcome) for outcome in Outcome},
                "test_led": sum(case.is_test_led for case in self.cases),
                "assertions": {
                    kind: {"passed": one.passed, "failed": one.failed, "not_run": one.not_run, "accuracy": one.accuracy}
                    for kind, one in self.assertions().items()
                },
                "seconds": round(self.seconds, 3),
            },
            "notes": list(self.notes),
            "problems": [str(problem) for problem in self.problems],
        }
