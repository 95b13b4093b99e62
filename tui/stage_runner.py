"""Runs one stage at a time in a process of its own and passes on what it tells, so that keys never wait for it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import IO, TYPE_CHECKING

from textual.message import Message

from core.stages.models import Estimate, StageName
from tui.messages import StageEnded, StageTicked
from tui.stage_live import Order, Outcome, StageLive, StageState, Told

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from tui.stage_process import Make

LOG_BYTES = 4000
"""Of what a process that died has written last; goes into the app's log."""
GRACE = 5.0
"""Seconds for a process to end after its last word."""


class StageRunner:
    """`tell` posts a message and may be called from any thread. Nothing but `join` waits."""

    def __init__(self, tell: Callable[[Message], object]) -> None:
        self._tell = tell
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._orders: set[Order] = set()
        self._running = False
        self._live: StageLive | None = None  # its numbers are written by the thread that listens

    @property
    def is_running(self) -> bool:
        return self._running

    @property
    def live(self) -> StageLive:
        """How far the stage is now. There has been one."""
        assert self._live is not None
        return replace(self._live, state=self._state())

    def _state(self) -> StageState:
        if not self._running:
            return "ended"
        return "stopping" if "stop" in self._orders else "paused" if "pause" in self._orders else "running"

    def start(self, name: StageName, estimate: Estimate, make: Make) -> None:
        """The caller has seen to it that none is running."""
        assert not self._running
        self._running = True
        self._orders.clear()
        self._process = None
        self._live = StageLive(name, estimate)
        from multiprocessing import Pipe  # not needed for the first paint

        self._connection, other = Pipe()
        self._connection.send(make)  # before any order
        arguments = (self._connection, other)
        self._thread = threading.Thread(target=self._listen, args=arguments, name=f"stage {name.value}", daemon=True)
        self._thread.start()

    # -- steering -----------------------------------------------------------------------------------------------

    def pause(self) -> None:
        """Holds questions back, or lets them go again; those on their way are waited for."""
        if "pause" in self._orders:
            self._orders.discard("pause")
            self._send("resume")
        else:
            self._orders.add("pause")
            self._send("pause")

    def stop(self) -> None:
        """When the answers on their way have come; asked for again, at once; and then by force."""
        if "end" in self._orders:
            if self._process is not None:
                self._process.kill()
        else:
            order: Order = "end" if "stop" in self._orders else "stop"
            self._orders.add(order)
            self._send(order)

    def _send(self, order: Order) -> None:
        if self._connection is not None:
            with suppress(OSError):  # it has ended meanwhile
                self._connection.send(order)

    def join(self, seconds: float) -> None:
        """Wait for the end. Never called from the thread that paints."""
        if self._thread is not None:
            self._thread.join(seconds)

    # -- in the thread ------------------------------------------------------------------------------------------

    def _listen(self, connection: Connection, other: Connection) -> None:
        with tempfile.TemporaryFile() as log:
            try:
                self._launch(other, log)
                outcome = self._hear(connection)
                self._reap()
            except (EOFError, OSError) as error:
                outcome = Outcome(error=self._why_it_died(error, log))
        connection.close()
        assert self._live is not None
        self._live = replace(self._live, state="ended")
        self._running = False
        with suppress(RuntimeError):  # the app's loop is closed: it was left, and nobody is there to be told
            self._tell(StageEnded(self._live, outcome.report, outcome.error))

    def _launch(self, other: Connection, log: IO[bytes]) -> None:
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        # -P: a folder `core` where the app was started is not ours. Its own session: a closed window ends it in order.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tui.stage_process", str(other.fileno())],
            pass_fds=[other.fileno()], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment,
            start_new_session=True,
        )  # fmt: skip
        other.close()

    def _hear(self, connection: Connection) -> Outcome:
        """Raises EOFError if the process ends without a last word."""
        while True:
            told: Told | Outcome = connection.recv()
            if isinstance(told, Outcome):
                return told
            assert self._live is not None
            self._live = replace(self._live, told=told)
            with suppress(RuntimeError):  # as above
                self._tell(StageTicked(self.live))

    def _reap(self) -> None:
        """It has said its last word."""
        if self._process is not None:
            try:
                self._process.wait(GRACE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _why_it_died(self, error: Exception, log: IO[bytes]) -> Exception | None:
        if self._process is None:
            return error
        code = self._process.wait()
        if code < 0 and "end" in self._orders:
            return None  # by force, as was asked
        how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        died = RuntimeError(f"its process {how}; what was answered is stored")
        size = log.seek(0, os.SEEK_END)
        log.seek(max(0, size - LOG_BYTES))
        died.add_note(log.read().decode("utf-8", "replace"))
        return died
