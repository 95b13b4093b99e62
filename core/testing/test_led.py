"""Custom actions played by the test itself, where nothing else can run them.

Of a turn's expected bot lines those belong to an action that the flows did not say, and could not have said (see `lines`);
of its expected slots those that no flow fills. Slots that decide a branch are guessed: an action's call is a *choice*
between assignments, and `test_led_search` tries them until the turn is as expected. All of it is marked `test`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.conversations.models import TurnKind
from core.dialogue.actions import ActionRequest, ActionResult
from core.dialogue.events import BotUttered, Event, SlotSet, UserUttered
from core.testing.branch_values import assignments, may_hold, something
from core.testing.expectations import Assertion, Check
from core.testing.flow_facts import FlowFacts, typed
from core.testing.stubs import VALIDATION_PREFIX

Slots = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Call:
    """One run of an action. `user_step`: 0 before the first. `before`: bot messages of the turn that came before it.

    `chosen` of `options` alternatives was taken; `slots` are what it set.
    """

    name: str
    user_step: int
    before: int
    options: int
    chosen: int
    slots: Slots

    @property
    def may_speak(self) -> bool:
        """A validation says something only when it refuses a value."""
        return not self.name.startswith(VALIDATION_PREFIX) or bool(self.slots)


@dataclass(slots=True)
class TestLed:
    """The actions of one run of one conversation.

    `choices`: which alternative each call takes, the first where it is silent. `lines`: what each call says.
    """

    __test__ = False

    facts: FlowFacts
    choices: Sequence[int] = ()
    lines: Mapping[int, tuple[BotUttered, ...]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    _user_step: int = 0
    _checks: Sequence[Check] = ()
    _assertions: Sequence[Assertion] = ()

    def expect(self, user_step: int, checks: Sequence[Check], assertions: Sequence[Assertion] = ()) -> None:
        """What the turn that begins now must bring."""
        self._user_step, self._checks, self._assertions = user_step, checks, assertions

    def run(self, request: ActionRequest) -> ActionResult:
        number = len(self.calls)
        before, already = _turn_so_far(request.events)
        alternatives = self._alternatives(request, already)
        wanted = self.choices[number] if number < len(self.choices) else 0
        chosen = min(wanted, len(alternatives) - 1)
        slots = alternatives[chosen]
        self.calls.append(Call(request.name, self._user_step, before, len(alternatives), chosen, slots))
        return ActionResult(slots, self.lines.get(number, ()), "test")

    def _alternatives(self, request: ActionRequest, already: Mapping[str, Any]) -> list[Slots]:
        """What this call may set, the likeliest first.

        Slots that the test says were set and that decide what follows are taken to be this action's; others only if the
        turn does not come out right without, since a later action may set them. A validation takes the value, or
        refuses it if the test expects the question again.
        """
        if request.name.startswith(VALIDATION_PREFIX):
            slot = request.name.removeprefix(VALIDATION_PREFIX)
            return [(), ((slot, None),)] if self._asks_for(slot) else [()]
        pending = self._expected(already)
        tried: list[dict[str, Any]] = [{}]
        likely: dict[str, Any] = {}
        if request.flow is not None:
            ahead = self.facts.ahead(request.flow, request.step)
            likely = {name: value for name, value in pending.items() if name in ahead.names}
            given_early = self._given_early(request, already)
            tried += [given_early] if given_early else []
            shown = self._shown_in_lines()
            usable = ahead.usable - pending.keys()
            assigned = assignments(ahead.conditions, self.facts.slots, request.slots, usable) if usable else []
            tried += [*shown, *({**one, **other} for one in shown for other in assigned), *assigned]
        if not pending and len(tried) == 1:
            return [()]
        found = [likely, pending]
        found += [{**base, **one} for base in (likely, pending, {}) for one in tried]
        return _distinct(found)

    def _asks_for(self, slot: str) -> bool:
        lines = [check.text for check in self._checks if check.kind in (TurnKind.BOT, TurnKind.UTTER)]
        for assertion in self._assertions:
            if assertion.kind == "bot_uttered" and isinstance(assertion.value, Mapping):
                lines += [str(one) for one in (assertion.value.get("utter_name"), assertion.value.get("text_matches")) if one]
        return any(self.facts.is_question(slot, line) for line in lines)

    def _expected(self, already: Mapping[str, Any]) -> dict[str, Any]:
        """Slots that the turn must still set and that an action has to: no flow does."""
        return {
            name: value if has_value else something(self.facts.slots.get(name))
            for name, has_value, value in self._slots_expected()
            if name not in already and self.facts.left_to_actions(name) and self._may_hold(name, has_value, value)
        }

    def _given_early(self, request: ActionRequest, already: Mapping[str, Any]) -> dict[str, Any]:
        """Expected slots that another flow asks for, and that this action may fill for it.

        Not those its own flow asks for, and nothing that the user has just said: there a command is missing that should
        have filled the slot, and the test is to fail for it.
        """
        message = request.message.casefold()
        asked = self.facts.asked_by(request.flow)
        return {
            name: value
            for name, has_value, value in self._slots_expected()
            if has_value
            and value is not None
            and name not in already
            and name not in asked
            and not self.facts.left_to_actions(name)
            and self._may_hold(name, has_value, value)
            and (isinstance(value, bool) or str(value).casefold() not in message)
        }

    def _may_hold(self, name: str, has_value: bool, value: Any) -> bool:
        """Whether the domain has the slot and it may hold the value: what it may not is left to fail the test."""
        slot = self.facts.slots.get(name)
        return slot is not None and (not has_value or value is None or may_hold(slot, value))

    def _slots_expected(self) -> list[tuple[str, bool, Any]]:
        found = [(one.text, one.has_value, one.value) for one in self._checks if one.kind is TurnKind.SLOT_WAS_SET]
        for assertion in self._assertions:
            if assertion.kind == "slot_was_set" and isinstance(assertion.value, list):
                for item in assertion.value:
                    if isinstance(item, Mapping) and "name" in item:
                        found.append((str(item["name"]), "value" in item, item.get("value")))
        return found

    def _shown_in_lines(self) -> list[dict[str, Any]]:
        """Values that would make a flow's response read as a line of the test does."""
        found = []
        for check in self._checks:
            if check.kind is TurnKind.BOT:
                for texts in self.facts.slot_texts(check.text):
                    values = {name: typed(self.facts.slots.get(name), text) for name, text in texts.items()}
                    if all(name in self.facts.slots and self.facts.left_to_actions(name) for name in values):
                        found.append(values)
        return found


def _distinct(found: Sequence[Mapping[str, Any]]) -> list[Slots]:
    seen: dict[str, Slots] = {}
    for slots in found:
        items = tuple(slots.items())
        seen.setdefault(repr(items), items)
    return list(seen.values())


def _turn_so_far(events: Sequence[Event]) -> tuple[int, dict[str, Any]]:
    """Of the turn that runs: how many messages the bot has said, and the slots set."""
    count = 0
    slots: dict[str, Any] = {}
    for event in reversed(events):
        if isinstance(event, UserUttered):
            break
        if isinstance(event, BotUttered):
            count += 1
        elif isinstance(event, SlotSet):
            slots.setdefault(event.name, event.value)
    return count, slots
