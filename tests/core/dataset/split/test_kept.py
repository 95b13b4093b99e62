"""Tests that have a side keep it, new ones follow what they share, and train has what it needs all the same."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dataset.models import Part, Strategy
from core.dataset.split import PointKeys, SplitUnit, divide
from tests.core.dataset.split.corpora import Corpus, corpora, corpus

TRAIN, VAL, HOLDOUT = Part.TRAIN, Part.VAL, Part.HOLDOUT
sides = st.dictionaries(st.integers(1, 12), st.sampled_from(list(Part)))
any_strategy: st.SearchStrategy[Strategy] = st.sampled_from(("components", "tests", "recipe"))
fractions = st.sampled_from(((0.8, 0.0), (0.5, 0.25), (0.7, 0.3), (1.0, 0.0)))


@pytest.fixture(scope="module", autouse=True)
def _little_effort() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.dataset.split.improve._EFFORT", 5_000)
        patch.setattr("core.dataset.split.improve._ROUNDS", 1)
        yield


@given(corpora(), any_strategy, fractions, sides, st.integers(0, 99))
def test_a_test_leaves_its_side_for_train_only_and_that_is_said(
    made: Corpus, strategy: Strategy, shares: tuple[float, float], fixed: dict[int, Part], seed: int
) -> None:
    division = divide(*made, strategy=strategy, train_frac=shares[0], holdout_frac=shares[1], seed=seed, fixed=fixed)
    left = {id_ for id_, part in fixed.items() if division.part_of.get(id_, part) is not part}
    assert all(division.part_of[id_] is TRAIN for id_ in left)
    said = " ".join(line.split(" came from ")[0] for line in division.shortfalls if " to train, though " in line)
    assert all(f"`{id_}`" in said for id_ in left)
    if strategy != "recipe":
        in_train = {name for unit in made[0] if division.part_of[unit.id] is TRAIN for name in unit.features}
        assert in_train >= {name for unit in made[0] for name in unit.features if name.startswith(("command:", "flow:"))}


@given(corpora(), st.sampled_from(("components", "tests")), fractions, sides)
def test_no_key_is_left_on_two_sides(
    made: Corpus, strategy: Strategy, shares: tuple[float, float], fixed: dict[int, Part]
) -> None:
    units, points = made
    division = divide(*made, strategy=strategy, train_frac=shares[0], holdout_frac=shares[1], seed=1, fixed=fixed)
    found: dict[int, set[Part]] = {}
    for place, key, out in zip(points.unit, points.key, division.taken_out, strict=True):
        if not out:
            found.setdefault(key, set()).add(division.part_of[units[place].id])
    assert all(len(parts) == 1 for parts in found.values())


def pairs(count: int, *, first: int = 0) -> dict[int, list[tuple[str, int]]]:
    """Tests 2n and 2n+1 share a key."""
    return {id_: [("command:a", 1000 + id_ // 2), ("command:a", id_)] for id_ in range(first, first + 2 * count)}


def test_with_the_sides_of_an_earlier_division_none_of_its_tests_moves() -> None:
    first = divide(*corpus(pairs(15)), strategy="components", train_frac=0.7, holdout_frac=0.1, seed=1)
    changed = {**pairs(19), 4: [("command:a", 1002)]}
    del changed[9]
    again = divide(
        *corpus(changed), strategy="components", train_frac=0.7, holdout_frac=0.1, seed=1, fixed=first.part_of
    )  # fmt: skip
    assert {id_: again.part_of[id_] for id_ in first.part_of if id_ != 9} == {
        id_: part for id_, part in first.part_of.items() if id_ != 9
    }
    assert (again.strategy, again.torn, sum(again.taken_out)) == ("components", 0, 0)


def test_a_new_test_follows_those_of_its_component() -> None:
    fixed = {id_: VAL if id_ == 4 else TRAIN for id_ in range(16) if id_ != 5}
    division = divide(*corpus(pairs(8)), strategy="components", train_frac=0.8, seed=3, fixed=fixed)
    assert (division.part_of[5], division.strategy, sum(division.taken_out)) == (VAL, "components", 0)


def test_new_tests_bring_the_sizes_near_to_what_is_asked() -> None:
    fixed = dict.fromkeys(range(10), TRAIN)
    made = corpus({id_: [("command:a", id_)] for id_ in range(20)})
    division = divide(*made, strategy="components", train_frac=0.6, seed=1, fixed=fixed)
    assert (division.totals.train, division.totals.val) == (12, 8)


def test_a_component_with_tests_on_several_sides_loses_what_would_leak() -> None:
    fixed = {id_: TRAIN if id_ % 2 else VAL for id_ in range(2)} | dict.fromkeys(range(2, 16), TRAIN)
    division = divide(*corpus(pairs(8)), strategy="components", train_frac=0.8, seed=3, fixed=fixed)
    assert (division.strategy, division.torn, sum(division.taken_out)) == ("tests", 1, 1)
    assert (division.part_of[0], division.part_of[1]) == (VAL, TRAIN)


def test_sides_are_kept_though_no_share_is_asked_for_and_that_is_said() -> None:
    made = corpus({id_: [("command:a", id_)] for id_ in range(10)})
    fixed = {id_: HOLDOUT if id_ == 0 else TRAIN if id_ < 8 else VAL for id_ in range(10)}
    division = divide(*made, strategy="components", train_frac=0.8, seed=1, fixed=fixed)
    assert division.part_of == fixed
    assert "holdout holds 10% of the data points instead of 0%: tests of the earlier dataset keep their sides" in (
        division.shortfalls
    )


def one_rare(*showing: int) -> Corpus:
    return corpus({id_: [("command:a" + " flow:rare" * (id_ in showing), id_)] for id_ in range(10)})


HELD = {0: HOLDOUT, 1: VAL, **dict.fromkeys(range(2, 8), TRAIN)}


@pytest.mark.parametrize("strategy", ["components", "tests"])
def test_what_train_lacks_a_new_test_brings(strategy: Strategy) -> None:
    division = divide(*one_rare(0, 1, 9), strategy=strategy, train_frac=0.7, holdout_frac=0.1, seed=1, fixed=HELD)
    assert {id_: division.part_of[id_] for id_ in HELD} == HELD
    assert division.part_of[9] is TRAIN


@pytest.mark.parametrize("strategy", ["components", "tests"])
def test_or_else_one_of_val(strategy: Strategy) -> None:
    division = divide(*one_rare(0, 1), strategy=strategy, train_frac=0.7, holdout_frac=0.1, seed=1, fixed=HELD)
    assert (division.part_of[0], division.part_of[1]) == (HOLDOUT, TRAIN)
    assert division.shortfalls[0] == (
        "`1` came from val to train, though tests of the earlier dataset keep their sides: no test that is free shows"
        " flow `rare`"
    )


@pytest.mark.parametrize("strategy", ["components", "tests"])
def test_and_one_of_the_holdout_only_if_no_other_shows_it(strategy: Strategy) -> None:
    division = divide(*one_rare(0), strategy=strategy, train_frac=0.7, holdout_frac=0.1, seed=1, fixed=HELD)
    assert (division.part_of[0], division.part_of[1]) == (TRAIN, VAL)
    assert division.shortfalls[0].startswith("`0` came from holdout to train, though ")


@given(corpora(), any_strategy, st.integers(0, 99))
def test_the_names_of_tests_decide_and_neither_ids_nor_numbers_of_keys(made: Corpus, strategy: Strategy, seed: int) -> None:
    units, points = made

    def named(change: int) -> list[SplitUnit]:
        return [SplitUnit(abs(change - unit.id), unit.points, unit.features, f"t.yml::{unit.id}") for unit in units]

    most = max(points.key)
    turned = PointKeys(points.unit, array("I", (most - key for key in points.key)), points.kind, points.kinds)
    first = divide(named(0), points, strategy=strategy, train_frac=0.6, seed=seed)
    other = divide(named(100), turned, strategy=strategy, train_frac=0.6, seed=seed)
    assert {100 - id_: part for id_, part in other.part_of.items()} == first.part_of
