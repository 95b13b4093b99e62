"""Which conversations belong together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.dataset.split.components import clusters, components, described
from core.dataset.split.numbered import number
from tests.core.dataset.split.corpora import Corpus, corpora, corpus


def groups(made: Corpus, most: int | None = None) -> list[list[int]]:
    """Ids by group."""
    data = number(*made, seed=1)
    found = components(data) if most is None else clusters(data, most)
    by_group: list[list[int]] = [[] for _ in range(found.number)]
    for unit, group in enumerate(found.of):
        by_group[group].append(data.ids[unit])
    return sorted(map(sorted, by_group))


def said(*keys: int) -> list[tuple[str, int]]:
    return [("command:a", key) for key in keys]


def test_what_is_shared_joins_also_over_a_third() -> None:
    made = corpus({1: said(10), 2: said(20, 30), 3: said(30, 10), 4: said(40), 5: said(50, 50)})
    assert groups(made) == [[1, 2, 3], [4], [5]]
    assert described(number(*made, seed=1), components(number(*made, seed=1))).largest == 5


@given(corpora())
def test_components_share_nothing_and_cannot_be_made_smaller(made: Corpus) -> None:
    units, points = made
    keys: dict[int, set[int]] = {unit.id: set() for unit in units}
    for place, key in zip(points.unit, points.key, strict=True):
        keys[units[place].id].add(key)
    found = groups(made)
    of_groups = [set().union(*(keys[id_] for id_ in group)) for group in found]
    assert sum(map(len, of_groups)) == len(set().union(*of_groups))
    for group in found:
        reached, reached_keys = {group[0]}, set(keys[group[0]])
        while more := {id_ for id_ in group if id_ not in reached and keys[id_] & reached_keys}:
            reached |= more
            reached_keys |= set().union(*(keys[id_] for id_ in more))
        assert reached == set(group)


@given(corpora(), st.integers(1, 20))
def test_clusters_are_parts_of_components_and_pass_no_limit(made: Corpus, most: int) -> None:
    component_of = {id_: place for place, group in enumerate(groups(made)) for id_ in group}
    points = {unit.id: unit.points for unit in made[0]}
    for group in groups(made, most):
        assert len({component_of[id_] for id_ in group}) == 1
        assert len(group) == 1 or sum(points[id_] for id_ in group) <= most


def test_what_few_share_joins_before_what_all_share() -> None:
    made = corpus({1: said(0, 7), 2: said(0, 8), 3: said(0, 7), 4: said(0, 8)})
    assert groups(made) == [[1, 2, 3, 4]]
    assert groups(made, most=4) == [[1, 3], [2, 4]]
