"""The mix is kept to whatever the number of wordings, and the same wording is asked for in the same style every time."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.rephrasing.settings import MixSection
from core.rephrasing.styles import Style, StyleMix


def _mix(**axes: dict[str, float]) -> MixSection:
    return MixSection.model_validate(axes)


def _counted(mix: StyleMix, axis: str, steps: int, each: int) -> Counter[str]:
    styles = (dict(mix.style(f"step {step}", slot).values) for step in range(steps) for slot in range(each))
    return Counter(style.get(axis, "") for style in styles)


@given(st.dictionaries(st.sampled_from(["neutral", "casual", "formal"]), st.floats(0.1, 10), min_size=1), st.text(max_size=5))
def test_ten_wordings_of_a_step_have_about_the_shares_of_the_mix(shares: dict[str, float], key: str) -> None:
    mix = StyleMix(_mix(register=shares), 1)
    found = Counter(dict(mix.style(key, slot).values)["register"] for slot in range(10))
    for value, share in shares.items():
        assert abs(found[value] - 10 * share / sum(shares.values())) <= 2.5


def test_rare_styles_come_up_over_all_steps_as_often_as_asked_for() -> None:
    mix = StyleMix(_mix(typos={"none": 95, "few": 4, "many": 1}), 3)
    found = _counted(mix, "typos", steps=500, each=4)
    assert found["few"] == pytest.approx(80, rel=0.2)
    assert found["many"] == pytest.approx(20, rel=0.4)


def test_axes_are_chosen_independently_of_each_other() -> None:
    mix = StyleMix(_mix(register={"neutral": 1, "casual": 1}, length={"similar": 1, "longer": 1}), 5)
    styles = [dict(mix.style("a step", slot).values) for slot in range(400)]
    pairs = Counter((style["register"], style.get("length")) for style in styles)
    assert all(count == pytest.approx(100, rel=0.15) for count in pairs.values())
    assert len(pairs) == 4


def test_a_style_depends_on_step_number_and_seed_alone() -> None:
    mix = _mix(dialect={"none": 1, "Scots": 1}, language={"same": 2, "German": 1})
    of = {seed: [StyleMix(mix, seed).style("k", slot) for slot in range(20)] for seed in (1, 2)}
    assert of[1] == [StyleMix(mix, 1).style("k", slot) for slot in range(20)]
    assert of[1] != of[2]


def test_nobody_types_what_a_recogniser_hears() -> None:
    mix = StyleMix(_mix(speech={"some": 1}, typos={"many": 1}), 1)
    assert dict(mix.style("k", 0).values).keys() == {"register", "speech"}


def test_the_prompt_is_told_in_words_and_the_database_in_values() -> None:
    style = Style((("register", "casual"), ("dialect", "Scots"), ("language", "German")))
    assert style.words == "casual, as one writes in a chat; in this dialect: Scots; written in this language: German"
    assert json.loads(style.to_json(4)) == {"slot": 4, "register": "casual", "dialect": "Scots", "language": "German"}


def test_a_style_that_asks_for_nothing_says_so() -> None:
    assert Style().words == "as you like"
    assert json.loads(Style().to_json(0)) == {"slot": 0}


@pytest.mark.parametrize(
    "axes",
    [
        {"register": {"rude": 1}},
        {"register": {"casual": -1}},
        {"register": {"casual": 0}},
        {"length": {}},
        {"language": {"": 1}},
        {"language": {"x" * 100: 1}},
        {"language": {"German": float("nan")}},
        {"mood": {"bad": 1}},
    ],
)
def test_a_mix_that_cannot_be_is_refused(axes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MixSection.model_validate(axes)
