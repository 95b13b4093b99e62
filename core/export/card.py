"""The dataset card: README.md of a Hugging Face dataset, which says how the rows came about.

https://huggingface.co/docs/hub/datasets-cards. It names no reviewer and no folder: a card may be published. Who decided what is
in the project (`workbench review log`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from core.dataset.models import DatasetVersion
from core.export.columns import SPLIT_NAMES
from core.export.source import Source
from core.preflight.models import TargetFacts
from core.preflight.stored import blocking, latest_preflight

_SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
_SIZE_NAMES = ("n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "10M<n<100M")


def dataset_card(connection: sqlite3.Connection, source: Source, *, as_repository: bool) -> bytes:
    """`as_repository`: with the configurations by which `load_dataset` finds the Parquet files beside the card."""
    lines = [*_front_matter(source, as_repository), "", *_story(connection, source, as_repository)]
    return ("\n".join(lines) + "\n").encode()


def _front_matter(source: Source, as_repository: bool) -> Iterator[str]:
    size = next((name for limit, name in zip(_SIZES, _SIZE_NAMES, strict=False) if source.rows < limit), _SIZE_NAMES[-1])
    yield from (
        "---", "# Put the licence of your data here: https://huggingface.co/docs/hub/repositories-licenses", "license: unknown",
        f"pretty_name: Command generation, dataset {source.version.name}", "task_categories:", "- text-generation",
        "tags:", "- command-generation", "- rasa-calm", "- task-oriented-dialogue", "- workbench",
        "size_categories:", f"- {size}",
    )  # fmt: skip
    if as_repository:
        yield "configs:"
        for name, folder in (("default", "data"), ("lineage", "lineage")):
            yield f"- config_name: {name}"
            yield "  data_files:"
            for part in source.parts:
                yield f"  - split: {SPLIT_NAMES[part]}"
                yield f"    path: {folder}/{SPLIT_NAMES[part]}.parquet"
    yield "---"


def _story(connection: sqlite3.Connection, source: Source, as_repository: bool) -> Iterator[str]:
    version, summary = source.version, source.version.summary
    yield f"# Command generation, dataset {version.name}"
    yield ""
    yield (
        "Prompts of a task-oriented assistant's command generator, each with the commands it is to answer. Workbench"
        f" {version.code_version} composed them from the assistant's conversation tests and from rephrasings of what users say."
    )
    yield ""
    yield "| part | rows |"
    yield "| --- | --- |"
    yield from (f"| {SPLIT_NAMES[part]} | {version.points[part]:,} |" for part in source.parts)
    yield ""
    yield "## How the rows came about"
    yield ""
    yield from (f"- {line}" for line in (*_origin(connection, version), *_left_out(summary), *_split(summary)))
    yield ""
    yield "## Checked before training"
    yield ""
    yield from _preflight(connection, version)
    yield ""
    yield "## How to load it"
    yield ""
    yield from _loading(as_repository)
    yield ""
    yield "## Where a row comes from"
    yield ""
    yield (
        "The lineage has as many rows, in the same order: test, user message, rephrasing, decision, and the"
        " words of the test. `state` is equal where the conversation stood at the same point."
    )
    yield ""
    yield "## Made with"
    yield ""
    yield f"- dataset `{version.address}`"
    yield f"- template `{version.template}` (SHA-256 `{version.template_sha256}`), dialect {version.dialect}"
    yield from (f"- `{name}`: {value}" for name, value in version.parameters.items())


def _origin(connection: sqlite3.Connection, version: DatasetVersion) -> Iterator[str]:
    tests, originals, rephrasings, by_people, judged = connection.execute(
        "SELECT count(DISTINCT s.conversation_id), count(*) FILTER (WHERE p.rephrasing_id IS NULL),"
        " count(DISTINCT p.rephrasing_id), count(DISTINCT p.rephrasing_id) FILTER (WHERE p.decision_id IS NOT NULL),"
        " count(DISTINCT p.rephrasing_id) FILTER (WHERE p.decision_id IS NULL AND p.verdict_id IS NOT NULL)"
        " FROM data_point p JOIN user_step s ON s.id = p.step_id WHERE p.dataset_id = ?",
        (version.id,),
    ).fetchone()
    (people,) = connection.execute(
        "SELECT count(DISTINCT d.reviewer) FROM data_point p JOIN decision d ON d.id = p.decision_id WHERE p.dataset_id = ?",
        (version.id,),
    ).fetchone()
    yield f"{_n(tests, 'conversation test')}, with {_n(originals, 'row')} in the words of the tests"
    yield f"{_n(rephrasings, 'rephrasing')} of what users say"
    if by_people:
        yield f"{by_people:,} of these were decided by {'one person' if people == 1 else f'{people:,} people'}"
    if judged:
        yield f"{judged:,} of these were taken for their verdict, that they ask for the same commands; no person decided"


def _left_out(summary: Mapping[str, Any]) -> Iterator[str]:
    for why, count in summary.get("left_out", {}).items():
        if count:
            yield f"left out: {_n(count, 'composed row')} ({why})"


def _split(summary: Mapping[str, Any]) -> Iterator[str]:
    split = summary.get("split", {})
    if not split:
        return
    by = {"components": "connected components of tests that share an utterance in the same state", "tests": "whole tests",
          "recipe": "the reference recipe's rule, which does not look for leaks"}  # fmt: skip
    yield f"divided by {by.get(split['strategy'], split['strategy'])}"
    recipe = split.get("recipe", {})
    if recipe.get("rows"):
        yield (
            f"under the reference recipe's rule {recipe['leaked']:,} of {_n(recipe['rows'], 'row')} outside of train would have"
            " repeated a message of train in the same state"
        )


def _loading(as_repository: bool) -> Iterator[str]:
    yield "```python"
    if as_repository:
        yield "rows = datasets.load_dataset(FOLDER)"
        yield 'lineage = datasets.load_dataset(FOLDER, "lineage")'
    else:
        yield "rows = datasets.load_from_disk(FOLDER)  # a folder saved by the library, which `load_dataset` does not read"
        yield 'lineage = datasets.load_from_disk(FOLDER + "/lineage")'
        yield "rows = datasets.load_dataset(NAME)      # where it was pushed to a hub"
        yield 'lineage = datasets.load_dataset(NAME, "lineage")'
    yield "```"


def _preflight(connection: sqlite3.Connection, version: DatasetVersion) -> Iterator[str]:
    found = latest_preflight(connection, version.id)
    if found is None:
        yield "No preflight was run on this version."
        return
    report, lengths = found.report, found.report.lengths
    waived = report.parameters.get("waived", ())
    failed = dict.fromkeys(one.check for one in blocking(report, waived))
    passed = f"NOT passed, since these checks failed: {', '.join(failed)}" if failed else "passed"
    if let_pass := dict.fromkeys(one.check for one in blocking(report) if one.check in waived):
        passed += f" (failed and waived: {', '.join(let_pass)})"
    form = "its chat template around prompt and answer" if report.target.form == "chat" else "prompt and answer as plain text"
    yield (
        f"Preflight with `{_public_name(report.target)}`, {form}: {passed}."
        f" At {report.cuts[0].length:,} tokens a row; the longest row has {lengths.needed:,}, the median prompt"
        f" {lengths.prompt.p50:,} and the median completion {lengths.completion.p50:,}."
    )


def _public_name(target: TargetFacts) -> str:
    return Path(target.folder).name if target.folder else target.model


def _n(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
