"""What is known of every row that was seen, in a temporary database: memory stays flat, and questions across rows are SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import blake2b

from core.preflight.models import RowPlace
from core.preflight.rendering import Rendered

SHOWN = 20
"""Rows that a finding names; it always counts all."""
_FLUSH = 2000
_COLUMNS = "part, row, place, prompt_tokens, completion_tokens, prompt, completion, moment"


class SeenRows:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._waiting: list[tuple[str, int, str, int, int, bytes, bytes, bytes]] = []
        connection.execute(
            "CREATE TABLE seen (part TEXT NOT NULL, row INTEGER NOT NULL, place TEXT NOT NULL, prompt_tokens INTEGER NOT NULL,"
            " completion_tokens INTEGER NOT NULL, prompt BLOB NOT NULL, completion BLOB NOT NULL, moment BLOB NOT NULL) STRICT"
        )

    @staticmethod
    @contextmanager
    def opened() -> Iterator[SeenRows]:
        with closing(sqlite3.connect("", isolation_level=None)) as connection:  # a file of SQLite's own, gone at the end
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA cache_size = -8192")
            yield SeenRows(connection)

    def add(self, row: Rendered) -> None:
        said = " ".join(row.lineage.said.casefold().split())
        where = row.place()
        self._waiting.append(
            (where.part, where.row, where.place, row.border, len(row.tokens) - row.border, _digest(row.row.prompt),
             _digest(row.row.completion), _digest(f"{row.lineage.state}\0{said}"))
        )  # fmt: skip
        if len(self._waiting) >= _FLUSH:
            self._flush()

    def find(self, question: str, parameters: tuple[object, ...] = ()) -> sqlite3.Cursor:
        """SELECT on the table `seen`."""
        self._flush()
        return self._connection.execute(question, parameters)

    def places(self, question: str, parameters: tuple[object, ...] = ()) -> tuple[RowPlace, ...]:
        """Rows (part, row, place, note) that a SELECT gives, the first `SHOWN` of them."""
        return tuple(RowPlace(*row) for row in self.find(f"{question} LIMIT {SHOWN}", parameters))

    def index(self) -> None:
        """Before questions that join rows with rows."""
        self._flush()
        self._connection.execute("CREATE INDEX IF NOT EXISTS by_prompt ON seen (prompt, part, completion)")
        self._connection.execute("CREATE INDEX IF NOT EXISTS by_moment ON seen (moment, part)")

    def _flush(self) -> None:
        if not self._waiting:
            return
        self._connection.execute("BEGIN")
        self._connection.executemany(f"INSERT INTO seen ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", self._waiting)
        self._connection.execute("COMMIT")
        self._waiting.clear()


def _digest(text: str) -> bytes:
    """128 bits: among a billion rows two different texts are not taken for the same."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
