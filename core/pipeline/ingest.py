"""Ingest: read files of every kind to the end, then store what is good of them in one transaction."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePosixPath

from core.commands import Dialect, detect_dialect
from core.conversations.models import (
    AnnotatedConversation,
    FileKind,
    LabelledStep,
    PromptContexts,
    ReadFile,
    TestFile,
    TrainingRow,
)
from core.conversations.reading import find_files, read_bytes, read_file
from core.errors import Location, Problem, TemplateError
from core.pipeline.ingest_contexts import store_contexts
from core.pipeline.ingest_labels import store_labels
from core.pipeline.ingest_report import IngestReport, LeftOut, StaleStep
from core.pipeline.ingest_rows import store_rows
from core.pipeline.known_prompts import project_dialect, project_template, work_out_prompts
from core.pipeline.references import References
from core.project import Project
from core.store.connection import read_meta, transaction, utc_now, write_meta
from core.store.conversations import ConversationStore
from core.store.steps import StepWriter

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""

_TREE_MARKERS = (FileKind.RECIPE_SUMMARY, FileKind.EXPORT)
"""What lies in the root of an output tree; the tests beside the splits in it are copies."""
_UNSTORED = (FileKind.OTHER, FileKind.ASSISTANT, FileKind.TEST_CONFIG, FileKind.TEST_RESULTS, FileKind.EXPORT)


def ingest(
    project: Project,
    connection: sqlite3.Connection,
    paths: Sequence[Path],
    *,
    reviewer: str,
    progress: Progress = lambda what, done, total: None,
) -> IngestReport:
    """Read `paths` (files or folders) into the project's database.

    A file with any problem stores nothing, and every problem of every file is reported. A file whose bytes were
    ingested before is passed over. Raises UsageError for a path that does not exist, StoreError if the database is
    locked.
    """
    report = IngestReport()
    known = dict(connection.execute("SELECT path, sha256 FROM source"))
    kinds = {path: FileKind(kind) for path, kind in connection.execute("SELECT path, kind FROM source")}
    files = find_files(paths)
    good: list[ReadFile] = []
    for done, path in enumerate(files):
        progress("reading", done, len(files))
        name = project.relative(path)
        try:
            data = path.read_bytes()
        except OSError:
            read = read_file(path, name)  # says what is wrong with it
        else:
            if known.get(name) == hashlib.sha256(data).hexdigest():
                report.unchanged_files += 1
                continue
            read = read_bytes(data, name)
        kinds[name] = read.kind
        report.files[read.kind] += 1
        report.warnings += read.warnings
        if read.problems:
            report.bad_files.append(name)
            report.problems += read.problems
        else:
            good.append(read)
    progress("reading", len(files), len(files))
    if any(read.kind not in _UNSTORED for read in good):
        with transaction(connection):
            _store(project, connection, good, kinds, paths, reviewer, report, progress)
    report.dialect = read_meta(connection, "dialect") or Dialect.V2.value
    return report


def _store(
    project: Project, connection: sqlite3.Connection, files: Sequence[ReadFile], kinds: dict[str, FileKind],
    paths: Sequence[Path], reviewer: str, report: IngestReport, progress: Progress,
) -> None:  # fmt: skip
    (ingest_id,) = connection.execute(
        "INSERT INTO ingest (at, reviewer, paths) VALUES (?, ?, ?) RETURNING id",
        (utc_now(), reviewer, json.dumps([project.relative(path) for path in paths], ensure_ascii=False)),
    ).fetchone()
    dialect = _settle_dialect(project, connection, files)
    references = References(project, connection)
    store = ConversationStore(connection, ingest_id)
    writer = StepWriter(connection, ingest_id, dialect)
    trees = {str(PurePosixPath(path).parent) for path, kind in kinds.items() if kind in _TREE_MARKERS}
    sources = {read.path: _source_id(connection, read, ingest_id) for read in files if read.kind not in _UNSTORED}

    progress("storing", 0, len(files))
    tests = [read for read in files if isinstance(read.content, TestFile)]
    for read in tests:
        references.remember(read.path)
    for read in tests:
        if not _lies_in(read.path, trees):
            _store_tests(store, read, sources[read.path])
    for read in files:
        if read.kind in (FileKind.ANNOTATIONS, FileKind.REPHRASINGS):
            _store_annotations(store, references, read, sources[read.path])
    for read in tests:
        if _lies_in(read.path, trees):
            _store_copies(connection, store, read, sources[read.path], report)
    labels = [read for read in files if read.kind in (FileKind.COMMAND_LABELS, FileKind.REPHRASING_LABELS)]
    unresolved = store_labels(connection, store, references, labels, sources, report)
    for read in files:
        if read.path in sources and read.kind not in (FileKind.CONTEXTS, FileKind.TRAINING_ROWS):
            store.drop_unseen(sources[read.path])
    progress("storing", len(files) // 2, len(files))
    store.rebuild(writer)

    for read in files:
        if isinstance(read.content, PromptContexts):
            unresolved |= store_contexts(connection, references, read, sources[read.path], report)
    rows = [read for read in files if read.kind is FileKind.TRAINING_ROWS]
    store_rows(project, connection, store, writer, references, rows, sources, report)
    _work_out_prompts(project, connection, report, progress)
    # What waits for a test that is not here yet must be read again next time.
    for path in unresolved:
        connection.execute("UPDATE source SET sha256 = '' WHERE path = ?", (path,))
    _fill_report(connection, store, writer, report)
    connection.execute(
        "UPDATE ingest SET summary = ? WHERE id = ?", (json.dumps(report.as_data(), ensure_ascii=False), ingest_id)
    )
    progress("storing", len(files), len(files))


def _settle_dialect(project: Project, connection: sqlite3.Connection, files: Sequence[ReadFile]) -> Dialect:
    configured = project.settings.project.dialect
    stored = read_meta(connection, "dialect")
    if configured != "auto":
        dialect = Dialect(configured)
    elif stored is not None:
        return Dialect(stored)
    else:
        found = detect_dialect(_command_texts(files))
        if found is None:
            return Dialect.V2
        dialect = found
    write_meta(connection, "dialect", dialect.value)
    return dialect


def _work_out_prompts(project: Project, connection: sqlite3.Connection, report: IngestReport, progress: Progress) -> None:
    """A template that cannot be used is a warning here, since nothing is rendered yet; an export refuses it."""
    try:
        template = project_template(project, project_dialect(project, connection))
    except TemplateError as error:
        where = error.where or Location(str(project.config_path))
        report.warnings.append(Problem(where, error.what, error.remedy))
        return
    work_out_prompts(connection, template, progress)
    (unknown,) = connection.execute(
        "SELECT count(*) FROM prompt p JOIN user_step s ON s.id = p.step_id WHERE p.known = 0 AND s.active = 1"
    ).fetchone()
    report.prompts_unknown = unknown


def _command_texts(files: Iterable[ReadFile]) -> list[str]:
    """Up to a few thousand raw command lines, enough to tell the dialect."""
    texts: list[str] = []
    for read in files:
        if isinstance(read.content, TestFile):
            texts += [line for case in read.content.cases for turn in case.turns for line in turn.commands or ()]
        elif isinstance(read.content, tuple):
            for item in read.content:
                if isinstance(item, AnnotatedConversation):
                    texts += [line for turn in item.turns for line in turn.commands or ()]
                elif isinstance(item, LabelledStep):
                    texts += item.commands or ()
                elif isinstance(item, TrainingRow):
                    texts += item.completion.splitlines()
        if len(texts) > 5_000:
            break
    return texts


def _source_id(connection: sqlite3.Connection, read: ReadFile, ingest_id: int) -> int:
    preamble = None
    if isinstance(read.content, TestFile):
        preamble = json.dumps(read.content.preamble, ensure_ascii=False, default=str)
    row = connection.execute(
        "INSERT INTO source (path, kind, sha256, ingest_id, preamble) VALUES (?, ?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET"
        " kind = excluded.kind, sha256 = excluded.sha256, ingest_id = excluded.ingest_id, preamble = excluded.preamble"
        " RETURNING id",
        (read.path, read.kind.value, read.sha256, ingest_id, preamble),
    ).fetchone()
    return int(row[0])


def _lies_in(path: str, trees: set[str]) -> bool:
    return any(str(parent) in trees for parent in PurePosixPath(path).parents)


def _store_tests(store: ConversationStore, read: ReadFile, source_id: int) -> None:
    assert isinstance(read.content, TestFile)
    for case in read.content.cases:
        id_ = store.find_or_add((read.path, case.name, case.occurrence))
        store.put_turns(id_, "test", source_id, case.line, case.turns, case.extra)


def _store_annotations(store: ConversationStore, references: References, read: ReadFile, source_id: int) -> None:
    assert isinstance(read.content, tuple)
    for item in read.content:
        assert isinstance(item, AnnotatedConversation)
        file = references.resolve(item.file, read.path)
        references.remember(file)
        id_ = store.find_or_add((file, item.name, item.occurrence))
        store.put_turns(
            id_, "annotation", source_id, item.line, item.turns, {"original_test_case": f"{item.file}::{item.name}"}
        )


def _store_copies(
    connection: sqlite3.Connection, store: ConversationStore, read: ReadFile, source_id: int, report: IngestReport
) -> None:
    """Tests that the recipe wrote out again beside its splits: the same tests, not more of them."""
    assert isinstance(read.content, TestFile)
    for case in read.content.cases:
        originals = connection.execute(
            "SELECT c.id, EXISTS (SELECT 1 FROM face f WHERE f.conversation_id = c.id AND f.kind = 'test' AND f.source_id <> ?)"
            " FROM conversation c WHERE c.name = ? AND c.file <> ? ORDER BY c.id",
            (source_id, case.name, read.path),
        ).fetchall()
        without_test = [id_ for id_, has_test in originals if not has_test]
        if without_test:
            store.put_turns(without_test[0], "test", source_id, case.line, case.turns, case.extra)
            report.evidence["copies of tests"] += 1
        elif originals:
            report.evidence["copies of tests"] += 1
        else:
            id_ = store.find_or_add((read.path, case.name, case.occurrence))
            store.put_turns(id_, "test", source_id, case.line, case.turns, case.extra)


def _fill_report(connection: sqlite3.Connection, store: ConversationStore, writer: StepWriter, report: IngestReport) -> None:
    counts = writer.counts
    report.conversations_added, report.conversations_changed = store.added, store.changed
    report.conversations_retired = store.retired
    report.steps_added, report.steps_retired = counts.steps_added, counts.steps_retired
    report.commands_changed = counts.commands_changed
    report.rephrasings_added, report.rephrasings_retired = counts.rephrasings_added, counts.rephrasings_retired
    report.rephrasings_repeated, report.verdicts_added = counts.rephrasings_repeated, counts.verdicts_added
    for step_id, decisions in counts.stale.items():
        file, name, line, ordinal, text, active = connection.execute(
            "SELECT c.file, c.name, s.line, s.ordinal, s.text, s.active FROM user_step s"
            " JOIN conversation c ON c.id = s.conversation_id WHERE s.id = ?",
            (step_id,),
        ).fetchone()
        report.stale.append(StaleStep(Location(file, line), name, ordinal, text, decisions, gone=not active))
    for conversation_id, label in store.unplaced:
        file, name, line = connection.execute(
            "SELECT file, name, line FROM conversation WHERE id = ?", (conversation_id,)
        ).fetchone()
        report.left_out.append(
            LeftOut(
                Location(file, line),
                f"labels of user step {label.user_step} of `{name}`: its text is not `{label.text}`",
            )
        )
