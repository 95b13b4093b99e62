"""`lineage.jsonl` of an export: for each row, in the order of the rows, the test, step, rephrasing and decision behind it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from core.dataset.folder import LINEAGE, Lineage, read_lineage
from core.export.source import Source
from core.prompts.segments import json_inside


def lineages(source: Source) -> Iterator[Lineage]:
    """One for each row of the parts that are exported, in their order, which is that of the parts.

    Raises:
        ProjectError: the lineage does not fit the rows.
    """
    expected = ((part, number) for part in source.parts for number in range(1, source.version.points[part] + 1))
    for lineage in read_lineage(source.version):
        if lineage.part in source.parts:
            if next(expected, None) != (lineage.part, lineage.number):
                raise source.damaged(f"{LINEAGE} does not fit the rows at row {lineage.number} of {lineage.part.value}")
            yield lineage
    if (left := next(expected, None)) is not None:
        raise source.damaged(f"{LINEAGE} ends before row {left[1]} of {left[0].value}")


def lineage_line(lineage: Lineage) -> bytes:
    return b'%b"line": %b, "user_step": %d, "step": %d, "variant": %d, "rephrasing": %b, "decision": %b}\n' % (
        _test(lineage.part.value, lineage.file, lineage.test, lineage.occurrence), _number(lineage.line), lineage.user_step,
        lineage.step, lineage.variant, _number(lineage.rephrasing), _number(lineage.decision),
    )  # fmt: skip


@lru_cache(maxsize=64)
def _test(part: str, file: str, test: str, occurrence: int) -> bytes:
    """What the rows of one test have in common; they stand together."""
    return b'{"split": "%b", "file": "%b", "test": "%b", "occurrence": %d, ' % (
        part.encode(), json_inside(file), json_inside(test), occurrence,
    )  # fmt: skip


def _number(value: int | None) -> bytes:
    return b"null" if value is None else b"%d" % value
