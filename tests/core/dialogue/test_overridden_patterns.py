"""Patterns of the project take the place of the default ones; they are flows like any other, with a context."""

from __future__ import annotations

from core.dialogue.actions import ActionRequest, ActionResult
from core.dialogue.events import FlowCompleted
from core.dialogue.turn import StepVisit
from tests.core.dialogue.small import Scripted, Talk, heard, said, texts, was_set


def test_a_response_of_the_project_replaces_the_default_text(talk: Talk) -> None:
    text = "responses:\n  utter_ask_rephrase: [{text: Pardon?}]\n"
    assert texts(talk(text).say("")) == ["Pardon?"]


def test_what_completed_says_may_depend_on_the_flow_that_ended(talk: Talk) -> None:
    text = """
        flows:
          pattern_completed:
            description: d
            steps:
              - noop: true
                next:
                  - if: context.previous_flow_name is "be called back"
                    then: END
                  - else:
                      - action: utter_booked
                        next: END
        """
    chat = talk(text)
    assert chat.hear("start flow call_me, set slot phone 1") == ["utter_call"]
    turn = chat.say("start flow hours, set slot place north")
    assert heard(turn) == ["utter_hours", "utter_booked"]
    assert turn.visits[-2:] == (StepVisit("pattern_completed", "0_noop"), StepVisit("pattern_completed", "1_utter_booked"))


def test_a_pattern_may_link_to_a_flow_whose_first_question_comes_in_the_same_turn(talk: Talk) -> None:
    text = """
        flows:
          pattern_cannot_handle: {description: d, steps: [{action: utter_ask_rephrase}, {link: call_me}]}
        """
    chat = talk(text)
    assert chat.hear("") == ["utter_ask_rephrase", "utter_ask_phone"]
    chat = talk(text)
    chat.say("start flow book")
    assert chat.hear("") == ["utter_ask_rephrase", "utter_ask_phone"]
    assert chat.hear("set slot phone 1") == ["utter_call", "utter_flow_continue_interrupted", "utter_ask_people"]


def test_a_pattern_may_link_to_another_pattern(talk: Talk) -> None:
    text = """
        flows:
          pattern_chitchat: {description: d, steps: [{link: pattern_human_handoff}]}
        """
    chat = talk(text)
    chat.say("start flow book")
    assert chat.hear("offtopic reply") == ["utter_human_handoff_not_available", "utter_ask_people"]


def test_the_reason_why_a_message_cannot_be_handled_is_in_the_context(talk: Talk) -> None:
    text = """
        flows:
          pattern_chitchat: {description: d, steps: [{action: action_trigger_chitchat}]}
          pattern_cannot_handle:
            description: d
            steps:
              - noop: true
                next:
                  - if: "'{{context.reason}}' = 'cannot_handle_chitchat'"
                    then:
                      - action: utter_hours
                        next: END
                  - if: context.reason is "cannot_handle_default"
                    then:
                      - action: utter_call
                        next: END
                  - else: END
        """
    chat = talk(text)
    assert chat.hear("offtopic reply") == ["utter_hours"]
    assert chat.hear("") == ["utter_call"]


def test_a_clarification_may_start_a_flow_instead_of_asking(talk: Talk) -> None:
    text = """
        flows:
          pattern_clarification:
            description: d
            steps:
              - action: action_clarify_flows
                next:
                  - if: context.names contains "hours"
                    then: [{link: hours}]
                  - else: offer
              - id: offer
                action: utter_clarification_options_rasa
        """
    assert talk(text).hear("disambiguate flows hours book") == ["utter_ask_place"]
    assert talk(text).hear("disambiguate flows call_me book") == ["utter_clarification_options_rasa"]


def test_handing_over_may_be_asked_for_and_done_by_an_action(talk: Talk) -> None:
    text = """
        flows:
          pattern_human_handoff:
            description: d
            steps:
              - collect: agree
                next:
                  - if: slots.agree
                    then:
                      - action: action_human_handoff
                        next: END
                  - else: END
        slots:
          agree: {type: bool, mappings: [{type: controlled}]}
        responses:
          utter_ask_agree: [{text: A person?, buttons: [{title: "Yes", payload: /SetSlots(agree=true)}]}]
        actions: [action_human_handoff]
        """
    actions = Scripted({"action_human_handoff": ActionResult(messages=(said("Here I am."),))})
    chat = talk(text, actions=actions)
    chat.say("start flow book")
    assert chat.hear("hand over") == ["utter_ask_agree"]
    assert heard(chat.press("/SetSlots(agree=true)")) == ["Here I am.", "utter_ask_people"]
    assert chat.slots == {}


COLLECTING = """
    flows:
      pattern_collect_information:
        description: d
        steps:
          - id: start
            action: action_run_slot_rejections
          - action: validate_{{context.collect}}
            next:
              - if: "slots.{{context.collect}} is not null"
                then: END
              - else: ask
          - id: ask
            action: utter_once_more
          - action: "{{context.utter}}"
          - action: "{{context.collect_action}}"
          - action: action_listen
            next: start
      f:
        description: d
        steps:
          - collect: people
            rejections: [{if: slots.people > 9, utter: utter_too_many}]
          - collect: day
          - collect: phone
            utter: utter_number
          - collect: sure
            ask_before_filling: true
          - action: utter_booked
    responses:
      utter_once_more: [{text: "One more question:"}]
      utter_too_many: [{text: Too many.}]
      utter_number: [{text: Number?}]
    actions: [action_ask_day, action_ask_phone, validate_people]
    """


def test_a_project_may_write_how_slots_are_asked_for(talk: Talk) -> None:
    def one_more(request: ActionRequest) -> ActionResult:
        return ActionResult((("people", request.slots["people"] + 1),))

    actions = Scripted({"action_ask_day": ActionResult(messages=(said("Day?"),)), "validate_people": one_more})
    chat = talk(COLLECTING, actions=actions)
    assert chat.hear("start flow f") == ["utter_once_more", "utter_ask_people"]
    state = chat.conversation.state("x")
    assert ([frame.flow for frame in state.stack], state.asked) == (["f"], "people")
    assert chat.hear("set slot people 12") == ["utter_too_many", "utter_once_more", "utter_ask_people"]
    assert chat.hear("set slot people 3") == ["utter_once_more", "Day?"]
    assert chat.slots == {"people": 4.0}
    assert chat.hear("offtopic reply") == ["utter_cannot_handle", "utter_once_more", "Day?"]
    assert chat.hear("set slot day Friday") == ["utter_once_more", "utter_number"]
    assert chat.hear("set slot phone 1, set slot sure true") == ["utter_once_more", "utter_ask_sure"]
    assert chat.hear("set slot day Monday") == ["utter_corrected_previous_input", "utter_once_more", "utter_ask_sure"]
    turn = chat.say("set slot sure true")
    assert heard(turn) == ["utter_booked", "utter_can_do_something_else"]
    assert [one.flow for one in turn.events if isinstance(one, FlowCompleted)] == ["f", "pattern_completed"]
    assert was_set(turn, "day") == [("day", None)]


def test_cancelling_while_the_projects_own_way_of_asking_waits(talk: Talk) -> None:
    chat = talk(COLLECTING)
    chat.say("start flow book")
    turn = chat.say("cancel flow")
    assert heard(turn) == ["utter_flow_cancelled_rasa", "utter_can_do_something_else"]
    assert chat.conversation.state("x").stack == ()


def test_a_way_of_asking_that_gives_up_lets_the_flow_go_on(talk: Talk) -> None:
    text = """
        flows:
          pattern_collect_information:
            description: d
            steps:
              - action: utter_hours
        """
    assert talk(text).hear("start flow call_me") == ["utter_hours", "utter_call", "utter_can_do_something_else"]


def test_a_way_of_asking_that_links_elsewhere_gives_up_too(talk: Talk) -> None:
    text = """
        flows:
          pattern_collect_information:
            description: d
            steps:
              - id: start
                noop: true
                next:
                  - if: slots.{{context.collect}} is not null
                    then: END
                  - if: slots.tries is "1"
                    then: [{link: pattern_human_handoff}]
                  - else: ask
              - id: ask
                action: "{{context.utter}}"
              - set_slots: [{tries: "1"}]
              - action: action_listen
                next: start
        slots:
          tries: {type: text, mappings: [{type: controlled}]}
        """
    chat = talk(text)
    assert chat.hear("start flow call_me") == ["utter_ask_phone"]
    assert chat.hear("offtopic reply") == [
        *("utter_cannot_handle", "utter_human_handoff_not_available", "utter_call", "utter_can_do_something_else")
    ]
