"""What is left of the slots when a flow ends."""

from __future__ import annotations

from core.dialogue.actions import ActionResult
from tests.core.dialogue.small import Scripted, Talk, was_set

KEEPING = """
    flows:
      f:
        description: d
        persisted_slots: [phone]
        steps:
          - collect: phone
          - collect: day
            reset_after_flow_ends: false
          - set_slots: [{place: North}]
          - collect: people
            next:
              - if: slots.people > 9
                then:
                  - collect: sure
                    next: END
              - else: END
    """


def test_collected_and_set_slots_are_reset_even_if_they_were_never_filled(talk: Talk) -> None:
    chat = talk(KEEPING)
    turn = chat.say("start flow f, set slot phone 1, set slot day Friday, set slot people 2")
    assert was_set(turn, "people", "sure", "place") == [
        *(("people", 2.0), ("place", "North")),
        *(("people", None), ("sure", None), ("place", None)),
    ]


def test_persisted_slots_and_those_not_to_be_reset_get_no_event(talk: Talk) -> None:
    chat = talk(KEEPING)
    turn = chat.say("start flow f, set slot phone 1, set slot day Friday, set slot people 2")
    assert was_set(turn, "phone", "day") == [("phone", "1"), ("day", "Friday")]
    assert chat.slots == {"phone": "1", "day": "Friday"}


def test_a_kept_value_is_not_asked_for_when_the_flow_runs_again(talk: Talk) -> None:
    chat = talk(KEEPING)
    chat.say("start flow f, set slot phone 1, set slot day Friday, set slot people 2")
    assert chat.hear("start flow f") == ["utter_ask_people"]


def test_slots_return_to_their_initial_values(talk: Talk) -> None:
    text = """
        flows:
          f: {description: d, steps: [{collect: user}, {action: utter_call}]}
        slots:
          user: {type: text, initial_value: nobody}
        """
    chat = talk(text)
    assert chat.slots == {"user": "nobody"}
    turn = chat.say("start flow f, set slot user Ann")
    assert was_set(turn) == [("user", "Ann"), ("user", "nobody")]


def test_slots_of_a_called_flow_live_until_the_caller_ends(talk: Talk) -> None:
    text = """
        flows:
          outer: {description: d, steps: [{call: inner}, {collect: day}]}
          inner: {description: d, steps: [{collect: phone}]}
        """
    chat = talk(text)
    chat.say("start flow outer")
    turn = chat.say("set slot phone 1")
    assert was_set(turn) == [("phone", "1")]
    assert was_set(chat.say("set slot day Friday"), "phone") == [("phone", None)]


def test_what_a_called_flow_persists_is_kept(talk: Talk) -> None:
    text = """
        flows:
          outer: {description: d, steps: [{call: inner}]}
          inner: {description: d, persisted_slots: [phone], steps: [{collect: phone}]}
        """
    chat = talk(text)
    chat.say("start flow outer, set slot phone 1")
    assert chat.slots == {"phone": "1"}


def test_slots_that_only_actions_set_stay(talk: Talk) -> None:
    text = """
        flows:
          f: {description: d, steps: [{action: action_count}, {collect: phone}]}
        slots:
          count: {type: float, mappings: [{type: controlled}]}
        """
    chat = talk(text, actions=Scripted({"action_count": ActionResult((("count", 7),))}))
    chat.say("start flow f, set slot phone 1")
    assert chat.slots == {"count": 7}


def test_a_controlled_slot_that_the_flow_collects_is_reset(talk: Talk) -> None:
    text = """
        flows:
          f: {description: d, steps: [{collect: order}]}
        slots:
          order: {type: text, mappings: [{type: controlled}]}
        responses:
          utter_ask_order: [{text: Which?, buttons: [{title: First, payload: /SetSlots(order=1)}]}]
        """
    chat = talk(text)
    chat.say("start flow f")
    chat.press("/SetSlots(order=1)")
    assert chat.slots == {}
    assert chat.hear("start flow f") == ["utter_ask_order"]
