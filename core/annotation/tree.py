"""Annotated conversations as files: the recipe's `1_command_annotations/`."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from core import __version__
from core.dataset.corpus import SelectionCounts, read_corpus
from core.dataset.selection import Rephrasings
from core.dataset.test_files import annotation_files
from core.export import folder as tree
from core.pipeline.known_prompts import project_dialect
from core.project import Project
from core.store.failing import LEFT_OUT


def write_annotations(project: Project, out: Path) -> list[str]:
    """Write every annotated conversation of the project, a file for each test file; returns the files' names, relative to
    `out`. What an earlier call wrote is replaced.

    Raises:
        UsageError: `out` holds something else.
        ProjectError: nothing can be written there.
    """
    written: list[str] = []
    with closing(project.open()) as connection, tree.replaced_folder(out) as folder:
        dialect = project_dialect(project, connection)
        connection.execute("CREATE TEMP TABLE annotated (position INTEGER PRIMARY KEY, conversation_id INTEGER NOT NULL)")
        connection.execute(
            "INSERT INTO annotated (conversation_id) SELECT c.id FROM conversation c"
            f" WHERE c.active = 1 AND NOT {LEFT_OUT} ORDER BY c.file, c.id"
        )
        conversations = read_corpus(connection, Rephrasings.NONE, dialect, SelectionCounts(), order="annotated", prompts=False)
        for name, annotations, _ in annotation_files(connection, conversations, dialect):
            written.append(f"{tree.ANNOTATIONS}/{name}")
            tree.write_file(folder, written[-1], [annotations])
        tree.write_manifest(folder, {"version": __version__, "dialect": dialect.value}, {})
    return written
