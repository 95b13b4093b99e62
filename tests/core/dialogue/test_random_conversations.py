"""Any commands in any order: a conversation always goes on, the same way each time."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.assistant.models import Assistant
from core.assistant.reading import load_assistant
from core.commands import (
    CancelFlow,
    ChitChat,
    Clarify,
    Command,
    ContinueAgent,
    HumanHandoff,
    KnowledgeAnswer,
    RepeatLastBotMessages,
    SetSlot,
    SkipQuestion,
    StartFlow,
)
from core.dialogue.actions import ActionRequest, ActionResult
from core.dialogue.compat import compat
from core.dialogue.engine import Engine
from core.dialogue.events import FlowCompleted, FlowStarted
from core.dialogue.turn import Turn
from core.errors import ActionError, EngineError

SAMPLE = Path(__file__).parents[3] / "examples" / "harbour"
VERSIONS = ("3.8", "3.12", "3.14", "3.16")
HARD = """
flows:
  outer:
    description: d
    persisted_slots: [kept]
    steps:
      - collect: kept
      - call: inner
      - collect: sure
        ask_before_filling: true
        next:
          - if: slots.sure
            then:
              - link: other
          - if: slots.number > 5
            then:
              - set_slots: [{number: null}]
                next: again
          - else: END
      - id: again
        call: inner
  inner:
    description: d
    if: slots.kept is not "closed"
    steps:
      - collect: number
        rejections: [{if: slots.number < 0, utter: utter_refused}]
      - collect: kind
      - action: action_any
  other:
    description: d
    nlu_trigger: [{intent: go}]
    steps:
      - collect: watched
        force_slot_filling: true
      - action: action_unknown
  spin:
    description: d
    steps: [{id: a, noop: true, next: [{if: slots.sure, then: a}, {else: b}]}, {id: b, collect: sure, next: a}]
  pattern_correction:
    description: d
    steps:
      - noop: true
        next:
          - if: context.is_reset_only
            then: [{action: action_correct_flow_slot, next: END}]
          - else: ask
      - id: ask
        collect: sure
        next:
          - if: slots.sure
            then: [{action: action_correct_flow_slot, next: END}]
          - else: END
  pattern_chitchat: {description: d, steps: [{action: action_trigger_chitchat}]}
  pattern_human_handoff: {description: d, steps: [{link: other}]}
slots:
  kept: {type: text}
  sure: {type: bool}
  number: {type: float}
  kind: {type: categorical, values: [a, b]}
  watched: {type: text, validation: {rejections: [{if: slots.watched is "bad", utter: utter_refused}]}}
  listed: {type: list}
responses:
  utter_refused: [{text: "No {kept}"}]
actions: [action_any, validate_kind]
intents: [go, other_intent]
"""


class Moody:
    """Custom actions whose results depend on how often they were asked, and on nothing else."""

    def __init__(self) -> None:
        self.count = 0

    def run(self, request: ActionRequest) -> ActionResult | None:
        self.count += 1
        if request.name == "action_unknown":
            return None
        slots: tuple[tuple[str, Any], ...] = ((), (("number", 3),), (("kind", None),), (("watched", "bad"),))[self.count % 4]
        return ActionResult(slots, followup="utter_refused" if self.count % 5 == 0 else None)


@cache
def assistant(name: str) -> Assistant:
    return load_assistant(SAMPLE if name == "sample" else Path(name))


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("hard") / "assistant.yml"
    path.write_text(HARD, encoding="utf-8")
    return str(path)


def commands_of(one: Assistant) -> st.SearchStrategy[Command]:
    flows = st.sampled_from([*one.flows, "unknown_flow"])
    slots = st.sampled_from([*one.slots, "unknown_slot", "continue_conversation", "continue_interrupted_flow_confirmation"])
    values = st.sampled_from(["true", "false", "3", "-1", "a", "B", "central", "bad", "closed", None, "none", "", "{kept}"])
    bare = [
        CancelFlow(),
        ChitChat(),
        KnowledgeAnswer(),
        HumanHandoff(),
        SkipQuestion(),
        RepeatLastBotMessages(),
        ContinueAgent(),
    ]
    return st.one_of(
        st.builds(StartFlow, flows),
        st.builds(SetSlot, slots, values),
        st.builds(SetSlot, slots, values),
        st.sampled_from(bare),
        st.builds(lambda names: Clarify(tuple(names)), st.lists(flows, max_size=3)),
    )


TEXTS = st.sampled_from(
    [
        "hello",
        "",
        "x" * 500,
        "/go",
        "/restart",
        "/session_start",
        "/other_intent",
        "/SetSlots(sure=true, kept=1)",
        "/SetSlots(x=)",
    ]
)


def played(engine: Engine, messages: list[tuple[str, list[Command]]]) -> list[Turn | str]:
    """The turns; after one that ends in an error, that error, and no more."""
    conversation = engine.conversation(Moody())
    conversation.begin({})
    turns: list[Turn | str] = []
    for text, commands in messages:
        try:
            turns.append(conversation.say(text, commands))
        except (EngineError, ActionError) as error:
            turns.append(str(error))
            break
        check(turns[-1], conversation.state("next").asked, dict(conversation.slots))
    return turns


def check(turn: Turn | str, asked: str | None, slots: dict[str, Any]) -> None:
    """What holds after every turn."""
    assert isinstance(turn, Turn)
    if asked is not None:
        assert slots.get(asked) is None, "a question is open although its slot is filled"
    started = [event.flow for event in turn.events if isinstance(event, FlowStarted)]
    completed = [event.flow for event in turn.events if isinstance(event, FlowCompleted)]
    standing = {frame.flow for frame in turn.before.stack}
    assert set(completed) <= standing | set(started), "a flow ended that had not begun"
    for one in turn.dropped:
        assert one.reason


@pytest.mark.parametrize("version", VERSIONS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_random_conversation_with_the_sample_assistant_goes_on(version: str, data: st.DataObject) -> None:
    one = assistant("sample")
    goes_on_the_same_way(one, version, data)


@pytest.mark.parametrize("version", VERSIONS)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_random_conversation_with_a_twisted_assistant_goes_on(version: str, data: st.DataObject, hard: str) -> None:
    goes_on_the_same_way(assistant(hard), version, data)


def goes_on_the_same_way(one: Assistant, version: str, data: st.DataObject) -> None:
    engine = Engine(one, compat(version))
    message = st.tuples(st.one_of(st.just("hello"), TEXTS), st.lists(commands_of(one), max_size=4))
    messages = data.draw(st.lists(message, min_size=1, max_size=8))
    assert played(engine, messages) == played(engine, messages)
