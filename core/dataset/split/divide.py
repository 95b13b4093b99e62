"""Put conversations on sides: train, val, holdout."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from random import Random

from core.dataset.models import Strategy
from core.dataset.split.balance import Balance
from core.dataset.split.components import Groups, alone, clusters, components, described
from core.dataset.split.improve import cover_train, improve, place
from core.dataset.split.leaks import taken_out
from core.dataset.split.models import HOLDOUT, PARTS, TRAIN, VAL, Division, PointKeys, RecipeLeaks, SplitUnit
from core.dataset.split.moves import GroupMoves, LeakMoves, Moves
from core.dataset.split.numbered import Counts, Members, Numbered, counts_of, members, number
from core.dataset.split.recipe import leaks, recipe
from core.dataset.split.report import shortfalls, table
from core.dataset.split.stratify import stratify

_CLUSTER = 0.25
"""A cluster of tests may have this share of the smallest part: larger ones are hard to place."""


def divide(
    units: Sequence[SplitUnit],
    points: PointKeys,
    *,
    strategy: Strategy,
    train_frac: float,
    holdout_frac: float = 0.0,
    seed: int = 42,
) -> Division:
    """Deterministic for a seed; the order of `units` does not matter. What they share decides where they may lie.

    components: conversations joined by shared keys stay together, so that nothing has to be taken out; stratified over all
    features. If the largest component is more than may stay out of train, whole tests are placed as with `tests`.
    tests: whole conversations, stratified; data points whose key stands in several parts are taken out (WINNERS keep them),
    and divisions that lose few are preferred. recipe: the reference's rule; nothing is taken out.

    Every command and flow is in train, except under `recipe`, which knows commands only. 0 < train_frac,
    train_frac + holdout_frac ≤ 1; val has what is left, and none is made of nothing.
    """
    assert 0 < train_frac <= 1, f"train_frac is {train_frac}"
    assert 0 <= holdout_frac <= 1 - train_frac + 1e-9, f"train_frac {train_frac} and holdout_frac {holdout_frac} pass 1"
    data = number(units, points)
    shares = shares_of(train_frac, holdout_frac)
    joined = components(data)
    parts = described(data, joined)
    used: Strategy = strategy
    if strategy == "components" and train_frac < 1 and parts.share > 1 - train_frac + 1e-9:
        used = "tests"
    groups = joined if used == "components" else alone(data)
    of_groups = _counts_of_groups(data, groups)
    showing = _showing(of_groups, len(data.names))
    holders = [showing.starts[feature + 1] - showing.starts[feature] for feature in range(len(data.names))]
    by_recipe = recipe(data, train_frac, holdout_frac, seed)
    random = Random(seed)
    if train_frac >= 1:
        part_of = bytearray(len(data.ids))
    elif used == "recipe":
        part_of = by_recipe
    elif used == "components":
        moves: Moves = GroupMoves(of_groups, Balance(data, holders, shares))
        place(moves, stratify(of_groups, showing, data.needed(), shares, random))
        _settle(moves, random)
        part_of = bytearray(moves.part[group] for group in groups.of)
    else:
        part_of = _by_tests(data, holders, shares, random)
    out = bytearray(len(points)) if used == "recipe" else taken_out(data, part_of)
    rows = table(data, part_of, out)
    return Division(
        asked=strategy,
        strategy=used,
        part_of={id_: PARTS[part] for id_, part in zip(data.ids, part_of, strict=True)},
        taken_out=out,
        components=parts,
        recipe=leaks(data, by_recipe) if train_frac < 1 else RecipeLeaks(0, 0),
        totals=rows[0],
        table=tuple(rows[1:]),
        shortfalls=tuple(shortfalls(data, part_of, rows, holders, shares, used)),
    )


def shares_of(train_frac: float, holdout_frac: float) -> tuple[float, ...]:
    """By part; what is left goes to val, unless it is rounding."""
    shares = [0.0] * len(PARTS)
    shares[TRAIN], shares[HOLDOUT] = train_frac, holdout_frac
    rest = 1 - train_frac - holdout_frac
    shares[VAL] = rest if rest > 1e-9 else 0.0
    return tuple(shares)


def _by_tests(data: Numbered, holders: Sequence[int], shares: Sequence[float], random: Random) -> bytearray:
    """Begins with clusters of tests that share much, so that the search need not find them."""
    smallest = min(share for share in shares if share > 0)
    groups = clusters(data, max(1, int(_CLUSTER * smallest * data.total)))
    of_groups = _counts_of_groups(data, groups)
    showing = _showing(of_groups, len(data.names))
    by_group = stratify(of_groups, showing, data.needed(), shares, random)
    moves = LeakMoves(data, Balance(data, holders, shares))
    place(moves, [by_group[group] for group in groups.of])
    _settle(moves, random)
    return moves.part


def _settle(moves: Moves, random: Random) -> None:
    cover_train(moves)
    improve(moves, random)


def _counts_of_groups(data: Numbered, groups: Groups) -> Counts:
    if groups.number == len(data.ids):
        return data.shown
    units = members(groups.of, groups.number)

    def shown(group: int) -> Iterable[tuple[int, float]]:
        sums: dict[int, float] = {}
        for unit in units.of(group):
            for feature, count in zip(*data.shown.of(unit), strict=True):
                sums[feature] = sums.get(feature, 0.0) + count
        return sorted(sums.items())

    return counts_of(map(shown, range(groups.number)))


def _showing(items: Counts, features: int) -> Members:
    """The items by the features they show."""
    item_of = array("I")
    for item in range(len(items)):
        item_of.extend([item] * (items.starts[item + 1] - items.starts[item]))
    found = members(items.features, features)
    return Members(found.starts, array("I", (item_of[place] for place in found.items)))
