"""Published prompts of the reference, computed here from the assistant's own files and compared byte for byte."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.assistant.models import Assistant, Collect, Flow, Slot, SlotType
from core.assistant.reading import load_assistant
from core.commands import Dialect, parse
from core.conversations.models import TestFile, TurnKind
from core.conversations.reading import read_bytes
from core.dialogue.actions import ActionRequest, ActionResult
from core.dialogue.compat import compat
from core.dialogue.engine import Conversation, Engine
from core.dialogue.prompt import PromptBuilder
from core.errors import Location
from core.prompts.context import Line
from core.prompts.invert import Inverted, invert_prompt
from core.prompts.template import PromptTemplate, load_template

pytestmark = pytest.mark.data
ECS = "data/chunyuanlee__rasa_bot_ecs"
HERE = Location("seed", 1, 1)


class Silent:
    """Runs any action and says nothing: what the real ones said there is read from the prompts."""

    def run(self, request: ActionRequest) -> ActionResult | None:
        return ActionResult()


@pytest.fixture(scope="module")
def assistant(test_data: Path) -> Assistant:
    return load_assistant(test_data / ECS)


@pytest.fixture(scope="module")
def rows(test_data: Path) -> list[dict[str, Any]]:
    file = test_data / ECS / "output/3_llm_finetune_data/llm_ft_data.jsonl"
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def v2(test_data: Path) -> PromptTemplate:
    return load_template(test_data / "spec/templates/compact_v2_ecs_exact.jinja2")


Steps = list[tuple[str, tuple[str, ...]]]


@pytest.fixture(scope="module")
def conversations(test_data: Path, rows: list[dict[str, Any]]) -> dict[str, Steps]:
    """User texts and commands of each annotated test. The output holds the annotations of only one of the two, so texts
    are read from the tests and commands from the rows of original messages."""
    commands = {
        (row["original_test_name"], row["original_user_utterance"]): tuple(row["output"].splitlines())
        for row in rows
        if row["rephrased_user_utterance"] is None
    }
    name = "e2e_tests/e2e_test.yml"
    content = read_bytes((test_data / ECS / name).read_bytes(), name).content
    assert isinstance(content, TestFile)
    return {
        (test := f"{name}::{case.name}"): [
            (turn.text, commands.get((test, turn.text), ())) for turn in case.turns if turn.kind is TurnKind.USER
        ]
        for case in content.cases
    }


def begin(assistant: Assistant) -> Conversation:
    conversation = Engine(assistant, compat("3.12")).conversation(Silent())
    conversation.begin({})
    return conversation


def replay(conversation: Conversation, steps: Sequence[tuple[str, Sequence[str]]]) -> None:
    for text, commands in steps:
        conversation.say(text, parse("\n".join(commands), Dialect.V2).found)


def said_after(lines: Sequence[Line]) -> dict[int, list[str]]:
    """The bot's lines by the number of the user message before them."""
    said: dict[int, list[str]] = defaultdict(list)
    turn = 0
    for line in lines:
        if line.speaker == "USER":
            turn += 1
            said[turn] = []
        else:
            said[turn].append(line.text)
    return said


def lines_of(template: PromptTemplate, prompt: str) -> tuple[Line, ...]:
    found = invert_prompt(template, prompt)
    assert isinstance(found, Inverted)
    return found.context.history


def test_every_prompt_of_an_original_message(
    assistant: Assistant, rows: list[dict[str, Any]], conversations: dict[str, Steps], v2: PromptTemplate
) -> None:
    builder, seen = PromptBuilder(Engine(assistant, compat("3.12"))), 0
    for row in rows:
        if row["rephrased_user_utterance"] is not None:
            continue
        lines = lines_of(v2, row["prompt"])
        steps = conversations[row["original_test_name"]]
        at = sum(line.speaker == "USER" for line in lines) - 1
        conversation = begin(assistant)
        replay(conversation, steps[:at])
        text, commands = steps[at]
        context = builder.context(conversation.state(text), said_after(lines))
        assert v2.render(context) == row["prompt"]
        assert "\n".join(commands) == row["output"]
        seen += 1
    assert seen == 4


def test_the_rephrased_prompts_inside_a_flow_once_buttons_are_left_out_as_the_reference_did(
    assistant: Assistant, rows: list[dict[str, Any]], conversations: dict[str, Steps], v2: PromptTemplate
) -> None:
    builder, seen = PromptBuilder(Engine(assistant, compat("3.12"))), 0
    for row in rows:
        if row["rephrased_user_utterance"] is None or '"active_flow"' not in row["prompt"]:
            continue
        lines = lines_of(v2, row["prompt"])
        texts = [line.text for line in lines if line.speaker == "USER"]
        annotated = [commands for _, commands in conversations[row["original_test_name"]] if commands]
        conversation = begin(assistant)
        replay(conversation, list(zip(texts[:-1], annotated, strict=False)))
        context = builder.context(conversation.state(texts[-1]), said_after(lines))
        assert v2.render(context) == row["prompt"]
        seen += 1
    assert seen == 9


def test_the_seeds_prompt_from_an_assistant_assembled_from_it(test_data: Path) -> None:
    """Its line with the current time is an own addition of that assistant's template, so it is given."""
    document = next((test_data / "seeds").glob("001*.txt")).read_text("utf-8")
    start = document.index('"prompt": "Your task') + len('"prompt": ')
    prompt, _ = json.JSONDecoder().raw_decode(document, start)
    found = invert_prompt(load_template(test_data / "spec/templates/singlestep_v1_seed_exact.jinja2"), prompt)
    assert isinstance(found, Inverted)
    printed = found.context.variables
    assistant = assembled(printed["available_flows"])
    assert len(assistant.flows) == 9
    engine = Engine(assistant, compat("3.10"))
    conversation = engine.conversation(Silent())
    conversation.begin({})
    context = PromptBuilder(engine).context(conversation.state(found.context.user_message))
    context = replace(context, variables={**context.variables, "current_time_line": printed["current_time_line"]})
    assert found.template.render(context) == prompt


def assembled(printed: list[dict[str, Any]]) -> Assistant:
    """The flows a prompt lists, each collecting the slots it lists."""
    slots = {slot["name"]: Slot(slot["name"], SlotType.TEXT, HERE) for flow in printed for slot in flow["slots"]}
    flows = {
        flow["name"]: Flow(
            id=flow["name"],
            where=HERE,
            description=flow["description"],
            steps=tuple(
                Collect(id=f"{at}_{slot['name']}", where=HERE, last_line=1, slot=slot["name"], description=slot["description"])
                for at, slot in enumerate(flow["slots"])
            ),
        )
        for flow in printed
    }
    return Assistant(root=".", flows=flows, slots=slots, responses={}, actions=frozenset())
