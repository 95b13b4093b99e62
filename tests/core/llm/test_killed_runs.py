"""`kill -9` at any moment: what is stored stays, and is never asked again."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from core.llm.keys import call_key
from core.project import Project
from tests.core.llm import killed_run
from tests.core.llm.asking import make_project, question
from tests.llm_server import LlmServer, scripted_server

QUESTIONS_EACH = 90
"""For each kill: more than are answered in the tenth of a second before it."""


@pytest.mark.parametrize("kills", [3, pytest.param(50, marks=pytest.mark.slow)])
def test_a_run_killed_at_random_moments_asks_nothing_twice_that_was_stored(kills: int, tmp_path: Path) -> None:
    chance, questions = random.Random(kills), kills * QUESTIONS_EACH
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.core.llm.killed_run"])
    with scripted_server("StartFlow(transfer)", latency=0.02) as server:
        project = make_project(tmp_path, server.base_url, max_in_flight=16)
        repeated, killed, kept = 0, 0, 0
        for _ in range(kills):
            before = _stored(project, questions)
            asked = server.count
            process = context.Process(target=killed_run.run, args=(str(project.root), 0, questions))
            process.start()
            _wait_for(server, asked + 1, process)
            time.sleep(chance.uniform(0.0, 0.1))
            process.kill()
            process.join()
            killed += process.exitcode == -9
            repeated += _repeated(server, asked, before)
            kept = max(kept, len(_stored(project, questions)))
        assert killed == kills  # each was killed while it ran
        assert repeated == 0
        assert kept > kills
        asked, before = server.count, _stored(project, questions)
        killed_run.run(str(project.root), 0, questions)
        assert server.count - asked == questions - len(before)
        assert len(_stored(project, questions)) == questions
    connection = project.open()
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_an_interrupted_run_ends_at_once_and_asks_nothing_twice_afterwards(tmp_path: Path) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.core.llm.killed_run"])
    with scripted_server("yes", latency=0.02) as server:
        project = make_project(tmp_path, server.base_url, max_in_flight=8)
        process = context.Process(target=killed_run.interrupted, args=(str(project.root), 0, 1000))
        process.start()
        _wait_for(server, 100, process)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGINT)
        process.join(10)
        assert process.exitcode == 130
        stored, asked = _stored(project, 1000), server.count
        assert 50 < len(stored) < 1000
        killed_run.run(str(project.root), 0, 1000)
        assert server.count - asked == 1000 - len(stored)


def test_two_runs_at_once_store_one_answer_to_each_question(tmp_path: Path) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.core.llm.killed_run"])
    with scripted_server("yes", latency=0.02) as server:
        project = make_project(tmp_path, server.base_url, max_in_flight=16)
        processes = [context.Process(target=killed_run.run, args=(str(project.root), 0, 200)) for _ in range(2)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        assert [process.exitcode for process in processes] == [0, 0]
    connection = project.open()
    total, attempts = connection.execute("SELECT count(*), sum(attempts) FROM llm_call WHERE state = 'answered'").fetchone()
    connection.close()
    assert total == 200
    assert attempts == server.count  # an answer that came second is counted with the first


def _stored(project: Project, questions: int) -> set[str]:
    """Texts of the questions whose answers are stored."""
    connection = sqlite3.connect(project.database_path)
    rows = connection.execute("SELECT key FROM llm_call WHERE state = 'answered'").fetchall()
    connection.close()
    keys = {key for (key,) in rows}
    settings = project.settings.llm.annotator
    assert settings is not None
    return {str(number) for number in range(questions) if call_key(settings, question(str(number))) in keys}


def _repeated(server: LlmServer, since: int, stored: set[str]) -> int:
    return sum(body["messages"][0]["content"] in stored for body in server.requests[since:])


def _wait_for(server: LlmServer, count: int, process: multiprocessing.process.BaseProcess) -> None:
    end = time.monotonic() + 30
    while server.count < count and process.is_alive() and time.monotonic() < end:
        time.sleep(0.001)
