"""The stages themselves, started from the app, against a real server on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from core.project import Project
from tests.core.annotation.small import ANSWERS, CHOOSES, FINDS, new_project, outcomes
from tests.llm_server import LlmServer, faults, scripted_server
from tests.llm_server.server import Scripted
from tests.tui.apps import calm, press, running, screen_of, shown, until
from tui.screens.dialogs.stage_item import StageItem
from tui.screens.stages import StagesScreen

SECONDS = 90.0
"""A busy machine takes its time to start a process."""


class Model:
    """Answers by the newest message. `down`: to one of them it says that it is overloaded, for good."""

    down = ""

    def __call__(self, body: dict[str, Any]) -> Scripted:
        message = body["messages"][-1]["content"].split("# Newest message\n")[1].split("\n")[0]
        if message == self.down:
            return faults.error(400, "this message is not to be answered")
        answer = ANSWERS[message]
        assert isinstance(answer, str)
        return answer


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def server(model: Model) -> Iterator[LlmServer]:
    with scripted_server(model) as server:
        yield server


@pytest.fixture
def project(tmp_path: Path, server: LlmServer) -> Project:
    """One test passes by the model's answers, one has a button, one fails."""
    return new_project(tmp_path / "parcels", {"finds": FINDS, "chooses": CHOOSES}, base_url=server.base_url)


async def test_annotate_from_the_overview_and_again(project: Project, server: LlmServer) -> None:
    async with running(project) as (app, pilot):
        await press(app, pilot, "a")
        await press(app, pilot, "y")
        await until(lambda: app.ended is not None, pilot, SECONDS)
        await calm(app, pilot)
        assert outcomes(project) == {"finds": "annotated", "chooses": "annotated", "chooses another": "failed"}
        asked = len(server.requests)
        assert asked > 0
        text = shown(app)
        assert "tests annotated" in text
        assert "1 left out" in text
        await press(app, pilot, "n", "enter")
        screen_of(app, StageItem)
        text = shown(app)
        assert "+ You chose Harbour." in text
        assert "+ What else?" in text
        assert "the one at the harbour" in text  # the conversation stands below
        await press(app, pilot, "escape", "a", "y")
        await until(lambda: app.ended is not None and not app.stages.is_running, pilot, SECONDS)
        await calm(app, pilot)
        assert len(server.requests) == asked  # what is stored is never asked again


@pytest.mark.slow
async def test_a_failed_call_is_shown_with_question_and_answer(project: Project, model: Model) -> None:
    model.down = "where is it"
    async with running(project) as (app, pilot):
        await press(app, pilot, "a", "y")
        await until(lambda: app.ended is not None, pilot, SECONDS)
        await calm(app, pilot)
        screen = screen_of(app, StagesScreen)
        assert screen.rows.runs is not None
        assert "1 failed" in shown(app)
        await press(app, pilot, "n", "enter")
        text = screen_of(app, StageItem).text
        assert "this message is not to be answered" in text
        assert "# Newest message" in text
        assert '"messages": [' in text
        model.down = ""
        await press(app, pilot, "escape", "a", "y")
        await until(lambda: app.ended is not None and not app.stages.is_running, pilot, SECONDS)
    assert outcomes(project)["finds"] == "annotated"
    with closing(project.open()) as connection:
        assert connection.execute("SELECT count(*) FROM llm_call WHERE state = 'failed'").fetchone() == (0,)


async def test_a_server_that_is_not_there_ends_in_words(project: Project, server: LlmServer) -> None:
    text = project.config_path.read_text(encoding="utf-8").replace(server.base_url, "http://127.0.0.1:9/v1")
    project.config_path.write_text(text, encoding="utf-8")
    async with running(project, size=(80, 24)) as (app, pilot):
        await press(app, pilot, "a", "y")
        await until(lambda: app.ended is not None, pilot, SECONDS)
        await calm(app, pilot)
        assert app.ended is not None
        assert app.ended.error is None
        await press(app, pilot, "n")
        assert "connection" in shown(app)
