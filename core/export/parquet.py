"""Parquet: one file of rows and one of lineage for each part, laid out as a Hugging Face dataset repository.

`load_dataset(FOLDER)` gives prompt and completion; `load_dataset(FOLDER, "lineage")` where the same rows come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from core.export.columns import SPLIT_NAMES, lineage_batches, lineage_schema, row_batches, row_schema
from core.export.libraries import library
from core.export.row_files import Progress
from core.export.source import Source

ROW_GROUP_BYTES = 32 << 20
"""Of Arrow data, before compression: what a reader must hold at a time."""


def write_parquet(folder: Path, source: Source, progress: Progress) -> None:
    """
    Raises:
        UsageError: pyarrow is not installed.
    """
    pyarrow = library("pyarrow", what_for="the format parquet")
    parquet = library("pyarrow.parquet", what_for="the format parquet")
    done = 0
    for part in source.parts:
        name = f"{SPLIT_NAMES[part]}.parquet"
        for batch in _written(
            pyarrow, parquet, folder / "data" / name, row_schema(pyarrow), row_batches(pyarrow, source, part)
        ):
            done += batch
            progress("writing", done, source.rows)
        lineage = lineage_batches(pyarrow, source, part)
        for _ in _written(pyarrow, parquet, folder / "lineage" / name, lineage_schema(pyarrow), lineage):
            pass


def _written(pyarrow: Any, parquet: Any, path: Path, schema: Any, batches: Iterable[Any]) -> Iterator[int]:
    """Writes the file and yields how many rows of it were taken each time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        group: list[Any] = []
        size = 0
        for batch in batches:
            group.append(batch)
            size += batch.nbytes
            if size >= ROW_GROUP_BYTES:
                writer.write_table(pyarrow.Table.from_batches(group, schema))
                group, size = [], 0
            yield batch.num_rows
        if group:
            writer.write_table(pyarrow.Table.from_batches(group, schema))
