"""Runs one piece of work with the team's server at a time, in a thread, and passes on what it tells.

A thread of its own, not a worker of a screen: it goes on while other screens are shown, and an app that is left does not
wait for a server that does not answer. It waits for the network nearly all the time, so that keys need no process apart.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from textual.message import Message

from core.stages.models import Progress
from tui.messages import TeamEnded, TeamTicked
from tui.team_live import TeamLive, TeamOutcome, Work

Cancelled = Callable[[], bool]
Task = Callable[[Progress, Cancelled], TeamOutcome]


class TeamSync:
    """`tell` posts a message and may be called from any thread. Nothing but `join` waits."""

    def __init__(self, tell: Callable[[Message], object]) -> None:
        self._tell = tell
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._live: TeamLive | None = None

    @property
    def is_running(self) -> bool:
        return self._live is not None

    @property
    def live(self) -> TeamLive | None:
        """How far it is now, None while nothing runs."""
        live = self._live
        return live if live is None or not self._stop.is_set() else replace(live, stopping=True)

    def start(self, work: Work, task: Task, *, automatic: bool = False) -> None:
        """The caller has seen to it that nothing is running."""
        assert self._live is None
        self._stop.clear()
        self._live = TeamLive(work, automatic=automatic)
        self._thread = threading.Thread(target=self._run, args=(work, task), name=f"team {work}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """After the call that is on its way. What was sent and recorded stays; the next time goes on from there."""
        self._stop.set()

    def join(self, seconds: float) -> None:
        """Wait for the end. Never called from the thread that paints."""
        if self._thread is not None:
            self._thread.join(seconds)

    # -- in the thread ------------------------------------------------------------------------------------------

    def _run(self, work: Work, task: Task) -> None:
        ended = TeamEnded(work, automatic=self._live is not None and self._live.automatic)
        try:
            ended.outcome = task(self._progress, self._stop.is_set)
        except Exception as error:
            ended.error = error
        self._live = None
        self._post(ended)

    def _progress(self, words: str, done: int, total: int) -> None:
        if self._live is not None:
            self._live = replace(self._live, done=done, total=total, words=words)
            self._post(TeamTicked())

    def _post(self, message: Message) -> None:
        with suppress(RuntimeError):  # the app's loop is closed: it was left, and nobody is there to be told
            self._tell(message)
