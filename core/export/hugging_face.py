"""A Hugging Face `DatasetDict` on disk: `load_from_disk(FOLDER)` gives the rows, of `FOLDER/lineage` where they come from."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.dataset.models import Part
from core.export.columns import SPLIT_NAMES, lineage_batches, lineage_schema, row_batches, row_schema
from core.export.libraries import library
from core.export.row_files import Progress
from core.export.source import Source

LINEAGE_FOLDER = "lineage"
_WHAT_FOR = "the format hf"


def write_hf(folder: Path, source: Source, progress: Progress) -> None:
    """The Arrow files are written to a scratch folder first, from where the library saves them; nothing is held in memory.

    Raises:
        UsageError: datasets is not installed.
    """
    pyarrow = library("pyarrow", what_for=_WHAT_FOR)
    datasets = library("datasets", what_for=_WHAT_FOR)
    scratch = folder / ".arrow"
    done = 0

    def count(rows: int) -> None:
        nonlocal done
        done += rows
        progress("writing", done, source.rows)

    with quiet(datasets):
        for target, schema, batches, taken in (
            (folder, row_schema(pyarrow), row_batches, count),
            (folder / LINEAGE_FOLDER, lineage_schema(pyarrow), lineage_batches, lambda rows: None),
        ):
            whole = datasets.DatasetDict()
            for part in source.parts:
                name = f"{target.name}-{SPLIT_NAMES[part]}"
                path = _arrow_file(pyarrow, scratch / name, schema, batches(pyarrow, source, part), taken)
                whole[SPLIT_NAMES[part]] = _dataset(datasets, path, part, f"{source.version.name}-{SPLIT_NAMES[part]}")
            whole.save_to_disk(target)
            del whole  # lets go of the mapped files
    shutil.rmtree(scratch)


def _arrow_file(pyarrow: Any, path: Path, schema: Any, batches: Iterable[Any], taken: Callable[[int], None]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with pyarrow.OSFile(str(path), "wb") as file, pyarrow.ipc.new_stream(file, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
            taken(batch.num_rows)
    return path


def _dataset(datasets: Any, path: Path, part: Part, fingerprint: str) -> Any:
    """The file as a dataset, mapped. The fingerprint is ours: the library's own differs from run to run."""
    table = library("datasets.arrow_reader", what_for=_WHAT_FOR).ArrowReader.read_table(str(path), in_memory=False)
    return datasets.Dataset(table, split=datasets.NamedSplit(SPLIT_NAMES[part]), fingerprint=fingerprint)


@contextmanager
def quiet(datasets: Any) -> Iterator[None]:
    """Without the library's own progress bars and remarks."""
    were_on, verbosity = not datasets.are_progress_bars_disabled(), datasets.logging.get_verbosity()
    datasets.disable_progress_bars()
    datasets.logging.set_verbosity_error()
    try:
        yield
    finally:
        datasets.logging.set_verbosity(verbosity)
        if were_on:
            datasets.enable_progress_bars()
