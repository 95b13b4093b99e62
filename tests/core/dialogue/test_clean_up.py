"""What of a message's commands is carried out, and what is told about the rest."""

from __future__ import annotations

import pytest

from core.commands import ChitChat, Clarify, ContinueAgent, RestartAgent, SetSlot, StartFlow
from core.dialogue.events import ClarificationOffered
from core.dialogue.turn import Dropped
from tests.core.dialogue.small import Talk, dropped, heard, more, texts


def test_what_is_carried_out_keeps_its_order(talk: Talk) -> None:
    turn = talk().say("set slot day Friday, start flow book, set slot people 2")
    assert turn.processed == turn.commands
    assert turn.dropped == ()


def test_a_value_may_stand_before_the_start_of_its_flow(talk: Talk) -> None:
    assert talk().hear("set slot people 2, start flow book") == ["utter_ask_day"]


def test_what_is_said_twice_is_done_once(talk: Talk) -> None:
    turn = talk().say((ChitChat(), StartFlow("hours"), ChitChat(), StartFlow("hours")))
    assert heard(turn) == ["utter_cannot_handle", "utter_ask_place"]
    assert dropped(turn) == [("ChitChat", "said twice"), ("StartFlow", "said twice")]


def test_of_two_values_for_a_slot_the_last_counts(talk: Talk) -> None:
    chat = talk()
    turn = chat.say("start flow book, set slot people 2, set slot people 3")
    assert chat.slots == {"people": 3.0}
    assert turn.dropped == (Dropped(SetSlot("people", "2"), "another value follows", "set slot people 3"),)


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("start flow nothing", "there is no flow `nothing`"),
        ("start flow pattern_search", "there is no flow `pattern_search`"),
        ("set slot nothing 1", "there is no slot `nothing`"),
        ("set slot phone 1", "no active or started flow asks for `phone`"),
        ("set slot many 1", "`many` is a list, which only actions may fill"),
        ("set slot fixed 1", "a command generator may not fill `fixed`"),
        ("set slot entity 1", "a command generator may not fill `entity`"),
        ("disambiguate flows nothing", "it names no flow of the assistant"),
    ],
)
def test_a_command_that_makes_no_sense_is_refused_and_the_message_cannot_be_handled(
    talk: Talk, command: str, reason: str
) -> None:
    text = """
        flows:
          f: {description: d, steps: [{collect: day}, {collect: many}, {collect: fixed}, {collect: entity}]}
        slots:
          many: {type: list}
          fixed: {type: text, mappings: [{type: controlled}]}
          entity: {type: text, mappings: [{type: from_entity, entity: e}]}
        """
    chat = talk(text, version="3.13")
    chat.say("start flow f")
    turn = chat.say(command)
    assert heard(turn) == ["utter_ask_rephrase", "utter_ask_day"]
    assert [(one.reason, one.by) for one in turn.dropped] == [(reason, "cannot handle")]
    assert turn.processed == ()


def test_a_message_without_commands_cannot_be_handled(talk: Talk) -> None:
    chat = talk()
    chat.say("start flow hours")
    assert chat.hear("") == ["utter_ask_rephrase", "utter_ask_place"]


def test_a_refused_command_beside_a_good_one_is_only_dropped(talk: Talk) -> None:
    turn = talk().say("start flow hours, set slot nothing 1")
    assert heard(turn) == ["utter_ask_place"]
    assert turn.dropped == (Dropped(SetSlot("nothing", "1"), "there is no slot `nothing`"),)


def test_a_value_the_slot_has_already_is_dropped_and_the_question_comes_again(talk: Talk) -> None:
    chat = talk()
    chat.say("start flow book, set slot people 2")
    turn = chat.say("set slot people 2.0")
    assert (heard(turn), dropped(turn)) == (["utter_ask_day"], [("SetSlot", "`people` has this value already")])


def test_before_3_11_17_a_slot_of_no_flow_is_filled(talk: Talk) -> None:
    chat = talk(version="3.11.16")
    chat.say("start flow hours")
    assert chat.hear("set slot phone 1") == ["utter_ask_place"]
    assert chat.slots == {"phone": "1"}


def test_before_3_9_slots_of_custom_mappings_are_filled(talk: Talk) -> None:
    text = """
        flows:
          f: {description: d, steps: [{collect: old}]}
        slots:
          old: {type: text, mappings: [{type: custom}]}
        responses:
          utter_ask_old: [{text: Old?}]
        """
    for version, expected in (("3.8", []), ("3.9", ["utter_ask_rephrase", "utter_ask_old"])):
        chat = talk(text, version=version)
        chat.say("start flow f")
        assert [name for name in chat.hear("set slot old 1") if name != "utter_can_do_something_else"] == expected


def test_a_clarification_offers_known_flows_sorted(talk: Talk) -> None:
    turn = talk().say("disambiguate flows hours nothing book pattern_search call_me")
    assert ClarificationOffered(("book", "call_me", "hours"), ("book a table", "be called back", "hours")) in turn.events
    assert texts(turn) == ["I am not sure which of these you mean: book a table, be called back or hours?"]


def test_a_clarification_beside_another_command_is_dropped(talk: Talk) -> None:
    turn = talk().say("disambiguate flows book call_me, start flow hours")
    assert heard(turn) == ["utter_ask_place"]
    assert dropped(turn) == [("Clarify", "another command says what is meant")]


def test_a_clarification_beside_a_refused_command_is_not(talk: Talk) -> None:
    assert talk().hear("disambiguate flows book call_me, start flow nothing") == ["utter_clarification_options_rasa"]


def test_a_clarification_with_one_flow_starts_it(talk: Talk) -> None:
    turn = talk().say("disambiguate flows hours nothing")
    assert (heard(turn), turn.processed) == (["utter_ask_place"], (StartFlow("hours"),))
    reason = "only one flow is left to choose"
    assert turn.dropped == (Dropped(Clarify(("hours", "nothing")), reason, "start flow hours"),)


def test_before_3_9_a_clarification_with_one_flow_asks(talk: Talk) -> None:
    assert talk(version="3.8").hear("disambiguate flows hours") == ["utter_clarification_options_rasa"]


def test_since_3_15_a_clarification_may_name_no_flow(talk: Talk) -> None:
    turn = talk(version="3.15").say((Clarify(),))
    assert heard(turn) == ["utter_clarification_no_options_rasa"]
    assert heard(talk(version="3.14").say((Clarify(),))) == ["utter_ask_rephrase"]


def test_since_3_15_a_clarification_offers_three_flows_or_as_many_as_the_project_says(talk: Talk) -> None:
    extra = "flows:\n  zoo: {description: d, steps: []}\n"
    limit = "slots:\n  max_clarification_options: {type: float, initial_value: 1.0}\n"
    for text, version, number in ((extra, "3.14", 4), (extra, "3.15", 3), (more(extra, limit), "3.15", 1)):
        turn = talk(text, version=version).say("disambiguate flows hours book call_me zoo")
        [offer] = [event for event in turn.events if isinstance(event, ClarificationOffered)]
        assert offer.flows == ("book", "call_me", "hours", "zoo")[:number]


@pytest.mark.parametrize("command", [ContinueAgent(), RestartAgent("a")])
def test_agents_are_refused(talk: Talk, command: ContinueAgent | RestartAgent) -> None:
    turn = talk().say((command,))
    assert dropped(turn) == [(type(command).__name__, "agents are not part of this engine")]
