"""What a check of single rows is: it sees every row once, keeps counts and the first few names, and says what it found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from core.preflight.models import Finding, RowPlace, Severity
from core.preflight.rendering import Rendered
from core.preflight.seen import SHOWN


class RowCheck(Protocol):
    def see(self, row: Rendered) -> None: ...

    def findings(self) -> Iterator[Finding]: ...


class Offenders:
    """Rows of one kind: counted all, named the first few."""

    def __init__(self) -> None:
        self.count = 0
        self._rows: list[RowPlace] = []

    def add(self, row: Rendered, note: str = "") -> None:
        self.count += 1
        if len(self._rows) < SHOWN:
            self._rows.append(row.place(note))

    @property
    def first_note(self) -> str:
        return self._rows[0].note

    def finding(self, check: str, severity: Severity, what: str, fix: str) -> Iterator[Finding]:
        """One finding if there is a row. `{rows}` in `what` becomes their number in words."""
        if self.count:
            yield Finding(
                check, severity, what.replace("{rows}", rows_in_words(self.count)), fix, self.count, tuple(self._rows)
            )


def rows_in_words(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def shown(text: str, most: int = 60) -> str:
    """Text from data in a message: on one line, quoted, not too long."""
    whole = repr(text if len(text) <= most else text[:most] + "…")
    return f"`{whole[1:-1]}`"
