"""Money: prices, and the hard stop of a cost limit."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from core.errors import UsageError
from core.llm.budget import Budget, cost_of
from core.llm.gate import ClosedError
from core.llm.models import Answer, FailureKind, Usage
from core.llm.roles import RoleSettings
from tests.core.llm.asking import ask_all, failure_of, make_project, question
from tests.llm_server import scripted_server


def test_prices_are_per_million_tokens_and_one_that_is_not_set_is_nothing() -> None:
    assert cost_of(RoleSettings(), Usage(1000, 1000)) is None
    assert cost_of(RoleSettings(price_input=2.0), Usage(1000, 1000)) == pytest.approx(0.002)
    assert cost_of(RoleSettings(price_input=2.0, price_output=4.0), Usage(1000, 1000, 1000)) == pytest.approx(0.006)


def test_a_run_stops_before_it_would_cost_more_than_its_limit(tmp_path: Path) -> None:
    with scripted_server("x" * 396, latency=0.01) as server:  # 100 tokens an answer
        project = make_project(tmp_path, server.base_url, price_output=1000.0, max_tokens=100, max_in_flight=4)
        requests = [question(str(number)) for number in range(30)]
        results = ask_all(project, requests, max_cost=1.05)  # 0.1 an answer
        answers = [result for result in results if isinstance(result, Answer)]
        assert sum(answer.cost or 0 for answer in answers) == pytest.approx(1.0)
        assert server.count == 10
        refused = [failure_of(result) for result in results if not isinstance(result, Answer)]
        assert {failure.kind for failure in refused} == {FailureKind.BUDGET}
        assert "1.0000 of 1.05 USD spent" in refused[0].what
        assert "--max-cost" in refused[0].remedy
        assert all(isinstance(result, Answer) for result in ask_all(project, requests, max_cost=5.0))
        assert server.count == 30


def test_a_limit_needs_a_price(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="price_input"):
        ask_all(make_project(tmp_path, "http://127.0.0.1:1/v1"), [question()], max_cost=1.0)


async def test_what_calls_in_flight_may_cost_is_waited_for_and_then_free_again() -> None:
    budget = Budget(1.0, "EUR")
    await budget.reserve(0.9)
    waiting = asyncio.create_task(budget.reserve(0.5))
    await asyncio.sleep(0)
    assert not waiting.done()
    budget.settle(0.9, 0.1)
    await waiting
    budget.settle(0.5, 0.5)
    with pytest.raises(ClosedError, match=r"0\.6000 of 1 EUR spent"):
        await budget.reserve(0.5)
    with pytest.raises(ClosedError):
        await budget.reserve(0.0)
    assert budget.spent == pytest.approx(0.6)
