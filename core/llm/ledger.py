"""What was asked and what it cost, by stage, role and model: sums over the stored calls."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from core.store.connection import database_error


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """The calls of one stage to one model in one role; in a total, the three names are empty.

    `cost` is the sum of those with a price, `unpriced` the number of answers without one. `exact`: the server counted the
    tokens of all of them. `p50`, `p95`: seconds from question to answer, of answered calls; answers from a batch have none.
    """

    stage: str
    role: str
    model: str
    answered: int
    failed: int
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    exact: bool
    cost: float | None
    currency: str
    unpriced: int
    p50: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class Ledger:
    """`totals`: one for each currency."""

    lines: tuple[LedgerLine, ...]
    totals: tuple[LedgerLine, ...]

    def as_data(self) -> dict[str, Any]:
        return {"calls": [asdict(line) for line in self.lines], "totals": [asdict(line) for line in self.totals]}


_CALLS = """SELECT stage, role, model, coalesce(currency, '') AS currency, state = 'answered' AS answered, prompt_tokens,
    completion_tokens, cached_tokens, exact_tokens, cost, seconds FROM llm_call ORDER BY stage, role, model"""

_Row = tuple[str, str, str, str, int, int, int, int, int, float | None, float]


def read_ledger(connection: sqlite3.Connection) -> Ledger:
    """All calls of the project. Raises StoreError if the database cannot be read."""
    try:
        rows: list[_Row] = connection.execute(_CALLS).fetchall()
    except sqlite3.DatabaseError as error:
        raise database_error("the calls could not be read", error) from error
    lines = [line for names, group in groupby(rows, key=lambda row: row[:3]) for line in _by_currency(names, list(group))]
    return Ledger(tuple(lines), tuple(_by_currency(("", "", ""), rows)))


def _by_currency(names: tuple[str, str, str], rows: Sequence[_Row]) -> Iterator[LedgerLine]:
    """One line, as long as there is one currency; calls without a cost have none and belong to it."""
    currencies = sorted({row[3] for row in rows} - {""})
    if len(currencies) <= 1:
        if rows:
            yield _line(names, currencies[0] if currencies else "", rows)
        return
    for currency in ["", *currencies]:
        some = [row for row in rows if row[3] == currency]
        if some:
            yield _line(names, currency, some)


def _line(names: tuple[str, str, str], currency: str, rows: Sequence[_Row]) -> LedgerLine:
    answered = [row for row in rows if row[4]]
    costs = [row[9] for row in rows if row[9] is not None]
    seconds = sorted(row[10] for row in answered if row[10] > 0)
    return LedgerLine(
        *names,
        answered=len(answered),
        failed=len(rows) - len(answered),
        prompt_tokens=sum(row[5] for row in rows),
        completion_tokens=sum(row[6] for row in rows),
        cached_tokens=sum(row[7] for row in rows),
        exact=all(row[8] for row in answered),
        cost=sum(costs) if costs else None,
        currency=currency,
        unpriced=sum(row[9] is None for row in answered),
        p50=_percentile(seconds, 50),
        p95=_percentile(seconds, 95),
    )


def _percentile(ordered: Sequence[float], percent: int) -> float | None:
    """By nearest rank: the least value that so many percent do not exceed."""
    return ordered[-(-len(ordered) * percent // 100) - 1] if ordered else None
