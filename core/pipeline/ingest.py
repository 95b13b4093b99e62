"""Ingest: read files of every kind to the end, then store what is good of them in one transaction."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
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
    Turn,
)
from core.errors import Location, Problem, TemplateError
from core.pipeline.fixture_check import undefined_fixtures
from core.pipeline.ingest_contexts import store_contexts
from core.pipeline.ingest_files import GONE, WAITING, Gathered, gather
from core.pipeline.ingest_labels import store_labels
from core.pipeline.ingest_report import IngestReport, LeftOut, StaleStep
from core.pipeline.ingest_rows import store_rows
from core.pipeline.known_prompts import project_dialect, project_template, work_out_prompts
from core.pipeline.references import References
from core.pipeline.same_names import find_occurrences, settle_occurrences
from core.project import Project, printable
from core.prompts.template import detect_dialect as dialect_of_template
from core.store.connection import read_meta, transaction, utc_now, write_meta
from core.store.conversations import ConversationStore
from core.store.steps import StepWriter

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""

_TREE_MARKERS = (FileKind.RECIPE_SUMMARY, FileKind.EXPORT)
"""What lies in the root of an output tree; the tests beside the splits in it are copies."""


class _NothingNewError(Exception):
    """Ends a transaction that would only have written that it took place."""


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
    ingested before is passed over, and what is below the given folders no more is taken out. Raises UsageError for a
    path that does not exist, StoreError if the database is locked.
    """
    report = IngestReport()
    found = gather(project, connection, paths, report, progress)
    try:
        if found.good or found.gone:
            with transaction(connection):
                _store(project, connection, found, paths, reviewer, report, progress)
        else:
            _refresh_prompts(project, connection, report, progress)
    except _NothingNewError:
        pass
    report.dialect = read_meta(connection, "dialect") or Dialect.V2.value
    return report


def _store(
    project: Project, connection: sqlite3.Connection, found: Gathered, paths: Sequence[Path], reviewer: str,
    report: IngestReport, progress: Progress,
) -> None:  # fmt: skip
    files = found.good
    before = _sources(connection)
    (ingest_id,) = connection.execute(
        "INSERT INTO ingest (at, reviewer, paths) VALUES (?, ?, ?) RETURNING id",
        (utc_now(), reviewer, json.dumps([printable(project.relative(path)) for path in paths], ensure_ascii=False)),
    ).fetchone()
    dialect = _settle_dialect(project, connection, files)
    references = References(project, connection)
    store = ConversationStore(connection, ingest_id)
    writer = StepWriter(connection, ingest_id, dialect)
    trees = {str(PurePosixPath(path).parent) for path, kind in found.kinds.items() if kind in _TREE_MARKERS}
    sources = {read.path: _source_id(connection, read, ingest_id) for read in files}

    report.warnings += undefined_fixtures(project.root, files)
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
    named = _named_in_rows(references, files, trees)
    for read in tests:
        if _lies_in(read.path, trees):
            _store_copies(connection, store, read, sources[read.path], named, report)
    labels = [read for read in files if read.kind in (FileKind.COMMAND_LABELS, FileKind.REPHRASING_LABELS)]
    unresolved = store_labels(connection, store, references, labels, sources, report)
    for read in files:
        if read.kind is not FileKind.TRAINING_ROWS:  # those see to it themselves, further down
            store.drop_unseen(sources[read.path])
    _drop_gone(connection, store, found.gone, report)
    progress("storing", len(files) // 2, len(files))
    store.rebuild(writer)

    for read in files:
        if isinstance(read.content, PromptContexts):
            unresolved |= store_contexts(connection, references, read, sources[read.path], report)
    rows = [read for read in files if read.kind is FileKind.TRAINING_ROWS]
    unresolved |= store_rows(connection, store, writer, references, rows, sources, report)
    worked_out = _work_out_prompts(project, connection, report, progress)
    # What waits for a test that is not here yet is read again with the next tests.
    for path in unresolved:
        connection.execute("UPDATE source SET sha256 = ? || sha256 WHERE path = ?", (WAITING, path))
    _fill_report(connection, store, writer, report)
    if not (report.changed_anything or worked_out) and _sources(connection) == before:
        raise _NothingNewError
    connection.execute(
        "UPDATE ingest SET summary = ? WHERE id = ?", (json.dumps(report.as_data(), ensure_ascii=False), ingest_id)
    )
    progress("storing", len(files), len(files))


def _sources(connection: sqlite3.Connection) -> list[tuple[str, str, str, str | None]]:
    return connection.execute("SELECT path, kind, sha256, preamble FROM source ORDER BY path").fetchall()


def _drop_gone(connection: sqlite3.Connection, store: ConversationStore, gone: Sequence[str], report: IngestReport) -> None:
    """Take out what files said that are no longer there; their conversations come back, decided, with the files."""
    for path in gone:
        (source_id,) = connection.execute("UPDATE source SET sha256 = ? WHERE path = ? RETURNING id", (GONE, path)).fetchone()
        store.drop_unseen(source_id)
        report.gone_files.append(path)


def _settle_dialect(project: Project, connection: sqlite3.Connection, files: Sequence[ReadFile]) -> Dialect:
    configured = project.settings.project.dialect
    stored = read_meta(connection, "dialect")
    if configured != "auto":
        dialect = Dialect(configured)
    elif stored is not None:
        return Dialect(stored)
    else:
        found = _detect(files)
        if found is None:
            return Dialect.V2
        dialect = found
    write_meta(connection, "dialect", dialect.value)
    return dialect


def _detect(files: Sequence[ReadFile]) -> Dialect | None:
    """From commands, and, where those are the same in two dialects, from the commands that a prompt teaches."""
    found = detect_dialect(_command_texts(files))
    contents = [read.content for read in files if read.kind is FileKind.TRAINING_ROWS and isinstance(read.content, tuple)]
    prompt = next((row.prompt for content in contents for row in content if isinstance(row, TrainingRow)), None)
    taught = None if prompt is None else dialect_of_template(prompt.replace("{", " "))  # a text, and no template
    if taught is None or (found is not None and (found is Dialect.V1) != (taught is Dialect.V1)):
        return found
    return taught


def _refresh_prompts(project: Project, connection: sqlite3.Connection, report: IngestReport, progress: Progress) -> None:
    """Nothing new to read, but the project may have another template now."""
    if connection.execute("SELECT 1 FROM prompt LIMIT 1").fetchone() is None:
        return
    with transaction(connection):
        if not _work_out_prompts(project, connection, report, progress):
            raise _NothingNewError


def _work_out_prompts(project: Project, connection: sqlite3.Connection, report: IngestReport, progress: Progress) -> int:
    """A template that cannot be used is a warning here, since nothing is rendered yet; an export refuses it."""
    try:
        template = project_template(project, project_dialect(project, connection))
    except TemplateError as error:
        where = error.where or Location(str(project.config_path))
        report.warnings.append(Problem(where, error.what, error.remedy))
        return 0
    count = report.prompts_worked_out = work_out_prompts(connection, template, progress)
    (report.prompts_unknown,) = connection.execute(
        "SELECT count(*) FROM prompt p JOIN user_step s ON s.id = p.step_id WHERE p.known = 0 AND s.active = 1"
    ).fetchone()
    return count


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
    by_name: dict[str, list[Sequence[Turn]]] = defaultdict(list)
    for case in read.content.cases:
        by_name[case.name].append(case.turns)
    for name, tests in by_name.items():
        if len(tests) > 1 or store.find((read.path, name, 2)) is not None:
            settle_occurrences(store, read.path, name, tests)
    for case in read.content.cases:
        id_ = store.find_or_add((read.path, case.name, case.occurrence))
        store.put_turns(id_, "test", source_id, case.line, case.turns, case.extra)


def _store_annotations(store: ConversationStore, references: References, read: ReadFile, source_id: int) -> None:
    assert isinstance(read.content, tuple)
    by_name: dict[tuple[str, str], list[AnnotatedConversation]] = defaultdict(list)
    for item in read.content:
        assert isinstance(item, AnnotatedConversation)
        by_name[references.resolve(item.file, read.path), item.name].append(item)
    for (file, name), items in by_name.items():
        references.remember(file)
        occurrences = [1]
        if len(items) > 1 or store.find((file, name, 2)) is not None:
            occurrences = find_occurrences(store, file, name, [item.turns for item in items])
        for item, occurrence in zip(items, occurrences, strict=True):
            id_ = store.find_or_add((file, name, occurrence))
            said = {"original_test_case": f"{item.file}::{name}"}
            store.put_turns(id_, "annotation", source_id, item.line, item.turns, said)


def _named_in_rows(references: References, files: Sequence[ReadFile], trees: set[str]) -> dict[str, str]:
    """Test file by test name, as the fine-tuning rows of output trees have it: the copies beside them name no file."""
    named: dict[str, str] = {}
    for read in files:
        if read.kind is FileKind.TRAINING_ROWS and _lies_in(read.path, trees):
            assert isinstance(read.content, tuple)
            for row in read.content:
                if isinstance(row, TrainingRow) and row.name is not None and row.file is not None and row.name not in named:
                    named[row.name] = references.resolve(row.file, read.path)
    return named


def _store_copies(
    connection: sqlite3.Connection, store: ConversationStore, read: ReadFile, source_id: int, named: Mapping[str, str],
    report: IngestReport,
) -> None:  # fmt: skip
    """Tests that the recipe wrote out again beside its splits: the same tests, not more of them."""
    assert isinstance(read.content, TestFile)
    taken: set[int] = set()
    for case in read.content.cases:
        originals = connection.execute(
            "SELECT c.id, EXISTS (SELECT 1 FROM face f WHERE f.conversation_id = c.id AND f.kind = 'test' AND f.source_id <> ?)"
            " FROM conversation c WHERE c.name = ? AND c.file <> ? ORDER BY c.id",
            (source_id, case.name, read.path),
        ).fetchall()
        without_test = [id_ for id_, has_test in originals if not has_test and id_ not in taken]
        if without_test:
            id_ = without_test[0]
            report.evidence["copies of tests"] += 1
        elif originals and not taken.intersection(id_ for id_, _ in originals):
            report.evidence["copies of tests"] += 1
            continue
        else:
            id_ = store.find_or_add((named.get(case.name, read.path), case.name, case.occurrence))
        taken.add(id_)
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
        why = "the test has no such step" if label.text is None else f"its text is not `{label.text}`"
        report.left_out.append(LeftOut(Location(file, line), f"labels of user step {label.user_step} of `{name}`: {why}"))
