"""A limited dataset keeps what is rare."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from core.dataset.models import LeftOutPoint
from core.dataset.points import KEPT, NO_TWIN, Kind, Points, fate_of
from core.dataset.sampling import limit_points, quotas


def points(*kinds: tuple[str, int, int]) -> Points:
    """(flow, original points, rephrased points) of each kind."""
    found = Points()
    for place, (flow, originals, rephrased) in enumerate(kinds):
        found.kinds.append(Kind((flow,), ("StartFlow",), (), (flow,)))
        for number in range(originals + rephrased):
            for array, value in (
                (found.unit, 0), (found.kind, place), (found.key, len(found)), (found.twin, NO_TWIN), (found.step, 1),
                (found.variant, 0 if number < originals else number),
            ):  # fmt: skip
                array.append(value)
            found.fate.append(KEPT)
    return found


def kept(found: Points) -> dict[str, int]:
    return dict(Counter(found.kinds[found.kind[number]].flows[0] for number in range(len(found)) if found.fate[number] == KEPT))


def test_the_common_gives_way_to_the_rare() -> None:
    found = points(("common", 2, 98), ("usual", 2, 28), ("rare", 1, 4))
    assert limit_points(found, 45, seed=1) == 135 - 45
    assert kept(found) == {"common": 20, "usual": 20, "rare": 5}


def test_nothing_is_left_out_of_a_dataset_that_is_small_enough() -> None:
    found = points(("common", 2, 8), ("rare", 1, 1))
    assert limit_points(found, 12, seed=1) == 0
    assert kept(found) == {"common": 10, "rare": 2}


def test_original_texts_stay_before_rephrasings() -> None:
    found = points(("common", 6, 30), ("rare", 1, 0))
    limit_points(found, 5, seed=1)
    stays = [number for number in range(len(found)) if found.fate[number] == KEPT]
    assert kept(found) == {"common": 4, "rare": 1}
    assert all(found.variant[number] == 0 for number in stays)


def test_slots_do_not_make_a_kind() -> None:
    found = points(("common", 1, 9), ("common", 1, 9))
    found.kinds[1] = Kind(("common",), ("StartFlow",), ("amount",), ("common",))
    limit_points(found, 10, seed=1)
    assert kept(found) == {"common": 10}


def test_what_is_out_already_does_not_count() -> None:
    found = points(("common", 1, 9), ("rare", 1, 0))
    for number in range(1, 6):
        found.leave_out(number, LeftOutPoint.EXACT)
    assert limit_points(found, 6, seed=1) == 0
    assert found.fate.count(fate_of(LeftOutPoint.EXACT)) == 5


def test_the_seed_decides_among_equals() -> None:
    def stays(seed: int) -> list[int]:
        found = points(("common", 1, 99))
        limit_points(found, 10, seed)
        return [number for number in range(len(found)) if found.fate[number] == KEPT]

    assert stays(1) == stays(1) != stays(2)


@given(st.dictionaries(st.integers(0, 20), st.integers(1, 50), min_size=1), st.integers(1, 400))
def test_quotas_are_as_large_as_the_limit_allows_and_as_even_as_the_counts_allow(counts: dict[int, int], most: int) -> None:
    found = quotas(counts, most)
    assert sum(found.values()) == min(most, sum(counts.values()))
    assert all(0 <= found[one] <= counts[one] for one in counts)
    cut = [found[one] for one in counts if found[one] < counts[one]]
    if cut:
        assert max(cut) - min(cut) <= 1
        assert all(found[one] <= max(cut) + 1 for one in counts)
