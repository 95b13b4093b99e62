"""A rephraser for tests: says something new for every wording it is asked for, by the schema or by the prompt's list."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from core.llm.models import Request
from core.llm.roles import RoleSettings
from core.project import Project

Say = Callable[[str, str], str | None]
"""The text for a message's id and a wording's number; None: none."""

Steps = list[tuple[str, list[str], list[str]]]
"""Text, commands and rephrasings of user steps, as `tests.core.pipeline.small.conversation` takes them."""

_NAMES = ("boat", "harbour", "island", "lamp", "kitchen", "river", "novel", "bread", "rope", "knot", "branch", "window")


def different(message: str, number: str) -> str:
    """Texts that nothing takes for each other, however often they are asked for."""
    at, step = int(number), int(message[1:])
    return f"{_NAMES[at % 12]} {_NAMES[(5 * at + step) % 12]} {_NAMES[(7 * step + 3) % 12]} {'so ' * (at // 12)}please"


def wanted_of(body: Mapping[str, Any]) -> dict[str, list[str]]:
    """Numbers of the wordings by message, as the body of a request (or its parameters) asks for them."""
    properties = body["response_format"]["json_schema"]["schema"]["properties"]
    return {message: list(wordings["properties"]) for message, wordings in properties.items()}


def answer(body: Mapping[str, Any], say: Say = different) -> str:
    said = {
        message: {number: text for number in numbers if (text := say(message, number)) is not None}
        for message, numbers in wanted_of(body).items()
    }
    return json.dumps(said, ensure_ascii=False)


def reply(request: Request) -> str:
    return answer(request.parameters)


def with_model(project: Project, base_url: str = "http://127.0.0.1:9/v1", more: str = "") -> Project:
    """The project with a rephraser in its `workbench.toml`. `more`: further lines of the file."""
    lines = f'[llm.rephraser]\nbase_url = "{base_url}"\nmodel = "test-model"\napi_key_env = "TEST_KEY"\n'
    project.config_path.write_text(f"{lines}{more}", encoding="utf-8")
    return Project(project.root)


def role(project: Project) -> RoleSettings:
    found = project.settings.llm.rephraser
    assert found is not None
    return found
