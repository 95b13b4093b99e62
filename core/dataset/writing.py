"""The second pass of a build: the data points that stay are rendered and written to their part, each with its lineage."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path

from core.dataset.background_file import BackgroundFile
from core.dataset.composing import Composer, DataPoint, Draft
from core.dataset.corpus import Conversation
from core.dataset.folder import LINEAGE, SEALED_LINEAGE, rows_name
from core.dataset.models import Part
from core.dataset.points import KEPT, NO_TWIN, Points, reason_of
from core.dataset.summary import DatasetSummary
from core.prompts.segments import json_inside


class PartWriter:
    """Takes the conversations in the order in which they were listed. Used as a context manager; afterwards `hashes`.

    `scratch` has what the store is to know of each point; its tables are those of the store without the dataset's id. What is
    counted is added to `summary`.
    """

    def __init__(
        self, folder: Path, stack: ExitStack, composer: Composer, points: Points, part_of: Mapping[int, Part],
        summary: DatasetSummary,
    ) -> None:  # fmt: skip
        self._folder, self._composer, self._points, self._summary = folder, composer, points, summary
        self._part_of = part_of
        self._number = 0
        parts = [part for part in Part if part in set(part_of.values())]
        self._rows = {part: stack.enter_context(BackgroundFile(folder / rows_name(part))) for part in parts}
        self._lineage = {part: stack.enter_context(BackgroundFile(folder / f"{part.value}.lineage")) for part in parts}
        self.scratch = _scratch()

    @classmethod
    @contextmanager
    def open(
        cls, folder: Path, composer: Composer, points: Points, part_of: Mapping[int, Part], summary: DatasetSummary
    ) -> Iterator[PartWriter]:
        with ExitStack() as stack:
            writer = cls(folder, stack, composer, points, part_of, summary)
            yield writer
        writer._join_lineage()

    def hashes(self) -> dict[str, str]:
        """SHA-256 of each part's rows by the file's name, once they are closed."""
        return {rows_name(part): file.sha256 for part, file in self._rows.items()}

    def take(self, conversation: Conversation) -> None:
        composed = self._composer.compose(conversation)
        if composed is None:
            return
        part = self._part_of.get(conversation.id)
        kept: list[tuple[object, ...]] = []
        gone: list[tuple[object, ...]] = []
        rows: list[bytes] = []
        lineage: list[bytes] = []
        head = _head(part, conversation) if part is not None else b""
        for draft in composed.drafts():
            number, self._number = self._number, self._number + 1
            choice = draft.choice
            rephrasing = None if choice is None else choice.rephrasing_id
            if self._points.fate[number] != KEPT:
                gone.append((number, draft.step.id, draft.variant, rephrasing, *self._why(number)))
                continue
            assert part is not None
            row = self._count(part, draft, number)
            point = composed.render(draft)
            rows += (b'{"prompt": "', *point.prompt, b'", "completion": "', point.completion, b'"}\n')
            lineage.append(_lineage(head, row, draft, point, self._points.kinds[self._points.kind[number]].flows))
            verdict, decision = (None, None) if choice is None else (choice.verdict_id, choice.decision_id)
            kept.append((part.value, row, draft.step.id, draft.variant, rephrasing, verdict, decision))
        self.scratch.executemany("INSERT INTO data_point VALUES (?, ?, ?, ?, ?, ?, ?)", kept)
        self.scratch.executemany("INSERT INTO left_out_point VALUES (?, ?, ?, ?, ?, ?, ?)", gone)
        if part is not None and rows:
            self._summary.parts[part].conversations += 1
            self._rows[part].write(rows)
            self._lineage[part].write(lineage)

    def _why(self, number: int) -> tuple[str, int | None, int | None]:
        """Reason, and step and variant of the twin."""
        points = self._points
        reason = reason_of(points.fate[number])
        self._summary.left_out[reason] += 1
        twin = points.twin[number]
        return (reason.value, None, None) if twin == NO_TWIN else (reason.value, points.step[twin], points.variant[twin])

    def _count(self, part: Part, draft: Draft, number: int) -> int:
        """The row's number in its part."""
        counts = self._summary.parts[part]
        counts.points += 1
        counts.originals += draft.pick < 0
        for name in self._points.kinds[self._points.kind[number]].commands:
            counts.commands[name] += 1
        return counts.points

    def _join_lineage(self) -> None:
        """That of train and val into one file; the holdout's stays apart."""
        with (self._folder / LINEAGE).open("wb") as whole:
            for part in self._lineage:
                piece = self._folder / f"{part.value}.lineage"
                if part is Part.HOLDOUT:
                    piece.rename(self._folder / SEALED_LINEAGE)
                    continue
                with piece.open("rb") as file:
                    shutil.copyfileobj(file, whole, 1 << 20)
                piece.unlink()


def _scratch() -> sqlite3.Connection:
    database = sqlite3.connect("", isolation_level=None)  # a file of SQLite's own that goes with the connection
    database.execute("PRAGMA journal_mode = OFF")
    database.execute("CREATE TABLE data_point (part, row, step_id, variant, rephrasing_id, verdict_id, decision_id)")
    database.execute(
        "CREATE TABLE left_out_point (number, step_id, variant, rephrasing_id, reason, twin_step_id, twin_variant)"
    )
    database.execute("BEGIN")
    return database


def _head(part: Part, conversation: Conversation) -> bytes:
    return b'{"part": "%b", "file": "%b", "test": "%b", "occurrence": %d, ' % (
        part.value.encode(), json_inside(conversation.file), json_inside(conversation.name), conversation.occurrence,
    )  # fmt: skip


def _lineage(head: bytes, row: int, draft: Draft, point: DataPoint, flows: tuple[str, ...]) -> bytes:
    step, choice = draft.step, draft.choice
    assert step.prompt is not None
    return (
        b'%b"number": %d, "line": %b, "user_step": %d, "step": %d, "variant": %d, "rephrasing": %b, "decision": %b,'
        b' "original": "%b", "said": "%b", "commands": %b, "flows": %b, "state": "%b"}\n'
    ) % (
        head, row, _number(step.line), step.ordinal, step.id, draft.variant,
        _number(choice.rephrasing_id if choice else None), _number(choice.decision_id if choice else None),
        point.original, point.said, _quoted(draft.commands), _listed(flows), step.prompt.state.encode(),
    )  # fmt: skip


def _number(value: int | None) -> bytes:
    return b"null" if value is None else b"%d" % value


@lru_cache(maxsize=65536)
def _quoted(text: str) -> bytes:
    return json.dumps(text, ensure_ascii=False).encode()


@lru_cache(maxsize=4096)
def _listed(names: tuple[str, ...]) -> bytes:
    return json.dumps(names, ensure_ascii=False).encode()
