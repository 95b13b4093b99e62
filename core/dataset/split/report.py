"""The achieved table, and in words what could not be had."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.dataset.models import Strategy
from core.dataset.split.balance import enough
from core.dataset.split.components import Groups
from core.dataset.split.improve import Fetched
from core.dataset.split.kept import OPEN
from core.dataset.split.models import PARTS, STARTS, TRAIN, TableRow
from core.dataset.split.numbered import ALL, Numbered

_SAID = ("command:", "flow:", "language:")
"""Features whose absence from a part is a shortfall. A part may lack slots: the table shows which. That a flow is started must
be in train only."""

_FAR = 0.05
_TAKEN_OUT = len(PARTS)


def table(data: Numbered, part_of: bytearray, out: bytearray) -> list[TableRow]:
    """One row per feature, the first is of all data points."""
    columns = [[0.0] * len(data.names) for _ in range(len(PARTS) + 1)]
    for unit, part in enumerate(part_of):
        column = columns[part]
        for feature, count in zip(*data.shown.of(unit), strict=True):
            column[feature] += count
    point = out.find(1)
    while point != -1:
        column = columns[part_of[data.unit[point]]]
        for feature, count in zip(*data.shown_by_point(point), strict=True):
            column[feature] -= count
            columns[_TAKEN_OUT][feature] += count
        point = out.find(1, point + 1)
    return [TableRow(name, *(round(column[feature]) for column in columns)) for feature, name in enumerate(data.names)]


def shortfalls(
    data: Numbered,
    part_of: bytearray,
    rows: Sequence[TableRow],
    holders: Sequence[int],
    shares: Sequence[float],
    strategy: Strategy,
    *,
    keeping: bool = False,
) -> Iterator[str]:
    """`rows`: the table, all data points first; `holders`: by feature, how many groups (components or tests) show it;
    `keeping`: some tests had their part before."""
    active = [part for part, share in enumerate(shares) if share > 0]
    word = "component" if strategy == "components" else "test"
    totals = rows[ALL]
    if not totals.all:
        return
    placed = [0] * len(PARTS)  # before taking out
    for unit, part in enumerate(part_of):
        placed[part] += data.points[unit]
    empty = [part for part in active if not totals.of(PARTS[part])]
    for part in range(len(PARTS)):
        if part not in active and not placed[part]:
            continue
        name, has = PARTS[part], totals.of(PARTS[part])
        if part in empty:
            yield f"{name} is empty: {_why_empty(placed[part], holders[ALL], part, active, word, keeping=keeping)}"
        elif part not in active or _is_far(placed[part] / data.total, shares[part]):
            yield (
                f"{name} holds {placed[part] / data.total:.0%} of the data points instead of {shares[part]:.0%}:"
                f" {'tests of the earlier dataset keep their sides' if keeping else f'{word}s are not divided'}"
            )
        elif part != TRAIN and _is_far(has / data.total, shares[part]):
            yield (
                f"{name} holds {has / data.total:.0%} of the data points instead of {shares[part]:.0%}:"
                f" {placed[part] - has:,} of its {_data_points(placed[part])} were taken out"
            )
    for feature, row in enumerate(rows):
        starts = row.feature.startswith(STARTS)
        if not starts and not row.feature.startswith(_SAID):
            continue
        if not holders[feature]:
            flow = "flow:" + row.feature.removeprefix(STARTS)
            if not starts or any(held for held, name in zip(holders, data.names, strict=True) if name == flow):
                yield f"{_in_words(row.feature)} is in no part: none of the data points that are left shows it"
            continue
        for part in [TRAIN] if starts else active:
            if part not in empty and not row.of(PARTS[part]):
                why = _why_missing(row, holders[feature], part, active, word, keeping=keeping)
                yield f"{_in_words(row.feature)} is missing from {PARTS[part]}: {why}"


def brought_to_train(data: Numbered, groups: Groups, kept: bytearray, fetched: Sequence[Fetched]) -> Iterator[str]:
    """Which tests could not keep their part, and why."""
    for one in fetched:
        units = [unit for unit, group in enumerate(groups.of) if group == one.item and kept[unit] != OPEN]
        names = ", ".join(f"`{data.called[unit] or data.ids[unit]}`" for unit in units)
        yield (
            f"{names} came from {PARTS[one.came_from]} to train, though tests of the earlier dataset keep their sides: no test"
            f" that is free shows {_in_words(data.names[one.feature])}"
        )


def _in_words(feature: str) -> str:
    kind, _, value = feature.partition(":")
    return f"`start flow {value}`" if feature.startswith(STARTS) else f"{kind} `{value}`"


def _is_far(share: float, wanted: float) -> bool:
    return abs(share - wanted) > _FAR or share < wanted / 2


def _why_empty(placed: int, holders: int, part: int, active: Sequence[int], word: str, *, keeping: bool) -> str:
    if placed:
        return f"all of its {_data_points(placed)} were taken out, since their state and utterance occur elsewhere"
    if holders < enough(part, active):
        return f"there {'is' if holders == 1 else 'are'} only {_number(holders, word)}"
    if keeping:
        return "tests of the earlier dataset keep their sides, and no other can be put there"
    return f"every {word} is needed in train to show each command and flow once"


def _why_missing(row: TableRow, holders: int, part: int, active: Sequence[int], word: str, *, keeping: bool) -> str:
    if holders < enough(part, active):
        return f"only {_number(holders, word)} {'shows' if holders == 1 else 'show'} it"
    if row.taken_out:
        return f"{_data_points(row.taken_out)} that show it were taken out, since their state and utterance occur elsewhere"
    if part == TRAIN:
        return f"no {word} that shows it is there"
    kept = ", or keeps its side" if keeping else ""
    return f"none of the {_number(holders, word)} that show it could be spared{kept}"


def _number(count: int, word: str) -> str:
    return f"one {word}" if count == 1 else f"{count} {word}s"


def _data_points(count: int) -> str:
    return f"{count:,} data point{'' if count == 1 else 's'}"
