"""Checks of the classic steps: `bot`, `utter`, `slot_was_set`, `slot_was_not_set`, against one turn's events.

Rules of the reference's test-case page: order within a turn is irrelevant, what the bot says beyond the checks is ignored,
types of slot values are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from core.conversations.models import TurnKind
from core.dialogue.events import BotUttered, Event, SlotSet
from core.errors import Location
from core.testing.describe import said, shown
from core.testing.expectations import PLACEHOLDERS, Check
from core.testing.results import Failure

Renderings = Callable[[BotUttered], Sequence[str]]
"""Every text a response could have been said with: of equal variations the reference picks one at random."""


def no_renderings(message: BotUttered) -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Judged:
    """`matched`: for each check the index among the turn's bot messages that satisfies it; None where there is none, and
    for checks of slots."""

    failures: tuple[Failure, ...]
    matched: tuple[int | None, ...]


def judge_checks(
    checks: Sequence[Check],
    events: Sequence[Event],
    file: str,
    user_step: int,
    renderings: Renderings = no_renderings,
) -> Judged:
    """What of the checks does not hold."""
    if not checks:
        return Judged((), ())
    messages = [event for event in events if isinstance(event, BotUttered)]
    matched = match_messages(checks, messages, renderings)
    failures: list[Failure] = []
    for check, place in zip(checks, matched, strict=True):
        where = Location(file, check.line)
        if check.kind is TurnKind.SLOT_WAS_SET:
            failure = _slot_was_set(check, events, where, user_step)
        elif check.kind is TurnKind.SLOT_WAS_NOT_SET:
            failure = _slot_was_not_set(check, events, where, user_step)
        elif place is None:
            failure = _not_said(check, messages, matched, where, user_step)
        else:
            failure = None
        if failure is not None:
            failures.append(failure)
    return Judged(tuple(failures), matched)


def match_messages(
    checks: Sequence[Check], messages: Sequence[BotUttered], renderings: Renderings = no_renderings
) -> tuple[int | None, ...]:
    """Which message satisfies which check; each message at most one. Names go first, then texts, then placeholders."""
    found: list[int | None] = [None] * len(checks)
    free = dict(enumerate(messages))
    for is_match in (_is_named, _is_text, lambda check, message: _is_variation(check, message, renderings), _is_placeholder):
        for number, check in enumerate(checks):
            if found[number] is None and check.kind in (TurnKind.BOT, TurnKind.UTTER):
                place = next((place for place, message in free.items() if is_match(check, message)), None)
                if place is not None:
                    found[number] = place
                    del free[place]
    return tuple(found)


def _is_named(check: Check, message: BotUttered) -> bool:
    return check.kind is TurnKind.UTTER and message.utter == check.text


def _is_text(check: Check, message: BotUttered) -> bool:
    """A line break at the end is what a `|` block of YAML leaves."""
    return check.kind is TurnKind.BOT and message.text is not None and message.text.rstrip("\n") == check.text.rstrip("\n")


def _is_variation(check: Check, message: BotUttered, renderings: Renderings) -> bool:
    if check.kind is not TurnKind.BOT or message.utter is None:
        return False
    wanted = check.text.rstrip("\n")
    return any(text.rstrip("\n") == wanted for text in renderings(message))


def _is_placeholder(check: Check, message: BotUttered) -> bool:
    return check.kind is TurnKind.UTTER and check.text in PLACEHOLDERS


def _not_said(
    check: Check, messages: Sequence[BotUttered], matched: Sequence[int | None], where: Location, user_step: int
) -> Failure:
    unmatched = [message for place, message in enumerate(messages) if place not in matched]
    if check.kind is TurnKind.UTTER:
        actual = tuple(message.utter or said(message) for message in unmatched)
    else:
        actual = tuple(message.text if message.text is not None else said(message) for message in unmatched)
    note = "" if messages else "the bot said nothing"
    if messages and not unmatched:
        note = "the bot said nothing more than the other checks expect"
    return Failure(check.kind.value, where, user_step, check.text.rstrip("\n"), actual, note)


def _slot_was_set(check: Check, events: Sequence[Event], where: Location, user_step: int) -> Failure | None:
    values = [event.value for event in events if isinstance(event, SlotSet) and event.name == check.text]
    if values and (not check.has_value or any(same_value(value, check.value) for value in values)):
        return None
    expected = f"{check.text}: {shown(check.value)}" if check.has_value else check.text
    note = "" if values else "the slot was not set"
    if any(value == check.value for value in values):
        note = "slot types do not match"
    return Failure(check.kind.value, where, user_step, expected, _values(check.text, values), note)


def _slot_was_not_set(check: Check, events: Sequence[Event], where: Location, user_step: int) -> Failure | None:
    """Without a value it is the last event of the turn that counts: set and then emptied, by a refusal or by the end of the
    flow, is not set.
    """
    values = [event.value for event in events if isinstance(event, SlotSet) and event.name == check.text]
    if check.has_value:
        wrong = [value for value in values if same_value(value, check.value)]
        expected = f"{check.text} is not {shown(check.value)}"
    else:
        wrong = [value for value in values[-1:] if value is not None]
        expected = f"{check.text} is not set"
    return Failure(check.kind.value, where, user_step, expected, _values(check.text, wrong)) if wrong else None


def _values(name: str, values: Sequence[Any]) -> tuple[str, ...]:
    return tuple(f"{name}: {shown(value)}" for value in values)


def same_value(one: Any, other: Any) -> bool:
    """Equal, and of the same type; 4 and 4.0 are both numbers, `true` is none."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other
    return type(one) is type(other) and bool(one == other)
