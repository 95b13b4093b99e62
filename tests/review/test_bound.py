"""The bound on what is wrong: against its definition, exactly for small sets, and by simulation of reviewers who peek."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UsageError
from review.bound import PRIOR_RIGHT, PRIOR_WRONG, Standing, most_wrong
from review.proportions import most_likely_share

Upper = Callable[[int, int, int], float]
"""Upper bound of the number of wrong ones, of size, seen and wrong."""


@cache
def ours(size: int, seen: int, wrong: int) -> float:
    return most_wrong(size, seen, wrong)


@cache
def naive(size: int, seen: int, wrong: int) -> float:
    """What is taught for a sample whose size was fixed beforehand (one-sided Clopper and Pearson)."""
    return most_likely_share(wrong, seen) * size if seen else size


# -- the formula ------------------------------------------------------------------------------------------------------


def _rising(start: Fraction, times: int) -> Fraction:
    product = Fraction(1)
    for step in range(times):
        product *= start + step
    return product


def _by_definition(size: int, seen: int, wrong: int, confidence: float) -> int:
    """The prior over W and its posterior, written out in whole fractions; the set of all W whose ratio stays below 1/alpha."""
    a, b = Fraction(PRIOR_WRONG), Fraction(PRIOR_RIGHT)
    prior = [comb(size, w) * _rising(a, w) * _rising(b, size - w) / _rising(a + b, size) for w in range(size + 1)]
    assert sum(prior) == 1
    likelihood = [Fraction(comb(w, wrong) * comb(size - w, seen - wrong), comb(size, seen)) for w in range(size + 1)]
    evidence = sum(p * chance for p, chance in zip(prior, likelihood, strict=True))
    alpha = 1 - Fraction(confidence)
    # prior / posterior = evidence / likelihood
    return max(w for w in range(size + 1) if likelihood[w] > alpha * evidence)


@pytest.mark.parametrize("size", [1, 2, 7, 30, 61])
@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95])
def test_the_bound_is_the_upper_end_of_what_prior_and_posterior_leave(size: int, confidence: float) -> None:
    for seen in range(0, size + 1, max(1, size // 6)):
        for wrong in range(0, seen + 1, max(1, seen // 5)):
            assert most_wrong(size, seen, wrong, confidence) == _by_definition(size, seen, wrong, confidence)


def test_nothing_seen_says_nothing_and_all_seen_says_all() -> None:
    assert most_wrong(1_000, 0, 0) == 1_000
    assert most_wrong(1_000, 1_000, 17) == 17
    assert most_wrong(0, 0, 0) == 0


def test_two_per_cent_are_reached_after_187_right_ones() -> None:
    needed = next(seen for seen in range(1_000) if most_wrong(1_000_000, seen, 0) <= 20_000)
    assert needed == 187


@given(st.data(), st.integers(1, 1_000_000))
def test_more_right_ones_never_raise_it_and_a_wrong_one_never_lowers_what_is_left(data: st.DataObject, size: int) -> None:
    seen = data.draw(st.integers(0, min(size - 1, 3_000)))
    wrong = data.draw(st.integers(0, seen))
    now = most_wrong(size, seen, wrong)
    assert wrong <= now <= size - (seen - wrong)
    assert most_wrong(size, seen + 1, wrong) <= now
    if wrong < seen:
        # so counting as wrong what only might be (flagged) keeps it a bound, though what counts so is taken off it
        assert most_wrong(size, seen, wrong + 1) - 1 >= now


@given(st.data(), st.integers(1, 100_000))
def test_wrong_ones_taken_out_by_whatever_knowledge_keep_it_a_bound(data: st.DataObject, size: int) -> None:
    """Where W is not ruled out, W - r is not ruled out of the rest: so who knows where the wrong ones are cannot break it."""
    seen = data.draw(st.integers(0, min(size - 1, 2_000)))
    wrong = data.draw(st.integers(0, seen))
    out = data.draw(st.integers(0, size - seen))
    assert most_wrong(size - out, seen, wrong) + out >= most_wrong(size, seen, wrong)


@pytest.mark.parametrize("confidence", [0.0, 1.0, -1.0, 2.0, 1 - 1e-10, float("nan")])
def test_an_impossible_confidence_is_refused(confidence: float) -> None:
    with pytest.raises(UsageError, match="confidence"):
        most_wrong(10, 1, 0, confidence)


# -- it holds for who looks after every decision ------------------------------------------------------------------------


def chance_of_ever_being_wrong(upper: Upper, size: int, total: int) -> float:
    """Exactly: the chance that the bound falls below the truth at any time while all are looked at in random order."""
    chances, missed = {0: 1.0}, 0.0  # of so many wrong ones seen, the bound having been right up to now
    for seen in range(1, size + 1):
        following: dict[int, float] = {}
        for wrong, chance in chances.items():
            share = (total - wrong) / (size - seen + 1)
            for next_wrong, part in ((wrong + 1, chance * share), (wrong, chance * (1 - share))):
                if part <= 0:
                    continue
                if upper(size, seen, next_wrong) < total:
                    missed += part
                else:
                    following[next_wrong] = following.get(next_wrong, 0.0) + part
        chances = following
    return missed


@pytest.mark.parametrize(("size", "total"), [(20, 1), (20, 10), (100, 0), (100, 3), (300, 1), (300, 6), (300, 30), (600, 13)])
def test_it_is_ever_wrong_with_a_chance_of_five_per_cent_at_most(size: int, total: int) -> None:
    assert chance_of_ever_being_wrong(ours, size, total) <= 0.05


@pytest.mark.slow
@pytest.mark.parametrize(("size", "total"), [(2_000, 2), (2_000, 40), (2_000, 100), (600, 60), (500, 250)])
def test_it_is_ever_wrong_with_a_chance_of_five_per_cent_at_most_in_larger_sets(size: int, total: int) -> None:
    assert chance_of_ever_being_wrong(most_wrong, size, total) <= 0.05


@pytest.mark.parametrize(("size", "total"), [(300, 30), (400, 40)])
def test_the_bound_of_a_fixed_sample_fails_who_looks_after_every_decision(size: int, total: int) -> None:
    assert chance_of_ever_being_wrong(naive, size, total) > 0.10


def wrongly_stopped(upper: Upper, size: int, total: int, error: float, runs: int, seed: int) -> float:
    """Simulated reviewers stop when the bound on what is left first comes to `error`, having taken off what was wrong. The
    share of them who stop with a larger error than that."""
    chance, mistaken = random.Random(seed), 0
    for _ in range(runs):
        places = sorted(chance.sample(range(size), total))  # of the wrong ones in this reviewer's order
        wrong = 0
        for seen in range(size + 1):
            wrong += bool(seen) and wrong < total and places[wrong] == seen - 1
            if upper(size, seen, wrong) - wrong <= error * (size - wrong):
                mistaken += total - wrong > error * (size - wrong)
                break
    return mistaken / runs


SMALL = [(400, 9, 0.02), (400, 25, 0.05), (400, 60, 0.05)]
LARGE = [(5_000, 101, 0.02), (5_000, 115, 0.02), (5_000, 130, 0.02), (5_000, 260, 0.05), (5_000, 300, 0.05), (5_000, 600, 0.1)]


@pytest.mark.parametrize(("size", "total", "error"), SMALL)
def test_reviewers_who_stop_as_soon_as_it_is_low_are_seldom_wrong(size: int, total: int, error: float) -> None:
    assert wrongly_stopped(ours, size, total, error, 1_000, seed=1) <= 0.05


@pytest.mark.slow
@pytest.mark.parametrize(("size", "total", "error"), LARGE)
def test_reviewers_of_large_sets_who_stop_as_soon_as_it_is_low_are_seldom_wrong(size: int, total: int, error: float) -> None:
    assert wrongly_stopped(ours, size, total, error, 1_500, seed=2) <= 0.05


def test_with_the_bound_of_a_fixed_sample_they_often_are() -> None:
    # 0.05 plus more than four standard deviations of 1,000 runs
    assert wrongly_stopped(naive, 2_000, 42, 0.02, 1_000, seed=3) > 0.08
    assert wrongly_stopped(ours, 2_000, 42, 0.02, 1_000, seed=3) <= 0.05


def ever_too_low(size: int, total: int, every: int, runs: int, seed: int) -> float:
    """An oracle takes the wrong one at the far end off the set after every so many decisions. The share of runs in which the
    bound is below what is wrong in the set at any time."""
    chance, missed = random.Random(seed), 0
    for _ in range(runs):
        tail = sorted(chance.sample(range(size), total))
        places, gone = set(tail), set[int]()
        wrong = 0
        for seen in range(1, size + 1):
            wrong += seen - 1 in places
            if seen % every == 0:
                while tail and tail[-1] in gone:
                    tail.pop()
                if tail and tail[-1] >= seen:
                    gone.add(tail[-1])
            outside = sum(place >= seen for place in gone)
            if ours(size - outside, seen, wrong) - wrong < total - wrong - outside:
                missed += 1
                break
    return missed / runs


@pytest.mark.parametrize(("size", "total", "every"), [(300, 20, 10), (300, 6, 20), (400, 15, 30)])
def test_it_holds_beside_an_oracle_that_takes_wrong_ones_off_the_tail(size: int, total: int, every: int) -> None:
    assert ever_too_low(size, total, every, 400, seed=4) <= 0.05


# -- the set ----------------------------------------------------------------------------------------------------------


def test_what_was_found_wrong_is_taken_off_both_sides() -> None:
    before = Standing(machine=1_000, seen=200, wrong=3, found=3, off=3, unconfirmed=800)
    assert before.size == 997
    assert before.bound() == (most_wrong(1_000, 200, 3) - 3) / 997


def test_what_was_found_wrong_elsewhere_is_taken_out_of_the_population_and_not_off_the_bound() -> None:
    elsewhere = Standing(machine=1_000, seen=200, wrong=3, found=3, elsewhere=5, off=8, unconfirmed=795)
    assert elsewhere.bound() == (most_wrong(995, 200, 3) - 3) / 992
    many = Standing(machine=1_000, seen=100, elsewhere=34, off=34, unconfirmed=866)
    none = Standing(machine=1_000, seen=100, unconfirmed=900)
    assert none.bound() == pytest.approx(many.bound(), rel=0.05)


def test_what_people_added_is_in_the_set() -> None:
    assert Standing(machine=100, seen=50, added=20, unconfirmed=50).size == 120


def test_no_more_are_wrong_than_nobody_has_accepted() -> None:
    assert Standing(machine=100, seen=0, unconfirmed=7).bound() == 0.07
    assert Standing(machine=100, seen=100, wrong=2, found=2, off=2).bound() == 0.0


def test_without_a_same_there_is_no_bound_and_an_empty_set_has_no_error() -> None:
    assert Standing(machine=0).bound() is None
    assert Standing(machine=0, added=20).bound() is None
    assert Standing(machine=5, seen=5, wrong=5, found=5, off=5).bound() == 0.0
