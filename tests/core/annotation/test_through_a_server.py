"""The whole stage over HTTP: as many questions at once as allowed, and nothing asked twice after a kill."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from core.project import Project
from tests.core.annotation.small import new_project, outcomes, select
from tests.core.annotation.test_estimate import message_of, run
from tests.llm_server import LlmServer, scripted_server


def four_steps_each(count: int) -> str:
    """So many tests of four steps; no two ask the same, since their first messages differ."""
    return "    test_cases:\n" + "\n".join(
        f"    - test_case: number {number}\n      steps:\n      - user: hello {number}\n"
        "      - utter: utter_ask_number\n      - user: hm\n      - user: oh\n      - user: well"
        for number in range(count)
    )


def answer(body: dict[str, Any]) -> str:
    return "start flow where" if message_of(body).startswith("hello") else "provide info"


def in_flight(project: Project, limit: int) -> Project:
    with project.config_path.open("a") as config:
        config.write(f"max_in_flight = {limit}\n")
    return Project(project.root)


def test_all_tests_are_under_way_at_once_up_to_the_limit(tmp_path: Path) -> None:
    with scripted_server(answer, latency=0.05) as server:
        project = in_flight(new_project(tmp_path / "parcels", {"many": four_steps_each(46)}, base_url=server.base_url), 20)
        report = run(project)
    assert server.count == 46 * 4
    assert server.most_in_flight == 20
    assert report.counts["tests annotated"] == 46
    assert select(project, "SELECT stage, count(*) FROM llm_call WHERE state = 'answered' GROUP BY 1") == [("annotate", 184)]


def test_a_dead_endpoint_ends_the_run_with_its_cause_and_no_list_of_tests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.llm.retrying._NEVER_ANSWERED", 0.3)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        project = new_project(tmp_path / "parcels", {"many": four_steps_each(46)}, base_url=address)
        config = project.config_path.read_text()  # no question is to give up before the endpoint is given up
        project.config_path.write_text(config.replace("retry_for = 1\n", "retry_for = 10\n"))
        report = run(Project(project.root))
    assert report.stopped.startswith("connection: nothing listens")
    assert "no more is asked" in report.stopped
    assert report.failures == ()
    assert report.counts["tests not annotated yet"] == 46


@pytest.mark.slow
def test_a_killed_run_goes_on_where_it_was(tmp_path: Path) -> None:
    with scripted_server(answer, latency=0.02) as server:
        project = in_flight(new_project(tmp_path / "parcels", {"many": four_steps_each(46)}, base_url=server.base_url), 4)
        for until in (20, 60, 110):
            _kill_when(project, server, until)
        stored = select(project, "SELECT count(*) FROM llm_call WHERE state = 'answered'")[0][0]
        before = server.count
        run(project)
        assert server.count - before == 46 * 4 - stored
        # What was on its way when the process was killed, or had come and waited for its commit, was lost, and nothing else.
        assert server.count <= 46 * 4 + 3 * 3 * 4
    assert set(outcomes(project).values()) == {"annotated"}
    assert len(outcomes(project)) == 46


def _kill_when(project: Project, server: LlmServer, count: int) -> None:
    script = """
import sys
from pathlib import Path
from core.project import Project
from tests.core.annotation.test_estimate import run
run(Project(Path(sys.argv[1])))
"""
    process = subprocess.Popen([sys.executable, "-c", script, str(project.root)], start_new_session=True)
    give_up = time.monotonic() + 60
    while server.count < count:
        assert process.poll() is None
        assert time.monotonic() < give_up
        time.sleep(0.002)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
