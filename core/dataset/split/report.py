"""The achieved table, and in words what could not be had."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.dataset.models import Strategy
from core.dataset.split.balance import enough
from core.dataset.split.models import PARTS, TRAIN, TableRow
from core.dataset.split.numbered import ALL, Numbered

_SAID = ("command:", "flow:", "language:")
"""Features whose absence from a part is a shortfall. A part may lack slots: the table shows which."""

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
) -> Iterator[str]:
    """`rows`: the table, all data points first; `holders`: by feature, how many groups (components or tests) show it."""
    active = [part for part, share in enumerate(shares) if share > 0]
    word = "component" if strategy == "components" else "test"
    totals = rows[ALL]
    if not totals.all:
        return
    placed = [0] * len(PARTS)  # before taking out
    for unit, part in enumerate(part_of):
        placed[part] += data.points[unit]
    empty = [part for part in active if not totals.of(PARTS[part])]
    for part in active:
        name, has = PARTS[part], totals.of(PARTS[part])
        if part in empty:
            yield f"{name} is empty: {_why_empty(placed[part], holders[ALL], part, active, word)}"
        elif _is_far(placed[part] / data.total, shares[part]):
            yield (
                f"{name} holds {placed[part] / data.total:.0%} of the data points instead of {shares[part]:.0%}:"
                f" {word}s are not divided"
            )
        elif part != TRAIN and _is_far(has / data.total, shares[part]):
            yield (
                f"{name} holds {has / data.total:.0%} of the data points instead of {shares[part]:.0%}:"
                f" {placed[part] - has:,} of its {_data_points(placed[part])} were taken out"
            )
    for feature, row in enumerate(rows):
        if not row.feature.startswith(_SAID):
            continue
        kind, _, value = row.feature.partition(":")
        for part in active:
            if part not in empty and not row.of(PARTS[part]):
                why = _why_missing(row, holders[feature], part, active, word)
                yield f"{kind} `{value}` is missing from {PARTS[part]}: {why}"


def _is_far(share: float, wanted: float) -> bool:
    return abs(share - wanted) > _FAR or share < wanted / 2


def _why_empty(placed: int, holders: int, part: int, active: Sequence[int], word: str) -> str:
    if placed:
        return f"all of its {_data_points(placed)} were taken out, since their state and utterance occur elsewhere"
    if holders < enough(part, active):
        return f"there {'is' if holders == 1 else 'are'} only {_number(holders, word)}"
    return f"every {word} is needed in train to show each command and flow once"


def _why_missing(row: TableRow, holders: int, part: int, active: Sequence[int], word: str) -> str:
    if holders < enough(part, active):
        return f"only {_number(holders, word)} {'shows' if holders == 1 else 'show'} it"
    if row.taken_out:
        return f"{_data_points(row.taken_out)} that show it were taken out, since their state and utterance occur elsewhere"
    if part == TRAIN:
        return f"no {word} that shows it is there"
    return f"none of the {_number(holders, word)} that show it could be spared"


def _number(count: int, word: str) -> str:
    return f"one {word}" if count == 1 else f"{count} {word}s"


def _data_points(count: int) -> str:
    return f"{count:,} data point{'' if count == 1 else 's'}"
