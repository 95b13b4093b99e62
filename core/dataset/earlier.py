"""What earlier datasets of the project say of its tests: which side they were on, and what models may have been trained on."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable

from core.dataset.models import NAME_LENGTH, Part
from core.errors import UsageError


def parts_in(connection: sqlite3.Connection, address: str) -> dict[int, Part]:
    """Part of each test that has a row in this dataset, by id of its conversation.

    Raises:
        UsageError: there is no such dataset.
    """
    found = connection.execute("SELECT id FROM dataset WHERE complete = 1 AND address = ?", (address,)).fetchone()
    if found is None:
        raise UsageError(
            f"there is no dataset `{address[:NAME_LENGTH]}`, whose split is to be kept",
            remedy="`workbench dataset list` shows those of this project; one of another copy is built with the same options.",
        )
    rows = connection.execute(
        "SELECT DISTINCT s.conversation_id, p.part FROM data_point p JOIN user_step s ON s.id = p.step_id"
        " WHERE p.dataset_id = ? ORDER BY 1",
        found,
    )
    return {conversation: Part(part) for conversation, part in rows}


def seen_in_train(connection: sqlite3.Connection, said: Iterable[tuple[int, int]]) -> int:
    """How many of these texts, given as (step, rephrasing or 0 for the original), a row of some dataset's train says."""
    by_step: defaultdict[int, list[int]] = defaultdict(list)
    for step, rephrasing in said:
        by_step[step].append(rephrasing)
    seen = 0
    for step, rephrasings in by_step.items():
        trained = connection.execute(
            "SELECT DISTINCT coalesce(p.rephrasing_id, 0) FROM data_point p JOIN dataset d ON d.id = p.dataset_id"
            " WHERE p.step_id = ? AND p.part = 'train' AND d.complete = 1",
            (step,),
        )
        of_step = {one for (one,) in trained}
        seen += sum(rephrasing in of_step for rephrasing in rephrasings)
    return seen


def keep_it(connection: sqlite3.Connection) -> str:
    """Name of the dataset whose split is best kept: the newest that has a holdout, or else the newest."""
    (address,) = connection.execute(
        "SELECT address FROM dataset WHERE complete = 1 ORDER BY holdout > 0 DESC, latest_at DESC, id DESC LIMIT 1"
    ).fetchone()
    return str(address)[:NAME_LENGTH]
