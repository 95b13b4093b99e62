"""Export a dataset version: its rows in the format of a trainer, where each comes from, and a manifest of every file.

An export is a function of the stored version and the options, and of nothing else in the project: the same two give the same
bytes. Only what is written for a trainer also follows the version's last preflight. The folder is complete or untouched.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.dataset.models import DatasetVersion, Part
from core.errors import UsageError
from core.export import folder as tree
from core.export.card import dataset_card
from core.export.du_tests import du_blocks
from core.export.envelopes import ENVELOPES
from core.export.hugging_face import write_hf
from core.export.libraries import LIBRARIES, library
from core.export.openai_rules import check_rows, checked
from core.export.options import ExportFormat, ExportOptions
from core.export.parquet import write_parquet
from core.export.recipe_tree import write_tree
from core.export.row_files import Progress, RowFiles
from core.export.source import Source
from core.export.trainers.configs import check_trainers, dataset_info, row_options, warnings_of, write_trainers
from core.export.trainers.told import last_told
from core.project import Project, printable
from core.store.connection import transaction, utc_now

DU_FOLDER = "dialogue_understanding_tests"


@dataclass(frozen=True, slots=True)
class ExportReport:
    """`out`: the folder as it was asked for. `rows`: by part, of those that were written. `warnings`: for people to read."""

    version: DatasetVersion
    out: Path
    format: ExportFormat
    rows: dict[Part, int]
    manifest_sha256: str
    warnings: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        return {
            "dataset": self.version.address,
            "out": str(self.out),
            "format": self.format.value,
            "rows": {part.value: count for part, count in self.rows.items()},
            "manifest_sha256": self.manifest_sha256,
            "warnings": list(self.warnings),
            **self.version.summary,
        }


def export_dataset(
    project: Project,
    version: DatasetVersion,
    options: ExportOptions,
    *,
    reviewer: str,
    progress: Progress = lambda what, done, total: None,
) -> ExportReport:
    """Write the version to `options.out` and record that in the project.

    Raises:
        UsageError: the folder holds something else, a library the format needs is not installed, no configuration of a trainer
            is written for the format, or the rows are not what the format allows.
        ProjectError: the version's files are gone or damaged, or nothing can be written (a full disk, say).
    """
    check_options(options)
    if options.format is ExportFormat.OPENAI:
        check_rows(version)
    with closing(project.open()) as connection:
        with tree.replaced_folder(options.out) as folder:
            source = Source(project, version, holdout_purpose=options.holdout_purpose, reviewer=reviewer)
            files = RowFiles(folder, source, progress)
            told = last_told(connection, version.id)
            added = row_options(options, told)
            _write(connection, folder, source, options, added, files, progress)
            write_trainers(project, told, folder, source, options, progress)
            digest = tree.write_manifest(folder, _manifest(version, options, added), files.hashes)
        with transaction(connection):
            connection.execute(
                "INSERT INTO export (at, reviewer, out, parameters, summary, manifest_sha256, dataset_id, format)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (utc_now(), reviewer, printable(project.relative(options.out)), json.dumps(dict(version.parameters)),
                 json.dumps(dict(version.summary), ensure_ascii=False), digest, version.id, options.format.value),
            )  # fmt: skip
    rows = {part: version.points[part] for part in source.parts}
    return ExportReport(version, options.out, options.format, rows, digest, warnings_of(options, told))


def check_options(options: ExportOptions) -> None:
    """What can be found wrong before there is a dataset.

    Raises:
        UsageError: no configuration of a trainer is written for the format, a library is not installed, or the format has no
            recipe's folders.
    """
    check_trainers(options)
    if options.full_tree and not options.format.is_tree:
        raise UsageError(
            f"the recipe's folders belong to its tree, not to the format {options.format}",
            remedy="Leave --full-tree away, or use --format instruction or conversational.",
        )
    for name in LIBRARIES.get(options.format, ()):
        library(name, what_for=f"the format {options.format}")


def _write(
    connection: sqlite3.Connection, folder: Path, source: Source, options: ExportOptions, added: Mapping[str, Any],
    files: RowFiles, progress: Progress,
) -> None:  # fmt: skip
    if options.format.is_tree:
        write_tree(folder, source, options, files, ENVELOPES[options.format].with_template_options(added))
        return
    match options.format:
        case ExportFormat.PARQUET:
            write_parquet(folder, source, progress)
            tree.write_file(folder, "README.md", [dataset_card(connection, source, as_repository=True)])
        case ExportFormat.HF:
            write_hf(folder, source, progress)
            tree.write_file(folder, "README.md", [dataset_card(connection, source, as_repository=False)])
        case ExportFormat.DU:
            for part in source.parts:
                files.write(f"{DU_FOLDER}/{part.value}.yml", du_blocks(connection, source, part))
            files.lineage()
        case ExportFormat.OPENAI:
            envelope = ENVELOPES[options.format]
            for part in source.parts:
                files.write(f"{part.value}.jsonl", envelope.pieces(checked(source.texts(part), part, envelope)))
            files.lineage()
        case _:
            envelope = ENVELOPES[options.format].with_template_options(added)
            files.rows({part: f"{part.value}.jsonl" for part in source.parts}, envelope)
            files.lineage()
            if options.format in (ExportFormat.ALPACA, ExportFormat.SHAREGPT):
                tree.write_file(folder, "dataset_info.json", [dataset_info(source, options.format)])


def _manifest(version: DatasetVersion, options: ExportOptions, added: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "version": version.code_version,
        "dataset": version.address,
        "dialect": version.dialect,
        "template": {"name": Path(version.template).name, "sha256": version.template_sha256},
        "parameters": {
            "format": options.format.value,
            **({"chat_template_kwargs": dict(added)} if added else {}),
            **version.parameters,
        },
        "summary": dict(version.summary),
    }
