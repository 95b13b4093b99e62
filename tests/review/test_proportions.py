"""Intervals for shares, against their definitions and published figures."""

from __future__ import annotations

from math import comb

import pytest

from review.proportions import clopper_pearson, enough, most_likely_share


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(0, 10, 0.0, 0.3085), (1, 1, 0.025, 1.0), (1, 10, 0.0025, 0.4450), (8, 10, 0.4439, 0.9748), (95, 100, 0.8872, 0.9836)],
)
def test_the_interval_of_clopper_and_pearson(count: int, of: int, low: float, high: float) -> None:
    assert clopper_pearson(count, of) == pytest.approx((low, high), abs=0.0001)


@pytest.mark.parametrize("of", [1, 3, 5, 20])
def test_it_holds_the_true_share_as_often_as_it_says_also_of_few(of: int) -> None:
    for share in (0.01, 0.1, 0.5, 0.93, 0.99):
        held = sum(
            comb(of, count) * share**count * (1 - share) ** (of - count)
            for count in range(of + 1)
            if clopper_pearson(count, of)[0] <= share <= clopper_pearson(count, of)[1]
        )
        assert held >= 0.95


def test_the_interval_of_none_is_everything() -> None:
    assert clopper_pearson(0, 0) == (0.0, 1.0)


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
