from __future__ import annotations

from core.llm.meter import Meter, MeterReading
from core.llm.models import Usage


def test_the_rate_is_that_of_the_last_half_minute() -> None:
    now = [1000.0]
    meter = Meter(clock=lambda: now[0])
    assert (meter.rate, meter.elapsed) == (0.0, 0.0)
    meter.asked()
    for _ in range(20):
        now[0] += 1.0
        meter.got(None, None, answered=True)
    assert meter.rate == 1.0
    for _ in range(60):
        now[0] += 0.5
        meter.got(None, None, answered=True)
    assert 1.9 <= meter.rate <= 2.1
    now[0] += 31.0
    assert meter.rate == 0.0
    assert meter.elapsed == 81.0


def test_tokens_and_money_of_failures_count_too() -> None:
    meter = Meter()
    meter.got(Usage(10, 5, 2), 0.5, answered=True)
    meter.got(Usage(1, 1), 0.25, answered=False)
    assert (meter.answered, meter.failed, meter.prompt_tokens, meter.cached_tokens, meter.cost) == (1, 1, 11, 2, 0.75)


def test_the_time_left_is_unknown_without_a_rate() -> None:
    assert MeterReading().eta(5) is None
    assert MeterReading(rate=2.0).eta(5) == 2.5
