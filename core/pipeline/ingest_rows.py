"""Fine-tuning rows: what they say of steps the project has, or, where there is none, data of their own.

A recipe's output repeats each fact up to four times, so a row that names a test of the project is no further data point:
it is evidence of the prompt of its step, and of commands and rephrasings that no other file gives. A row without a name
whose prompt and completion were seen before says nothing new.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.conversations.identity import digest
from core.conversations.merge import Label
from core.conversations.models import ReadFile, Rephrasing, TrainingRow, Turn, TurnKind, Verdict
from core.errors import Location, Problem
from core.pipeline.ingest_report import IngestReport
from core.pipeline.references import References
from core.store.conversations import ConversationStore
from core.store.steps import StepWriter

_QUOTED_MESSAGE = re.compile(r'"""(.*?)"""', re.DOTALL)


def store_rows(
    connection: sqlite3.Connection,
    store: ConversationStore,
    writer: StepWriter,
    references: References,
    files: Sequence[ReadFile],
    sources: Mapping[str, int],
    report: IngestReport,
) -> set[str]:
    """Take the rows of all files: those that name their test first, since the others are matched against them.

    Returns the files with rows whose test is not in the project (yet).
    """
    nameless: list[tuple[ReadFile, TrainingRow]] = []
    stand_alone: list[tuple[ReadFile, TrainingRow]] = []
    unresolved: set[str] = set()
    for read in files:
        assert isinstance(read.content, tuple)
        matcher = _Matcher(connection, references, read, sources[read.path], report)
        for row in read.content:
            assert isinstance(row, TrainingRow)
            if row.name is None or row.file is None or row.original_text is None:
                nameless.append((read, row))
            elif not matcher.match(row):
                stand_alone.append((read, row))
                unresolved.add(read.path)
        for conversation_id, (line, labels) in matcher.labels().items():
            store.put_labels(conversation_id, sources[read.path], line, labels)
    seen: set[str] = set()
    for read, row in nameless:
        key = _digest(row)
        if key in seen or _is_known(connection, key, sources[read.path]):
            report.evidence["fine-tuning rows"] += 1
        else:
            stand_alone.append((read, row))
        seen.add(key)
    placed = _store_stand_alone(store, stand_alone, sources)
    for read in files:
        store.drop_unseen(sources[read.path])
    store.rebuild(writer)
    for conversation_id, read, row in placed:
        _keep_prompt_of_stand_alone(connection, conversation_id, row, sources[read.path], report)
    return unresolved


def _digest(row: TrainingRow) -> str:
    return digest(f"{row.prompt}\x1f{row.completion}")


def _is_known(connection: sqlite3.Connection, key: str, source_id: int) -> bool:
    """Whether a step of the project has this row already, other than one that this very file has brought."""
    row = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM face f WHERE f.conversation_id = s.conversation_id AND f.kind = 'row'"
        " AND f.source_id = ?) FROM row_evidence e JOIN user_step s ON s.id = e.step_id WHERE e.digest = ? AND s.active = 1",
        (source_id, key),
    ).fetchone()
    return row is not None and not row[0]


def _completion_lines(row: TrainingRow) -> tuple[str, ...]:
    return tuple(line for line in row.completion.splitlines() if line.strip())


@dataclass(slots=True)
class _Matcher:
    """Finds the steps that the rows of one file speak of, keeps their prompts, and collects their labels."""

    _connection: sqlite3.Connection
    _references: References
    _read: ReadFile
    _source_id: int
    _report: IngestReport
    _settled: set[int] = field(default_factory=set)
    _originals: dict[int, tuple[int, int, TrainingRow]] = field(default_factory=dict)
    _rephrased: dict[int, list[TrainingRow]] = field(default_factory=lambda: defaultdict(list))

    def match(self, row: TrainingRow) -> bool:
        """Whether the project has the test and the words that a row names."""
        assert row.file is not None
        file = self._references.resolve(row.file, self._read.path)
        steps = self._connection.execute(
            "SELECT s.id, s.conversation_id, s.ordinal, p.stored, p.source_id FROM user_step s"
            " JOIN conversation c ON c.id = s.conversation_id LEFT JOIN prompt p ON p.step_id = s.id"
            " WHERE c.file = ? AND c.name = ? AND s.text = ? AND s.active = 1 ORDER BY c.occurrence, s.ordinal",
            (file, row.name, row.original_text),
        ).fetchall()
        if not steps:
            return False
        self._report.evidence["fine-tuning rows"] += 1
        if row.rephrased_text is None:
            step_id = self._keep_prompt(row, steps)
        else:  # of equal words in one test, those with the same answer
            ids = [step_id for step_id, *_ in steps]
            same = [id_ for id_ in ids if id_ in self._originals and self._originals[id_][2].completion == row.completion]
            step_id = (same or ids)[0]
            self._rephrased[step_id].append(row)
        self._connection.execute(
            "INSERT INTO row_evidence VALUES (?, ?, ?) ON CONFLICT (digest) DO UPDATE SET step_id = excluded.step_id"
            " WHERE NOT EXISTS (SELECT 1 FROM user_step s WHERE s.id = row_evidence.step_id AND s.active = 1)",
            (_digest(row), step_id, row.rephrased_text),
        )
        return True

    def _keep_prompt(self, row: TrainingRow, steps: Sequence[tuple[int, int, int, str | None, int | None]]) -> int:
        """The same words may be said twice in a test: each original row fills the first step that has no prompt yet.

        A prompt that came from an earlier state of this file gives way to the one that stands there now.
        """
        free = None
        for step_id, conversation_id, ordinal, stored, source_id in steps:
            if stored == row.prompt:
                break
            if free is None and (stored is None or (source_id == self._source_id and step_id not in self._settled)):
                free = step_id, conversation_id, ordinal
        else:
            if free is None:
                self._report.warnings.append(
                    Problem(
                        Location(self._read.path, row.line),
                        f"another prompt for `{row.original_text}` of `{row.name}` than the one stored before",
                        "The first is kept; remove the wrong one from its file.",
                    )
                )
                return steps[0][0]
            step_id, conversation_id, ordinal = free
            _keep_prompt(self._connection, step_id, row, self._source_id, self._report)
        self._settled.add(step_id)
        self._originals.setdefault(step_id, (conversation_id, ordinal, row))
        return step_id

    def labels(self) -> dict[int, tuple[int, list[Label]]]:
        """By conversation: the first row's line, and what the rows know of its steps."""
        found: dict[int, tuple[int, list[Label]]] = {}
        for step_id, (conversation_id, ordinal, row) in self._originals.items():
            rephrasings = tuple(_rephrasing(one, row) for one in self._rephrased.get(step_id, ()))
            assert row.original_text is not None
            label = Label(ordinal, row.original_text, _completion_lines(row), rephrasings)
            found.setdefault(conversation_id, (row.line, []))[1].append(label)
        return found


def _rephrasing(row: TrainingRow, original: TrainingRow) -> Rephrasing:
    """The recipe writes rows only of rephrasings that passed. One with another completion has commands of its own."""
    assert row.rephrased_text is not None
    own = None if row.completion == original.completion else _completion_lines(row)
    return Rephrasing(row.rephrased_text, Verdict.SAME, commands=own, line=row.line)


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
    known = {(read.path, row.name, row.original_text): row for read, row in rows if row.rephrased_text is None}
    for read, row in rows:
        key = (read.path, row.name, row.original_text or "")
        if row.rephrased_text is not None and key in known:
            rephrased.setdefault(key, []).append(_rephrasing(row, known[key]))
        else:  # a rephrased row whose original is missing stands for itself
            originals.append((read, row))
    occurrences: Counter[tuple[str, str]] = Counter()
    placed = []
    for read, row in originals:
        text = row.rephrased_text or row.original_text or _message_of(row.prompt)
        found = rephrased.pop((read.path, row.name, row.original_text or ""), [])
        name = row.name or f"row {_digest(row)[:12]}"
        occurrences[read.path, name] += 1
        id_ = store.find_or_add((read.path, name, occurrences[read.path, name]))
        turn = Turn(TurnKind.USER, text, row.line, 1, _completion_lines(row), tuple(found))
        store.put_turns(id_, "row", sources[read.path], row.line, (turn,), {})
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
    connection.execute(
        "INSERT INTO row_evidence VALUES (?, ?, NULL) ON CONFLICT (digest) DO UPDATE SET step_id = excluded.step_id"
        " WHERE NOT EXISTS (SELECT 1 FROM user_step s WHERE s.id = row_evidence.step_id AND s.active = 1)",
        (_digest(row), step_id),
    )


def _message_of(prompt: str) -> str:
    """What to show as the user's text of a bare row: the last triple-quoted text, else the last line that is not empty.

    For display and matching only; a data point is made from it only once its prompt has been taken apart.
    """
    quoted = _QUOTED_MESSAGE.findall(prompt)
    if quoted:
        return str(quoted[-1])
    lines = [line for line in prompt.splitlines() if line.strip()]
    return lines[-1].strip() if lines else prompt
