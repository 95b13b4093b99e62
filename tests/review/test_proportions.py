"""Intervals for shares, against their definitions and published figures."""

from __future__ import annotations

from math import comb

import pytest

from review.proportions import enough, most_likely_share, wilson


@pytest.mark.parametrize(
    ("count", "of", "low", "high"), [(8, 10, 0.49, 0.94), (40, 50, 0.67, 0.89), (160, 200, 0.74, 0.85), (95, 100, 0.89, 0.98)]
)
def test_wilsons_interval(count: int, of: int, low: float, high: float) -> None:
    assert wilson(count, of) == pytest.approx((low, high), abs=0.005)


def test_wilsons_interval_ends_at_what_can_be() -> None:
    assert wilson(0, 10)[0] == 0.0
    assert wilson(10, 10)[1] == 1.0
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(("count", "of"), [(0, 1), (0, 59), (1, 59), (3, 100), (50, 60), (59, 60), (2, 2_000)])
@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.997])
def test_with_the_upper_limit_so_few_are_just_seen_by_chance(count: int, of: int, confidence: float) -> None:
    share = most_likely_share(count, of, confidence)
    chance = sum(comb(of, number) * share**number * (1 - share) ** (of - number) for number in range(count + 1))
    assert chance == pytest.approx(1 - confidence)


def test_where_all_are_of_the_kind_or_none_was_seen_any_share_may_be() -> None:
    assert most_likely_share(4, 4) == 1.0
    assert most_likely_share(0, 0) == 1.0


@pytest.mark.parametrize(("error", "share"), [(0.05, 0.0), (0.02, 0.0), (0.05, 0.02), (0.3, 0.1)])
def test_enough_is_just_enough(error: float, share: float) -> None:
    needed = enough(error, 0.95, share)
    assert needed is not None
    assert most_likely_share(-int(-share * needed // 1), needed) <= error
    assert most_likely_share(-int(-share * (needed - 1) // 1), needed - 1) > error


def test_rule_of_three() -> None:
    assert enough(0.05, 0.95) == 59
    assert enough(0.02, 0.95) == 149


def test_no_number_is_enough_where_the_share_is_too_large() -> None:
    assert enough(0.05, 0.95, 0.05) is None
