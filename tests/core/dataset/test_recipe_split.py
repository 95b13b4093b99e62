"""Whole conversations on one side, every command and where possible every flow in train, what could not be had listed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.dataset.recipe_split import SplitUnit, split


def unit(id_: int, points: int = 10, commands: str = "s", flows: str = "") -> SplitUnit:
    """Features are given as letters."""
    return SplitUnit(id_, points, frozenset(commands), frozenset(flows))


@st.composite
def corpora(draw: st.DrawFn) -> list[SplitUnit]:
    count = draw(st.integers(1, 30))
    features = st.frozensets(st.sampled_from("abcdef"), max_size=4)
    return [
        SplitUnit(id_, draw(st.integers(1, 50)), draw(features.filter(bool)), draw(features)) for id_ in range(1, count + 1)
    ]


fractions = st.floats(0.01, 1.0)
seeds = st.integers(0, 2**32)


@given(corpora(), fractions, seeds)
def test_every_conversation_lies_on_exactly_one_side(units: list[SplitUnit], share: float, seed: int) -> None:
    found = split(units, share, seed)
    assert found.train | found.val == {one.id for one in units}
    assert not found.train & found.val


@given(corpora(), fractions, seeds)
def test_every_command_and_flow_is_in_train(units: list[SplitUnit], share: float, seed: int) -> None:
    found = split(units, share, seed)
    for features in ("commands", "flows"):
        everywhere = {feature for one in units for feature in getattr(one, features)}
        assert {feature for one in units if one.id in found.train for feature in getattr(one, features)} == everywhere


@given(corpora(), fractions, seeds)
def test_the_same_seed_gives_the_same_split_whatever_the_hash_of_strings(
    units: list[SplitUnit], share: float, seed: int
) -> None:
    again = [SplitUnit(one.id, one.points, frozenset(sorted(one.commands)), frozenset(sorted(one.flows))) for one in units]
    assert split(units, share, seed) == split(again, share, seed)


@given(corpora(), seeds)
def test_a_share_of_one_puts_all_into_train_and_asks_nothing_of_val(units: list[SplitUnit], seed: int) -> None:
    found = split(units, 1.0, seed)
    assert (found.train, found.val, found.shortfalls) == (frozenset(one.id for one in units), frozenset(), ())


@given(corpora(), fractions, seeds)
def test_what_val_lacks_is_listed(units: list[SplitUnit], share: float, seed: int) -> None:
    found = split(units, share, seed)
    val = [one for one in units if one.id in found.val]
    for features, word in (("commands", "command"), ("flows", "flow")):
        everywhere = {feature for one in units for feature in getattr(one, features)}
        missing = everywhere - {feature for one in val for feature in getattr(one, features)} if val else set()
        assert [line for line in found.shortfalls if line.startswith(word)] == [
            f"{word} `{feature}` is missing from val" for feature in sorted(missing)
        ]


@given(st.integers(5, 60), st.floats(0.2, 0.95), seeds)
def test_the_share_is_met_as_far_as_whole_tests_allow(count: int, share: float, seed: int) -> None:
    units = [unit(id_, points=10) for id_ in range(count)]
    found = split(units, share, seed)
    assert abs(len(found.train) - share * count) <= 1
    assert found.val


def test_of_two_tests_one_goes_to_val_even_for_a_large_share() -> None:
    found = split([unit(1), unit(2)], 0.99, 42)
    assert len(found.train) == len(found.val) == 1
    assert found.shortfalls == ("train holds 50% of the data points instead of 99%: tests are not divided",)


def test_if_train_needs_every_test_val_is_empty_and_that_is_said() -> None:
    found = split([unit(1, commands="a"), unit(2, commands="b")], 0.5, 42)
    assert (found.train, found.val) == (frozenset({1, 2}), frozenset())
    assert found.shortfalls == ("val is empty: every conversation is needed in train to show each command and flow once",)


def test_a_test_that_shows_much_is_preferred_to_several_that_show_little() -> None:
    units = [
        unit(1, commands="a"),
        unit(2, commands="b"),
        unit(3, commands="c"),
        unit(4, commands="abc"),
        unit(5, commands="a"),
    ]
    assert 4 in split(units, 0.1, 7).train
    assert len(split(units, 0.1, 7).train) == 1


def test_another_seed_gives_another_split() -> None:
    units = [unit(id_) for id_ in range(20)]
    assert len({split(units, 0.5, seed).train for seed in range(10)}) > 1
