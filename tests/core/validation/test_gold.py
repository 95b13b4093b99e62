"""The limits that verdicts on hand-labelled rephrasings have to keep."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.bench_validation import Confusion, confusion
from bench.gold import by_label, gold_steps
from core.conversations.models import Verdict

FAITHFUL = "faithful"


def within_limits(found: Confusion) -> bool:
    return (
        found.share(Verdict.SAME, *found.other_commands) <= 2
        and found.share(Verdict.SAME, *found.same_commands) <= 30
        and found.share(Verdict.DIFFERENT, FAITHFUL) <= 3
        and found.share(Verdict.AMBIGUOUS, FAITHFUL) <= 10
    )


@pytest.mark.data
@pytest.mark.parametrize(("noise", "seed"), [(0.0, 0), (0.1, 0), (0.1, 1)])
def test_verdicts_keep_their_limits_with_exact_and_with_noisy_answers(test_data: Path, noise: float, seed: int) -> None:
    steps = gold_steps(test_data)
    assert sum(len(step.rephrasings) for step in steps) == 408
    found = confusion(steps, by_label(steps, noise=noise, seed=seed))
    assert within_limits(found), f"\n{found.table()}"


@pytest.mark.data
def test_noise_is_drawn_for_each_call_and_the_same_each_time(test_data: Path) -> None:
    steps = gold_steps(test_data)
    noisy = by_label(steps, noise=0.1, seed=3)
    calls = [(step, place, sample) for step in steps for place in range(8) for sample in range(3)]
    wrong = [noisy(*call) != call[0].rephrasings[call[1]].commands for call in calls]
    assert 0.06 < sum(wrong) / len(wrong) < 0.14
    assert [noisy(*call) for call in reversed(calls)] == [noisy(*call) for call in calls][::-1]
