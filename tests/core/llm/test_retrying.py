from __future__ import annotations

from email.utils import formatdate

import pytest

from core.llm.models import FailureKind
from core.llm.outcomes import Miss
from core.llm.retrying import Circuit, backoff, limit_reached, retry_after

CUT = Miss(FailureKind.CONNECTION, "cut", retry=True)
BROKEN = Miss(FailureKind.SERVER, "500", retry=True)


def test_the_time_between_attempts_doubles_up_to_half_a_minute_with_jitter() -> None:
    assert [backoff(attempts, lambda: 0.5) for attempts in (1, 2, 3, 4, 20)] == [0.5, 1.0, 2.0, 4.0, 30.0]
    assert (backoff(3, lambda: 0.0), backoff(3, lambda: 1.0)) == (1.0, 3.0)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "12"}, 12.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after": formatdate(1_700_000_030, usegmt=True)}, 30.0),
        ({"retry-after": formatdate(1_600_000_000, usegmt=True)}, 0.0),
        ({"retry-after": formatdate(5030, usegmt=True), "date": formatdate(5000, usegmt=True)}, 30.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
    ],
)
def test_what_a_server_asks_to_wait_is_understood_in_all_its_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, now=lambda: 1_700_000_000.0) == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0.0),
        ({"x-ratelimit-remaining-requests": "5", "x-ratelimit-reset-requests": "1s"}, 0.0),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6s"}, 6.0),
        (
            {"x-ratelimit-remaining-requests": "0", "x-ratelimit-limit-requests": "60", "x-ratelimit-reset-requests": "1m0s"},
            1.0,
        ),
        ({"x-ratelimit-remaining-tokens": "50", "x-ratelimit-limit-tokens": "1050", "x-ratelimit-reset-tokens": "20s"}, 1.0),
        ({"x-ratelimit-remaining-tokens": "100", "x-ratelimit-reset-tokens": "20s"}, 0.0),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "120ms"}, 0.12),
        ({"x-ratelimit-remaining-requests": "none", "x-ratelimit-reset-requests": "x"}, 0.0),
    ],
)
def test_what_is_left_of_a_limit_says_how_long_to_wait(headers: dict[str, str], seconds: float) -> None:
    assert limit_reached(headers, tokens=100.0) == pytest.approx(seconds)


class _Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_an_endpoint_that_never_answered_is_given_up_after_fifteen_seconds() -> None:
    clock = _Clock()
    circuit = Circuit(300.0, clock)
    assert [circuit.failed(CUT, clock.now) for _ in range(5)] == [None] * 5
    clock.now += 16
    assert circuit.failed(CUT, clock.now) == pytest.approx(16)


def test_one_that_did_answer_gets_the_time_for_retries() -> None:
    clock = _Clock()
    circuit = Circuit(300.0, clock)
    circuit.answered()
    circuit.failed(CUT, clock.now)
    clock.now += 200
    assert circuit.failed(CUT, clock.now) is None
    clock.now += 101
    assert circuit.failed(CUT, clock.now) == pytest.approx(301)


def test_an_answer_in_between_starts_anew() -> None:
    clock = _Clock()
    circuit = Circuit(10.0, clock)
    for _ in range(5):
        circuit.failed(BROKEN, clock.now)
        clock.now += 6
        circuit.answered()
    assert circuit.failed(BROKEN, clock.now) is None


def test_many_cuts_at_one_moment_are_one_round() -> None:
    clock = _Clock()
    circuit = Circuit(0.0, clock)
    sent = clock.now
    clock.now += 0.1
    assert [circuit.failed(CUT, sent) for _ in range(64)] == [None] * 64
    assert circuit.rounds == 1
    sent = clock.now + 0.01
    clock.now += 0.1
    circuit.failed(CUT, sent)
    assert circuit.rounds == 2
