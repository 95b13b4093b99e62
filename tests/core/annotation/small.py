"""A project of the small assistant with tests, and a model that answers by the newest message of a prompt."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from core.annotation.stage import prepare_annotate
from core.llm.models import CallFailure, Request
from core.project import Project, create_project
from core.stages.models import StageReport
from tests.core.testing.small import FILES, write
from tests.llm_fakes import ScriptedAsker

ROLE = '\n[llm.annotator]\nmodel = "test-model"\nbase_url = "{base_url}"\nretry_for = 1\n'

FINDS = """
    test_cases:
    - test_case: finds
      steps:
      - user: where is it
      - utter: utter_ask_number
      - user: it is A7
      - slot_was_set: [number: A7]
      - bot: Parcel A7 is in Prague.
    """
CHOOSES = """
    test_cases:
    - test_case: chooses
      steps:
      - user: I choose
      - bot: Which shop?
      - user: /SetSlots(shop=Hill)
      - bot: You chose Hill.
    - test_case: chooses another
      steps:
      - user: I choose
      - bot: Which shop?
      - user: the one at the harbour
      - bot: You chose Hill.
    """
ANSWERS: dict[str, str | CallFailure] = {
    "where is it": "start flow where",
    "it is A7": "set slot number A7",
    "I choose": "start flow choose",
    "the one at the harbour": "set slot shop Harbour",
}


def new_project(folder: Path, tests: Mapping[str, str], *, base_url: str = "http://127.0.0.1:9/v1") -> Project:
    """With `e2e_tests/NAME.yml` for each of the tests, none of them ingested, and a model as annotator."""
    write(folder, {**FILES, **{f"e2e_tests/{name}.yml": text for name, text in tests.items()}})
    project, _ = create_project(folder)
    with project.config_path.open("a") as config:
        config.write(ROLE.format(base_url=base_url))
    return Project(project.root)


def answering(answers: Mapping[str, str | CallFailure] = ANSWERS) -> ScriptedAsker:
    return ScriptedAsker(lambda request: answers[message_of(request)])


def message_of(request: Request) -> str:
    return request.messages[0].content.split("# Newest message\n")[1].split("\n")[0]


def annotate(project: Project, asker: ScriptedAsker, *paths: str, **options: Any) -> StageReport:
    """A run of the stage. Paths are of the project."""
    stage = prepare_annotate(project, [str(project.root / path) for path in paths], reviewer="tester", **options)
    return asyncio.run(stage.run(asker, lambda what, done, total: None))


def select(project: Project, query: str) -> list[tuple[Any, ...]]:
    with closing(project.open()) as connection:
        return connection.execute(query).fetchall()


def labels(project: Project) -> dict[tuple[str, int], str | None]:
    """Stored commands by test and user step, of all steps in force."""
    rows = select(
        project,
        "SELECT c.name, s.ordinal, s.commands FROM user_step s JOIN conversation c ON c.id = s.conversation_id"
        " WHERE s.active = 1 ORDER BY c.id, s.ordinal",
    )
    return {(name, ordinal): commands for name, ordinal, commands in rows}


def outcomes(project: Project) -> dict[str, str]:
    rows = select(project, "SELECT c.name, a.outcome FROM annotation a JOIN conversation c ON c.id = a.conversation_id")
    return dict(rows)
