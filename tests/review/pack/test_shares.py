"""Who gets which record."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UsageError
from review.pack.shares import share_out


@given(st.integers(0, 60), st.integers(1, 6), st.data())
def test_each_record_goes_to_as_many_people_as_asked_and_nobody_has_two_more_than_another(
    count: int, number: int, data: st.DataObject
) -> None:
    people = [f"p{at}" for at in range(number)]
    overlap = data.draw(st.integers(1, number))
    shares = share_out(count, people, overlap)
    assert [len(set(share)) for share in shares] == [overlap] * count
    load = Counter(name for share in shares for name in share)
    assert max((load[name] for name in people), default=0) - min((load[name] for name in people), default=0) <= 1


def test_everybody_shares_records_with_everybody_so_that_agreement_can_be_measured() -> None:
    pairs = Counter(share_out(60, ["ann", "bob", "cem", "dee"], 2))
    assert set(pairs) == set(combinations(["ann", "bob", "cem", "dee"], 2))
    assert min(pairs.values()) >= 8


def test_the_same_call_gives_the_same_shares() -> None:
    assert share_out(17, ["ann", "bob", "cem"], 2) == share_out(17, ["ann", "bob", "cem"], 2)


def test_too_few_people_and_one_who_is_named_twice_are_refused() -> None:
    with pytest.raises(UsageError, match=r"3 answers are wanted of each record, and there are 2 people.*--overlap 2"):
        share_out(1, ["ann", "bob"], 3)
    with pytest.raises(UsageError, match="`ann` is named twice"):
        share_out(1, ["ann", "bob", "ann"], 2)
