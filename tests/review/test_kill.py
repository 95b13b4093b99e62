"""`kill -9` at a random moment, two hundred times: no acknowledged decision is lost, none is half there.

The process decides from a pipe and acknowledges each decision; the app itself is killed in `tests/tui/test_review_kill.py`.
"""

from __future__ import annotations

import os
import random
import select
import signal
import sqlite3
import subprocess
import time
from collections import deque

import pytest

from bench.synthetic import fill
from core.project import Project
from tests.review.conftest import place
from tests.review.small import recomputed, stored
from tests.review.worker import Processes

KILLS = 200
KEYS = 40
"""Sent at once to each process: more than it gets to before it is killed."""

_KINDS = {"a": "accept", "x": "reject", "s": "skip", "f": "flag"}


def random_keys(chance: random.Random) -> list[str]:
    lines = []
    for _ in range(KEYS):
        ids = chance.sample(range(1, 101), chance.choice([1, 1, 1, 1, 30]))
        lines.append(chance.choice(["u", "U", *[f"{key} {','.join(map(str, ids))}" for key in "aaxxsf"]]))
    return lines


def read_until_killed(process: subprocess.Popen[str], chance: random.Random) -> list[str]:
    """Acknowledgements up to a random moment, at which the process is killed, and those on their way then."""
    assert process.stdout is not None
    pipe, said = process.stdout.fileno(), b""
    wanted, patience = chance.randrange(KEYS // 2), chance.random() * 0.003
    while said.count(b"\n") <= wanted:
        select.select([pipe], [], [])
        said += os.read(pipe, 4096)
    deadline = time.perf_counter() + patience
    while time.perf_counter() < deadline:
        pass
    process.send_signal(signal.SIGKILL)
    process.wait()
    while rest := os.read(pipe, 4096):
        said += rest
    # a line without its end was not seen acknowledged
    return [line.decode() for line in said.split(b"\n")[:-1]]


def logged_since(connection: sqlite3.Connection, seen: int) -> list[tuple[int, str, list[int]]]:
    """Actions after row `seen`: group (the action itself, or the one an undo or redo names), kind, rephrasings."""
    actions: dict[int, tuple[int, str, list[int]]] = {}
    for group, kind, id_, target in connection.execute(
        "SELECT group_id, kind, rephrasing_id, target_group FROM decision WHERE id > ? ORDER BY id", (seen,)
    ):
        action = actions.setdefault(group, (target or group, kind, []))
        if id_ is not None:
            action[2].append(id_)
    return list(actions.values())


def expected(line: str, acknowledged: str) -> tuple[int, str, list[int]] | None:
    key, _, ids = line.partition(" ")
    if key in _KINDS:
        return int(acknowledged), _KINDS[key], [int(id_) for id_ in ids.split(",")]
    return None if acknowledged == "none" else (int(acknowledged), "undo" if key == "u" else "redo", [])


def is_of(action: tuple[int, str, list[int]], line: str) -> bool:
    """Whether a key that was sent but not acknowledged may have made this action."""
    key, _, ids = line.partition(" ")
    if key in _KINDS:
        return action[1:] == (_KINDS[key], [int(id_) for id_ in ids.split(",")])
    return action[1] == ("undo" if key == "u" else "redo")


@pytest.mark.slow
@pytest.mark.parametrize("bystander", [True, False], ids=["while another process has it open", "alone"])
def test_no_acknowledged_decision_is_lost_when_the_process_is_killed(
    template: sqlite3.Connection, processes: Processes, tmp_path_factory: pytest.TempPathFactory, bystander: bool
) -> None:
    """Alone, the next one to open the database recovers it from its log file."""
    project = place(template, tmp_path_factory.mktemp("killed") / "assistant")
    connection = project.open()
    for table in ("verdict", "rephrasing", "step_flow", "user_step", "conversation", "source", "ingest"):
        connection.execute(f"DELETE FROM {table}")
    fill(connection, 100)
    chance = random.Random(20_261_121)
    waiting = deque(processes.worker(project, "anna") for _ in range(2))
    seen = 0
    for _ in range(KILLS // 2):
        if not bystander:
            connection.close()
        process, lines = waiting.popleft(), random_keys(chance)
        assert process.stdin is not None
        process.stdin.write("".join(f"{line}\n" for line in ["open", *lines]))
        process.stdin.flush()
        acknowledged = read_until_killed(process, chance)[1:]
        waiting.append(processes.worker(project, "anna"))
        if not bystander:
            connection = project.open()

        found = logged_since(connection, seen)
        told = [one for line, said in zip(lines, acknowledged, strict=False) if (one := expected(line, said)) is not None]
        assert found[: len(told)] == told
        unacknowledged = found[len(told) :]
        assert len(unacknowledged) <= 1
        assert all(is_of(action, lines[len(acknowledged)]) for action in unacknowledged)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert stored(connection) == recomputed(connection)
        seen = connection.execute("SELECT coalesce(max(id), 0) FROM decision").fetchone()[0]
    connection.close()
    assert seen > KILLS  # the processes did get to work


def test_a_killed_project_opens_as_it_was(template: sqlite3.Connection, processes: Processes, small_project: Project) -> None:
    """Once, on every run of the tests."""
    process = processes.worker(small_project, "anna")
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("open\na 1\nx 2,3\nu\n")
    assert [process.stdout.readline() for _ in range(4)] == ["open\n", "1\n", "2\n", "2\n"]
    process.send_signal(signal.SIGKILL)
    process.wait()
    connection = small_project.open()
    assert logged_since(connection, 0) == [(1, "accept", [1]), (2, "reject", [2, 3]), (2, "undo", [])]
    assert stored(connection) == recomputed(connection)
    connection.close()
