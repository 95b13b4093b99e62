"""Whatever the corpus: no key on two sides, every command and flow in train, the same seed the same division."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dataset.models import Part, Strategy
from core.dataset.split import Division, PointKeys, SplitUnit, divide
from tests.core.dataset.split.corpora import Corpus, corpora, corpus, without_kinds

seeds = st.integers(0, 2**32)
fractions = st.sampled_from(((0.8, 0.0), (0.5, 0.25), (0.7, 0.3), (0.99, 0.0), (0.1, 0.1), (1.0, 0.0)))
ours: st.SearchStrategy[Strategy] = st.sampled_from(("components", "tests"))
any_strategy: st.SearchStrategy[Strategy] = st.sampled_from(("components", "tests", "recipe"))


@pytest.fixture(scope="module", autouse=True)
def _little_effort() -> Iterator[None]:
    """What holds of every division does not depend on how good it is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.dataset.split.improve._EFFORT", 5_000)
        patch.setattr("core.dataset.split.improve._ROUNDS", 1)
        yield


def parts_of_points(division: Division, made: Corpus) -> list[Part | None]:
    """By data point; None for those taken out."""
    units, points = made
    return [
        None if out else division.part_of[units[place].id] for place, out in zip(points.unit, division.taken_out, strict=True)
    ]


@given(corpora(), ours, fractions, seeds)
def test_no_key_is_left_on_two_sides(made: Corpus, strategy: Strategy, shares: tuple[float, float], seed: int) -> None:
    division = divide(*made, strategy=strategy, train_frac=shares[0], holdout_frac=shares[1], seed=seed)
    sides: dict[int, set[Part]] = {}
    for key, part in zip(made[1].key, parts_of_points(division, made), strict=True):
        if part is not None:
            sides.setdefault(key, set()).add(part)
    assert all(len(found) == 1 for found in sides.values())
    assert set(sides) == set(made[1].key), "every utterance is still somewhere"


@given(corpora(), any_strategy, fractions, seeds)
def test_every_conversation_has_one_part_and_only_parts_that_were_asked_for(
    made: Corpus, strategy: Strategy, shares: tuple[float, float], seed: int
) -> None:
    division = divide(*made, strategy=strategy, train_frac=shares[0], holdout_frac=shares[1], seed=seed)
    assert set(division.part_of) == {unit.id for unit in made[0]}
    wanted = {Part.TRAIN: shares[0], Part.VAL: 1 - sum(shares), Part.HOLDOUT: shares[1]}
    assert {part for part, share in wanted.items() if share > 1e-9} >= set(division.part_of.values())


@given(corpora(), ours, fractions, seeds)
def test_every_command_and_flow_is_in_train(made: Corpus, strategy: Strategy, shares: tuple[float, float], seed: int) -> None:
    division = divide(*made, strategy=strategy, train_frac=shares[0], holdout_frac=shares[1], seed=seed)
    for name in {name for unit in made[0] for name in unit.features if name.startswith(("command:", "flow:"))}:
        showing = [unit for unit in made[0] if name in unit.features]
        assert any(division.part_of[unit.id] is Part.TRAIN for unit in showing), name


@given(corpora(), any_strategy, fractions, seeds)
def test_the_order_of_the_conversations_does_not_matter(
    made: Corpus, strategy: Strategy, shares: tuple[float, float], seed: int
) -> None:
    units, points = made
    order = sorted(range(len(units)), key=lambda place: (units[place].id * 7919) % 31)
    mixed = [units[place] for place in order]
    place_of = {place: new for new, place in enumerate(order)}
    moved = PointKeys(array("I", (place_of[unit] for unit in points.unit)), points.key, points.kind, points.kinds)
    first = divide(units, points, strategy=strategy, train_frac=shares[0], holdout_frac=shares[1], seed=seed)
    assert divide(mixed, moved, strategy=strategy, train_frac=shares[0], holdout_frac=shares[1], seed=seed) == first


@given(corpora(), any_strategy, fractions, seeds)
def test_the_table_adds_up(made: Corpus, strategy: Strategy, shares: tuple[float, float], seed: int) -> None:
    division = divide(*made, strategy=strategy, train_frac=shares[0], holdout_frac=shares[1], seed=seed)
    parts = parts_of_points(division, made)
    counted = Counter(parts)
    totals = division.totals
    assert (totals.train, totals.val, totals.holdout) == (counted[Part.TRAIN], counted[Part.VAL], counted[Part.HOLDOUT])
    assert totals.taken_out == counted[None] == sum(division.taken_out)
    assert totals.all + totals.taken_out == len(parts)
    if made[1].kind is None:
        return
    for row in division.table:
        shown = Counter(part for part, kind in zip(parts, made[1].kind, strict=True) if row.feature in made[1].kinds[kind])
        expected = (shown[Part.TRAIN], shown[Part.VAL], shown[Part.HOLDOUT], shown[None])
        assert (row.train, row.val, row.holdout, row.taken_out) == expected, row.feature


@given(corpora(), seeds)
def test_a_share_of_one_puts_all_into_train_and_asks_nothing_of_val(made: Corpus, seed: int) -> None:
    division = divide(*made, strategy="components", train_frac=1, seed=seed)
    assert set(division.part_of.values()) == {Part.TRAIN}
    assert (division.shortfalls, division.totals.taken_out, division.recipe.rows) == ((), 0, 0)


@given(corpora(), fractions, seeds)
def test_components_that_fit_lose_no_data_point(made: Corpus, shares: tuple[float, float], seed: int) -> None:
    division = divide(*made, strategy="components", train_frac=shares[0], holdout_frac=shares[1], seed=seed)
    if division.strategy == "components":
        assert not any(division.taken_out)
    else:
        assert (division.strategy, division.asked) == ("tests", "components")
        assert division.components.share > 1 - shares[0]


@pytest.mark.parametrize("strategy", ["components", "tests"])
@pytest.mark.parametrize("train_frac", [0.5, 0.8, 0.9])
def test_sizes_are_as_asked_where_tests_are_alike(strategy: Strategy, train_frac: float) -> None:
    made = corpus({id_: [("command:a flow:x", 10 * id_ + row) for row in range(10)] for id_ in range(1, 41)})
    division = divide(*made, strategy=strategy, train_frac=train_frac, seed=3)
    assert division.totals.train == 400 * train_frac
    assert division.shortfalls == ()


def test_another_seed_gives_another_division() -> None:
    made = corpus({id_: [("command:a", id_)] for id_ in range(1, 21)})
    assert len({tuple(divide(*made, strategy="tests", train_frac=0.5, seed=seed).part_of.values()) for seed in range(8)}) > 4


def test_tests_that_open_alike_stay_together() -> None:
    made = corpus({id_: [("command:a", id_ // 2), ("command:b", 100 + id_)] for id_ in range(20)})
    division = divide(*made, strategy="components", train_frac=0.8, seed=1)
    assert (division.strategy, division.components.number, division.components.share) == ("components", 10, 0.1)
    assert all(division.part_of[id_] is division.part_of[id_ + 1] for id_ in range(0, 20, 2))
    assert list(division.part_of.values()).count(Part.VAL) == 4


def test_a_short_answer_of_all_tests_makes_one_component_so_tests_are_divided_and_the_answer_leaves_val() -> None:
    made = corpus({id_: [("command:a flow:x", id_), ("command:b flow:x", 0)] for id_ in range(1, 11)})
    division = divide(*made, strategy="components", train_frac=0.8, seed=1)
    assert (division.asked, division.strategy) == ("components", "tests")
    assert (division.components.number, division.components.largest, division.components.share) == (1, 20, 1.0)
    assert (division.totals.train, division.totals.val, division.totals.taken_out) == (16, 2, 2)
    out = [key for key, taken in zip(made[1].key, division.taken_out, strict=True) if taken]
    assert out == [0, 0]
    assert division.shortfalls == (
        "val holds 10% of the data points instead of 20%: 2 of its 4 data points were taken out",
        "command `b` is missing from val: 2 data points that show it were taken out, since their state and utterance occur"
        " elsewhere",
    )


def test_train_keeps_what_it_shares_with_others_and_holdout_what_it_shares_with_val() -> None:
    made = corpus({id_: [("command:a", id_), ("command:b", 0)] for id_ in range(1, 13)})
    division = divide(*made, strategy="tests", train_frac=0.5, holdout_frac=0.25, seed=1)
    assert division.totals.train == 12
    assert (division.totals.val, division.totals.holdout, division.totals.taken_out) == (3, 3, 6)


def test_without_kinds_what_remains_of_a_conversation_shows_its_features_in_equal_shares() -> None:
    made = without_kinds(corpus({id_: [("command:a flow:x", id_), ("command:b flow:x", 0)] for id_ in range(1, 11)}))
    division = divide(*made, strategy="tests", train_frac=0.8, seed=1)
    rows = {row.feature: (row.train, row.val, row.taken_out) for row in division.table}
    assert rows == {"command:a": (8, 1, 1), "command:b": (8, 1, 1), "flow:x": (16, 2, 2)}


def test_what_kinds_do_not_name_is_taken_from_the_conversation() -> None:
    units, points = corpus({1: [("command:a", 1), ("command:b", 1)], 2: [("command:a", 2)]})
    units = [SplitUnit(unit.id, unit.points, {"language:de": unit.points}) for unit in units]
    division = divide(units, points, strategy="tests", train_frac=1, seed=1)
    assert {row.feature: row.all for row in division.table} == {"command:a": 2, "command:b": 1, "language:de": 3}


def test_units_and_data_points_must_belong_together() -> None:
    units, points = corpus({1: [("command:a", 1)]})
    with pytest.raises(AssertionError, match="do not belong together"):
        divide([*units, SplitUnit(2, 1, {})], points, strategy="tests", train_frac=0.8, seed=1)


def test_no_conversations_give_an_empty_division() -> None:
    division = divide([], PointKeys(array("I"), array("I")), strategy="components", train_frac=0.8, seed=1)
    assert (division.part_of, division.totals.all, division.shortfalls) == ({}, 0, ())
