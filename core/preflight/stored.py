"""Preflights in the store: each with the dataset version it is of, and what keeps a training from starting."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from core.preflight.models import Finding, Preflight, Severity
from core.store.connection import transaction, utc_now


@dataclass(frozen=True, slots=True)
class StoredPreflight:
    """`passed`: no check failed but those that were waived when it was made (`report.parameters["waived"]`)."""

    id: int
    dataset_id: int
    at: str
    model: str
    passed: bool
    report: Preflight


def save_preflight(connection: sqlite3.Connection, dataset_id: int, report: Preflight) -> StoredPreflight:
    at = utc_now()
    passed = not blocking(report, report.parameters.get("waived", ()))
    with transaction(connection):
        cursor = connection.execute(
            "INSERT INTO preflight (dataset_id, at, model, passed, parameters, report) VALUES (?, ?, ?, ?, ?, ?)",
            (dataset_id, at, report.target.model, passed, json.dumps(report.parameters, ensure_ascii=False),
             json.dumps(report.as_data(), ensure_ascii=False)),
        )  # fmt: skip
    assert cursor.lastrowid is not None
    return StoredPreflight(cursor.lastrowid, dataset_id, at, report.target.model, passed, report)


def latest_preflight(connection: sqlite3.Connection, dataset_id: int, model: str | None = None) -> StoredPreflight | None:
    """The newest of the dataset, or of the dataset and the model."""
    row = connection.execute(
        "SELECT id, at, model, passed, report FROM preflight WHERE dataset_id = ? AND (? IS NULL OR model = ?)"
        " ORDER BY id DESC LIMIT 1",
        (dataset_id, model, model),
    ).fetchone()
    if row is None:
        return None
    id_, at, name, passed, report = row
    return StoredPreflight(id_, dataset_id, at, name, bool(passed), Preflight.from_data(json.loads(report)))


def blocking(report: Preflight, waived: Iterable[str] = ()) -> tuple[Finding, ...]:
    """What keeps a training from starting: every failed check that is not waived by name (`core.preflight.names.CHECKS`)."""
    names = frozenset(waived)
    return tuple(one for one in report.findings if one.severity is Severity.FAIL and one.check not in names)
