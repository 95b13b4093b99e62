"""The sample's own custom actions, run by a real rasa-sdk server."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.dialogue.events import BotUttered, SlotSet
from core.pipeline.ingest import ingest
from core.project import Project
from core.sample import copy_sample
from core.testing.action_server import Endpoint
from core.testing.action_sources import ActionMode
from core.testing.results import RunResult
from core.testing.run_setup import RunOptions, prepare_run
from tests.environments import built_environment

pytestmark = [pytest.mark.slow, pytest.mark.real, pytest.mark.timeout(600)]

PINS = ("rasa-sdk==3.21.*",)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The sample, ingested: its annotations are the commands."""
    project = copy_sample(tmp_path_factory.mktemp("sample") / "harbour")
    with closing(project.open()) as connection:
        ingest(project, connection, [project.root], reviewer="tester")
    return project


@pytest.fixture(scope="module")
def server(sample: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """A server with the sample's actions, named in the sample's endpoints.yml."""
    python = built_environment("rasa-sdk", *PINS)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    endpoint = Endpoint(f"http://127.0.0.1:{port}/webhook")
    (sample.root / "endpoints.yml").write_text(f"action_endpoint:\n  url: {endpoint.url}\n")
    log = tmp_path_factory.mktemp("server") / "log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [python, "-m", "rasa_sdk", "--actions", "actions.actions", "--port", str(port)],
            cwd=sample.root,
            env={**os.environ, "SANIC_HOST": "127.0.0.1"},
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + 60
        while not endpoint.is_reachable():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield endpoint
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # its own session: the server has worker processes
        process.wait(20)


def run(project: Project, *paths: str, actions: ActionMode) -> RunResult:
    options = RunOptions(tuple(str(project.root / path) for path in paths), actions=actions)
    prepared = prepare_run(options, folder=project.root, project=project)
    return prepared.runner.run(prepared.tests, jobs=prepared.jobs)


def failing(result: RunResult) -> list[str]:
    return [f"{case.file}:{case.line} {case.not_run or case.failures}" for case in result.cases if not case.passed]


def test_all_tests_of_the_sample_pass_and_none_is_led_by_itself(sample: Project, server: Endpoint) -> None:
    result = run(sample, "e2e_tests", "dialogue_understanding_tests", actions=ActionMode.AUTO)
    assert failing(result) == []
    assert len(result.cases) > 50
    assert [case.name for case in result.cases if case.is_test_led] == []


def test_messages_and_slots_come_from_the_server(sample: Project, server: Endpoint) -> None:
    result = run(sample, "e2e_tests/loans.yml", "e2e_tests/rooms.yml", actions=ActionMode.SERVER)
    assert failing(result) == []
    events = [event for case in result.cases for turn in case.turns for event in turn.events]
    from_server = [event for event in events if getattr(event, "source", "") == "action server"]
    assert any(isinstance(event, SlotSet) for event in from_server)
    assert any(isinstance(event, BotUttered) and event.text for event in from_server)


def test_an_action_the_server_does_not_have_is_named(sample: Project, server: Endpoint, tmp_path: Path) -> None:
    flows = sample.root / "data/flows/odd.yml"
    flows.write_text("flows:\n  odd:\n    description: odd\n    steps:\n    - action: action_odd\n")
    test = tmp_path / "t.yml"
    test.write_text("test_cases:\n- test_case: odd\n  steps:\n  - user: odd\n    commands: [start flow odd]\n")
    try:
        options = RunOptions((str(test),), actions=ActionMode.SERVER, assistant=sample.root)
        prepared = prepare_run(options, folder=sample.root, project=sample)
        (case,) = prepared.runner.run(prepared.tests).cases
    finally:
        flows.unlink()
    (failure,) = case.failures
    assert failure.kind == "conversation"
    assert "`action_odd`" in failure.actual[0]
