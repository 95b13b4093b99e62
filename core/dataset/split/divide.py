"""Put conversations on sides: train, val, holdout."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from random import Random

from core.dataset.models import Part, Strategy
from core.dataset.split.balance import Balance
from core.dataset.split.components import Groups, alone, clusters, components, described
from core.dataset.split.improve import Fetched, cover_train, improve, place
from core.dataset.split.kept import OPEN, by_part, kept_parts, torn
from core.dataset.split.leaks import taken_out
from core.dataset.split.models import HOLDOUT, PARTS, STARTS, TRAIN, VAL, Division, PointKeys, RecipeLeaks, SplitUnit
from core.dataset.split.moves import GroupMoves, LeakMoves, Moves
from core.dataset.split.numbered import Counts, Members, Numbered, counts_of, members, number
from core.dataset.split.recipe import leaks, recipe
from core.dataset.split.report import brought_to_train, shortfalls, table
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
    fixed: Mapping[int, Part] | None = None,
) -> Division:
    """Deterministic for a seed; the order of `units` does not matter, nor their ids if they have names. What they share decides
    where they may lie.

    components: conversations joined by shared keys stay together, so that nothing has to be taken out; stratified over all
    features. If the largest component is more than may stay out of train, whole tests are placed as with `tests`.
    tests: whole conversations, stratified; data points whose key stands in several parts are taken out (WINNERS keep them),
    and divisions that lose few are preferred. recipe: the reference's rule; nothing is taken out.

    Every command and flow is in train, and of every flow a data point that starts it if there is one, except under `recipe`,
    which knows commands only. 0 < train_frac, train_frac + holdout_frac ≤ 1; val has what is left, and none is made of nothing.

    fixed: parts of units by id, which they keep whatever the shares are, and others of their component follow them; if they
    stand in several parts of one component, `tests` is used. One leaves its part only if train lacks a command or flow that no
    other unit shows, and that is a shortfall.
    """
    assert 0 < train_frac <= 1, f"train_frac is {train_frac}"
    assert 0 <= holdout_frac <= 1 - train_frac + 1e-9, f"train_frac {train_frac} and holdout_frac {holdout_frac} pass 1"
    data = number(units, points, seed)
    shares = shares_of(train_frac, holdout_frac)
    joined = components(data)
    parts = described(data, joined)
    kept = kept_parts(data, fixed or {})
    torn_apart = torn(joined, kept)
    used: Strategy = strategy
    if strategy == "components" and (torn_apart or (train_frac < 1 and parts.share > 1 - train_frac + 1e-9)):
        used = "tests"
    groups = joined if used == "components" else alone(data)
    of_groups = _counts_of_groups(data, groups)
    showing = _showing(of_groups, len(data.names))
    holders = [showing.starts[feature + 1] - showing.starts[feature] for feature in range(len(data.names))]
    by_recipe = recipe(data, train_frac, holdout_frac)
    balance = Balance(data, holders, shares)
    fetched: list[Fetched] = []
    if used == "recipe":
        part_of = bytearray(own if own != OPEN else part for own, part in zip(kept, by_recipe, strict=True))
    elif used == "components":
        groups, placed = by_part(groups, kept, data.points)  # the same groups, for none is torn
        moves: Moves = GroupMoves(of_groups, balance)
        place(moves, stratify(of_groups, showing, data.needed(), shares, placed))
        fetched = _settle(moves, placed, seed)
        part_of = bytearray(moves.part[group] for group in groups.of)
    else:
        moves = LeakMoves(data, balance)
        place(moves, _by_clusters(data, kept, shares))
        fetched = _settle(moves, {unit for unit, part in enumerate(kept) if part != OPEN}, seed)
        part_of = moves.part
    out = bytearray(len(points)) if used == "recipe" else taken_out(data, part_of)
    rows = table(data, part_of, out)
    return Division(
        asked=strategy,
        strategy=used,
        part_of={id_: PARTS[part] for id_, part in sorted(zip(data.ids, part_of, strict=True))},
        taken_out=out,
        components=parts,
        torn=torn_apart,
        recipe=leaks(data, by_recipe) if train_frac < 1 else RecipeLeaks(0, 0),
        totals=rows[0],
        table=tuple(row for row in rows[1:] if not row.feature.startswith(STARTS)),
        shortfalls=(
            *brought_to_train(data, groups, kept, fetched),
            *shortfalls(data, part_of, rows, holders, shares, used, keeping=any(part != OPEN for part in kept)),
        ),
    )


def shares_of(train_frac: float, holdout_frac: float) -> tuple[float, ...]:
    """By part; what is left goes to val, unless it is rounding."""
    shares = [0.0] * len(PARTS)
    shares[TRAIN], shares[HOLDOUT] = train_frac, holdout_frac
    rest = 1 - train_frac - holdout_frac
    shares[VAL] = rest if rest > 1e-9 else 0.0
    return tuple(shares)


def _by_clusters(data: Numbered, kept: bytearray, shares: Sequence[float]) -> list[int]:
    """Part by unit: clusters of tests that share much stay together, so that the search need not find them."""
    smallest = min(share for share in shares if share > 0)
    groups, placed = by_part(clusters(data, max(1, int(_CLUSTER * smallest * data.total))), kept, data.points)
    of_groups = _counts_of_groups(data, groups)
    by_group = stratify(of_groups, _showing(of_groups, len(data.names)), data.needed(), shares, placed)
    return [by_group[group] for group in groups.of]


def _settle(moves: Moves, fixed: Collection[int], seed: int) -> list[Fetched]:
    fetched = cover_train(moves, fixed)
    improve(moves, [item for item in range(len(moves.part)) if item not in fixed], Random(seed))
    return fetched


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
