"""For which formats a trainer's configuration is written, and the files that are written for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import UsageError
from core.export import folder as tree
from core.export.options import ExportFormat, ExportOptions, Trainer
from core.export.row_files import Progress
from core.export.source import Source
from core.export.trainers import axolotl, llamafactory, trl, unsloth
from core.export.trainers.forms import Form, form_warnings
from core.export.trainers.length import target_of
from core.export.trainers.llamafactory import INFO, dataset_info
from core.export.trainers.rows import PLAIN_FORMATS, Rows
from core.export.trainers.told import Told
from core.project import Project

__all__ = ["check_trainers", "dataset_info", "formats_of", "row_options", "warnings_of", "write_trainers"]


@dataclass(frozen=True, slots=True)
class _Writer:
    """`formats`: those a configuration is written for."""

    file: str
    formats: tuple[ExportFormat, ...]
    config: Callable[[Rows], str]
    always_templated: bool = False

    def form(self, format_: ExportFormat) -> Form:
        return "chat" if self.always_templated or format_ not in PLAIN_FORMATS else "plain"


_WRITERS = {
    Trainer.TRL: _Writer(trl.FILE, trl.FORMATS, trl.trl_config),
    Trainer.UNSLOTH: _Writer(unsloth.FILE, unsloth.FORMATS, unsloth.unsloth_script, always_templated=True),
    Trainer.AXOLOTL: _Writer(axolotl.FILE, axolotl.FORMATS, axolotl.axolotl_config),
    Trainer.LLAMAFACTORY: _Writer(
        llamafactory.FILE, llamafactory.FORMATS, llamafactory.llamafactory_config, always_templated=True
    ),
}


def formats_of(trainer: Trainer) -> tuple[ExportFormat, ...]:
    """The formats beside whose rows a configuration is written; a trainer may read more with one of one's own."""
    return _WRITERS[trainer].formats


def check_trainers(options: ExportOptions) -> None:
    """
    Raises:
        UsageError: no configuration of a trainer is written for this format.
    """
    for trainer in options.trainers:
        if options.format not in formats_of(trainer):
            common = [one for one in ExportFormat if all(one in formats_of(other) for other in options.trainers)]
            raise UsageError(
                f"no configuration of {trainer} is written for the format {options.format}",
                remedy=f"Use --format {' or '.join(common or formats_of(trainer))}.",
            )


def write_trainers(
    project: Project, told: Told | None, folder: Path, source: Source, options: ExportOptions, progress: Progress
) -> None:
    for trainer in dict.fromkeys(options.trainers):
        writer = _WRITERS[trainer]
        templated = writer.form(options.format) == "chat"
        target = target_of(project, told, source, templated=templated, progress=progress)
        tree.write_file(folder, writer.file, [writer.config(Rows.of(source, options, target)).encode()])
        if trainer is Trainer.LLAMAFACTORY:
            tree.write_file(folder, INFO, [dataset_info(source, options.format)])


def warnings_of(options: ExportOptions, told: Told | None) -> tuple[str, ...]:
    """What is to be known before a training with the configurations that were written."""
    writers = {trainer: _WRITERS[trainer] for trainer in options.trainers}
    others = [one for one in ExportFormat if one not in PLAIN_FORMATS and not one.is_tree]
    chat_formats = [one for one in others if all(one in writer.formats for writer in writers.values())]
    forms = {trainer: writer.form(options.format) for trainer, writer in writers.items()}
    return tuple(form_warnings(forms, chat_formats, told))


def row_options(options: ExportOptions, told: Told | None) -> Mapping[str, Any]:
    """Template options that every row must carry, since TRL has no other place for them; mostly none.

    https://huggingface.co/docs/trl/dataset_formats: the column `chat_template_kwargs`. The other trainers pass over it.
    """
    if told is None or Trainer.TRL not in options.trainers or _WRITERS[Trainer.TRL].form(options.format) != "chat":
        return {}
    return told.template_options
