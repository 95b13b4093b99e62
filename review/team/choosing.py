"""Which rephrasings go to the team, and under which ids.

Chosen are those that validation calls ambiguous, that a person flagged, or whose ambiguity score reaches the threshold; less
those that are decided here, and those that the team has, or had, with the same wording and commands. One that the team has
answered goes out again when it is flagged afterwards.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from typing import Final

from core.conversations.identity import digest
from core.store.states import State
from core.store.team_standing import IS_CURRENT
from core.store.verdicts import WORDING
from review.filters import Filter
from review.orders import CONVERSATION
from review.scores import for_the_team
from review.team.models import NewRecord

_FLAGGED_AGAIN: Final = (
    f"(r.state = {int(State.FLAG)} AND t.outcome <> 'waiting' AND r.decision_id >"
    " (SELECT coalesce(max(a.decision_id), 0) FROM team_answer a WHERE a.record_id = t.id))"
)
_WITH_THE_TEAM: Final = (
    f"EXISTS (SELECT 1 FROM team_record t WHERE t.rephrasing_id = r.id AND {IS_CURRENT} AND NOT {_FLAGGED_AGAIN})"
)


def choose(
    connection: sqlite3.Connection, *, threshold: float, filter_: Filter | None = None, limit: int | None = None
) -> list[NewRecord]:
    """What a person flagged, then the most uncertain first, as in that order (review/orders.py); without a score last.

    `threshold`: from which score on. `limit`: at most so many.

    Scores are read as they are stored: call `review.scores.refresh` before.
    """
    uncertain, own_parameters = for_the_team(threshold)
    where, parameters = (filter_ or Filter()).for_rephrasings()
    cursor = connection.execute(
        f"SELECT r.id, c.file, c.name, c.occurrence, s.key, {WORDING}, s.basis, m.score"
        " FROM rephrasing r JOIN user_step s ON s.id = r.step_id JOIN conversation c ON c.id = r.conversation_id"
        f" LEFT JOIN ambiguity m ON m.rephrasing_id = r.id WHERE s.active = 1 AND s.is_button = 0 AND {uncertain}"
        f" AND NOT {_WITH_THE_TEAM} AND ({where})"
        f" ORDER BY r.state <> {int(State.FLAG)}, m.score IS NULL, abs(m.score - 0.5), {CONVERSATION}",
        (*own_parameters, *parameters),
    )
    chosen: dict[str, NewRecord] = {}  # a step that has the same text twice is asked about once
    for id_, file, name, occurrence, key, text, basis, score in cursor:
        if limit is not None and len(chosen) >= limit:
            break
        external = external_id(file, name, occurrence, key, text, basis)
        chosen.setdefault(external, NewRecord(id_, external, text, basis, score))
    return list(chosen.values())


def rephrasings_of(connection: sqlite3.Connection, external_ids: Collection[str]) -> dict[str, NewRecord]:
    """Those of the external ids that are of rephrasings of this project, as they are worded now."""
    found: dict[str, NewRecord] = {}
    cursor = connection.execute(
        f"SELECT r.id, c.file, c.name, c.occurrence, s.key, {WORDING}, s.basis, m.score FROM rephrasing r"
        " JOIN user_step s ON s.id = r.step_id JOIN conversation c ON c.id = r.conversation_id"
        " LEFT JOIN ambiguity m ON m.rephrasing_id = r.id WHERE r.active = 1 AND s.active = 1"
    )
    for id_, file, name, occurrence, key, text, basis, score in cursor if external_ids else ():
        external = external_id(file, name, occurrence, key, text, basis)
        if external in external_ids:
            found.setdefault(external, NewRecord(id_, external, text, basis, score))
    return found


def external_id(file: str, test: str, occurrence: int, step_key: str, text: str, basis: str) -> str:
    """The same in every clone of the project, and another for another wording or other commands: `r-` and 16 hex digits.

    `file`: as the project names it, relative to its root. `step_key`, `basis`: see `core.conversations.identity`.
    """
    return "r-" + digest("\x1f".join((file, test, str(occurrence), step_key, text, basis)))[:16]
