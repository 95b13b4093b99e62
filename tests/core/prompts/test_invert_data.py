"""Published prompts of the reference recipe, taken apart with the templates they were made with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.prompts.context import Line
from core.prompts.invert import Inverted, invert_prompt
from core.prompts.template import PromptTemplate, load_template

pytestmark = pytest.mark.data
ECS = "data/chunyuanlee__rasa_bot_ecs/output/3_llm_finetune_data/llm_ft_data.jsonl"


@pytest.fixture(scope="module")
def ecs_prompts(test_data: Path) -> list[str]:
    return [json.loads(line)["prompt"] for line in (test_data / ECS).read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def v2(test_data: Path) -> PromptTemplate:
    return load_template(test_data / "spec/templates/compact_v2_ecs_exact.jinja2")


def test_ecs_prompts_come_back(ecs_prompts: list[str], v2: PromptTemplate) -> None:
    assert len(ecs_prompts) == 42
    for prompt in ecs_prompts:
        found = invert_prompt(v2, prompt)
        assert isinstance(found, Inverted)
        assert found.template is v2
        assert v2.render(found.context) == prompt
        assert len(found.context.variables["available_flows"]) == 8
        assert found.context.history[-1] == Line("USER", found.context.user_message)
    active = [invert_prompt(v2, prompt) for prompt in ecs_prompts if '"active_flow"' in prompt]
    assert len(active) == 9
    for found in active:
        assert isinstance(found, Inverted)
        assert found.context.variables["current_slot"] == "order_id"
        assert found.context.variables["flow_slots"][0]["value"] == "undefined"


def test_prompt_printed_in_the_seed_comes_back(test_data: Path) -> None:
    """A web page has reduced its indentation to single blanks, so the template's own blanks are reduced too."""
    document = next((test_data / "seeds").glob("001*.txt")).read_text("utf-8")
    start = document.index('"prompt": "Your task') + len('"prompt": ')
    prompt, _ = json.JSONDecoder().raw_decode(document, start)
    found = invert_prompt(load_template(test_data / "spec/templates/singlestep_v1_seed_exact.jinja2"), prompt)
    assert isinstance(found, Inverted)
    assert found.template.render(found.context) == prompt
    assert found.context.history == (Line("USER", "I'd like to book a car"),)
    assert [flow["name"] for flow in found.context.variables["available_flows"]][:2] == [
        "list_bookings",
        "search_rental_car",
    ]
    assert len(found.context.variables["available_flows"][1]["slots"]) == 5
    assert found.context.variables["current_time_line"].startswith('Current time is "2024-04-27')


def test_prompts_of_the_templates_own_rendering(test_data: Path) -> None:
    from tests.core.prompts.examples import context_of

    for path in sorted((test_data / "spec/templates").glob("*.jinja2")):
        template = load_template(path)
        for step in range(1, 6):
            prompt = template.render(context_of(step))
            found = invert_prompt(template, prompt)
            assert isinstance(found, Inverted)
            assert found.template is template
            assert found.context.history == context_of(step).history
