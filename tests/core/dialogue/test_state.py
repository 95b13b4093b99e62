"""The state before a message, and what a turn tells."""

from __future__ import annotations

from core.commands import StartFlow
from core.dialogue.events import UserUttered
from core.dialogue.turn import Frame, State
from tests.core.dialogue.small import Talk


def test_a_state_shows_flows_question_slots_and_history(talk: Talk) -> None:
    chat = talk()
    turn = chat.say("start flow book, set slot people 2", text="a table for two")
    state = chat.conversation.state("on Friday")
    assert state.stack == (Frame("book", "1_collect_day"),)
    assert state.asked == "day"
    assert {name: value for name, value in state.slots.items() if value is not None} == {"people": 2.0}
    assert state.history == (*chat.opening, *turn.events, UserUttered("on Friday"))


def test_asking_for_the_state_changes_nothing(talk: Talk) -> None:
    chat = talk()
    chat.say("start flow book")
    assert chat.conversation.state("a") == chat.conversation.state("a")
    assert UserUttered("a") not in chat.conversation.state("b").history


def test_a_state_stays_as_it_was_while_the_conversation_goes_on(talk: Talk) -> None:
    chat = talk()
    chat.say("start flow book, set slot people 2")
    looked_at, untouched = chat.conversation.state("x"), chat.conversation.state("x")
    history, slots = looked_at.history, dict(looked_at.slots)
    before = chat.say("set slot day Friday", text="x").before
    chat.say("cancel flow")
    assert (untouched.history, dict(untouched.slots)) == (history, slots)
    assert before == untouched == looked_at


def test_the_slots_of_a_state_are_those_of_the_conversation(talk: Talk) -> None:
    chat = talk("slots:\n  user: {type: text, initial_value: nobody}\n", slots={"day": "Friday"})
    for commands in (
        "start flow book",
        "set slot people 2",
        "set slot people 3",
        "start flow hours",
        "cancel flow",
        "cancel flow",
    ):
        chat.say(commands)
        assert chat.conversation.state("x").slots == chat.conversation.slots
    chat.press("/restart")
    assert chat.conversation.state("x").slots == chat.conversation.slots


def test_states_are_equal_if_all_they_show_is_equal() -> None:
    here = State((), "a", {"a": 1}, (UserUttered("x"),))
    assert here == State((), "a", {"a": 1}, [], message=UserUttered("x"))
    assert here == State((), "a", None, (UserUttered("x"),), initial={"a": 1})
    assert here != State((), "b", {"a": 1}, (UserUttered("x"),))
    assert here != State((), "a", {"a": 2}, (UserUttered("x"),))
    assert here != ()


def test_a_called_flow_is_marked(talk: Talk) -> None:
    text = """
        flows:
          outer: {description: d, steps: [{call: call_me}]}
        """
    chat = talk(text)
    chat.say((StartFlow("outer"),))
    assert chat.conversation.state("x").stack == (Frame("outer", "0_call_call_me"), Frame("call_me", "0_collect_phone", True))
