"""Reads what scores are made from, a few steps at a time, and tells which scores are out of date.

A fingerprint names all that a score depends on: the rules, the verdict, the step's basis (its text, what was said before, its
commands), the wordings of the step's rephrasings in their order, and what people say in force.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from array import array
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from core.commands import Mode, from_json
from core.conversations.models import TurnKind, Verdict
from core.prompts.context import Line, Speaker
from core.store.team_standing import IS_CURRENT
from core.store.verdicts import OF_OTHER_WORDS, WORDING
from core.user import TEAM
from core.validation.models import StepFacts
from review.ambiguity import RULES_VERSION, Evidence, Judgement, Opinion

_ALL = "1"
_OF_STEPS = "step_id IN (SELECT value FROM json_each(?1))"
_SPEAKERS: Mapping[str, Speaker] = {TurnKind.USER: "USER", TurnKind.BOT: "AI"}
"""What a response is called in a test says nothing of its words."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A rephrasing without a score that is up to date."""

    rephrasing_id: int
    fingerprint: str
    evidence: Evidence


def steps_waiting(
    connection: sqlite3.Connection, rephrasing_ids: Collection[int] | None = None
) -> tuple[array[int], array[int]]:
    """Steps with rephrasings whose score is missing or out of date, and how many each has; in the order of ids.

    `rephrasing_ids`: only the steps of these.
    """
    steps, counts = array("q"), array("q")
    among, parameters = _ALL, list[str]()
    if rephrasing_ids is not None:
        found = connection.execute(
            "SELECT json_group_array(DISTINCT step_id) FROM rephrasing WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(rephrasing_ids)),),
        )
        among, parameters = _OF_STEPS, [found.fetchone()[0]]
    cursor = connection.execute(
        f"{_marks(connection, among)} SELECT r.step_id, count(*) {_MARKED} WHERE r.active = 1 AND {_IS_OUT_OF_DATE}"
        " GROUP BY r.step_id ORDER BY r.step_id",
        parameters,
    )
    for step_id, count in cursor:
        steps.append(step_id)
        counts.append(count)
    return steps, counts


def is_out_of_date(connection: sqlite3.Connection, rephrasing_id: int) -> bool:
    """Whether its score is made from something else than what there is now, or missing; an unknown rephrasing's is not."""
    step = connection.execute("SELECT json_array(step_id) FROM rephrasing WHERE id = ?", (rephrasing_id,)).fetchone()
    found = (
        step
        and connection.execute(
            f"{_marks(connection, _OF_STEPS)} SELECT {_IS_OUT_OF_DATE} {_MARKED} WHERE r.id = ?2", (step[0], rephrasing_id)
        ).fetchone()
    )
    return bool(found and found[0])


def read_waiting(connection: sqlite3.Connection, steps: Sequence[int] | array[int]) -> list[Waiting]:
    """The rephrasings of these steps whose score is missing or out of date, with what they are scored by."""
    chosen = json.dumps(list(steps))
    facts, opinions = _facts(connection, chosen), _opinions(connection, chosen)
    cursor = connection.execute(
        f"{_marks(connection, _OF_STEPS)} SELECT r.id, r.step_id, {WORDING},"
        " r.edited_text IS NOT NULL OR (r.source_id IS NULL AND g.rephrasing_id IS NULL), g.style ->> '$.language',"
        f" v.verdict, v.reasons, v.run_id IS NOT NULL AND sr.parameters ->> '$.mode' IS NOT '{Mode.DOCUMENTED.value}',"
        f" {OF_OTHER_WORDS}, v.basis IS NOT s.basis, {_FINGERPRINT}, {_IS_OUT_OF_DATE} {_MARKED}"
        " LEFT JOIN verdict v ON v.id = r.verdict_id LEFT JOIN stage_run sr ON sr.id = v.run_id"
        " LEFT JOIN generated g ON g.rephrasing_id = r.id WHERE r.active = 1 ORDER BY r.step_id, r.position, r.id",
        (chosen,),
    )
    rows = cursor.fetchall()
    texts: dict[int, list[str]] = {}
    for _, step_id, text, *_ in rows:
        texts.setdefault(step_id, []).append(text)
    before: dict[int, int] = {}
    waiting = []
    for (id_, step_id, text, reworded, language, verdict, reasons, by_stage, other_words, other_commands, fingerprint,
         is_out_of_date) in rows:  # fmt: skip
        earlier = before.get(step_id, 0)
        before[step_id] = earlier + 1
        if not is_out_of_date:
            continue
        judgement = None
        if verdict is not None:
            judgement = Judgement(
                Verdict(verdict), tuple(json.loads(reasons)), bool(by_stage), bool(other_words), bool(other_commands)
            )
        all_texts = texts[step_id]
        siblings = (*all_texts[:earlier], *all_texts[earlier + 1 :])
        said = tuple(opinions.get(id_, ()))
        evidence = Evidence(facts[step_id], text, judgement, siblings, earlier, language, bool(reworded), said)
        waiting.append(Waiting(id_, fingerprint, evidence))
    return waiting


def _facts(connection: sqlite3.Connection, steps: str) -> dict[int, StepFacts]:
    """What texts are compared with: as validation's, less what only the assistant's files and its engine know."""
    histories: dict[int, list[tuple[int, Line]]] = {}
    for id_, transcript in connection.execute(
        "SELECT id, transcript FROM conversation WHERE id IN"
        " (SELECT conversation_id FROM user_step WHERE id IN (SELECT value FROM json_each(?)))",
        (steps,),
    ):
        histories[id_] = [
            (index, Line(_SPEAKERS[turn["kind"]], turn["text"]))
            for index, turn in enumerate(json.loads(transcript))
            if turn["kind"] in _SPEAKERS
        ]
    return {
        id_: StepFacts(
            text,
            () if commands is None else from_json(commands),
            history=tuple(line for index, line in histories[conversation_id] if index < turn_index),
        )
        for id_, conversation_id, turn_index, text, commands in connection.execute(
            "SELECT id, conversation_id, turn_index, text, commands FROM user_step"
            " WHERE id IN (SELECT value FROM json_each(?))",
            (steps,),
        )
    }


def _opinions(connection: sqlite3.Connection, steps: str) -> dict[int, list[Opinion]]:
    """Of each rephrasing, the latest that each person says of its present wording and commands."""
    latest: dict[int, dict[str, str]] = {}
    for id_, who, decision in connection.execute(
        "SELECT r.id, d.reviewer, d.kind FROM rephrasing r JOIN user_step s ON s.id = r.step_id"
        " JOIN decision d ON d.rephrasing_id = r.id JOIN decision_group g ON g.id = d.group_id AND g.status = 0"
        f" WHERE r.{_OF_STEPS} AND d.kind IN ('accept', 'reject', 'flag', 'skip') AND d.basis = s.basis"
        " AND d.text IS r.edited_text AND d.reviewer <> ?2"
        " ORDER BY d.group_id, d.id",
        (steps, TEAM),
    ):
        latest.setdefault(id_, {})[who] = decision
    for id_, who, decision in connection.execute(
        "SELECT r.id, a.annotator, CASE a.decision WHEN 'unsure' THEN 'flag' ELSE a.decision END"
        " FROM rephrasing r JOIN user_step s ON s.id = r.step_id JOIN team_record t ON t.rephrasing_id = r.id"
        f" JOIN team_answer a ON a.record_id = t.id AND a.in_force WHERE r.{_OF_STEPS} AND a.status = 'submitted'"
        f" AND a.decision IS NOT NULL AND {IS_CURRENT} ORDER BY a.decision_id",
        (steps,),
    ):
        latest.setdefault(id_, {})[who] = decision
    return {id_: [Opinion(who, decision) for who, decision in said.items()] for id_, said in latest.items()}


def _marks(connection: sqlite3.Connection, among: str) -> str:
    """SQL: common tables over the rephrasings `among`. `wordings`: a number for the wordings of each step and their order;
    `people`: one for the rows of the decision log, the team's answers among them, that say something of a rephrasing and were
    not undone."""
    connection.create_function("wording_mark", 1, _wording_mark, deterministic=True)
    if among == _ALL:  # SQLite would read the log row by row to look up which of its few undone rows these are
        chosen, undone = "IS NOT NULL", "decision_group g CROSS JOIN decision d ON d.group_id = g.id"
    else:
        chosen = f"IN (SELECT id FROM rephrasing WHERE {among})"
        undone = "decision d CROSS JOIN decision_group g ON g.id = d.group_id"
    return f"""WITH wordings AS MATERIALIZED (
        SELECT step_id,
            sum(id * (position + 7) + iif(edited_text IS NULL, 0, id * wording_mark(edited_text) % 1000000007)) AS mark
        FROM rephrasing WHERE active = 1 AND {among} GROUP BY step_id
    ), people AS MATERIALIZED (
        SELECT rephrasing_id, sum(id) AS mark FROM (
            SELECT rephrasing_id, id FROM decision WHERE rephrasing_id {chosen}
            UNION ALL
            SELECT d.rephrasing_id, -d.id FROM {undone} WHERE g.status <> 0 AND d.rephrasing_id {chosen}
        ) GROUP BY rephrasing_id
    )"""


def _wording_mark(text: str) -> int:
    return zlib.crc32(text.encode())


_FINGERPRINT = (
    f"'{RULES_VERSION} ' || coalesce(r.verdict_id, 0) || ' ' || s.basis || ' ' || w.mark || ' ' || coalesce(p.mark, 0)"
)
_IS_OUT_OF_DATE = f"a.fingerprint IS NOT ({_FINGERPRINT})"
"""SQL over rephrasing r, its step s, the common tables w and p, and what is stored, a."""
_MARKED = (
    "FROM wordings w JOIN rephrasing r ON r.step_id = w.step_id JOIN user_step s ON s.id = r.step_id"
    " LEFT JOIN people p ON p.rephrasing_id = r.id LEFT JOIN ambiguity a ON a.rephrasing_id = r.id"
)
