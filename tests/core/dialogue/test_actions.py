"""Custom actions: what they are told, what they do, and what happens when nothing can run one."""

from __future__ import annotations

import pytest

from core.assistant.models import Button
from core.dialogue.actions import ActionRequest, ActionResult, FirstOf
from core.dialogue.events import ActionExecuted, BotUttered, SlotSet, UserUttered
from core.errors import ActionError
from tests.core.dialogue.small import Scripted, Talk, heard, said

ACTING = """
    flows:
      f:
        description: d
        steps:
          - collect: phone
          - id: save
            action: action_save
            next:
              - if: slots.saved
                then: done
              - else: END
          - id: done
            action: utter_call
    slots:
      saved: {type: bool, mappings: [{type: controlled}]}
    responses:
      utter_saved: [{text: "Saved {phone}.", buttons: [{title: Undo, payload: /undo}]}]
    """


def test_an_action_is_told_where_it_is_called_and_what_has_happened(talk: Talk) -> None:
    requests: list[ActionRequest] = []

    def save(request: ActionRequest) -> ActionResult:
        requests.append(request)
        assert request.slots["phone"] == "1"
        assert UserUttered("my number") in request.events
        assert request.events[-1] == SlotSet("phone", "1")
        return ActionResult()

    chat = talk(ACTING, actions=Scripted({"action_save": save}))
    chat.say("start flow f")
    chat.say("set slot phone 1", text="my number")
    [request] = requests
    assert (request.name, request.flow, request.step, request.message) == ("action_save", "f", "save", "my number")


def test_what_it_sets_and_says_happens_in_order_and_branches_see_it(talk: Talk) -> None:
    result = ActionResult((("saved", True), ("other", 2)), (said("One."), said("Two.")), "action server")
    chat = talk(ACTING, actions=Scripted({"action_save": result}))
    turn = chat.say("start flow f, set slot phone 1")
    at = turn.events.index(ActionExecuted("action_save", "action server"))
    assert turn.events[at + 1 : at + 5] == (
        *(said("One."), said("Two.")),
        *(SlotSet("saved", True, "action server"), SlotSet("other", 2, "action server")),
    )
    assert heard(turn) == ["One.", "Two.", "utter_call", "utter_can_do_something_else"]


def test_an_action_may_answer_with_a_response_and_buttons_of_its_own(talk: Talk) -> None:
    own = Button("Keep", "/keep")
    messages = (BotUttered(None, "utter_saved", source="stub"), BotUttered(None, "utter_saved", (own,), "stub"))
    chat = talk(ACTING, actions=Scripted({"action_save": ActionResult(messages=messages)}))
    turn = chat.say("start flow f, set slot phone 1")
    assert turn.said[:2] == (
        BotUttered("Saved 1.", "utter_saved", (Button("Undo", "/undo"),), "stub"),
        BotUttered("Saved 1.", "utter_saved", (own,), "stub"),
    )


def test_a_response_that_an_action_names_and_nobody_has_is_a_warning(talk: Talk) -> None:
    result = ActionResult(messages=(BotUttered(None, "utter_nothing"),))
    turn = talk(ACTING, actions=Scripted({"action_save": result})).say("start flow f, set slot phone 1")
    assert turn.warnings == ("there is no response `utter_nothing`",)


def test_an_action_may_name_the_next_one(talk: Talk) -> None:
    results = {
        "action_save": ActionResult(followup="action_log"),
        "action_log": ActionResult((("saved", True),), followup="utter_saved"),
    }
    turn = talk(ACTING, actions=Scripted(results)).say("start flow f, set slot phone 1")
    assert heard(turn)[:2] == ["utter_saved", "utter_call"]


def test_actions_that_name_each_other_end_in_an_error(talk: Talk) -> None:
    chat = talk(ACTING, actions=Scripted({"action_save": ActionResult(followup="action_save")}))
    with pytest.raises(ActionError, match="`action_save` is followed by more than 20 others"):
        chat.say("start flow f, set slot phone 1")


def test_an_action_that_nothing_can_run_is_an_error_that_says_what_to_do(talk: Talk) -> None:
    with pytest.raises(ActionError) as error:
        talk(ACTING).say("start flow f, set slot phone 1")
    text = str(error.value)
    assert "nothing can run the action `action_save` of the flow `f`" in text
    assert "stub_custom_actions" in text
    assert text.startswith("assistant.yml:")


def test_a_project_may_replace_a_built_in_action(talk: Talk) -> None:
    text = "actions: [action_cancel_flow]\n"
    actions = Scripted({"action_cancel_flow": ActionResult(messages=(said("No."),))})
    chat = talk(text, actions=actions)
    chat.say("start flow call_me")
    assert chat.hear("cancel flow") == ["No.", "utter_flow_cancelled_rasa", "utter_ask_phone"]


def test_the_first_source_that_knows_an_action_runs_it(talk: Talk) -> None:
    request = ActionRequest("a", {}, (), "", None, None)
    first, second = (
        Scripted({"b": ActionResult()}),
        Scripted({"a": ActionResult(followup="x"), "b": ActionResult(followup="y")}),
    )
    both = FirstOf((first, second))
    assert both.run(request) == ActionResult(followup="x")
    assert both.run(ActionRequest("b", {}, (), "", None, None)) == ActionResult()
    assert both.run(ActionRequest("c", {}, (), "", None, None)) is None
