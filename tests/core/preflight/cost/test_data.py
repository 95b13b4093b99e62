"""Lengths of rows, and how long a padded batch is."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UsageError
from core.preflight.cost import DataShape
from tests.core.preflight.cost.shapes import rows


def test_pairs_of_prompt_and_completion_add_up() -> None:
    data = DataShape.from_pairs({(90, 10): 3, (80, 20): 1, (40, 10): 1})
    assert (data.lengths, data.rows, data.tokens, data.longest) == (((50, 1), (100, 4)), 5, 450, 100)
    assert data.supervised == 60
    assert data.supervised_share == pytest.approx(60 / 450)


def test_a_dataset_without_rows_is_refused() -> None:
    with pytest.raises(UsageError, match="no row"):
        DataShape.from_pairs({})


def test_rows_are_cut_at_a_length() -> None:
    assert rows(100, 200, 300).cut_at(200).lengths == ((100, 1), (200, 2))


@given(st.lists(st.integers(21, 60), min_size=1, max_size=5), st.integers(1, 3))
def test_the_padded_length_is_the_mean_over_all_batches_that_can_be_drawn(lengths: list[int], batch: int) -> None:
    drawn = [max(one) for one in itertools.product(lengths, repeat=batch)]
    assert rows(*lengths).padded_length(batch) == pytest.approx(sum(drawn) / len(drawn))
