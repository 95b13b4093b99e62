"""Assertions on a user step, checked against the events of its turn (reference: "Assertions").

Each assertion looks at its own turn only, in any order unless `assertion_order_enabled`. Then an assertion is looked for
after the event that satisfied the one before it; assertions that something did *not* happen look at the events from there
on. Those that need a language model as judge are counted as not run where no `Judge` is given, or it has no answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from core.dialogue.events import BotUttered, Event
from core.dialogue.turn import Turn
from core.errors import Location
from core.testing.assertion_kinds import KINDS, Found, Looked
from core.testing.classic import Renderings, no_renderings
from core.testing.expectations import Assertion, UserTurn
from core.testing.results import Failure, Tally

JUDGED = frozenset({"generative_response_is_relevant", "generative_response_is_grounded"})


@dataclass(frozen=True, slots=True)
class JudgeQuestion:
    """An assertion to be judged. `message`: the bot's answer; `threshold` 0 to 1."""

    kind: str
    user_text: str
    message: BotUttered
    threshold: float
    ground_truth: str | None = None


class Judge(Protocol):
    """Scores generated answers with a language model."""

    def score(self, question: JudgeQuestion) -> float:
        """From 0 to 1; the assertion holds if it is at least the threshold.

        Raises:
            NotJudgedError: there is no score, and why.
        """
        ...


class NotJudgedError(Exception):
    """An assertion that could not be judged this time; it counts as not run."""


@dataclass(frozen=True, slots=True)
class Asserted:
    """`matched`: for each assertion the indices of events it is satisfied by; empty for failed, negative and not run."""

    failures: tuple[Failure, ...]
    tallies: dict[str, Tally]
    matched: tuple[tuple[int, ...], ...]
    warnings: tuple[str, ...] = ()


def has_judged(turns: Iterable[UserTurn]) -> bool:
    """Whether any of these steps has an assertion that needs a judge."""
    return any(assertion.kind in JUDGED for turn in turns for assertion in turn.assertions)


def judge_assertions(
    step: UserTurn, turn: Turn, file: str, judge: Judge | None = None, renderings: Renderings = no_renderings
) -> Asserted:
    """What of a step's assertions does not hold, and how many of each type were passed, failed and not run."""
    failures: list[Failure] = []
    tallies: dict[str, Tally] = {}
    matched: list[tuple[int, ...]] = []
    warnings: list[str] = []
    begin = 0
    for assertion in step.assertions:
        try:
            found = _look(assertion, step, turn, judge, begin if step.in_order else 0, renderings)
        except NotJudgedError as error:
            found = None
            warnings.append(f"{file}:{assertion.line}: {assertion.kind} was not judged: {error}")
        tally = tallies.get(assertion.kind, Tally())
        matched.append(found.matched if found is not None and found.holds else ())
        if found is None:
            tallies[assertion.kind] = replace(tally, not_run=tally.not_run + 1)
            continue
        if found.warning:
            warnings.append(f"{file}:{assertion.line}: {found.warning}")
        if found.holds:
            tallies[assertion.kind] = replace(tally, passed=tally.passed + 1)
            begin = max((*found.matched, begin - 1)) + 1
            continue
        tallies[assertion.kind] = replace(tally, failed=tally.failed + 1)
        note = found.note
        if step.in_order and begin and _look(assertion, step, turn, None, 0, renderings) not in (None, found):
            note = "it happened, but before an assertion that stands above it (assertion_order_enabled)"
        where = Location(file, assertion.line)
        failures.append(Failure(assertion.kind, where, step.ordinal, found.expected, found.actual, note, assertion.value))
    return Asserted(tuple(failures), tallies, tuple(matched), tuple(warnings))


def _look(
    assertion: Assertion, step: UserTurn, turn: Turn, judge: Judge | None, begin: int, renderings: Renderings
) -> Found | None:
    """None: not run, since nobody judges."""
    if assertion.kind in JUDGED:
        return None if judge is None else _judged(assertion, step, turn.events, judge, begin)
    look = KINDS.get(assertion.kind)
    if look is None:
        return Found(False, assertion.kind, (), (), f"there is no assertion `{assertion.kind}`")
    return look(assertion.value, Looked(turn.events, begin, renderings))


def _judged(assertion: Assertion, step: UserTurn, events: Sequence[Event], judge: Judge, begin: int) -> Found:
    """The last message that fits `utter_name` is scored; `ground_truth` may stand in the assertion."""
    wanted: dict[str, Any] = assertion.value if isinstance(assertion.value, dict) else {}
    name, given = wanted.get("utter_name"), wanted.get("threshold", 0.5)
    if isinstance(given, bool) or not isinstance(given, int | float):
        return Found(False, assertion.kind, (), (), f"`threshold` must be a number from 0 to 1, found `{given}`")
    threshold = float(given)
    said = [
        (place, event)
        for place, event in enumerate(events)
        if place >= begin and isinstance(event, BotUttered) and (name is None or event.utter == name)
    ]
    expected = f"{assertion.kind} at least {threshold}"
    if not said:
        return Found(False, expected, (), (), "the bot said nothing to judge")
    place, message = said[-1]
    truth = wanted.get("ground_truth")
    question = JudgeQuestion(assertion.kind, step.text, message, threshold, None if truth is None else str(truth))
    score = judge.score(question)
    return Found(score >= threshold, expected, (f"{score:.2f}: {message.text or ''}",), (place,))
