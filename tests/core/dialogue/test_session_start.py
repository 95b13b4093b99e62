"""How a conversation begins, and assistants with two systems."""

from __future__ import annotations

from core.dialogue.events import ActionExecuted, BotUttered, FlowStarted, SessionStarted, SlotSet
from tests.core.dialogue.small import Scripted, Talk, heard, was_set

GREETING = """
    flows:
      pattern_session_start:
        description: d
        steps:
          - action: action_session_start
          - action: utter_hours
    """


def test_a_session_starts_by_its_pattern_before_anything_is_said(talk: Talk) -> None:
    chat = talk()
    assert chat.opening[:3] == (FlowStarted("pattern_session_start"), ActionExecuted("action_session_start"), SessionStarted())
    assert chat.conversation.state("hi").stack == ()


def test_the_project_may_greet(talk: Talk) -> None:
    chat = talk(GREETING)
    assert [one.utter for one in chat.opening if isinstance(one, BotUttered)] == ["utter_hours"]


def test_a_session_may_start_with_a_question(talk: Talk) -> None:
    text = """
        flows:
          pattern_session_start:
            description: d
            steps:
              - action: action_session_start
              - collect: phone
              - action: utter_call
        """
    chat = talk(text)
    assert chat.conversation.state("hi").asked == "phone"
    assert chat.hear("set slot phone 1") == ["utter_call"]


def test_given_slots_are_set_after_the_session_start(talk: Talk) -> None:
    chat = talk(slots={"day": "Friday", "new": 1})
    assert chat.opening[-2:] == (SlotSet("day", "Friday", "test"), SlotSet("new", 1, "test"))
    assert chat.slots == {"day": "Friday", "new": 1}


def test_a_project_may_have_a_session_start_action_of_its_own(talk: Talk) -> None:
    text = "actions: [action_session_start]\n"
    actions = Scripted()
    chat = talk(text, actions=actions)
    assert actions.asked == ["action_session_start"]
    assert SessionStarted() in chat.opening


ROUTED = """
    flows:
      leave: {description: d, steps: [{action: action_reset_routing}]}
    slots:
      route_session_to_calm: {type: bool, shared_for_coexistence: true}
      name: {type: text, shared_for_coexistence: true}
    """


def test_the_slot_that_routes_is_set_in_the_first_turn(talk: Talk) -> None:
    chat = talk(ROUTED)
    assert was_set(chat.say("start flow hours"), "route_session_to_calm") == [("route_session_to_calm", True)]
    assert was_set(chat.say("set slot place north"), "route_session_to_calm") == []


def test_resetting_the_routing_keeps_only_shared_slots(talk: Talk) -> None:
    chat = talk(ROUTED, slots={"name": "Ann", "day": "Friday"})
    turn = chat.say("start flow leave")
    assert was_set(turn)[1:] == [("day", None), ("route_session_to_calm", None)]
    assert chat.slots == {"name": "Ann"}
    assert was_set(chat.say("start flow hours"), "route_session_to_calm") == [("route_session_to_calm", True)]


def test_without_that_slot_nothing_is_routed(talk: Talk) -> None:
    turn = talk().say("start flow hours")
    assert was_set(turn) == []
    assert heard(turn) == ["utter_ask_place"]
