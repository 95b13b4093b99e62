"""The recipe's tree: split rows and tests, `params.yaml` and `result_summary.yaml`, and on request its folders 1 to 3."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from core.dataset.folder import ANNOTATIONS, REPHRASINGS, TESTS
from core.dataset.models import DatasetVersion, Part
from core.export import folder as tree
from core.export.envelopes import Envelope
from core.export.lineage_rows import lineages
from core.export.options import ExportOptions
from core.export.row_files import RowFiles
from core.export.source import Source
from core.prompts.segments import json_inside
from core.yaml.scalars import scalar

_TEST_FILES = {Part.TRAIN: "train.yaml", Part.VAL: "validation.yaml", Part.HOLDOUT: "holdout.yaml"}


def write_tree(folder: Path, source: Source, options: ExportOptions, files: RowFiles, envelope: Envelope) -> None:
    files.rows({part: f"{tree.SPLITS}/{part.value}.jsonl" for part in source.parts}, envelope)
    files.lineage()
    if options.full_tree:
        files.write(tree.ROWS, _common_rows(source))
        for name, target in ((ANNOTATIONS, tree.ANNOTATIONS), (REPHRASINGS, tree.REPHRASINGS)):
            for path in sorted(source.path(name).glob("*.yml")):
                _copy(path, folder / target / path.name)
    for part in source.parts:
        if (tests := source.path(TESTS, _TEST_FILES[part])).is_file():
            _copy(tests, folder / tree.TESTS / _TEST_FILES[part])
    tree.write_file(folder, "params.yaml", [params_yaml(source.version, options)])
    tree.write_file(folder, "result_summary.yaml", [_result_summary(source.version)])


def _common_rows(source: Source) -> Iterator[bytes]:
    """The rows of the recipe's common file, of all parts that are exported."""
    texts = chain.from_iterable(source.texts(part) for part in source.parts)
    for (prompt, completion), lineage in zip(texts, lineages(source), strict=True):
        rephrased = b"null" if lineage.rephrasing is None else b'"%b"' % json_inside(lineage.said)
        yield (
            b'{"prompt": "%b", "output": "%b", "original_test_name": "%b::%b", "original_user_utterance": "%b",'
            b' "rephrased_user_utterance": %b}\n'
        ) % (
            prompt, completion, json_inside(lineage.file), json_inside(lineage.test), json_inside(lineage.original), rephrased,
        )  # fmt: skip


def params_yaml(version: DatasetVersion, options: ExportOptions) -> bytes:
    """The recipe's `params.yaml`, with what this dataset was really made with."""
    made_with = dict(version.parameters)
    lines = [
        "parameters:",
        f"  train_frac: {_plain(made_with.pop('train_frac'))}",
        f"  output_format: {options.format}",
        *(f"  {name}: {_plain(value)}" for name, value in made_with.items()),
        f"  prompt_template: {scalar(Path(version.template).name)}",
        f"  prompt_template_sha256: {scalar(version.template_sha256)}",
        f"  workbench_version: {scalar(version.code_version)}",
        f"  dataset: {scalar(version.address)}",
    ]
    return ("\n".join(lines) + "\n").encode()


def _plain(value: object) -> str:
    return scalar(value) if isinstance(value, str) else "null" if value is None else str(value)


def _result_summary(version: DatasetVersion) -> bytes:
    """The recipe's counters, by its names, as the build counted them."""
    counters = version.summary.get("recipe_counters", {})
    return "".join(f"{name}: {value}\n" for name, value in counters.items()).encode()


def _copy(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)
