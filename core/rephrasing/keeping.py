"""How the results of a conversation are stored: all of them together.

What a killed run had not stored is made again from the stored answers.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import partial

from core.project import Project
from core.rephrasing.checks import Dropped, Kept
from core.rephrasing.rounds import ConversationResult, StepResult
from core.stages.storing import BatchedStore
from core.store.generated import NewRephrasing, NotTaken, StepWordings, StoredCounts, store_wordings

_BATCH = 50


class Keeper(BatchedStore[ConversationResult]):
    """`counts`: what was stored so far."""

    def __init__(self, project: Project, run_id: int) -> None:
        self.counts = StoredCounts()
        super().__init__(project, partial(_keep, run_id, self.counts), at_once=_BATCH)


def _keep(run_id: int, counts: StoredCounts, connection: sqlite3.Connection, batch: Sequence[ConversationResult]) -> None:
    for result in batch:
        store_wordings(connection, run_id, [_as_stored(step) for step in result.steps], counts)


def _as_stored(step: StepResult) -> StepWordings:
    places = {id(kept): at for at, kept in enumerate(step.kept)}
    taken = [NewRephrasing(kept.text, kept.style.to_json(kept.slot), kept.call) for kept in step.kept]
    return StepWordings(step.need.step_id, step.need.key, taken, [_not_taken(one, places) for one in step.dropped])


def _not_taken(one: Dropped, places: dict[int, int]) -> NotTaken:
    twin = one.twin
    at = places[id(twin)] if isinstance(twin, Kept) else None
    twin_id = twin if isinstance(twin, int) else None
    return NotTaken(one.text, one.reason.value, one.call, twin_id, at, one.similarity)
