"""The reference's rule: tests shuffled, commands covered, train filled, nothing looked at."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.dataset.models import Part
from core.dataset.split import RecipeLeaks, divide
from tests.core.dataset.split.corpora import Corpus, corpora, corpus


@given(corpora(), st.floats(0.1, 0.9), st.integers(0, 2**32))
def test_every_command_is_in_train_and_nothing_is_taken_out(made: Corpus, train_frac: float, seed: int) -> None:
    division = divide(*made, strategy="recipe", train_frac=train_frac, seed=seed)
    for name in {name for unit in made[0] for name in unit.features if name.startswith("command:")}:
        assert any(division.part_of[unit.id] is Part.TRAIN for unit in made[0] if name in unit.features)
    assert not any(division.taken_out)


@given(corpora(), st.floats(0.1, 0.9), st.integers(0, 2**32))
def test_leaks_are_the_rows_outside_of_train_whose_key_is_in_it(made: Corpus, train_frac: float, seed: int) -> None:
    units, points = made
    division = divide(*made, strategy="recipe", train_frac=train_frac, seed=seed)
    parts = [division.part_of[units[place].id] for place in points.unit]
    in_train = {key for key, part in zip(points.key, parts, strict=True) if part is Part.TRAIN}
    outside = [key for key, part in zip(points.key, parts, strict=True) if part is not Part.TRAIN]
    assert division.recipe == RecipeLeaks(len(outside), sum(key in in_train for key in outside))


def test_a_flow_may_be_missing_from_train_and_that_is_said() -> None:
    made = corpus({id_: [(f"command:a flow:f{id_}", id_)] for id_ in range(10)})
    division = divide(*made, strategy="recipe", train_frac=0.8, seed=1)
    assert division.totals.train == 8
    missing = [line for line in division.shortfalls if line.endswith("is missing from train: no test that shows it is there")]
    assert len(missing) == 2


def test_a_test_that_shows_all_commands_comes_first() -> None:
    rows = {1: "a", 2: "b", 3: "c", 4: "a b c", 5: "a"}
    made = corpus({id_: [(f"command:{command}", id_) for command in shown.split()] for id_, shown in rows.items()})
    division = divide(*made, strategy="recipe", train_frac=0.1, seed=7)
    assert [id_ for id_, part in division.part_of.items() if part is Part.TRAIN] == [4]


def test_the_holdout_is_filled_after_train() -> None:
    made = corpus({id_: [("command:a", id_)] for id_ in range(20)})
    totals = divide(*made, strategy="recipe", train_frac=0.7, holdout_frac=0.2, seed=1).totals
    assert (totals.train, totals.val, totals.holdout) == (14, 2, 4)
