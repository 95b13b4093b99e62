"""docs/llm.md names every variable of templates and every key of `--rephrase-config`, and its example works."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from core.project import Project
from core.rephrasing.config import _KNOWN, load_config
from core.rephrasing.prompt import USER_PREFIX, Wanted, load_prompt, make_request
from core.rephrasing.styles import Style
from tests.core.pipeline.small import write
from tests.core.rephrasing.test_prompt import FIRST, PLAN

PAGE = Path(__file__).parents[3] / "docs" / "llm.md"
VARIABLES = (
    "test_case_name transcript user_messages number_of_user_messages number_of_rephrasings user_prefix messages turns"
    " answer_shape"
)
WANTED = (Wanted(FIRST, ((0, Style((("register", "casual"),))),), ("a pair of tickets",)),)


@pytest.fixture(scope="module")
def section() -> str:
    text = PAGE.read_text(encoding="utf-8")
    return text[text.index("### A prompt of your own") : text.index("### How diverse")]


def _example(section: str, start: str) -> str:
    """The indented block that begins with a line like this."""
    lines = section[section.index(f"    {start}") :].splitlines()
    end = next(at for at, line in enumerate(lines) if not line.startswith("    "))
    return textwrap.dedent("\n".join(lines[:end]))


def test_the_example_of_a_template_shows_everything(section: str, tmp_path: Path) -> None:
    path = tmp_path / "rephrase.jinja2"
    path.write_text(_example(section, "{% for turn"), encoding="utf-8")
    prompt = load_prompt(path)
    (message,) = make_request(prompt, PLAN, WANTED, sample=0, parameters={}).messages
    assert message.content.splitlines() == [
        f"{USER_PREFIX} (m1): two tickets to the island",
        "AI: For which day?",
        "USER: yes",
        "USER: /x",
        "",
        "Say each of these messages in other words that ask for exactly the same:",
        "m1: two tickets to the island",
        f"  1: {WANTED[0].styles[0][1].words}",
        "  (not again: a pair of tickets)",
        "",
        'Answer with JSON only: {"m1": {"1": "…"}}',
    ]


def test_the_documented_variables_are_those_there_are(section: str, tmp_path: Path) -> None:
    named = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert set(VARIABLES.split()) <= set(named)
    path = tmp_path / "all.jinja2"
    path.write_text("".join(f"{{{{ {name} is defined }}}} " for name in VARIABLES.split()), encoding="utf-8")
    (message,) = make_request(load_prompt(path), PLAN, WANTED, sample=0, parameters={}).messages
    assert set(message.content.split()) == {"True"}


def test_every_key_of_the_configuration_is_documented(section: str) -> None:
    keys = section[section.index("| key below `llm`") :]
    assert [key for key in (*_KNOWN, "model_group") if f"`{key}`" not in keys] == []


def test_the_example_of_a_configuration_is_accepted(section: str, project: Project) -> None:
    template = write(project, "rephrase.jinja2", "{{ user_messages }}")
    config = load_config(write(project, "rephrase.yml", _example(section, "prompt_template:")), project)
    assert config.prompt == template
    assert config.role is not None
    assert (config.role.model, config.role.temperature) == ("gpt-4o-mini", 0.7)
