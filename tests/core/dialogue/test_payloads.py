"""What buttons send: slots to set and intents. No command generator sees either."""

from __future__ import annotations

from time import process_time

import pytest

from core.commands import SetSlot, StartFlow
from core.dialogue.payloads import Intent, read_payload
from tests.core.dialogue.small import Talk, dropped, heard, was_set


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("/SetSlots(a=1)", [("a", "1")]),
        ("  /SetSlots( a = one two , b=x )  ", [("a", "one two"), ("b", "x")]),
        ("/SetSlots(a=None,b=null,c=undefined)", [("a", None), ("b", None), ("c", None)]),
        ("/SetSlots(a=x=y)", [("a", "x=y")]),
        ("/SetSlots(a=)", [("a", "")]),
        ("/SetSlots(größe=groß)", [("größe", "groß")]),
    ],
)
def test_slots_are_read(text: str, pairs: list[tuple[str, str | None]]) -> None:
    assert read_payload(text) == tuple(SetSlot(name, value) for name, value in pairs)


@pytest.mark.parametrize(
    "text", ["hello", "", "/", "/SetSlots(", "/SetSlots()", "/SetSlots(a)", "/SetSlots((a)=1)", "a /b", "/a b"]
)
def test_what_is_no_payload_is_text(text: str) -> None:
    assert read_payload(text) is None


def test_intents_are_read_with_their_entities() -> None:
    assert read_payload("/greet") == Intent("greet")
    assert read_payload('/pay{"amount": 5, "to": "Ann"}') == Intent("pay", (("amount", 5), ("to", "Ann")))
    assert read_payload('/pay{{"amount": 5}}') == Intent("pay", (("amount", 5),))
    assert read_payload("/pay{amount}") is None
    assert read_payload('/pay{"a": ' + "[" * 50_000 + "}") is None


def test_a_hostile_payload_is_read_in_a_moment() -> None:
    began = process_time()
    assert read_payload("/SetSlots(" + " " * 100_000 + ")") is None
    assert read_payload("/" + "a" * 100_000 + " " * 100_000 + "!") is None
    assert process_time() - began < 10  # measured: milliseconds; a pattern that backtracks takes minutes


INTENTS = """
    flows:
      loan:
        description: d
        if: false
        nlu_trigger: [{intent: borrow}]
        steps: [{collect: phone}, {action: utter_call}]
    intents: [borrow, greet]
    slots:
      amount: {type: any, mappings: [{type: from_entity, entity: amount}]}
    """


def test_a_button_sets_a_slot_and_the_flow_goes_on(talk: Talk) -> None:
    chat = talk()
    chat.say("start flow hours")
    turn = chat.press("/SetSlots(place=north)")
    assert (turn.is_button, turn.commands, turn.processed) == (True, (SetSlot("place", "north"),), (SetSlot("place", "north"),))
    assert heard(turn) == ["utter_hours", "utter_can_do_something_else"]


@pytest.mark.parametrize("value", ["True", "true"])
def test_booleans_come_in_both_spellings(talk: Talk, value: str) -> None:
    chat = talk()
    chat.say("start flow book, set slot people 2, set slot day Friday")
    assert was_set(chat.press(f"/SetSlots(sure={value})"))[0] == ("sure", True)


def test_a_button_may_fill_what_commands_may_not(talk: Talk) -> None:
    text = """
        flows:
          f: {description: d, steps: [{collect: order}]}
        slots:
          order: {type: text, mappings: [{type: controlled}]}
        responses:
          utter_ask_order: [{text: Which?}]
        """
    chat = talk(text)
    chat.say("start flow f")
    assert chat.hear("set slot order 1") == ["utter_ask_rephrase", "utter_ask_order"]
    assert heard(chat.press("/SetSlots(order=1)")) == ["utter_can_do_something_else"]


def test_a_button_pressed_outside_of_any_flow_sets_the_slot_and_nothing_is_said(talk: Talk) -> None:
    chat = talk()
    assert heard(chat.press("/SetSlots(day=Friday)")) == []
    assert chat.hear("start flow book, set slot people 2") == ["utter_ask_sure"]


def test_a_button_for_a_slot_that_no_flow_asks_for_does_nothing(talk: Talk) -> None:
    text = "slots:\n  spare: {type: text}\n"
    chat = talk(text)
    turn = chat.press("/SetSlots(spare=1)")
    assert (heard(turn), dropped(turn), chat.slots) == ([], [("SetSlot", "no flow asks for `spare`")], {})


def test_an_older_button_corrects(talk: Talk) -> None:
    chat = talk()
    chat.say("start flow book, set slot people 2")
    assert heard(chat.press("/SetSlots(people=3)")) == ["utter_corrected_previous_input", "utter_ask_day"]


def test_commands_beside_a_payload_are_dropped(talk: Talk) -> None:
    chat = talk()
    chat.say("start flow hours")
    turn = chat.say("start flow book", text="/SetSlots(place=north)")
    assert dropped(turn) == [("StartFlow", "the message is a button's payload")]


def test_an_intent_starts_the_flow_it_triggers_whatever_its_guard(talk: Talk) -> None:
    chat = talk(INTENTS)
    turn = chat.press('/borrow{"amount": 5}')
    assert (heard(turn), turn.is_button, chat.slots) == (["utter_ask_phone"], True, {"amount": 5})


def test_an_intent_of_a_default_pattern_may_start_a_flow_of_the_project(talk: Talk) -> None:
    text = "flows:\n  again: {description: d, nlu_trigger: [{intent: restart}], steps: [{action: utter_call}]}\n"
    assert heard(talk(text).press("/restart"))[0] == "utter_call"


def test_an_intent_that_starts_nothing_is_a_warning(talk: Talk) -> None:
    turn = talk(INTENTS).press("/greet")
    assert (heard(turn), turn.is_button) == (["utter_ask_rephrase"], True)
    assert turn.warnings == ("the intent `greet` starts no flow: what else it does needs an NLU pipeline",)


def test_an_intent_that_starts_nothing_may_be_given_commands(talk: Talk) -> None:
    turn = talk(INTENTS).say((StartFlow("hours"),), text="/greet")
    assert (heard(turn), turn.warnings) == (["utter_ask_place"], ())


def test_an_intent_the_assistant_does_not_have_is_plain_text(talk: Talk) -> None:
    chat = talk(INTENTS)
    assert not chat.engine.is_button("/unheard_of")
    assert chat.engine.is_button("/greet")
    turn = chat.say("start flow hours", text="/unheard_of")
    assert (heard(turn), turn.is_button) == (["utter_ask_place"], False)
