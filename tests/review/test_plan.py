"""How many further decisions are needed: by counting them out."""

from __future__ import annotations

import random
from array import array
from math import comb

import pytest

from core.errors import UsageError
from review.accepted_set import AcceptedSet, Place
from review.plan import make_plan, most_met

OPEN, RIGHT, REFUSED, SKIPPED = Place.OPEN, Place.RIGHT, Place.REFUSED, Place.SKIPPED


def reviewed(size: int, right: int, wrong: int = 0, *, elsewhere: int = 0) -> AcceptedSet:
    """So many decided from the head, wrong ones first, and so many rejected at the far end."""
    places = [REFUSED] * wrong + [RIGHT] * right
    places += [OPEN] * (size - len(places) - elsewhere) + [REFUSED] * elsewhere
    return AcceptedSet(array("q", range(size)), bytearray(places))


def after(size: int, right: int, wrong: int, further: int, further_wrong: int) -> float:
    bound = reviewed(size, right + further - further_wrong, wrong + further_wrong).standing().bound()
    assert bound is not None
    return bound


@pytest.mark.parametrize(("size", "right", "wrong", "error"), [(5_000, 0, 0, 0.02), (5_000, 80, 1, 0.05), (300, 40, 2, 0.03)])
def test_in_the_best_case_it_is_the_first_number_of_right_ones_that_will_do(
    size: int, right: int, wrong: int, error: float
) -> None:
    plan = make_plan(reviewed(size, right, wrong), error)
    assert plan.best
    assert after(size, right, wrong, plan.best, 0) <= error < after(size, right, wrong, plan.best - 1, 0)


def test_with_errors_as_seen_so_far_the_promised_chance_is_kept() -> None:
    size, right, wrong, error = 3_000, 148, 2, 0.03
    plan = make_plan(reviewed(size, right, wrong), error)
    assert plan.best
    assert plan.even
    assert plan.likely
    assert plan.best < plan.even < plan.likely < plan.open == 2_850
    left, marked = 2_850, 38  # 2 of 150 are 38 of the 2,850 that are left
    for promised, number in ((0.5, plan.even), (0.9, plan.likely)):
        chance = sum(
            comb(marked, met) * comb(left - marked, number - met) / comb(left, number)
            for met in range(marked + 1)
            if met <= number and after(size, right, wrong, number, met) <= error
        )
        assert promised <= chance < promised + 0.15


def test_no_error_seen_is_the_best_case() -> None:
    plan = make_plan(reviewed(1_000_000, 60), 0.02)
    assert plan.best == plan.even == plan.likely == 127  # of 187


def test_nothing_seen_promises_the_best_case_only() -> None:
    plan = make_plan(reviewed(1_000_000, 0), 0.02)
    assert (plan.best, plan.even, plan.likely, plan.seen_error, plan.bound) == (187, None, None, None, 1.0)


def test_a_bound_that_is_low_enough_needs_nothing() -> None:
    plan = make_plan(reviewed(5_000, 300), 0.02)
    assert plan.reached
    assert plan.best == plan.even == plan.likely == 0


def test_where_most_is_wrong_all_must_be_decided_at_last() -> None:
    plan = make_plan(reviewed(500, 20, 60), 0.001)
    assert plan.best == plan.even == plan.likely == plan.open == 420


def test_what_is_decided_ahead_of_the_run_is_not_decided_again() -> None:
    places = [OPEN, RIGHT] * 2_000
    plan = make_plan(AcceptedSet(array("q", range(4_000)), bytearray(places)), 0.02)
    assert plan.best is not None
    assert plan.best < 187 * 3 / 4


def test_skipped_ones_stand_in_the_way() -> None:
    plan = make_plan(AcceptedSet(array("q", range(100)), bytearray([SKIPPED] * 10 + [OPEN] * 90)), 0.02)
    assert (plan.best, plan.even, plan.likely) == (None, None, None)


def test_where_the_machine_calls_nothing_same_there_is_no_bound_and_nothing_is_reached() -> None:
    plan = make_plan(AcceptedSet(array("q"), bytearray(), [7]), 0.02)
    assert (plan.bound, plan.reached, plan.best, plan.open) == (None, False, None, 0)


def test_what_is_found_elsewhere_does_not_make_the_rest_certain() -> None:
    alone, found = make_plan(reviewed(1_000, 100)), make_plan(reviewed(1_000, 100, elsewhere=34))
    assert alone.bound is not None
    assert found.bound is not None
    assert found.bound == pytest.approx(alone.bound, rel=0.05)


@pytest.mark.parametrize("error", [0.0, 1.0, 2.0, -0.1, 1e-300, 0.9e-6, float("nan")])
def test_an_impossible_error_is_refused(error: float) -> None:
    with pytest.raises(UsageError, match="cannot be had"):
        make_plan(reviewed(10, 0), error)


def test_the_smallest_error_can_be_planned_for() -> None:
    assert make_plan(reviewed(10, 0), 1e-6).best == 10


@pytest.mark.parametrize("confidence", [0.0, 1.0, 1 - 1e-10, 0.9999999999999999])
def test_an_impossible_confidence_is_refused(confidence: float) -> None:
    with pytest.raises(UsageError, match="confidence"):
        make_plan(reviewed(10, 0), 0.02, confidence)


@pytest.mark.parametrize("seed", range(40))
def test_the_quantile_is_that_of_the_hypergeometric_distribution(seed: int) -> None:
    rng = random.Random(seed)
    total = rng.randint(1, 80)
    marked, drawn, chance = rng.randint(0, total), rng.randint(0, total), rng.choice((0.1, 0.5, 0.9, 0.99))
    so_far = 0
    for number in range(total + 1):
        so_far += comb(marked, number) * comb(total - marked, drawn - number) if number <= drawn else 0
        if so_far / comb(total, drawn) >= chance:
            assert most_met(total, marked, drawn, chance) == number
            return
