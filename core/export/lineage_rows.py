"""The lineage of the rows of an export, read: for each row, in their order, what is behind it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from core.dataset.folder import LINEAGE, Lineage, read_lineage
from core.export.source import Source


def lineages(source: Source) -> Iterator[Lineage]:
    """One for each row of the parts that are exported, in their order, which is that of the parts.

    Raises:
        ProjectError: the lineage does not fit the rows.
    """
    expected = ((part, number) for part in source.parts for number in range(1, source.version.points[part] + 1))
    for lineage in chain.from_iterable(read_lineage(source.version, part) for part in source.parts):
        if next(expected, None) != (lineage.part, lineage.number):
            raise source.damaged(f"{LINEAGE} does not fit the rows at row {lineage.number} of {lineage.part.value}")
        yield lineage
    if (left := next(expected, None)) is not None:
        raise source.damaged(f"{LINEAGE} ends before row {left[1]} of {left[0].value}")
