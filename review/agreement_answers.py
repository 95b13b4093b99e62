"""Who said what of the same thing, read for the agreement report.

The same thing is one wording of one rephrasing, with one set of expected commands: a record that is in two rounds counts once,
with each annotator's latest answer. Discarded records say nothing.

A decision that a person made here counts as an annotator's if it is on the same wording and commands, and was made before the
first answer came in: whoever saw the answers agrees with them more easily. It says accept, reject or (a flag) unsure, and
nothing of wording and commands. A person's answer to the record goes before their decision here.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from core.commands import from_json, same_commands
from core.store.states import State
from core.store.team_standing import OUTCOME
from core.user import TEAM
from review.team.models import Say
from review.team.resolution import plain_text


@dataclass(frozen=True, slots=True)
class Said:
    """`text`: the wording the annotator would have, None: as it is. `commands`: canonical, None: as expected. `here`: a
    decision made here, which says nothing of these two."""

    decision: Say
    text: str | None = None
    commands: str | None = None
    here: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """`expected`: the step's commands, canonical. `outcome`: what it came to, by the team or by a person who knew the answers,
    None if nothing is settled."""

    expected: str | None
    outcome: Say | None
    said: Mapping[str, Said] = field(default_factory=dict)


_SETTLED: Final = {"accept": Say.ACCEPT, "reject": Say.REJECT}
_OF_STATE: Final = {State.ACCEPT: Say.ACCEPT, State.REJECT: Say.REJECT}
_OF_KIND: Final = {"accept": Say.ACCEPT, "reject": Say.REJECT, "flag": Say.UNSURE}


def load_answered(connection: sqlite3.Connection, round_id: int | None = None) -> list[Answered]:
    """What was answered in the round, or in any, in the order it was handed out."""
    found: dict[str, tuple[str | None, Say | None, dict[str, Said]]] = {}
    for external_id, text, basis, outcome, state, expected, basis_now, name, decision, wording, commands in connection.execute(
        f"SELECT t.external_id, t.text, t.basis, {OUTCOME}, r.state, s.commands, s.basis, a.annotator, a.decision, a.text,"
        " a.commands FROM team_answer a JOIN team_record t ON t.id = a.record_id JOIN rephrasing r ON r.id = t.rephrasing_id"
        " JOIN user_step s ON s.id = r.step_id WHERE a.in_force = 1 AND a.status = 'submitted' AND a.decision IS NOT NULL"
        " AND (?1 IS NULL OR t.round_id = ?1) ORDER BY t.id, a.answered_at, a.decision_id",
        (round_id,),
    ):
        settled = _OF_STATE.get(State(state)) if outcome == "adjudicated" else _SETTLED.get(outcome)
        # the commands that were expected then are known only while they are the same
        then = expected if basis == basis_now else None
        _, earlier, said = found.get(external_id, (None, None, {}))
        said[name] = Said(Say(decision), _wording(wording, text), _commands(commands, then))
        found[external_id] = then, settled or earlier, said
    for external_id, reviewer, kind in _made_here(connection, round_id):
        if reviewer not in found[external_id][2]:
            found[external_id][2][reviewer] = Said(_OF_KIND[kind], here=True)
    return [Answered(*one) for one in found.values()]


def count_discards(connection: sqlite3.Connection, round_id: int | None = None) -> dict[str, int]:
    """Annotator → records discarded."""
    return dict(
        connection.execute(
            "SELECT a.annotator, count(*) FROM team_answer a JOIN team_record t ON t.id = a.record_id WHERE a.in_force = 1"
            " AND a.status = 'discarded' AND (?1 IS NULL OR t.round_id = ?1) GROUP BY a.annotator",
            (round_id,),
        ).fetchall()
    )


def _made_here(connection: sqlite3.Connection, round_id: int | None) -> list[tuple[str, str, str]]:
    """External id, reviewer and kind of what each reviewer decided last before the answers, if it is in force and counts."""
    latest: dict[tuple[str, str], str] = {}
    for external_id, reviewer, kind in connection.execute(
        "SELECT t.external_id, d.reviewer, d.kind FROM (SELECT t.external_id, t.rephrasing_id, t.text, t.basis,"
        " min(a.decision_id) AS first FROM team_record t JOIN team_answer a ON a.record_id = t.id AND a.status = 'submitted'"
        " AND a.in_force = 1 AND a.decision IS NOT NULL WHERE ?1 IS NULL OR t.round_id = ?1 GROUP BY t.external_id) t"
        " JOIN decision d ON d.rephrasing_id = t.rephrasing_id AND d.id < t.first"
        " JOIN decision_group g ON g.id = d.group_id JOIN rephrasing r ON r.id = t.rephrasing_id"
        " WHERE g.status = 0 AND d.kind IN ('accept', 'reject', 'flag', 'skip') AND d.reviewer <> ?2 AND d.basis = t.basis"
        " AND coalesce(d.text, r.text) = t.text ORDER BY d.group_id, d.id",
        (round_id, TEAM),
    ):
        latest[external_id, reviewer] = kind
    return [(item, reviewer, kind) for (item, reviewer), kind in latest.items() if kind in _OF_KIND]


def _wording(wanted: str | None, text: str) -> str | None:
    plain = plain_text(wanted)
    return plain if plain and plain != plain_text(text) else None


@lru_cache(maxsize=4096)
def _commands(wanted: str | None, expected: str | None) -> str | None:
    """In one order: commands are compared as a set with repetitions."""
    if wanted is None or (expected is not None and same_commands(from_json(expected), from_json(wanted))):
        return None
    return json.dumps(sorted(json.loads(wanted), key=json.dumps), ensure_ascii=False, separators=(",", ":"))
