"""From answers to decisions: works out the outcome of a round's records, and records what follows from it.

- *accept* and *reject* become a decision of reviewer `team`, on the round's surface, one action per record. Where late answers
  change the outcome it is taken back first. A flag or a skip made here gives way to it.
- A decision that a person made here is never overwritten. Where it is the team's too, nothing more is to be done. Where it is
  not, it is a *conflict*, unless it was made with all answers known: then the record is *adjudicated*, as it is when a person
  decides after a disagreement or a conflict.
- What the team decided in another round is not overwritten either: where this one comes to something else, it *disagrees* with
  the other, to be decided here. A round's own decision stays against one that came later, which then has the disagreement.
- What was handed out in other words, or of a step with other commands, is *outdated*: its answers decide nothing.

Doing it again changes nothing.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.commands import Dialect
from core.store.connection import utc_now
from core.store.states import State
from core.user import TEAM
from review.decisions import DecisionLog, has_text
from review.items import project_dialect
from review.models import Decision, Settlement
from review.team.cases import Case, Logged, load_cases
from review.team.models import Outcome, Round
from review.team.resolution import Rule, Settled, outcome_of, same_text
from review.team.rounds import all_rounds


@dataclass(frozen=True, slots=True)
class Resolved:
    """`outcomes`: of the records that were looked at. `changed`: how many of them came to something else than before.

    `decided`, `taken_back`: decisions of the team that were recorded and undone. `conflicts`: how many are new.
    `states`: of the rephrasings whose state was derived anew.
    """

    outcomes: Mapping[Outcome, int] = field(default_factory=dict)
    changed: int = 0
    decided: int = 0
    taken_back: int = 0
    conflicts: int = 0
    states: Mapping[int, State] = field(default_factory=dict)


@dataclass(slots=True)
class _Came:
    """What a record came to. `decision`: what the team is to decide, None: nothing. `stays`: its earlier decision stays."""

    case: Case
    outcome: Outcome
    detail: str
    settled: Settled
    here: Logged | None = None
    decision: Settlement | None = None
    stays: bool = False


def resolve(connection: sqlite3.Connection, round_: Round, rule: Rule, records: Sequence[int] | None = None) -> Resolved:
    """Work out the outcomes of these records (ids; None: all of the round), inside the caller's transaction."""
    dialect = project_dialect(connection)
    worked_out = [_work_out(case, round_, rule, dialect) for case in load_cases(connection, round_.id, records)]
    log = DecisionLog(connection, TEAM, round_.surface.value)
    back = [came.case.own.group for came in worked_out if came.case.own is not None and not came.stays]
    states = log.take_back(back)
    _leave_twins_to_people(connection, worked_out)
    deciding = [came for came in worked_out if came.decision is not None]
    groups, decided_states = log.settle([came.decision for came in deciding if came.decision is not None])
    new_groups = {came.case.record_id: group for came, group in zip(deciding, groups, strict=True)}
    changed = _write(connection, worked_out, new_groups)
    return Resolved(
        outcomes=dict(Counter(came.outcome for came in worked_out)),
        changed=changed,
        decided=len(groups),
        taken_back=len(back),
        conflicts=_note_conflicts(connection, round_.id, worked_out),
        states=states | decided_states,
    )


def resolve_all(connection: sqlite3.Connection, rule: Rule) -> Resolved:
    """Every record of every round, as after a change of the rule; inside the caller's transaction."""
    found = [resolve(connection, round_, rule) for round_ in all_rounds(connection)]
    outcomes: Counter[Outcome] = Counter()
    states: dict[int, State] = {}
    for one in found:
        outcomes.update(one.outcomes)
        states |= one.states
    return Resolved(
        dict(outcomes),
        sum(one.changed for one in found),
        sum(one.decided for one in found),
        sum(one.taken_back for one in found),
        sum(one.conflicts for one in found),
        states,
    )


def _work_out(case: Case, round_: Round, rule: Rule, dialect: Dialect) -> _Came:
    settled = outcome_of(case.answers, overlap=round_.overlap, rule=rule, dialect=dialect, text=case.text)
    here = case.decision_here()
    agrees = here is not None and _agrees(here, case, settled)
    fits = case.own is not None and case.own.kind == settled.outcome.value and same_text(case.own_edit, settled.text)
    other_round = None if here is not None else _says_otherwise(case, settled, is_decided=fits)
    came = _Came(case, settled.outcome, settled.detail, settled, here)
    if here is not None and not agrees and settled.outcome is not Outcome.WAITING and here.id > case.latest_answer:
        came.outcome, came.detail = Outcome.ADJUDICATED, f"{settled.detail}; decided here: {here.kind} by {here.reviewer}"
    elif (changed := case.what_changed()) is not None:
        came.outcome, came.detail = Outcome.OUTDATED, changed
    elif settled.outcome in (Outcome.ACCEPT, Outcome.REJECT):
        if other_round is not None:
            came.outcome, came.detail = Outcome.DISAGREE, f"{settled.detail}; {other_round.round or 'another round'} came to "
            came.detail += f"{other_round.kind}{_worded(other_round, case)}"
        elif here is None:
            came.decision = Settlement(case.rephrasing_id, Decision(settled.outcome.value), settled.detail, settled.text)
        elif not agrees:
            came.outcome = Outcome.CONFLICT
            came.detail = f"the team: {settled.outcome} ({settled.detail}); here: {here.kind} by {here.reviewer}"
    if case.own is not None:
        # without the team's wording, what a person decided on it would hang in the air
        is_built_on = here is not None and case.wording_of(here) == case.own_edit
        # an undo or a redo can bring back an older decision that the team's would hide
        hides = here is not None and not agrees and here.group < case.own.group
        came.stays = came.outcome is Outcome.OUTDATED or is_built_on or (fits and not hides and other_round is None)
        if came.stays:
            came.decision = None
    return came


def _says_otherwise(case: Case, settled: Settled, *, is_decided: bool) -> Logged | None:
    """What another round came to and this one does not. `is_decided`: this one's decision stands, and only what was there
    before counts against it.
    """
    for other in case.decisions_elsewhere():
        if is_decided and case.own is not None and other.group > case.own.group:
            continue
        if not _agrees(other, case, settled):
            return other
    return None


def _worded(decision: Logged, case: Case) -> str:
    wording = case.wording_of(decision)
    return f" as “{wording}”" if decision.kind == Decision.ACCEPT and not same_text(wording, case.text) else ""


def _agrees(here: Logged, case: Case, settled: Settled) -> bool:
    """What was decided, by a person here or in another round, is what the answers say, of the same wording and commands."""
    if here.kind != settled.outcome.value or here.basis != case.basis:
        return False
    return here.kind == Decision.REJECT or same_text(case.wording_of(here), settled.text or case.text)


def _leave_twins_to_people(connection: sqlite3.Connection, worked_out: Iterable[_Came]) -> None:
    """A step must not get the same text twice, not even from two records that are settled at once."""
    taken: set[tuple[int, str]] = set()
    for came in worked_out:
        text = came.decision.text if came.decision is not None else None
        if text is None:
            continue
        place = (came.case.step_id, text)
        if place in taken or has_text(connection, *place, but=came.case.rephrasing_id):
            came.outcome, came.detail = Outcome.DISAGREE, f"{came.detail}; the step has this text already: “{text}”"
            came.decision = None
        taken.add(place)


def _write(connection: sqlite3.Connection, worked_out: Iterable[_Came], new_groups: Mapping[int, int]) -> int:
    rows, changed = [], 0
    for came in worked_out:
        case = came.case
        group = new_groups.get(case.record_id, case.decided_group if came.stays else None)
        if (case.outcome, case.detail, case.decided_group) != (came.outcome, came.detail, group):
            rows.append((came.outcome.value, came.detail, group, case.record_id))
            changed += case.outcome is not came.outcome
    connection.executemany("UPDATE team_record SET outcome = ?, detail = ?, decided_group = ? WHERE id = ?", rows)
    return changed


def _note_conflicts(connection: sqlite3.Connection, round_id: int, worked_out: Iterable[_Came]) -> int:
    """A conflict of an outcome with one decision has one row; it is settled while the record has none. Returns the new ones."""
    noted: dict[int, list[tuple[int, str, int, str | None]]] = {}
    for record_id, *row in connection.execute(
        "SELECT f.record_id, f.id, f.outcome, f.decision_id, f.settled_at FROM team_conflict f"
        " JOIN team_record t ON t.id = f.record_id WHERE t.round_id = ?",
        (round_id,),
    ):
        noted.setdefault(record_id, []).append((row[0], row[1], row[2], row[3]))
    at, new = utc_now(), 0
    for came in worked_out:
        record_id = came.case.record_id
        conflict = None
        if came.outcome is Outcome.CONFLICT and came.here is not None:
            conflict = (came.settled.outcome.value, came.here.id)
        is_noted = False
        for id_, outcome, decision_id, settled_at in noted.get(record_id, ()):
            is_this = (outcome, decision_id) == conflict
            is_noted = is_noted or is_this
            if is_this and settled_at is not None:
                connection.execute("UPDATE team_conflict SET settled_at = NULL WHERE id = ?", (id_,))
            elif not is_this and settled_at is None:
                connection.execute("UPDATE team_conflict SET settled_at = ? WHERE id = ?", (at, id_))
        if conflict is not None and not is_noted:
            connection.execute(
                "INSERT INTO team_conflict (record_id, at, outcome, detail, decision_id) VALUES (?, ?, ?, ?, ?)",
                (record_id, at, conflict[0], came.detail, conflict[1]),
            )
            new += 1
    return new
