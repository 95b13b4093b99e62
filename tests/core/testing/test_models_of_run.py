"""Models that a run of tests asks: through a real server, with the project's client, from threads."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from core.errors import ProjectError
from core.llm.models import Answer, CallFailure, FailureKind, Message, Request, Role
from core.project import Project, create_project
from core.testing.models_of_run import ModelsOfRun
from tests.llm_server import LlmServer, scripted_server


def project_with(folder: Path, base_url: str) -> Project:
    project, _ = create_project(folder)
    with project.config_path.open("a") as config:
        config.write(f'\n[llm.annotator]\nmodel = "test-model"\nbase_url = "{base_url}"\nretry_for = 0\n')
    return Project(folder)


def asked(text: str) -> Request:
    return Request("test", (Message("user", text),))


def test_questions_of_many_threads_are_answered_and_stored(tmp_path: Path) -> None:
    def shout(body: dict[str, Any]) -> str:
        return str(body["messages"][0]["content"]).upper()

    with scripted_server(shout) as server:
        project = project_with(tmp_path, server.base_url)
        for _ in range(2):
            with ModelsOfRun(project) as models, ThreadPoolExecutor(8) as pool:
                ask = models(Role.ANNOTATOR)
                answers = list(pool.map(ask, [asked(f"say {number}") for number in range(20)]))
                assert [one.text for one in answers if isinstance(one, Answer)] == [f"SAY {number}" for number in range(20)]
        assert server.count == 20


def test_a_role_that_is_not_configured_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    project = project_with(tmp_path, "http://127.0.0.1:9/v1")
    with ModelsOfRun(project) as models, pytest.raises(ProjectError, match="candidate"):
        models(Role.CANDIDATE)


def test_nothing_is_started_for_a_run_that_asks_nothing(tmp_path: Path) -> None:
    project = project_with(tmp_path, "http://127.0.0.1:9/v1")
    project.database_path.unlink()
    with ModelsOfRun(project) as models:
        models(Role.ANNOTATOR)


def test_a_server_that_is_down_is_a_failure_of_the_call(tmp_path: Path) -> None:
    project = project_with(tmp_path, "http://127.0.0.1:9/v1")
    with ModelsOfRun(project) as models:
        answer = models(Role.ANNOTATOR)(asked("hello"))
    assert isinstance(answer, CallFailure)
    assert answer.kind is FailureKind.CONNECTION


def test_a_key_that_is_missing_is_told_when_it_is_asked(tmp_path: Path) -> None:
    project = project_with(tmp_path, "http://127.0.0.1:9/v1")
    with project.config_path.open("a") as config:
        config.write('api_key_env = "A_VARIABLE_NOBODY_SETS"\n')
    with pytest.raises(ProjectError, match="A_VARIABLE_NOBODY_SETS"), ModelsOfRun(Project(tmp_path)) as models:
        models(Role.ANNOTATOR)(asked("hello"))


def test_questions_that_wait_are_given_up_when_the_run_is(tmp_path: Path) -> None:
    def give_up_while_asking(project: Project, server: LlmServer, pool: ThreadPoolExecutor) -> None:
        with ModelsOfRun(project) as models:
            waiting.append(pool.submit(models(Role.ANNOTATOR), asked("hello")))
            while not server.count:
                sleep(0.01)
            raise KeyboardInterrupt

    waiting: list[Future[Answer | CallFailure]] = []
    with scripted_server(lambda body: "late", latency=30.0) as server, ThreadPoolExecutor(1) as pool:
        with pytest.raises(KeyboardInterrupt):
            give_up_while_asking(project_with(tmp_path, server.base_url), server, pool)
        answer = waiting[0].result(timeout=5)
        assert isinstance(answer, CallFailure)
        assert answer.kind is FailureKind.STOPPED
