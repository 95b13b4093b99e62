"""Which of a test's bot lines an action said that the test itself stands in for.

Lines that the flows said are taken out first. What is left goes to the calls of the turn by its place among the others:
a line after the second message that a flow said was said by a call after that message. Several calls in one place share
its lines in order: one each, what is left over to the first; a question (`action_ask_…`) takes the last one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from core.assistant.models import Button
from core.conversations.models import TurnKind
from core.dialogue.events import BotUttered
from core.testing.assertion_kinds import utters
from core.testing.classic import no_renderings
from core.testing.expectations import PLACEHOLDERS, Assertion, Check
from core.testing.flow_facts import FlowFacts
from core.testing.judging import Line
from core.testing.test_led import Call

ASKING_PREFIX = "action_ask_"
_ESCAPED = re.compile(r"\\([^A-Za-z0-9])")


def speakable(line: Line, facts: FlowFacts) -> BotUttered | None:
    """The message an action must have sent for a line; None for a line that only flows say, so that it stays missing."""
    if isinstance(line.wanted, Check):
        return _of_check(line.wanted, facts)
    return _of_assertion(line.wanted, facts)


def _of_check(check: Check, facts: FlowFacts) -> BotUttered | None:
    if check.kind is TurnKind.UTTER:
        if check.text in PLACEHOLDERS:
            return BotUttered("(a generated answer)", source="test")
        return _response(check.text, facts)
    text = check.text.rstrip("\n")
    return None if facts.is_said_by_flows(text) else BotUttered(text, source="test")


def _of_assertion(assertion: Assertion, facts: FlowFacts) -> BotUttered | None:
    """A regular expression is taken at its word if it matches itself, as most do."""
    value = assertion.value
    if not isinstance(value, Mapping):
        return None
    name, text, buttons = value.get("utter_name"), value.get("text_matches"), value.get("buttons")
    message = _response(str(name), facts) if name is not None else BotUttered(None, source="test")
    if message is None:
        return None
    if text is not None:
        plain = _ESCAPED.sub(r"\1", str(text)).removeprefix("^").removesuffix("$")
        if name is None and facts.is_said_by_flows(plain):
            return None
        message = BotUttered(plain, message.utter, message.buttons, "test")
    if isinstance(buttons, list):
        given = tuple(
            Button(str(one.get("title", "")), str(one.get("payload", ""))) for one in buttons if isinstance(one, Mapping)
        )
        message = BotUttered(message.text, message.utter, given, "test")
    return message if utters(value, message, no_renderings) else None


def _response(name: str, facts: FlowFacts) -> BotUttered | None:
    """A response that an action sends by its name: one of the domain, and none that a flow says."""
    response = facts.responses.get(name)
    if response is None or not response.variations or name in facts.said:
        return None
    first = response.variations[0]
    return BotUttered(first.text, name, first.buttons, "test")


def shared_out(lines: Sequence[Line], calls: Sequence[tuple[int, Call]], facts: FlowFacts) -> dict[int, list[BotUttered]]:
    """The messages of each call of one turn, by the call's number; `calls` are all calls of that turn, in order."""
    speaking = [(number, call) for number, call in calls if call.may_speak]
    if not speaking:
        return {}
    by_gap: dict[int, list[BotUttered]] = {}
    gap = 0
    for line in lines:
        if line.place is not None:
            gap = max(gap, line.place + 1)
        elif (message := speakable(line, facts)) is not None:
            by_gap.setdefault(_nearest(gap, speaking), []).append(message)
    given: dict[int, list[BotUttered]] = {}
    for before, messages in by_gap.items():
        there = [(number, call) for number, call in speaking if call.before == before]
        given.update(_in_one_place(messages, there))
    return given


def _nearest(gap: int, calls: Sequence[tuple[int, Call]]) -> int:
    """The place among the flows' messages where a call is that could have said a line which belongs at `gap`."""
    places = sorted({call.before for _, call in calls})
    earlier = [place for place in places if place <= gap]
    return earlier[-1] if earlier else places[0]


def _in_one_place(messages: list[BotUttered], calls: Sequence[tuple[int, Call]]) -> dict[int, list[BotUttered]]:
    given: dict[int, list[BotUttered]] = {}
    rest, others = list(messages), list(calls)
    if len(others) > 1 and others[-1][1].name.startswith(ASKING_PREFIX):
        given[others.pop()[0]] = [rest.pop()]
    surplus = max(len(rest) - len(others), 0)
    for place, (number, _) in enumerate(others):
        count = 1 + (surplus if place == 0 else 0)
        taken, rest = rest[:count], rest[count:]
        if taken:
            given[number] = taken
    return given
