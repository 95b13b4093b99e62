"""`--rephrase-config`: the reference's file means the same here, and what would do nothing is named with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import InputError
from core.llm.models import Role
from core.llm.roles import RoleSettings
from core.project import Project
from core.rephrasing.config import load_config, with_rephraser
from tests.core.pipeline.small import write

FULL = """\
prompt_template: prompts/mine.jinja2
llm:
  provider: self-hosted
  model: big-one
  api_base: http://127.0.0.1:8000/v1
  api_key: ${MY_KEY}
  temperature: 0.3
  max_tokens: 4096
  timeout: 7
"""


def _load(project: Project, text: str) -> RoleSettings | None:
    return load_config(write(project, "conf/rephrase.yml", text), project).role


def _problems(project: Project, text: str) -> list[str]:
    with pytest.raises(InputError) as raised:
        _load(project, text)
    return [str(problem) for problem in raised.value.problems]


def test_all_keys_become_settings_of_the_rephraser(project: Project) -> None:
    template = write(project, "conf/prompts/mine.jinja2", "{{ user_messages }}")
    config = load_config(write(project, "conf/rephrase.yml", FULL), project)
    assert config.prompt == template
    assert config.role == RoleSettings(
        model="big-one",
        base_url="http://127.0.0.1:8000/v1",
        api_key_env="MY_KEY",
        temperature=0.3,
        max_tokens=4096,
        timeout=7,
    )


def test_the_template_may_lie_in_the_project_too(project: Project) -> None:
    template = write(project, "mine.jinja2", "{{ user_messages }}")
    config = load_config(write(project, "conf/rephrase.yml", "prompt_template: mine.jinja2\n"), project)
    assert (config.prompt, config.role) == (template, None)


def test_azure_is_asked_by_its_deployment(project: Project) -> None:
    role = _load(project, "llm: {provider: azure, deployment: d1, api_base: https://x, api_version: '2024-02-01'}\n")
    assert role == RoleSettings(provider="azure", model="d1", base_url="https://x", api_version="2024-02-01")


def test_a_model_group_is_looked_up_in_the_endpoints(project: Project) -> None:
    write(project, "endpoints.yml", "model_groups:\n- id: other\n- id: big\n  models:\n  - {provider: openai, model: gpt-x}\n")
    assert _load(project, "llm: {model_group: big}\n") == RoleSettings(model="gpt-x")


def test_a_problem_of_the_endpoints_is_placed_there(project: Project) -> None:
    write(project, "endpoints.yml", "model_groups:\n- id: big\n  models:\n  - {provider: bedrock, model: x}\n")
    assert _problems(project, "llm: {model_group: big}\n") == [
        "endpoints.yml:4:16: a provider that Workbench cannot ask `bedrock`. Use `openai`, `azure`, or `self-hosted` with"
        " `api_base`: any endpoint that speaks OpenAI's API."
    ]


def test_every_problem_is_named_with_its_place_in_one_pass(project: Project) -> None:
    text = "promt_template: x\nllm:\n  model: m\n  temprature: 1\n  timeout: soon\n  api_key: sk-secret\n"
    found = _problems(project, text)
    assert [line.split(".")[0].removeprefix("conf/rephrase") for line in found] == ["", "", ""]
    assert "rephrase.yml:1:1: unknown key `promt_template`. Did you mean `prompt_template`?" in found[0]
    assert "rephrase.yml:4:3: unknown key `temprature`. Did you mean `temperature`?" in found[1]
    assert "rephrase.yml:6:12: a key that stands in the file. Write `${NAME}`" in found[2]
    assert "sk-secret" not in "".join(found)


def test_a_value_of_the_wrong_kind_is_named(project: Project) -> None:
    (found,) = _problems(project, "llm:\n  model: m\n  timeout: soon\n")
    assert found.startswith("conf/rephrase.yml:3:12: input should be a valid number")
    assert "`soon`" in found


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("llm: big\n", "1:6: `llm` must be a mapping"),
        ("llm: {temperature: 1}\n", "1:6: no model is named"),
        ("llm: {model_group: none}\n", "1:20: endpoints.yml has no model group `none`"),
        ("prompt_template: gone.jinja2\n", "1:18: there is no such template `gone.jinja2`"),
        ("- a list\n", "1:1: the file must be a mapping"),
        ("llm: {model: a\n", "rephrase.yml:1:"),
    ],
)
def test_what_cannot_be_used_is_refused(project: Project, text: str, place: str) -> None:
    write(project, "endpoints.yml", "action_endpoint: {url: x}\n")
    assert any(place in line for line in _problems(project, text))


def test_a_file_that_is_not_there_is_said_to_be_missing(project: Project, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be used"):
        load_config(tmp_path / "none.yml", project)


def test_an_empty_file_changes_nothing(project: Project) -> None:
    assert _load(project, "# nothing\n") is None


def test_the_projects_own_settings_stay_as_they_are(project: Project) -> None:
    changed = with_rephraser(project, RoleSettings(model="other"))
    assert changed.settings.llm.role(Role.REPHRASER) == RoleSettings(model="other")
    assert project.settings.llm.role(Role.REPHRASER) is None
    assert changed.root == project.root
