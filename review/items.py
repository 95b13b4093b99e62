"""Everything one screen of the review loop shows of a rephrasing, and the conversation around it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from core.commands import Dialect
from core.errors import DecisionError
from core.store.connection import read_meta
from core.store.states import State
from core.store.stored_commands import to_display
from core.store.team_standing import NEEDS_A_PERSON, OUTCOME
from core.store.verdicts import OF_OTHER_WORDS, WORDING
from review.models import LogEntry, LoggedAnswer, ReviewItem, ShownScore, Sibling, TeamAnswer, TeamView, TranscriptTurn
from review.team.models import Outcome, Status, Surface
from review.team.recording import answers_to


def project_dialect(connection: sqlite3.Connection) -> Dialect:
    """The dialect commands are shown and exported in: detected at ingest or set in workbench.toml; default V2."""
    return Dialect(read_meta(connection, "dialect") or Dialect.V2.value)


def load_item(connection: sqlite3.Connection, rephrasing_id: int, dialect: Dialect) -> ReviewItem:
    """Raises DecisionError for an unknown id."""
    row = connection.execute(
        "SELECT r.id, r.step_id, r.conversation_id, c.file, c.name, c.occurrence, s.line, r.ordinal, s.text, r.text,"
        " r.edited_text, r.source_id IS NULL, r.state, r.verdict, v.basis IS NOT NULL AND v.basis <> s.basis,"
        f" v.id IS NOT NULL AND {OF_OTHER_WORDS},"
        " v.reasons, v.commands, s.commands, s.unparsed, s.commands IS NOT s.ingested_commands, d.reason, d.reviewer, d.at,"
        " m.score, m.reasons"
        " FROM rephrasing r JOIN user_step s ON s.id = r.step_id JOIN conversation c ON c.id = r.conversation_id"
        " LEFT JOIN verdict v ON v.id = r.verdict_id LEFT JOIN decision d ON d.id = r.decision_id"
        " LEFT JOIN ambiguity m ON m.rephrasing_id = r.id WHERE r.id = ?",
        (rephrasing_id,),
    ).fetchone()
    if row is None:
        raise DecisionError(f"there is no rephrasing {rephrasing_id}", remedy="`workbench review next` prints ids.")
    (id_, step_id, conversation_id, file, name, occurrence, line, ordinal, original, text, edited, by_hand, state, verdict,
     stale, other_words, reasons, predicted, commands, unparsed, corrected, reason, reviewer, at, score,
     score_reasons) = row  # fmt: skip
    siblings = tuple(
        Sibling(sibling, words, State(code), verdict_)
        for sibling, words, code, verdict_ in connection.execute(
            # a verdict on other words says nothing of these
            f"SELECT r.id, {WORDING}, r.state, CASE WHEN NOT {OF_OTHER_WORDS} THEN r.verdict END FROM rephrasing r"
            " LEFT JOIN verdict v ON v.id = r.verdict_id"
            " WHERE r.step_id = ? AND r.active = 1 AND r.id <> ? ORDER BY r.position, r.id",
            (step_id, id_),
        )
    )
    return ReviewItem(
        id=id_,
        step_id=step_id,
        conversation_id=conversation_id,
        file=file,
        test=name,
        occurrence=occurrence,
        line=line,
        user_step=ordinal,
        original=original,
        text=text,
        edited_text=edited,
        by_hand=bool(by_hand),
        state=State(state),
        reason=reason,
        decided_by=reviewer,
        decided_at=at,
        verdict=verdict,
        verdict_stale=bool(stale),
        verdict_on_other_words=bool(other_words),
        reasons=tuple(json.loads(reasons)) if reasons else (),
        commands=to_display(commands, dialect),
        unparsed=tuple(json.loads(unparsed)) if unparsed and not corrected else (),
        corrected=bool(corrected),
        predicted=None if predicted is None else to_display(predicted, dialect),
        siblings=siblings,
        ambiguity=None if score is None else ShownScore(score, tuple(words for _, words, _ in json.loads(score_reasons))),
        team=_team_view(connection, rephrasing_id, dialect),
    )


def _team_view(connection: sqlite3.Connection, rephrasing_id: int, dialect: Dialect) -> TeamView | None:
    """Two look-ups by index; one where it was never handed to the team."""
    row = connection.execute(
        f"SELECT t.id, n.name, n.surface, n.overlap, {OUTCOME}, t.detail FROM team_record t"
        " JOIN team_round n ON n.id = t.round_id JOIN rephrasing r ON r.id = t.rephrasing_id"
        f" WHERE t.rephrasing_id = ? ORDER BY {NEEDS_A_PERSON} DESC, t.id DESC LIMIT 1",
        (rephrasing_id,),
    ).fetchone()
    if row is None:
        return None
    record_id, name, surface, overlap, outcome, detail = row
    answers = tuple(
        TeamAnswer(one.annotator, one.status, one.decision, one.text, commands, one.comment, one.answered_at, are_read)
        for one in answers_to(connection, record_id)
        for commands, are_read in [_commands_of(one.commands, one.unread_commands, dialect)]
    )
    return TeamView(name, Surface(surface), Outcome(outcome), detail, overlap, answers)


def _commands_of(commands: str | None, unread: str | None, dialect: Dialect) -> tuple[tuple[str, ...] | None, bool]:
    """Lines that an annotator would have, and whether they are commands."""
    if unread is not None:
        return tuple(unread.splitlines()), False
    return (None if commands is None else to_display(commands, dialect)), True


def load_transcript(connection: sqlite3.Connection, conversation_id: int) -> tuple[TranscriptTurn, ...]:
    """The turns of a conversation in order, user turns with the id of their step."""
    row = connection.execute("SELECT transcript FROM conversation WHERE id = ?", (conversation_id,)).fetchone()
    if row is None:
        raise DecisionError(f"there is no conversation {conversation_id}", remedy="See `workbench conversations list`.")
    steps = dict(
        connection.execute("SELECT turn_index, id FROM user_step WHERE conversation_id = ? AND active = 1", (conversation_id,))
    )
    return tuple(
        TranscriptTurn(turn["kind"], turn["text"], turn.get("line"), steps.get(index))
        for index, turn in enumerate(json.loads(row[0]))
    )


def log(connection: sqlite3.Connection, limit: int = 10, *, reviewer: str | None = None, turns: bool = True) -> list[LogEntry]:
    """The latest actions, newest first; the rows of one key press count as one entry, with the reason given last.

    An answer of a team's annotator is in force until the annotator gives another. An undo or a redo shows what it took back or
    brought back. `turns`: with undos and redos; an action that was undone is not in force in either case.
    """
    cursor = connection.execute(
        "SELECT d.id, d.group_id, d.at, d.reviewer, d.surface, d.kind, t.rephrasing_id, t.step_id,"
        " coalesce(t.text, r.text, s.text, ''),"  # the words that were decided on, not what was made of them since
        " (SELECT m.reason FROM decision m WHERE m.group_id = d.group_id AND m.reason IS NOT NULL ORDER BY m.id DESC LIMIT 1),"
        " coalesce(g.status, 1 - a.in_force, 0),"
        " (SELECT count(DISTINCT m.rephrasing_id) FROM decision m WHERE m.group_id = t.group_id),"
        " n.name, a.status, a.answered_at, a.text, a.commands, a.unread_commands"
        " FROM decision d JOIN decision t ON t.id = coalesce(d.target_group, d.id)"
        " LEFT JOIN decision_group g ON g.id = d.group_id LEFT JOIN rephrasing r ON r.id = t.rephrasing_id"
        " LEFT JOIN user_step s ON s.id = t.step_id LEFT JOIN team_answer a ON a.decision_id = d.id"
        " LEFT JOIN team_record e ON e.id = a.record_id LEFT JOIN team_round n ON n.id = e.round_id"
        " WHERE d.id = d.group_id AND (?1 IS NULL OR d.reviewer = ?1) AND (?3 OR d.target_group IS NULL)"
        " ORDER BY d.id DESC LIMIT ?2",
        (reviewer, limit, turns),
    )
    dialect = project_dialect(connection)
    return [
        LogEntry(
            id_, group, at, who, where, kind, rephrasing, step, text, reason, status == 0, max(1, count),
            _logged_answer(answer, dialect),
        )
        for id_, group, at, who, where, kind, rephrasing, step, text, reason, status, count, *answer in cursor
    ]  # fmt: skip


def _logged_answer(row: Sequence[str | None], dialect: Dialect) -> LoggedAnswer | None:
    round_name, status, answered_at, text, commands, unread = row
    if round_name is None or status is None or answered_at is None:
        return None
    return LoggedAnswer(round_name, Status(status), answered_at, text, *_commands_of(commands, unread, dialect))
