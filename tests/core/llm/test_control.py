"""Pause, resume and stop, from another thread as the app does it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from core.llm.control import Control
from core.llm.models import Answer, FailureKind, Role
from core.llm.session import LlmSession
from tests.core.llm.asking import ask_all, failure_of, in_session, make_project, question, text_of
from tests.llm_server import faults, scripted_server


def test_a_paused_run_sends_nothing_and_goes_on_when_resumed(tmp_path: Path) -> None:
    control = Control()
    control.pause()

    async def ask(session: LlmSession) -> Any:
        task = asyncio.create_task(session(Role.ANNOTATOR).ask(question()))
        await asyncio.sleep(0.3)
        held = (server.count, session.reading().waiting)
        await asyncio.to_thread(control.resume)
        return held, await task

    with scripted_server("yes") as server:
        (held, answer), reading = in_session(make_project(tmp_path, server.base_url), ask, control=control)
    assert held == (0, "paused")
    assert text_of(answer) == "yes"
    assert reading.waiting == ""


def test_stored_answers_come_even_from_a_paused_or_stopped_run(tmp_path: Path) -> None:
    with scripted_server("yes") as server:
        project = make_project(tmp_path, server.base_url)
        ask_all(project, [question()])
        control = Control()
        control.pause()
        control.stop("enough")
        stored, new = ask_all(project, [question(), question("other")], control=control)
        assert server.count == 1
    assert text_of(stored) == "yes"
    assert failure_of(new).what == "enough"


def test_a_stop_lets_what_is_in_flight_end_and_refuses_the_rest(tmp_path: Path) -> None:
    control = Control()

    async def ask(session: LlmSession) -> Any:
        asker = session(Role.ANNOTATOR)
        tasks = [asyncio.create_task(asker.ask(question(str(number)))) for number in range(10)]
        await asyncio.sleep(0.2)
        await asyncio.to_thread(control.stop, "stopped by hand")
        return await asyncio.gather(*tasks)

    with scripted_server("yes", latency=0.5) as server:
        project = make_project(tmp_path, server.base_url, max_in_flight=2)
        results, _ = in_session(project, ask, control=control)
        assert server.count == 2
        assert [isinstance(result, Answer) for result in results].count(True) == 2
        stopped = [failure_of(result) for result in results if not isinstance(result, Answer)]
        assert {(failure.kind, failure.what) for failure in stopped} == {(FailureKind.STOPPED, "stopped by hand")}
        again = ask_all(project, [question(str(number)) for number in range(10)])
        assert server.count == 10
    assert [text_of(result) for result in again] == ["yes"] * 10


def test_a_stop_ends_the_wait_for_another_attempt(tmp_path: Path) -> None:
    control = Control()

    async def ask(session: LlmSession) -> Any:
        task = asyncio.create_task(session(Role.ANNOTATOR).ask(question()))
        await asyncio.sleep(0.2)
        control.stop("enough")
        return await asyncio.wait_for(task, 3)

    with scripted_server(faults.throttled("200")) as server:
        result, _ = in_session(make_project(tmp_path, server.base_url), ask, control=control)
    assert failure_of(result).kind is FailureKind.STOPPED


def test_the_first_reason_for_a_stop_stays() -> None:
    control = Control()
    control.stop("one")
    control.stop("two")
    assert control.stopped == "one"


def test_pauses_are_no_time_without_answers() -> None:
    now = [100.0]
    control = Control(clock=lambda: now[0])
    control.pause()
    control.pause()
    now[0] += 50
    assert control.running_time() == 100.0
    control.resume()
    control.resume()
    now[0] += 5
    assert control.running_time() == 105.0
