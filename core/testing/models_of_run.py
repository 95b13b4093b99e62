"""The language models that a run of tests asks. Its caller has no event loop: one runs in a thread of its own, once needed."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from core.llm.control import Control
from core.llm.models import Answer, CallFailure, Request, Role
from core.project import Project
from core.testing.asked_commands import Ask
from core.testing.bridge import Bridge
from core.testing.llm_setup import not_configured

GIVEN_UP: Final = "the run was given up"


@dataclass(frozen=True, slots=True)
class _Served:
    loop: asyncio.AbstractEventLoop
    bridge: Bridge
    over: asyncio.Event


class ModelsOfRun:
    """The roles of `workbench.toml`, through the project's client: what is stored is not asked again. A context manager.

    Nothing is started before the first question.
    """

    def __init__(self, project: Project, *, max_cost: float | None = None) -> None:
        self._project, self._max_cost = project, max_cost
        self._control = Control()
        self._lock = threading.Lock()
        self._served: Future[_Served] | None = None
        self._thread: threading.Thread | None = None

    def __call__(self, role: Role) -> Ask:
        """Asks the model of a role.

        Raises:
            ProjectError: the role is not configured; and when asked, what `core.llm.session.llm_session` raises.
        """
        if self._project.settings.llm.role(role) is None:
            raise not_configured(role)
        asks: list[Ask] = []

        def ask(request: Request) -> Answer | CallFailure:
            if not asks:
                served = self._start().result()
                with self._lock:  # one client for each role, or equal questions would be asked twice
                    if not asks:
                        asks.append(served.bridge(role))
            return asks[0](request)

        return ask

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if self._served is None or self._thread is None:
            return
        if self._served.exception() is None:
            served = self._served.result()
            if kind is not None:
                self._control.stop(GIVEN_UP)
                served.bridge.give_up(GIVEN_UP)
            served.loop.call_soon_threadsafe(served.over.set)
        self._thread.join()

    def _start(self) -> Future[_Served]:
        with self._lock:
            if self._served is None:
                self._served = Future()
                self._thread = threading.Thread(target=self._run, args=(self._served,), name="models", daemon=True)
                self._thread.start()
            return self._served

    def _run(self, served: Future[_Served]) -> None:
        try:
            asyncio.run(self._serve(served))
        except BaseException as error:
            if served.done():
                raise
            served.set_exception(error)

    async def _serve(self, served: Future[_Served]) -> None:
        from core.llm.session import llm_session

        async with llm_session(self._project, control=self._control, max_cost=self._max_cost) as session:
            over = asyncio.Event()
            loop = asyncio.get_running_loop()
            served.set_result(_Served(loop, Bridge(session, loop), over))
            await over.wait()
