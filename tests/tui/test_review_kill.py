"""`kill -9` of the app itself, in a terminal, two hundred times: what the screen called done is in the log.

`tests/review/test_kill.py` does the same without the app, far more often inside a commit.
"""

from __future__ import annotations

import os
import random
import re
import signal
import time
from collections import deque
from pathlib import Path

import pytest

from bench.synthetic import make_project
from bench.terminal import Terminal, workbench
from core.project import Project
from tests.review.small import recomputed, stored

KILLS = 200
MOST_KEYS = 6
LONGEST_WAIT_S = 0.025
"""About twice what the app takes from a key to its paint."""

_KINDS = {"a": "accept", "x": "reject", " ": "skip", "f": "flag"}
_CONTROL = re.compile(rb"\x1b\[[0-9;?]*[a-zA-Z]")
_SESSION = re.compile(rb"session (\d+)")


class Screen:
    """The app in a terminal, and how many decisions of this session its status line has shown."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.terminal = Terminal(*workbench("-C", str(project.root), "review"), columns=100, rows=30)
        self.acknowledged = -1
        self._seen = b""

    def read(self, timeout: float) -> None:
        self._seen += self.terminal.read(timeout)
        if shown := _SESSION.findall(_CONTROL.sub(b"", self._seen)):
            self.acknowledged = int(shown[-1])
            self._seen = self._seen[-200:]  # a number that is cut off here is read again when it is whole

    def wait_until(self, count: int) -> None:
        deadline = time.perf_counter() + 60
        while self.acknowledged < count:
            assert time.perf_counter() < deadline, self._seen[-3000:]
            self.read(1.0)

    def kill(self, after: float) -> None:
        """Goes on reading until then, and what was on its way."""
        deadline = time.perf_counter() + after
        while (left := deadline - time.perf_counter()) > 0:
            self.read(left)
        os.kill(self.terminal.pid, signal.SIGKILL)
        try:
            while True:
                self.read(1.0)
        except EOFError:
            self.terminal.kill()


def logged_since(project: Project, seen: int) -> list[tuple[str, int]]:
    """Kind and rephrasing of the decisions after row `seen`; the database is sound and in step with its log."""
    connection = project.open()
    found = connection.execute("SELECT kind, rephrasing_id FROM decision WHERE id > ? ORDER BY id", (seen,)).fetchall()
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert stored(connection) == recomputed(connection)
    connection.close()
    return found


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_what_the_screen_called_done_is_in_the_log_after_the_app_is_killed(tmp_path: Path) -> None:
    chance = random.Random(20_261_121)
    # Two projects, so that one app starts while the other is at work; ids are decided in ascending order.
    decided = {make_project(tmp_path / name, 1_000): 0 for name in ("first", "second")}
    screens = deque(map(Screen, decided))
    unseen = 0
    try:
        for number in range(KILLS):
            screen = screens.popleft()
            project, before = screen.project, decided[screen.project]
            keys = chance.choices(" aaxxf", k=chance.randint(1, MOST_KEYS))
            screen.wait_until(0)
            one_by_one = number % 2 == 0
            if one_by_one:
                for count, key in enumerate(keys):
                    screen.wait_until(count)
                    screen.terminal.send(key.encode())
            else:
                screen.terminal.send("".join(keys).encode())
            screen.kill(chance.random() * LONGEST_WAIT_S * (1 if one_by_one else len(keys)))

            found = logged_since(project, before)
            assert found == [(_KINDS[key], before + 1 + at) for at, key in enumerate(keys[: len(found)])]
            assert screen.acknowledged <= len(found)
            if one_by_one:
                assert len(found) <= screen.acknowledged + 1
            unseen += len(found) > screen.acknowledged
            decided[project] += len(found)
            screens.append(Screen(project))
    finally:
        for screen in screens:
            screen.terminal.kill()
    assert sum(decided.values()) > KILLS  # the app did get to work
    assert unseen  # and was killed between a commit and its paint
