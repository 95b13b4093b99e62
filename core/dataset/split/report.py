"""The achieved table, and in words what could not be had."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.dataset.models import Strategy
from core.dataset.split.balance import enough
from core.dataset.split.models import PARTS, TRAIN, Division, TableRow
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
    data: Numbered, rows: Sequence[TableRow], holders: Sequence[int], shares: Sequence[float], strategy: Strategy
) -> Iterator[str]:
    """`holders`: by feature, how many groups (components or tests) show it."""
    active = [part for part, share in enumerate(shares) if share > 0]
    word = "component" if strategy == "components" else "test"
    totals = rows[ALL]
    if not totals.all:
        return
    empty = [part for part in active if part != TRAIN and not totals.of(PARTS[part])]
    for part in active:
        name, share = PARTS[part], totals.of(PARTS[part]) / totals.all
        if part in empty:
            yield f"{name} is empty: {_why_empty(totals, holders[ALL], part, active, word)}"
        elif abs(share - shares[part]) > _FAR or share < shares[part] / 2:
            lost = f", and {_data_points(totals.taken_out)} were taken out" if totals.taken_out else ""
            yield f"{name} holds {share:.0%} of the data points instead of {shares[part]:.0%}: {word}s are not divided{lost}"
    for feature, row in enumerate(rows):
        if not row.feature.startswith(_SAID):
            continue
        kind, _, value = row.feature.partition(":")
        for part in active:
            if part not in empty and not row.of(PARTS[part]):
                why = _why_missing(row, holders[feature], part, active, word)
                yield f"{kind} `{value}` is missing from {PARTS[part]}: {why}"


def _why_empty(totals: TableRow, holders: int, part: int, active: Sequence[int], word: str) -> str:
    if holders < enough(part, active):
        return f"there {'is' if holders == 1 else 'are'} only {_number(holders, word)}"
    if totals.taken_out:
        return f"what its tests say is said in another part too; {_data_points(totals.taken_out)} were taken out"
    return f"every {word} is needed in train to show each command and flow once"


def _why_missing(row: TableRow, holders: int, part: int, active: Sequence[int], word: str) -> str:
    if holders < enough(part, active):
        return f"only {_number(holders, word)} {'shows' if holders == 1 else 'show'} it"
    if row.taken_out:
        return f"{_data_points(row.taken_out)} that show it were taken out, since their state and utterance occur elsewhere"
    if part == TRAIN:
        return f"the {_number(holders, word)} that show it went elsewhere"
    return f"the {_number(holders, word)} that show it are needed elsewhere"


def _number(count: int, word: str) -> str:
    return f"one {word}" if count == 1 else f"{count} {word}s"


def _data_points(count: int) -> str:
    return f"{count:,} data point{'' if count == 1 else 's'}"


def told(division: Division) -> list[str]:
    """What a person should know of a division beside its table, a sentence each; the shortfalls come last."""
    found = []
    parts = division.components
    if division.asked != division.strategy:
        found.append(
            f"The largest of {_number(parts.number, 'component')} holds {parts.share:.0%} of the data points, which is more"
            " than may stay out of train: whole tests were put on sides instead of components."
        )
    elif division.strategy == "components":
        found.append(f"{_number(parts.number, 'component')}, the largest holds {parts.share:.0%} of the data points.")
    if division.totals.taken_out:
        found.append(
            f"{_data_points(division.totals.taken_out)} taken out: the same or nearly the same was said in the same state in"
            " another part."
        )
    recipe = division.recipe
    if recipe.rows:
        found.append(
            f"Under the reference's rule, {recipe.leaked:,} of {_data_points(recipe.rows)} outside of train would have"
            " leaked: their state and utterance occur in train."
        )
    return found + [f"{line[0].upper()}{line[1:]}." for line in division.shortfalls]
