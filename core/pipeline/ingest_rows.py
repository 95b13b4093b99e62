"""Fine-tuning rows: evidence of the prompt of a step the project has, or, where there is none, data of their own.

A recipe's output repeats each fact up to four times. A row that names a test, or whose prompt and completion were seen
before, says nothing new: it is counted as evidence. The prompt of an original utterance is kept with its step.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence

from core.conversations.identity import digest
from core.conversations.models import ReadFile, Rephrasing, TrainingRow, Turn, TurnKind, Verdict
from core.errors import Location, Problem
from core.pipeline.ingest_report import IngestReport
from core.pipeline.references import References
from core.project import Project
from core.store.conversations import ConversationStore
from core.store.steps import StepWriter

_QUOTED_MESSAGE = re.compile(r'"""(.*?)"""', re.DOTALL)


def store_rows(
    project: Project,
    connection: sqlite3.Connection,
    store: ConversationStore,
    writer: StepWriter,
    references: References,
    files: Sequence[ReadFile],
    sources: Mapping[str, int],
    report: IngestReport,
) -> None:
    """Take the rows of all files: those that name their test first, since the others are matched against them."""
    nameless: list[tuple[ReadFile, TrainingRow]] = []
    stand_alone: list[tuple[ReadFile, TrainingRow]] = []
    for read in files:
        assert isinstance(read.content, tuple)
        for row in read.content:
            assert isinstance(row, TrainingRow)
            if row.name is None or row.file is None or row.original_text is None:
                nameless.append((read, row))
            elif not _match_named(connection, references, read, row, sources[read.path], report):
                stand_alone.append((read, row))
    for read, row in nameless:
        seen = connection.execute("SELECT 1 FROM row_evidence WHERE digest = ?", (_digest(row),)).fetchone()
        if seen is not None:
            report.evidence["fine-tuning rows"] += 1
        else:
            stand_alone.append((read, row))
    placed = _store_stand_alone(store, stand_alone, sources)
    for read in files:
        store.drop_unseen(sources[read.path])
    store.rebuild(writer)
    for conversation_id, read, row in placed:
        _keep_prompt_of_stand_alone(connection, conversation_id, row, sources[read.path], report)


def _digest(row: TrainingRow) -> str:
    return digest(f"{row.prompt}\x1f{row.completion}")


def _match_named(
    connection: sqlite3.Connection,
    references: References,
    read: ReadFile,
    row: TrainingRow,
    source_id: int,
    report: IngestReport,
) -> bool:
    assert row.file is not None
    file = references.resolve(row.file, read.path)
    steps = connection.execute(
        "SELECT s.id, p.stored FROM user_step s JOIN conversation c ON c.id = s.conversation_id"
        " LEFT JOIN prompt p ON p.step_id = s.id WHERE c.file = ? AND c.name = ? AND s.text = ? AND s.active = 1"
        " ORDER BY c.occurrence, s.ordinal",
        (file, row.name, row.original_text),
    ).fetchall()
    if not steps:
        return False
    report.evidence["fine-tuning rows"] += 1
    if row.rephrased_text is not None:
        connection.execute(
            "INSERT OR IGNORE INTO row_evidence VALUES (?, ?, ?)", (_digest(row), steps[0][0], row.rephrased_text)
        )
        return True
    # The same words may be said twice in a test: each original row fills the first step that has no prompt yet.
    same = next((step_id for step_id, stored in steps if stored == row.prompt), None)
    free = next((step_id for step_id, stored in steps if stored is None), None)
    if same is None and free is not None:
        _keep_prompt(connection, free, row, source_id, report)
        same = free
    elif same is None:
        report.warnings.append(
            Problem(
                Location(read.path, row.line),
                f"another prompt for `{row.original_text}` of `{row.name}` than the one stored before",
                "The first is kept; remove the wrong one from its file.",
            )
        )
        same = steps[0][0]
    connection.execute("INSERT OR IGNORE INTO row_evidence VALUES (?, ?, NULL)", (_digest(row), same))
    return True


def _keep_prompt(connection: sqlite3.Connection, step_id: int, row: TrainingRow, source_id: int, report: IngestReport) -> None:
    connection.execute(
        "INSERT INTO prompt (step_id, source_id, line, stored) VALUES (?, ?, ?, ?) ON CONFLICT (step_id) DO UPDATE SET"
        " source_id = excluded.source_id, line = excluded.line, stored = excluded.stored, context = NULL,"
        " template_sha256 = NULL, known = 0, reason = NULL, skeleton = NULL",
        (step_id, source_id, row.line, row.prompt),
    )
    report.prompts_added += 1


def _store_stand_alone(
    store: ConversationStore, rows: Sequence[tuple[ReadFile, TrainingRow]], sources: Mapping[str, int]
) -> list[tuple[int, ReadFile, TrainingRow]]:
    """Rows no test of the project explains: each original is a conversation of one user step, with its rephrasings.

    Returns the conversation of every row that brought a prompt of its own.
    """
    rephrased: dict[tuple[str, str | None, str], list[Rephrasing]] = {}
    originals: list[tuple[ReadFile, TrainingRow]] = []
    known = {(read.path, row.name, row.original_text) for read, row in rows if row.rephrased_text is None}
    for read, row in rows:
        key = (read.path, row.name, row.original_text or "")
        if row.rephrased_text is not None and key in known:
            rephrased.setdefault(key, []).append(Rephrasing(row.rephrased_text, Verdict.SAME))
        else:  # a rephrased row whose original is missing stands for itself
            originals.append((read, row))
    occurrences: Counter[tuple[str, str]] = Counter()
    placed = []
    for read, row in originals:
        text = row.rephrased_text or row.original_text or _message_of(row.prompt)
        found = rephrased.pop((read.path, row.name, row.original_text or ""), [])
        commands = tuple(line for line in row.completion.splitlines() if line.strip())
        name = row.name or f"row {_digest(row)[:12]}"
        occurrences[read.path, name] += 1
        id_ = store.find_or_add((read.path, name, occurrences[read.path, name]))
        store.put_turns(
            id_,
            "row",
            sources[read.path],
            row.line,
            (Turn(TurnKind.USER, text, row.line, 1, commands, tuple(found)),),
            {},
        )
        placed.append((id_, read, row))
    return placed


def _keep_prompt_of_stand_alone(
    connection: sqlite3.Connection, conversation_id: int, row: TrainingRow, source_id: int, report: IngestReport
) -> None:
    step_id, stored = connection.execute(
        "SELECT s.id, p.stored FROM user_step s LEFT JOIN prompt p ON p.step_id = s.id"
        " WHERE s.conversation_id = ? AND s.active = 1",
        (conversation_id,),
    ).fetchone()
    if stored != row.prompt:
        _keep_prompt(connection, step_id, row, source_id, report)
    connection.execute("INSERT OR IGNORE INTO row_evidence VALUES (?, ?, NULL)", (_digest(row), step_id))


def _message_of(prompt: str) -> str:
    """What to show as the user's text of a bare row: the last triple-quoted text, else the last line that is not empty.

    For display and matching only; a data point is made from it only once its prompt has been taken apart.
    """
    quoted = _QUOTED_MESSAGE.findall(prompt)
    if quoted:
        return str(quoted[-1])
    lines = [line for line in prompt.splitlines() if line.strip()]
    return lines[-1].strip() if lines else prompt
