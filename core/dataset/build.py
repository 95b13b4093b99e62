"""A dataset, from the project as it is decided now: compose, clear of duplicates, limit, split, render, store.

Everything is read in one transaction, so a reviewer may go on deciding meanwhile. The same project, options and version give
the same bytes and with them the same dataset. Two passes over the project: the first numbers and compares the data points
without rendering any, the second renders those that stay. Memory does not grow with the texts.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from core.commands import Dialect
from core.dataset.composing import Composer
from core.dataset.corpus import Conversation, SelectionCounts, read_corpus
from core.dataset.folder import ANNOTATIONS, REPHRASINGS, TEST_FILES, TESTS
from core.dataset.later_turns import LaterTurns, later_turns
from core.dataset.listing import Lister, utterances
from core.dataset.missing_prompts import render_missing
from core.dataset.models import DatasetOptions, DatasetVersion, Part
from core.dataset.parts import divide_points
from core.dataset.points import Points
from core.dataset.sampling import limit_points
from core.dataset.selection import Rephrasings
from core.dataset.summary import DatasetSummary
from core.dataset.test_files import annotation_files, test_file_blocks
from core.dataset.utterances import classify
from core.dataset.version import about_version, build_folder, store_version
from core.dataset.why_nothing import why_nothing
from core.dataset.writing import PartWriter
from core.errors import ProjectError
from core.pipeline.known_prompts import project_dialect, project_template, work_out_prompts
from core.project import Project
from core.prompts.template import PromptTemplate
from core.store.connection import transaction

Progress = Callable[[str, int, int], None]


def build(
    project: Project,
    options: DatasetOptions,
    *,
    reviewer: str,
    progress: Progress = lambda what, done, total: None,
) -> DatasetVersion:
    """The dataset version of the project as it is. One that is there already has the same rows; its report and lineage are
    brought up to date.

    Raises:
        TemplateError: the template cannot be used or teaches another dialect.
        ProjectError: the project has no data point; the message says why. Or nothing can be written.
        UsageError: another process builds a dataset of this project, or the dataset whose split is to be kept is not there.
    """
    connection = project.open()
    try:
        dialect = project_dialect(project, connection)
        template = project_template(project, dialect)
        with transaction(connection):
            render_missing(project, connection, progress)
            work_out_prompts(connection, template, progress)
        with build_folder(project) as scratch:
            connection.execute("BEGIN")  # one view of the database from here on
            later = later_turns(project, connection, Rephrasings(options.rephrasings), dialect, template)
            run = _Build(connection, options, dialect, template, later, progress)
            writer = run.write(scratch)
            connection.execute("COMMIT")  # nothing was written: it ends the view
            progress("storing", 0, 1)
            return store_version(
                project, connection, scratch, writer.scratch,
                about=about_version(options, dialect.value, template.sha256), template=Path(template.name).name,
                rows=writer.hashes(), counts={part: run.summary.parts[part].points for part in Part},
                summary=run.summary.as_data(), reviewer=reviewer,
            )  # fmt: skip
    finally:
        connection.close()


class _Build:
    def __init__(
        self, connection: sqlite3.Connection, options: DatasetOptions, dialect: Dialect, template: PromptTemplate,
        later: LaterTurns, progress: Progress,
    ) -> None:  # fmt: skip
        self._connection, self._options, self._dialect = connection, options, dialect
        self._progress = progress
        self._mode = Rephrasings(options.rephrasings)
        self.summary = DatasetSummary(rendered_again=later.count, later_left_out=later.left_out)
        shared = connection.execute("SELECT skeleton FROM prompt WHERE known = 1 GROUP BY skeleton HAVING count(*) > 1")
        self._composer = Composer(
            template, dialect, frozenset(row[0] for row in shared), later, most=options.max_per_conversation, seed=options.seed
        )
        for name, order in (("dataset_order", "id"), ("file_order", "file, id")):
            connection.execute(f"CREATE TEMP TABLE {name} (position INTEGER PRIMARY KEY, conversation_id INTEGER NOT NULL)")
            connection.execute(
                f"INSERT INTO {name} (conversation_id) SELECT id FROM conversation WHERE active = 1 ORDER BY {order}"
            )
        (self._total,) = connection.execute("SELECT count(*) FROM dataset_order").fetchone()

    def write(self, folder: Path) -> PartWriter:
        """All files of the version but `dataset.json`."""
        points = self._listed()
        if not len(points):
            raise ProjectError(
                "there is nothing to build a dataset of: no user step has commands and a known prompt",
                remedy=why_nothing(self._connection),
            )
        if self._options.max_points is not None:
            limit_points(points, self._options.max_points, self._options.seed)
        self._progress("splitting", 0, 1)
        part_of, self.summary.split = divide_points(self._connection, points, self._options)
        self._progress("splitting", 1, 1)
        self.summary.composed = len(points)
        self.summary.contradictions = [
            (
                self._place(points, number),
                f"same prompt and words, other commands: {self._place(points, other)}",
            )
            for number, other in points.contradictions
        ]
        with PartWriter.open(folder, self._composer, points, part_of, self.summary) as writer:
            for conversation in self._corpus("writing", SelectionCounts()):
                writer.take(conversation)
        self._write_texts(folder, part_of)
        self._count_recipe()
        return writer

    def _listed(self) -> Points:
        def texts() -> Iterator[Conversation]:
            for conversation in self._corpus("reading", self.summary.selection, prompts=False):
                self._note(conversation)
                yield conversation

        (steps,) = self._connection.execute("SELECT count(*) FROM user_step WHERE active = 1").fetchone()
        (others,) = self._connection.execute("SELECT count(*) FROM rephrasing WHERE active = 1").fetchone()
        classes = classify(utterances(texts()), steps + others, self._options.near_duplicates, self._progress)
        lister = Lister(self._composer, classes)
        try:
            for conversation in self._corpus("comparing", SelectionCounts()):
                lister.take(conversation)
        finally:
            lister.close()
        return lister.points

    def _place(self, points: Points, number: int) -> str:
        file, name, line = self._connection.execute(
            "SELECT c.file, c.name, s.line FROM user_step s JOIN conversation c ON c.id = s.conversation_id WHERE s.id = ?",
            (points.step[number],),
        ).fetchone()
        place = f"{file}:{line}" if line else f"{file}::{name}"
        return f"{place} (variant {points.variant[number]})" if points.variant[number] else place

    def _corpus(self, what: str, counts: SelectionCounts, *, prompts: bool = True) -> Iterator[Conversation]:
        found = read_corpus(self._connection, self._mode, self._dialect, counts, prompts=prompts)
        for done, conversation in enumerate(found):
            if done % 50 == 0:
                self._progress(what, done, self._total)
            yield conversation
        self._progress(what, self._total, self._total)

    def _note(self, conversation: Conversation) -> None:
        """What of a conversation gives no data point, and why."""
        for step in conversation.steps:
            place = f"{conversation.file}:{step.line}" if step.line else f"{conversation.file}::{conversation.name}"
            if step.left_out is None:
                if step.prompt is not None and step.prompt.fixed and step.choices:
                    self.summary.only_original.append((place, "its prompt's conversation is not the test's"))
            elif step.left_out.startswith("a button"):
                self.summary.buttons += 1
            else:
                self.summary.without_prompt.append((place, step.left_out))

    def _write_texts(self, folder: Path, part_of: Mapping[int, Part]) -> None:
        """The tests of each part, and the recipe's folders of annotations and rephrasings, which do not tell of the holdout."""
        for part in dict.fromkeys(part_of.values()):
            ids = [id_ for id_, its in part_of.items() if its is part]
            _write(folder / TESTS / TEST_FILES[part], test_file_blocks(self._connection, ids))
        by_file = read_corpus(self._connection, self._mode, self._dialect, SelectionCounts(), order="file_order", prompts=False)
        open_ones = (one for one in by_file if part_of.get(one.id) is not Part.HOLDOUT)
        for name, annotated, rephrased in annotation_files(self._connection, open_ones, self._dialect):
            _write(folder / ANNOTATIONS / name, [annotated])
            _write(folder / REPHRASINGS / name, [rephrased])

    def _count_recipe(self) -> None:
        """The counters of the reference's `result_summary.yaml`, by its names."""
        tests, annotated, steps = self._connection.execute(
            "SELECT count(DISTINCT c.id), count(DISTINCT CASE WHEN s.commands IS NOT NULL THEN c.id END), count(s.commands)"
            " FROM conversation c LEFT JOIN user_step s ON s.conversation_id = c.id AND s.active = 1 WHERE c.active = 1"
        ).fetchone()
        (to_rephrase,) = self._connection.execute(
            "SELECT count(DISTINCT r.step_id) FROM rephrasing r WHERE r.active = 1"
        ).fetchone()
        points = Counter({part: counts.points for part, counts in self.summary.parts.items()})
        self.summary.recipe_counters = {
            "num_input_e2e_tests": tests,
            "num_annotated_conversations": annotated,
            "num_user_messages_across_conversations": steps,
            "num_user_messages_to_rephrase_across_conversations": to_rephrase,
            "num_passing_rephrased_user_messages": self.summary.selection.used,
            "num_failing_rephrased_user_messages": sum(self.summary.selection.left_out.values()),
            "num_ft_data_points": points.total(),
            "num_train_data_points": points[Part.TRAIN],
            "num_val_data_points": points[Part.VAL],
        }


def _write(path: Path, blocks: Iterator[bytes] | list[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.writelines(blocks)
