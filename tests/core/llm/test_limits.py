"""Limits of rate and of questions in flight: the arithmetic with a clock of its own, the whole against a real server."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from core.llm.control import Control
from core.llm.gate import ClosedError, Ending, Gate
from core.llm.models import FailureKind, Role
from core.llm.rates import Rate
from core.llm.roles import RoleSettings
from core.llm.session import LlmSession
from core.llm.window import Window
from tests.core.llm.asking import ask_all, in_session, make_project, question, text_of
from tests.llm_server import RateLimit, faults, scripted_server


def _sent_within(rate: Rate, seconds: float, step: float) -> list[float]:
    """When units go out if somebody looks every `step` seconds."""
    sent, now = [], 1000.0
    while now < 1000.0 + seconds:
        if rate.wait(now) <= 0:
            rate.take(1, now)
            sent.append(now)
        now += step
    return sent


def test_a_rate_is_reached_to_98_per_cent_and_never_passed() -> None:
    sent = _sent_within(Rate(600), 60, 0.001)
    assert 588 <= len(sent) <= 600


def test_a_rate_is_even_from_the_start() -> None:
    sent = _sent_within(Rate(600), 10, 0.001)
    for start in range(10):
        assert 8 <= sum(1000.0 + start <= at < 1001.0 + start for at in sent) <= 13


def test_late_timers_are_made_up_for_within_a_quarter_of_a_second() -> None:
    assert len(_sent_within(Rate(600), 60, 0.03)) >= 588


def test_one_that_is_larger_than_the_limit_passes_and_the_next_waits_its_time() -> None:
    rate = Rate(1000)
    rate.take(2000, 100.0)
    assert 119 < rate.wait(100.0) < 123
    rate.correct(-1000)
    assert 59 < rate.wait(100.0) < 62


def test_the_window_doubles_from_sixteen_to_its_most() -> None:
    window = Window(64)
    sizes = [window.size]
    for _ in range(2):
        for _ in range(window.size):
            window.answered(window.size)
        sizes.append(window.size)
    assert sizes == [16, 32, 64]


def test_overload_shrinks_the_window_once_for_all_that_were_in_flight_then_it_grows_slowly() -> None:
    window = Window(100)
    while window.size < 100:
        window.answered(window.size)
    assert window.overloaded(sent=1.0, now=2.0)
    assert not window.overloaded(sent=1.5, now=2.1)
    assert window.size == 60
    for _ in range(60):
        window.answered(window.size)
    assert window.size in (60, 61)
    assert window.overloaded(sent=3.0, now=4.0)
    assert window.size == 36


def test_the_window_never_closes_and_does_not_grow_where_it_is_not_used() -> None:
    window = Window(8)
    for at in range(30):
        window.overloaded(sent=float(at) + 0.5, now=float(at + 1))
    assert window.size == 1
    window.answered(0)
    assert window.size == 1


async def test_a_gate_lets_as_many_in_as_the_window_and_the_rest_as_they_leave() -> None:
    gate = Gate(RoleSettings(max_in_flight=2), Control())
    waiting = [asyncio.create_task(gate.enter(0)) for _ in range(5)]
    await asyncio.sleep(0.01)
    assert (gate.in_flight, sum(task.done() for task in waiting)) == (2, 2)
    gate.leave()
    await asyncio.sleep(0.01)
    assert (gate.in_flight, sum(task.done() for task in waiting)) == (2, 3)
    waiting[3].cancel()
    gate.leave()
    gate.leave()
    await asyncio.sleep(0.01)
    assert gate.in_flight == 1
    assert waiting[4].done()


async def test_a_place_given_to_one_that_is_cancelled_at_that_moment_is_free_again() -> None:
    gate = Gate(RoleSettings(max_in_flight=1), Control())
    await gate.enter(0)
    late = asyncio.create_task(gate.enter(0))
    await asyncio.sleep(0.01)
    gate.leave()  # lets the second in, which has not run yet
    late.cancel()
    await asyncio.gather(late, return_exceptions=True)
    assert gate.in_flight == 0


async def test_a_closed_gate_tells_all_that_wait_and_all_that_come() -> None:
    gate = Gate(RoleSettings(max_in_flight=1), Control())
    await gate.enter(0)
    waiting = asyncio.create_task(gate.enter(0))
    await asyncio.sleep(0.01)
    gate.close(Ending(FailureKind.QUOTA, "no credit"))
    gate.close(Ending(FailureKind.STOPPED, "later"))
    for question_ in (waiting, gate.enter(0)):
        with pytest.raises(ClosedError) as caught:
            await question_
        assert caught.value.ending.what == "no credit"


async def test_a_retry_goes_before_those_that_wait() -> None:
    gate = Gate(RoleSettings(max_in_flight=1), Control())
    await gate.enter(0)
    usual = asyncio.create_task(gate.enter(0))
    await asyncio.sleep(0)
    again = asyncio.create_task(gate.enter(0, first=True))
    await asyncio.sleep(0)
    gate.leave()
    await asyncio.sleep(0.01)
    assert (again.done(), usual.done()) == (True, False)
    usual.cancel()


def test_no_more_are_in_flight_than_the_role_allows(tmp_path: Path) -> None:
    with scripted_server("yes", latency=0.02) as server:
        ask_all(make_project(tmp_path, server.base_url, max_in_flight=5), [question(str(number)) for number in range(40)])
        assert server.most_in_flight == 5


def test_a_limit_of_requests_is_kept_without_one_refusal(tmp_path: Path) -> None:
    limit = RateLimit(1200, burst=20)
    with scripted_server("yes", latency=0.01, rate_limit=limit) as server:
        project = make_project(tmp_path, server.base_url, requests_per_minute=1200)
        started = time.monotonic()
        results = ask_all(project, [question(str(number)) for number in range(40)])
        seconds = time.monotonic() - started
    assert [text_of(result) for result in results] == ["yes"] * 40
    assert limit.refused == 0
    assert seconds > 1.5


def test_a_limit_of_tokens_is_kept(tmp_path: Path) -> None:
    with scripted_server("yes", latency=0.01) as server:
        project = make_project(tmp_path, server.base_url, tokens_per_minute=60_000, max_tokens=50)
        started = time.monotonic()
        ask_all(project, [question(f"{number} {'word ' * 80}") for number in range(12)])
        seconds = time.monotonic() - started
    assert 0.4 < seconds < 5  # 12 times about 102 tokens at 1,000 a second, less a quarter of a second


@pytest.mark.parametrize("tell", [True, False])
def test_a_limit_that_only_the_server_knows_is_found_without_a_storm(tell: bool, tmp_path: Path) -> None:
    limit = RateLimit(1200, burst=5, tell=tell)
    with scripted_server("yes", latency=0.01, rate_limit=limit) as server:
        results = ask_all(make_project(tmp_path, server.base_url), [question(str(number)) for number in range(40)])
    assert [text_of(result) for result in results] == ["yes"] * 40
    assert limit.refused < 60  # asking at once again would be refused hundreds of times


def test_the_reading_says_why_questions_wait(tmp_path: Path) -> None:
    async def ask(session: LlmSession) -> Any:
        asker = session(Role.ANNOTATOR)
        tasks = [asyncio.create_task(asker.ask(question(str(number)))) for number in range(4)]
        await asyncio.sleep(0.3)
        reading = session.reading()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return reading

    with scripted_server("yes") as server:
        reading, _ = in_session(make_project(tmp_path, server.base_url, requests_per_minute=30), ask)
        assert reading.waiting == "30 requests/min"
    with scripted_server(faults.throttled("9")) as server:
        reading, _ = in_session(make_project(tmp_path, server.base_url), ask)
        assert reading.waiting == "429: waits 9 s"
        assert reading.limit < 16
