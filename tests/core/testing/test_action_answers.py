"""What stubs and action servers answer, made into what the engine takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.assistant.models import Button
from core.dialogue.actions import ActionRequest, ActionResult
from core.dialogue.events import BotUttered
from core.testing.action_answers import Answer, result_of

REQUEST = ActionRequest("action_x", {"name": "Ida", "empty": None}, (), "hi", None, None)


def render(name: str, values: Mapping[str, Any]) -> BotUttered | None:
    if name != "utter_price":
        return None
    return BotUttered(f"{values['name']} pays {values.get('price')}", name, (Button("Fine", "/ok"),))


def result(events: Any = (), responses: Any = ()) -> ActionResult:
    return result_of(Answer.of({"events": list(events), "responses": list(responses)}), REQUEST, render, "stub")


def test_slots_are_set_in_order_and_as_they_are_written() -> None:
    given = [
        {"event": "slot", "name": "a", "value": "4"},
        {"event": "slot", "name": "a", "value": 4},
        {"event": "slot", "name": "b"},
    ]
    assert result(given).slots == (("a", "4"), ("a", 4), ("b", None))


def test_messages_have_their_text_and_buttons() -> None:
    (message,) = result(responses=[{"text": "Hello", "buttons": [{"title": "Yes", "payload": "/yes"}]}]).messages
    assert message == BotUttered("Hello", None, (Button("Yes", "/yes"),), "stub")


def test_a_named_response_is_rendered_with_slots_as_they_were_and_the_values_given() -> None:
    events = [{"event": "slot", "name": "name", "value": "Bo"}]
    (message,) = result(events, [{"response": "utter_price", "price": 5}]).messages
    assert message == BotUttered("Ida pays 5", "utter_price", (Button("Fine", "/ok"),), "stub")
    (own,) = result(responses=[{"response": "utter_price", "buttons": [{"title": "No", "payload": "/no"}]}]).messages
    assert own.buttons == (Button("No", "/no"),)


def test_a_response_the_domain_does_not_have_keeps_its_name() -> None:
    (message,) = result(responses=[{"response": "utter_gone"}]).messages
    assert (message.utter, message.text) == ("utter_gone", None)


def test_other_events_of_the_protocol() -> None:
    done = result([{"event": "followup", "name": "action_y"}, {"event": "bot", "text": "By the way", "data": {}}])
    assert done.followup == "action_y"
    assert [message.text for message in done.messages] == ["By the way"]
    assert result([{"event": "reset_slots"}]).slots == (("name", None),)


def test_anything_that_is_no_answer_is_an_empty_one() -> None:
    values: list[Any] = [None, [], "x", {"events": 3, "responses": [4, None]}]
    for value in values:
        assert result_of(Answer.of(value), REQUEST, render, "stub") == ActionResult()
