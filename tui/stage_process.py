"""The process that a stage of the app runs in, and what it tells.

In a thread of the app the stage would hold the interpreter while a key waits: on two cores a key took 24 ms beside one busy
thread and 160 ms beside eight, instead of 10. Beside this process, at 120 answers a second, it takes the same 11 ms as
without. Every answer is stored as it comes, so that it may be ended at any time.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection

from core.errors import WorkbenchError
from core.llm.control import Control
from core.llm.meter import MeterReading
from core.project import Project
from core.stages.models import Stage, StageReport
from tui.stage_live import Order, Outcome, Told

TELL_EVERY = 0.2
"""Seconds: often enough to look alive."""
STOPPED = "stopped in the app"
GONE = "the app has ended"
LINGER = 20.0
"""Seconds that answers on their way are waited for when the app is gone."""
NICENESS = 10
"""On a busy machine the keys come first."""

Make = Callable[[], tuple[Project, Stage]]
"""Prepares the stage. Pickled on its way here: a module's function, or a `partial` of one."""


def serve(connection: Connection, make: Make) -> None:
    """Run the stage, tell how far it is and at last what came of it, and obey the orders that come. Never raises."""
    outcome = Outcome()
    try:
        project, stage = make()
        outcome = Outcome(asyncio.run(_Server(connection).run(project, stage)))
    except asyncio.CancelledError:
        pass  # ended at once, as it was told to
    except WorkbenchError as error:
        outcome = Outcome(error=error)
    except BaseException as error:
        outcome = Outcome(error=_portable(error))
    with suppress(OSError):  # the app is gone
        connection.send(outcome)
    connection.close()


def _portable(error: BaseException) -> Exception:
    """Not every exception survives pickling; its traceback goes into the app's log as a note."""
    portable = RuntimeError(f"{type(error).__name__}: {error}")
    portable.add_note("".join(traceback.format_exception(error)))
    return portable


class _Server:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._control = Control()
        self._told = Told()

    async def run(self, project: Project, stage: Stage) -> StageReport:
        from core.stages.running import run_stage  # the client: about 1 s of imports

        loop = asyncio.get_running_loop()
        task = asyncio.create_task(
            run_stage(project, stage, control=self._control, on_reading=self._read, progress=self._progress)
        )
        # a thread, because orders are to be heard while the loop is busy; it ends with the connection
        threading.Thread(target=self._obey, args=(loop, task), daemon=True).start()
        telling = asyncio.create_task(self._keep_telling())
        try:
            return await task
        finally:
            telling.cancel()

    def _read(self, reading: MeterReading) -> None:
        self._told = replace(self._told, reading=reading)

    def _progress(self, what: str, done: int, total: int) -> None:
        self._told = replace(self._told, what=what, done=done, total=total)

    async def _keep_telling(self) -> None:
        last = None
        while True:
            if self._told is not last:
                last = self._told
                with suppress(OSError):  # the app is gone; `_obey` has seen it too
                    self._connection.send(last)
            await asyncio.sleep(TELL_EVERY)

    def _obey(self, loop: asyncio.AbstractEventLoop, task: asyncio.Task[StageReport]) -> None:
        while True:
            try:
                order: Order = self._connection.recv()
            except (EOFError, OSError):
                self._control.stop(GONE)
                with suppress(RuntimeError):  # the loop has just ended
                    loop.call_soon_threadsafe(lambda: loop.call_later(LINGER, task.cancel))
                return
            match order:
                case "pause":
                    self._control.pause()
                case "resume":
                    self._control.resume()
                case "stop":
                    self._control.stop(STOPPED)
                case "end":
                    self._control.stop(STOPPED)
                    with suppress(RuntimeError):  # the loop has just ended
                        loop.call_soon_threadsafe(task.cancel)


def main() -> None:
    """`python -m tui.stage_process FD`: the connection's file descriptor, over which the first message is a `Make`."""
    os.nice(NICENESS)
    connection = Connection(int(sys.argv[1]))
    serve(connection, connection.recv())


if __name__ == "__main__":
    main()
