"""Which trainer reads which format, and the files that are written for it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.errors import UsageError
from core.export import folder as tree
from core.export.options import ExportFormat, ExportOptions, Trainer
from core.export.row_files import Progress
from core.export.source import Source
from core.export.trainers import axolotl, llamafactory, trl, unsloth
from core.export.trainers.length import target_of
from core.export.trainers.llamafactory import INFO, dataset_info
from core.export.trainers.rows import PLAIN_FORMATS, Rows
from core.project import Project

__all__ = ["check_trainers", "dataset_info", "formats_of", "write_trainers"]


@dataclass(frozen=True, slots=True)
class _Writer:
    """`formats`: those it reads, the one to advise last."""

    file: str
    formats: tuple[ExportFormat, ...]
    config: Callable[[Rows], str]
    always_templated: bool = False


_WRITERS = {
    Trainer.TRL: _Writer(trl.FILE, trl.FORMATS, trl.trl_config),
    Trainer.UNSLOTH: _Writer(unsloth.FILE, unsloth.FORMATS, unsloth.unsloth_script, always_templated=True),
    Trainer.AXOLOTL: _Writer(axolotl.FILE, axolotl.FORMATS, axolotl.axolotl_config),
    Trainer.LLAMAFACTORY: _Writer(
        llamafactory.FILE, llamafactory.FORMATS, llamafactory.llamafactory_config, always_templated=True
    ),
}


def formats_of(trainer: Trainer) -> tuple[ExportFormat, ...]:
    """The formats whose rows the trainer reads as they are."""
    return _WRITERS[trainer].formats


def check_trainers(options: ExportOptions) -> None:
    """
    Raises:
        UsageError: a trainer does not read rows of this format.
    """
    for trainer in options.trainers:
        if options.format not in formats_of(trainer):
            common = [one for one in ExportFormat if all(one in formats_of(other) for other in options.trainers)]
            raise UsageError(
                f"{trainer} does not read rows of the format {options.format}",
                remedy=f"Use --format {' or '.join(common or formats_of(trainer))}.",
            )


def write_trainers(
    project: Project, connection: sqlite3.Connection, folder: Path, source: Source, options: ExportOptions, progress: Progress
) -> None:
    for trainer in dict.fromkeys(options.trainers):
        writer = _WRITERS[trainer]
        templated = writer.always_templated or options.format not in PLAIN_FORMATS
        target = target_of(project, connection, source, templated=templated, progress=progress)
        tree.write_file(folder, writer.file, [writer.config(Rows.of(source, options, target)).encode()])
        if trainer is Trainer.LLAMAFACTORY:
            tree.write_file(folder, INFO, [dataset_info(source, options.format)])
