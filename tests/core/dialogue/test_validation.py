"""Values that are refused: by a step, by the domain, by the slot's type, by an action; and steps that take nothing else."""

from __future__ import annotations

import pytest

from core.dialogue.actions import ActionResult
from core.dialogue.events import FlowStarted
from tests.core.dialogue.small import Scripted, Talk, dropped, heard, more, texts, was_set

REJECTING = """
    flows:
      f:
        description: d
        steps:
          - collect: people
            rejections:
              - if: slots.people < 1
                utter: utter_too_few
              - if: slots.people < 3 or slots.people > 9
                utter: utter_wrong_number
          - collect: day
    responses:
      utter_too_few: [{text: Too few.}]
      utter_wrong_number: [{text: Not possible.}]
    """

WATCHED = """
    flows:
      f:
        description: d
        steps:
          - collect: phone
          - collect: mail
          - collect: code
    slots:
      mail:
        type: text
        validation:
          rejections: [{if: 'not (slots.mail contains "@")', utter: utter_no_mail}]
      code:
        type: text
        validation:
          rejections: [{if: slots.code is "bad", utter: utter_bad_code}]
          refill_utter: utter_code_again
    responses:
      utter_ask_mail: [{text: Mail?}]
      utter_ask_code: [{text: Code?}]
      utter_no_mail: [{text: No mail address.}]
      utter_bad_code: [{text: Bad code.}]
      utter_code_again: [{text: The code again?}]
    """


def test_a_refused_value_is_set_then_emptied_and_asked_for_again(talk: Talk) -> None:
    chat = talk(REJECTING)
    chat.say("start flow f")
    turn = chat.say("set slot people 12")
    assert heard(turn) == ["utter_wrong_number", "utter_ask_people"]
    assert was_set(turn) == [("people", 12.0), ("people", None)]
    assert chat.hear("set slot people 4") == ["utter_ask_day"]


def test_of_several_rejections_the_first_that_holds_is_said(talk: Talk) -> None:
    chat = talk(REJECTING)
    chat.say("start flow f")
    assert chat.hear("set slot people 0") == ["utter_too_few", "utter_ask_people"]


def test_a_value_given_early_is_refused_when_its_step_is_reached(talk: Talk) -> None:
    assert talk(REJECTING).hear("start flow f, set slot people 0") == ["utter_too_few", "utter_ask_people"]


def test_the_domains_rejections_are_checked_even_while_another_slot_is_asked_for(talk: Talk) -> None:
    chat = talk(WATCHED)
    chat.say("start flow f")
    turn = chat.say("set slot mail nonsense")
    assert heard(turn) == ["utter_no_mail", "utter_ask_mail"]
    assert was_set(turn) == [("mail", "nonsense"), ("mail", None)]
    assert chat.conversation.state("x").asked == "mail"
    assert chat.hear("set slot mail a@b") == ["utter_ask_phone"]
    assert chat.hear("set slot phone 1") == ["utter_ask_code"]


def test_a_slot_may_have_a_response_of_its_own_for_asking_again(talk: Talk) -> None:
    chat = talk(WATCHED)
    chat.say("start flow f")
    assert chat.hear("set slot code bad") == ["utter_bad_code", "utter_code_again"]


def test_of_two_refused_slots_the_last_one_set_goes_first(talk: Talk) -> None:
    chat = talk(WATCHED)
    chat.say("start flow f")
    assert chat.hear("set slot mail x, set slot code bad") == ["utter_bad_code", "utter_code_again"]
    assert chat.hear("set slot code good") == ["utter_no_mail", "utter_ask_mail"]
    assert chat.hear("set slot mail a@b") == ["utter_ask_phone"]


def test_the_slot_that_is_asked_for_is_not_asked_for_twice(talk: Talk) -> None:
    chat = talk(WATCHED)
    chat.say("start flow f, set slot phone 1")
    assert chat.hear("set slot mail x") == ["utter_no_mail", "utter_ask_mail"]
    turn = chat.say("set slot mail a@b")
    assert heard(turn) == ["utter_ask_code"]
    assert FlowStarted("pattern_validate_slot") not in turn.events


def test_a_message_about_something_else_leaves_the_refused_slot_open(talk: Talk) -> None:
    chat = talk(WATCHED)
    chat.say("start flow f")
    chat.say("set slot mail x")
    assert chat.hear("offtopic reply") == ["utter_cannot_handle", "utter_ask_mail"]


def test_a_value_an_action_sets_is_checked_too(talk: Talk) -> None:
    text = """
        flows:
          g: {description: d, steps: [{action: action_guess}, {action: utter_call}]}
        """
    chat = talk(more(WATCHED, text), actions=Scripted({"action_guess": ActionResult((("code", "bad"),))}))
    assert chat.hear("start flow g") == ["utter_bad_code", "utter_code_again"]
    assert chat.hear("set slot code good") == ["utter_call", "utter_can_do_something_else"]


def test_a_corrected_value_that_the_domain_refuses_is_confirmed_then_asked_for_again(talk: Talk) -> None:
    chat = talk(WATCHED)
    chat.say("start flow f, set slot phone 1, set slot mail a@b")
    assert chat.hear("set slot mail nonsense") == ["utter_corrected_previous_input", "utter_no_mail", "utter_ask_mail"]
    assert chat.hear("set slot mail c@d") == ["utter_ask_code"]


def test_a_value_corrected_before_its_step_is_refused_at_once(talk: Talk) -> None:
    chat = talk(WATCHED)
    chat.say("start flow f, set slot mail a@b")
    assert chat.hear("set slot mail nonsense") == ["utter_corrected_previous_input", "utter_no_mail", "utter_ask_mail"]


@pytest.mark.parametrize("value", ["north", "NORTH", "North"])
def test_the_case_of_a_categorical_value_does_not_matter(talk: Talk, value: str) -> None:
    chat = talk()
    chat.say("start flow hours")
    assert was_set(chat.say(f"set slot place {value}"))[0] == ("place", "North")


@pytest.mark.parametrize(
    ("flow", "slot", "value", "response"),
    [
        ("hours", "place", "Mars", "utter_categorical_slot_rejection"),
        ("book", "people", "a lot", "utter_float_slot_rejection"),
    ],
)
def test_a_value_the_slot_cannot_hold_is_refused(talk: Talk, flow: str, slot: str, value: str, response: str) -> None:
    chat = talk()
    chat.say(f"start flow {flow}")
    turn = chat.say(f"set slot {slot} {value}")
    assert heard(turn) == [response, f"utter_ask_{slot}"]
    assert value in (texts(turn)[0] or "")
    assert was_set(turn) == [(slot, value), (slot, None)]


def test_a_boolean_that_is_none_is_refused(talk: Talk) -> None:
    chat = talk()
    chat.say("start flow book, set slot people 1, set slot day Friday")
    assert chat.hear("set slot sure perhaps") == ["utter_boolean_slot_rejection", "utter_ask_sure"]


def test_what_a_step_says_about_a_value_goes_before_what_its_type_says(talk: Talk) -> None:
    text = """
        flows:
          f:
            description: d
            steps:
              - collect: place
                rejections: [{if: 'not ({"North" "South"} contains slots.place)', utter: utter_elsewhere}]
        responses:
          utter_elsewhere: [{text: Not there.}]
        """
    chat = talk(text)
    chat.say("start flow f")
    assert chat.hear("set slot place Mars") == ["utter_elsewhere", "utter_ask_place"]


VALIDATED = """
    actions: [validate_phone]
    """


def test_a_declared_validation_action_runs_once_the_slot_is_filled(talk: Talk) -> None:
    actions = Scripted({"validate_phone": ActionResult((("phone", "+49 1"),))})
    chat = talk(VALIDATED, actions=actions)
    chat.say("start flow call_me")
    assert actions.asked == []
    assert was_set(chat.say("set slot phone 1"), "phone")[:2] == [("phone", "1"), ("phone", "+49 1")]
    assert actions.asked == ["validate_phone"]


def test_a_validation_action_may_empty_the_slot(talk: Talk) -> None:
    chat = talk(VALIDATED, actions=Scripted({"validate_phone": ActionResult((("phone", None),))}))
    chat.say("start flow call_me")
    assert chat.hear("set slot phone 1") == ["utter_ask_phone"]


def test_a_validation_action_that_is_not_declared_is_not_run(talk: Talk) -> None:
    actions = Scripted({"validate_phone": ActionResult((("phone", None),))})
    chat = talk(actions=actions)
    chat.say("start flow call_me")
    assert chat.hear("set slot phone 1") == ["utter_call", "utter_can_do_something_else"]
    assert actions.asked == []


FORCED = """
    flows:
      f:
        description: d
        steps:
          - collect: day
            force_slot_filling: true
          - collect: phone
    """


def test_a_forced_question_takes_nothing_but_its_answer(talk: Talk) -> None:
    chat = talk(FORCED)
    chat.say("start flow f")
    turn = chat.say("set slot day cancel, cancel flow, set slot phone 1, start flow hours")
    assert heard(turn) == ["utter_ask_phone"]
    assert [kind for kind, _ in dropped(turn)] == ["CancelFlow", "SetSlot", "StartFlow"]
    assert chat.slots == {"day": "cancel"}


def test_a_forced_question_that_is_not_answered_comes_again(talk: Talk) -> None:
    chat = talk(FORCED)
    chat.say("start flow f")
    assert chat.hear("cancel flow") == ["utter_ask_rephrase", "utter_ask_day"]


def test_before_3_12_6_questions_cannot_be_forced(talk: Talk) -> None:
    chat = talk(FORCED, version="3.12.5")
    chat.say("start flow f")
    assert chat.hear("cancel flow") == ["utter_flow_cancelled_rasa", "utter_can_do_something_else"]
