"""Questions: which slots are asked for, in which order, and what counts as an answer."""

from __future__ import annotations

from core.dialogue.actions import ActionResult
from tests.core.dialogue.small import Scripted, Talk, heard, said, texts, was_set


def test_slots_are_asked_for_in_the_order_of_the_steps(talk: Talk) -> None:
    chat = talk()
    assert chat.hear("start flow book") == ["utter_ask_people"]
    assert chat.hear("set slot people 4") == ["utter_ask_day"]
    assert chat.hear("set slot day Friday") == ["utter_ask_sure"]
    assert chat.hear("set slot sure true") == ["utter_booked", "utter_can_do_something_else"]


def test_a_slot_that_is_filled_early_is_not_asked_for(talk: Talk) -> None:
    chat = talk()
    assert chat.hear("start flow book, set slot day Friday") == ["utter_ask_people"]
    assert chat.hear("set slot people 4") == ["utter_ask_sure"]


def test_a_slot_that_asks_before_filling_is_emptied_and_asked_for_all_the_same(talk: Talk) -> None:
    chat = talk()
    turn = chat.say("start flow book, set slot people 2, set slot day Friday, set slot sure true")
    assert heard(turn) == ["utter_ask_sure"]
    assert was_set(turn, "sure") == [("sure", True), ("sure", None)]


def test_a_message_that_answers_nothing_has_the_question_come_again(talk: Talk) -> None:
    chat = talk()
    chat.say("start flow book")
    assert chat.hear("set slot day Friday") == ["utter_ask_people"]


def test_a_collect_step_may_name_its_own_question(talk: Talk) -> None:
    text = """
        flows:
          f:
            description: d
            steps:
              - collect: phone
                utter: utter_other
        responses:
          utter_other: [{text: Tell me.}]
        """
    assert talk(text).hear("start flow f") == ["utter_other"]


ASKING = """
    flows:
      f:
        description: d
        steps:
          - collect: order
            next:
              - if: slots.order is "none"
                then:
                  - action: utter_nothing
                    next: END
              - else:
                  - action: utter_order
                    next: END
    slots:
      order: {type: text, mappings: [{type: controlled}]}
    responses:
      utter_ask_order: [{text: Which order?}]
      utter_nothing: [{text: No orders.}]
      utter_order: [{text: "Order {order}."}]
    actions: [action_ask_order]
    """


def test_an_action_that_asks_is_preferred_to_the_response(talk: Talk) -> None:
    actions = Scripted({"action_ask_order": ActionResult(messages=(said("Choose one."),))})
    chat = talk(ASKING, alone=True, actions=actions)
    assert chat.hear("start flow f") == ["Choose one."]
    assert heard(chat.press("/SetSlots(order=17)")) == ["utter_order", "utter_can_do_something_else"]


def test_an_action_that_asks_may_fill_the_slot_and_the_flow_goes_on(talk: Talk) -> None:
    actions = Scripted({"action_ask_order": ActionResult((("order", "none"),), (said("Let me look."),))})
    chat = talk(ASKING, alone=True, actions=actions)
    assert chat.hear("start flow f") == ["Let me look.", "utter_nothing", "utter_can_do_something_else"]


def test_a_question_without_a_response_is_a_warning(talk: Talk) -> None:
    text = """
        flows:
          f: {description: d, steps: [{collect: unasked}]}
        slots:
          unasked: {type: text}
        """
    turn = talk(text).say("start flow f")
    assert (heard(turn), texts(turn)) == (["utter_ask_unasked"], [None])
    assert turn.warnings == ("there is no response `utter_ask_unasked`",)


def test_a_loop_empties_a_slot_and_asks_again(talk: Talk) -> None:
    text = """
        flows:
          f:
            description: d
            steps:
              - id: ask
                collect: phone
              - action: utter_call
                next:
                  - if: slots.phone is "stop"
                    then: END
                  - else:
                      - set_slots: [{phone: null}]
                        next: ask
        """
    chat = talk(text)
    chat.say("start flow f")
    assert chat.hear("set slot phone 1") == ["utter_call", "utter_ask_phone"]
    assert chat.hear("set slot phone 2") == ["utter_call", "utter_ask_phone"]
    assert chat.hear("set slot phone stop") == ["utter_call", "utter_can_do_something_else"]


BRANCHES = """
    flows:
      f:
        description: d
        steps:
          - collect: people
            next:
              - if: slots.people > 5
                then:
                  - noop: true
                    next:
                      - if: slots.day is "Sunday"
                        then:
                          - action: utter_hours
                      - else: last
              - if: slots.people < 0
                then: END
          - action: utter_call
          - id: last
            action: utter_booked
    """


def test_lists_nest_and_fall_through_to_the_step_after_them(talk: Talk) -> None:
    chat = talk(BRANCHES, slots={"day": "Sunday"})
    chat.say("start flow f")
    assert chat.hear("set slot people 6")[:3] == ["utter_hours", "utter_call", "utter_booked"]


def test_a_branch_may_jump_to_a_step_of_the_outer_list(talk: Talk) -> None:
    chat = talk(BRANCHES, slots={"day": "Monday"})
    chat.say("start flow f")
    assert chat.hear("set slot people 6")[:1] == ["utter_booked"]


def test_without_a_branch_that_holds_the_next_step_follows_with_a_warning(talk: Talk) -> None:
    chat = talk(BRANCHES)
    chat.say("start flow f")
    turn = chat.say("set slot people 3")
    assert heard(turn)[:2] == ["utter_call", "utter_booked"]
    assert "no branch of the step `0_collect_people` of `f` holds" in turn.warnings[0]


def test_a_flow_without_steps_ends_at_once(talk: Talk) -> None:
    text = "flows:\n  nothing: {description: d, steps: []}\n"
    assert talk(text).hear("start flow nothing") == ["utter_can_do_something_else"]
