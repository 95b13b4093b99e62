from __future__ import annotations

from collections import Counter

from core.preflight.lengths import bins, lengths, spread


def test_percentiles_are_lengths_that_occur() -> None:
    found = spread(Counter({10: 94, 20: 4, 1000: 2}))
    assert (found.min, found.p50, found.p95, found.p99, found.max) == (10, 10, 20, 1000, 1000)
    assert found.mean == (94 * 10 + 4 * 20 + 2 * 1000) / 100


def test_one_row_is_its_own_minimum_and_maximum() -> None:
    found = spread(Counter({7: 1}))
    assert (found.min, found.p50, found.p99, found.max) == (7, 7, 7, 7)


def test_bins_are_round_few_and_lose_no_row() -> None:
    counts = Counter(dict.fromkeys(range(303, 1337), 2))
    found = bins(counts)
    assert len(found) <= 12
    assert {one.high - one.low for one in found} == {100}
    assert sum(one.rows for one in found) == counts.total()
    assert found[0].low <= 303
    assert found[-1].high > 1336


def test_rows_of_one_length_make_one_bin() -> None:
    assert [(one.low, one.high, one.rows) for one in bins(Counter({42: 5}))] == [(42, 43, 5)]


def test_the_advised_length_holds_the_longest_row_in_blocks_of_64() -> None:
    found = lengths({(1103, 7): 1, (500, 12): 3})
    assert (found.needed, found.advised, found.rows) == (1110, 1152, 4)
    assert (found.prompt.max, found.completion.max, found.total.max) == (1103, 12, 1110)
    assert lengths({(1000, 24): 1}).advised == 1024
