"""One turn of a test against what it must bring: checks or assertions, and which bot lines nothing has said yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from core.conversations.models import TurnKind
from core.dialogue.events import BotUttered, Event, SlotSet
from core.dialogue.responses import Responses
from core.dialogue.turn import Turn
from core.testing.assertions import Judge, judge_assertions
from core.testing.classic import Renderings, judge_checks
from core.testing.expectations import Assertion, Check, UserTurn
from core.testing.results import Failure, Tally


@dataclass(frozen=True, slots=True)
class Line:
    """A bot line that a turn must bring. `place`: of the bot message that is it, None while there is none."""

    wanted: Check | Assertion
    place: int | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """`lines`: the bot lines expected, in the test's order."""

    failures: tuple[Failure, ...] = ()
    tallies: dict[str, Tally] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    warnings: tuple[str, ...] = ()


def judge_opening(checks: Sequence[Check], events: Sequence[Event], file: str, responses: Responses) -> Judgement:
    """What stands before the first user step, against the session start."""
    return _judge_checks(checks, events, file, 0, _renderings({}, events, responses))


def judge_turn(step: UserTurn, turn: Turn, file: str, responses: Responses, judge: Judge | None) -> Judgement:
    if not step.assertions:
        if not step.checks:
            return Judgement()
        renderings = _renderings(turn.before.slots, turn.events, responses)
        return _judge_checks(step.checks, turn.events, file, step.ordinal, renderings)
    renderings = _renderings(turn.before.slots, turn.events, responses)
    asserted = judge_assertions(step, turn, file, judge, renderings)
    said = list(accumulate(isinstance(event, BotUttered) for event in turn.events))
    lines = tuple(
        Line(assertion, said[places[0]] - 1 if places else None)
        for assertion, places in zip(step.assertions, asserted.matched, strict=True)
        if assertion.kind == "bot_uttered"
    )
    return Judgement(asserted.failures, asserted.tallies, lines, asserted.warnings)


def _judge_checks(
    checks: Sequence[Check], events: Sequence[Event], file: str, user_step: int, renderings: Renderings
) -> Judgement:
    judged = judge_checks(checks, events, file, user_step, renderings)
    lines = tuple(
        Line(check, place)
        for check, place in zip(checks, judged.matched, strict=True)
        if check.kind in (TurnKind.BOT, TurnKind.UTTER)
    )
    return Judgement(judged.failures, {}, lines)


def _renderings(before: object, events: Sequence[Event], responses: Responses) -> Renderings:
    """What a message's response could have read like, with the slots as they were whenever it was said in the turn."""

    def renderings(message: BotUttered) -> Sequence[str]:
        slots = dict(before) if isinstance(before, dict) else {}
        texts: dict[str, None] = {}
        for event in events:
            if isinstance(event, SlotSet):
                slots[event.name] = event.value
            elif isinstance(event, BotUttered) and event.utter == message.utter and message.utter is not None:
                texts.update(dict.fromkeys(responses.renderings(message.utter, slots)))
        return tuple(texts)

    return renderings
