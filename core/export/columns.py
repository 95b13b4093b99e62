"""Rows and lineage as Arrow tables, a batch at a time: what the Parquet and the Hugging Face export have in common."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import fields
from itertools import islice
from typing import Any

from core.dataset.folder import Lineage
from core.dataset.models import Part
from core.errors import ProjectError
from core.export.lineage_rows import lineages
from core.export.source import Source

ROWS_AT_ONCE = 2000
"""Of about 5 kB each: 10 MB at a time."""
SPLIT_NAMES = {Part.TRAIN: "train", Part.VAL: "validation", Part.HOLDOUT: "holdout"}
_KINDS = {"occurrence": "int64", "line": "int64", "user_step": "int64", "step": "int64", "variant": "int64",
          "rephrasing": "int64", "decision": "int64"}  # fmt: skip
LINEAGE_COLUMNS = tuple(field.name for field in fields(Lineage) if field.name not in ("part", "number"))


def row_schema(pyarrow: Any) -> Any:
    return pyarrow.schema([("prompt", pyarrow.string()), ("completion", pyarrow.string())])


def lineage_schema(pyarrow: Any) -> Any:
    """The columns of `core.dataset.folder.Lineage`, less the part and the number, which say where a row stands."""
    texts = pyarrow.string()
    types = {"flows": pyarrow.list_(texts), **{name: getattr(pyarrow, kind)() for name, kind in _KINDS.items()}}
    return pyarrow.schema([(name, types.get(name, texts)) for name in LINEAGE_COLUMNS])


def row_batches(pyarrow: Any, source: Source, part: Part) -> Iterator[Any]:
    """
    Raises:
        ProjectError: a row holds half of a character, which Arrow cannot say.
    """
    schema = row_schema(pyarrow)
    decode = json.JSONDecoder().decode
    for start, texts in _batches(source.texts(part)):
        columns = [[decode(f'"{text[at].decode()}"') for text in texts] for at in (0, 1)]
        yield _batch(pyarrow, columns, schema, part, start)


def lineage_batches(pyarrow: Any, source: Source, part: Part) -> Iterator[Any]:
    schema = lineage_schema(pyarrow)
    mine = (lineage for lineage in lineages(source) if lineage.part is part)
    for start, some in _batches(mine):
        columns = [[getattr(lineage, name) for lineage in some] for name in LINEAGE_COLUMNS]
        yield _batch(pyarrow, columns, schema, part, start)


def _batch(pyarrow: Any, columns: list[list[Any]], schema: Any, part: Part, start: int) -> Any:
    try:
        arrays = [pyarrow.array(values, type=one.type) for values, one in zip(columns, schema, strict=True)]
    except UnicodeEncodeError as error:
        raise ProjectError(
            f"one of the rows {start + 1} to {start + len(columns[0])} of {part.value} holds half of a character"
            " (a lone surrogate)",
            remedy="Remove it from the test or the rephrasing, or export to a JSONL format.",
        ) from error
    return pyarrow.record_batch(arrays, schema=schema)


def _batches(items: Iterable[Any]) -> Iterator[tuple[int, list[Any]]]:
    iterator, start = iter(items), 0
    while some := list(islice(iterator, ROWS_AT_ONCE)):
        yield start, some
        start += len(some)
