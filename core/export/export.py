"""Export: training rows for both sides of the split, with the tests they came from, in the recipe's tree.

Everything is read in one transaction, so a reviewer may go on deciding meanwhile. The same project, options and
version give the same bytes.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from core import __version__
from core.commands import Dialect, from_json
from core.dataset.composing import Composer
from core.dataset.corpus import Conversation, SelectionCounts, read_corpus
from core.dataset.later_turns import LaterTurns, later_turns
from core.dataset.plan import plan
from core.dataset.recipe_split import Split, split
from core.dataset.rows import RowWriter, Written
from core.dataset.selection import Rephrasings
from core.dataset.summary import ExportSummary, SideCounts
from core.errors import ProjectError
from core.export import folder as tree
from core.export.options import ExportOptions
from core.export.test_files import annotation_files, test_file_blocks
from core.pipeline.known_prompts import project_dialect, project_template, work_out_prompts
from core.project import Project, printable
from core.prompts.template import PromptTemplate
from core.store.connection import transaction, utc_now
from core.yaml.scalars import scalar

Progress = Callable[[str, int, int], None]

__all__ = ["ExportOptions", "export"]


def export(
    project: Project,
    options: ExportOptions,
    *,
    reviewer: str,
    progress: Progress = lambda what, done, total: None,
) -> ExportSummary:
    """Write the export to `options.out`.

    Raises:
        TemplateError: the template cannot be used or teaches another dialect.
        ProjectError: the project has no data point to export; the message says why.
        UsageError: `options.out` holds something else.
    """
    connection = project.open()
    try:
        dialect = project_dialect(project, connection)
        template = project_template(project, dialect)
        with transaction(connection):
            work_out_prompts(connection, template, progress)
        connection.execute("BEGIN")  # one view of the database from here on
        later = later_turns(project, connection, Rephrasings(options.rephrasings), dialect, template)
        summary, digest = _export(connection, options, dialect, template, later, progress)
        connection.execute("ROLLBACK")
        with transaction(connection):
            connection.execute(
                "INSERT INTO export (at, reviewer, out, parameters, summary, manifest_sha256) VALUES (?, ?, ?, ?, ?, ?)",
                (utc_now(), reviewer, printable(project.relative(options.out)), json.dumps(_parameters(options)),
                 json.dumps(summary.as_data(), ensure_ascii=False), digest),
            )  # fmt: skip
        return summary
    finally:
        connection.close()


def _export(
    connection: sqlite3.Connection,
    options: ExportOptions,
    dialect: Dialect,
    template: PromptTemplate,
    later: LaterTurns,
    progress: Progress,
) -> tuple[ExportSummary, str]:
    mode = Rephrasings(options.rephrasings)
    units = plan(connection, mode, dialect)
    if not units:
        raise ProjectError(
            "there is nothing to export: no user step has commands and a known prompt", remedy=_why_nothing(connection)
        )
    sides = split(units, options.train_frac, options.seed)
    summary = ExportSummary(shortfalls=sides.shortfalls, rendered_again=later.count, later_left_out=later.left_out)
    _order(connection, sides)
    shared = connection.execute("SELECT skeleton FROM prompt WHERE known = 1 GROUP BY skeleton HAVING count(*) > 1")
    composer = Composer(template, dialect, frozenset(row[0] for row in shared), later)
    with tree.replaced_folder(options.out) as folder:
        with RowWriter.open(folder, options) as rows:
            total = connection.execute("SELECT count(*) FROM export_order").fetchone()[0]
            for done, conversation in enumerate(read_corpus(connection, mode, dialect, summary.selection)):
                if done % 50 == 0:
                    progress("writing", done, total)
                side = "train" if conversation.id in sides.train else "val"
                written = rows.write(side, conversation, composer.compose(conversation))
                _count(summary, side, conversation, written)
        summary.duplicates = composer.duplicates
        if options.full_tree:
            by_file = read_corpus(connection, mode, dialect, SelectionCounts(), order="file_order", prompts=False)
            for name, annotations, rephrasings in annotation_files(connection, by_file, dialect):
                tree.write_file(folder, f"{tree.ANNOTATIONS}/{name}", [annotations])
                tree.write_file(folder, f"{tree.REPHRASINGS}/{name}", [rephrasings])
        tree.write_file(folder, f"{tree.TESTS}/train.yaml", test_file_blocks(connection, sides.train))
        if options.train_frac < 1:
            tree.write_file(folder, f"{tree.TESTS}/validation.yaml", test_file_blocks(connection, sides.val))
        tree.write_file(folder, "params.yaml", [_params_yaml(options, template)])
        tree.write_file(folder, "result_summary.yaml", [_result_summary(connection, summary)])
        digest = tree.write_manifest(
            folder,
            {
                "version": __version__,
                "dialect": dialect.value,
                "template": {"name": Path(template.name).name, "sha256": template.sha256},
                "parameters": _parameters(options),
                "summary": summary.as_data(),
            },
            rows.hashes(),
        )
    return summary, digest


def _order(connection: sqlite3.Connection, sides: Split) -> None:
    """Train first: of two equal rows train keeps its own. Conversations without data points are read for the report."""
    connection.execute("CREATE TEMP TABLE export_order (position INTEGER PRIMARY KEY, conversation_id INTEGER NOT NULL)")
    rest = [
        row[0]
        for row in connection.execute("SELECT id FROM conversation WHERE active = 1 ORDER BY id")
        if row[0] not in sides.train and row[0] not in sides.val
    ]
    ordered = [*sorted(sides.train), *sorted(sides.val), *rest]
    connection.executemany("INSERT INTO export_order (conversation_id) VALUES (?)", ((id_,) for id_ in ordered))
    connection.execute("CREATE TEMP TABLE file_order (position INTEGER PRIMARY KEY, conversation_id INTEGER NOT NULL)")
    connection.execute(
        "INSERT INTO file_order (conversation_id) SELECT id FROM conversation WHERE active = 1 ORDER BY file, id"
    )


def _count(summary: ExportSummary, side: str, conversation: Conversation, written: Written) -> None:
    counts: SideCounts = summary.train if side == "train" else summary.val
    counts.conversations += bool(written.points)
    relabelled: Counter[int] = Counter()
    for (step_id, commands), points in written.own_labels.items():
        relabelled[step_id] += points
        for command in _types(commands):
            counts.commands[command] += points
    for step in conversation.steps:
        place = f"{conversation.file}:{step.line}" if step.line else f"{conversation.file}::{conversation.name}"
        if step.left_out is not None:
            if step.left_out.startswith("a button"):
                summary.buttons += 1
            else:
                summary.without_prompt.append((place, step.left_out))
            continue
        points = written.points[step.id]
        counts.points += points
        counts.originals += written.originals[step.id]
        for command in _types(step.commands or "[]"):
            counts.commands[command] += points - relabelled[step.id]
        if step.prompt is not None and step.prompt.fixed and step.choices:
            summary.only_original.append((place, "its prompt's conversation is not the test's"))


@lru_cache(maxsize=65536)
def _types(canonical: str) -> tuple[str, ...]:
    return tuple({type(command).__name__: None for command in from_json(canonical)})


def _parameters(options: ExportOptions) -> dict[str, Any]:
    return {
        "format": options.format,
        "train_frac": options.train_frac,
        "seed": options.seed,
        "rephrasings": options.rephrasings,
    }


def _params_yaml(options: ExportOptions, template: PromptTemplate) -> bytes:
    """The recipe's `params.yaml`, with what this export was really made with."""
    lines = [
        "parameters:",
        f"  train_frac: {options.train_frac}",
        f"  output_format: {options.format}",
        f"  seed: {options.seed}",
        f"  rephrasings: {options.rephrasings}",
        f"  prompt_template: {scalar(Path(template.name).name)}",
        f"  prompt_template_sha256: {scalar(template.sha256)}",
        f"  workbench_version: {scalar(__version__)}",
    ]
    return ("\n".join(lines) + "\n").encode()


def _result_summary(connection: sqlite3.Connection, summary: ExportSummary) -> bytes:
    """The recipe's counters, by its names."""
    tests, annotated, steps = connection.execute(
        "SELECT count(DISTINCT c.id), count(DISTINCT CASE WHEN s.commands IS NOT NULL THEN c.id END), count(s.commands)"
        " FROM conversation c LEFT JOIN user_step s ON s.conversation_id = c.id AND s.active = 1 WHERE c.active = 1"
    ).fetchone()
    (to_rephrase,) = connection.execute("SELECT count(DISTINCT r.step_id) FROM rephrasing r WHERE r.active = 1").fetchone()
    counters = {
        "num_input_e2e_tests": tests,
        "num_annotated_conversations": annotated,
        "num_user_messages_across_conversations": steps,
        "num_user_messages_to_rephrase_across_conversations": to_rephrase,
        "num_passing_rephrased_user_messages": summary.selection.used,
        "num_failing_rephrased_user_messages": sum(summary.selection.left_out.values()),
        "num_ft_data_points": summary.train.points + summary.val.points,
        "num_train_data_points": summary.train.points,
        "num_val_data_points": summary.val.points,
    }
    return "".join(f"{name}: {value}\n" for name, value in counters.items()).encode()


def _why_nothing(connection: sqlite3.Connection) -> str:
    (annotated,) = connection.execute(
        "SELECT count(*) FROM user_step WHERE active = 1 AND commands IS NOT NULL AND commands <> '[]'"
    ).fetchone()
    if not annotated:
        return "Ingest annotated conversations, or tests with `commands:`."
    why = connection.execute(
        "SELECT count(*), CASE WHEN p.step_id IS NULL THEN 'have no prompt: ingest prompt contexts (docs/formats.md), or the"
        " recipe''s fine-tuning rows' WHEN p.known THEN 'have commands that the dialect cannot say' ELSE 'have a prompt that is"
        " not known: ' || p.reason END AS why FROM user_step s LEFT JOIN prompt p ON p.step_id = s.id WHERE s.active = 1"
        " AND s.is_button = 0 AND s.commands IS NOT NULL AND s.commands <> '[]' GROUP BY why ORDER BY 1 DESC, why"
    ).fetchall()
    return f"Of {annotated} steps with commands {'; '.join(f'{count} {reason}' for count, reason in why)}."
