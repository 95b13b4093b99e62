"""A project of any size for measuring: conversations of five user steps with rephrasings, written straight to the store."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from core.conversations.identity import basis_of, step_keys
from core.project import Project, create_project
from core.store.connection import transaction

STEPS_PER_CONVERSATION = 5
_FLOWS = ("renew_loan", "reserve_item", "pay_fine", "book_study_room", "update_contact", "opening_hours")
_WORDS = [
    "please",
    "could",
    "you",
    "renew",
    "the",
    "book",
    "about",
    "harbour",
    "birds",
    "for",
    "two",
    "more",
    "weeks",
    "because",
    "reading",
    "takes",
    "me",
    "longer",
]


def make_project(folder: Path, rephrasings: int, *, per_step: int = 10) -> Project:
    """A project with this many rephrasings (rounded up to whole conversations), none decided. Deterministic."""
    folder.mkdir(parents=True, exist_ok=True)
    project, _ = create_project(folder)
    connection = project.open()
    with transaction(connection):
        fill(connection, rephrasings, per_step=per_step)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("ANALYZE")
    connection.close()
    return project


def fill(connection: sqlite3.Connection, rephrasings: int, *, per_step: int = 10) -> None:
    per_conversation = STEPS_PER_CONVERSATION * per_step
    conversations = -(-rephrasings // per_conversation)
    connection.execute("INSERT INTO ingest (id, at, reviewer, paths) VALUES (1, '2026-01-01T00:00:00.000Z', 'bench', '[]')")
    connection.execute(
        "INSERT INTO source (id, path, kind, sha256, ingest_id) VALUES (1, 'rephrasings.yml', 'rephrasings', '-', 1)"
    )
    connection.execute("INSERT INTO meta VALUES ('dialect', 'v2')")
    step_id = rephrasing_id = 0
    for conversation in range(1, conversations + 1):
        turns = _turns(conversation)
        transcript = json.dumps([{"kind": k, "text": t, "line": 2 * n + 3} for n, (k, t) in enumerate(turns)])
        connection.execute(
            "INSERT INTO conversation VALUES (?, ?, ?, 1, ?, ?, 1)",
            (conversation, f"e2e_tests/part_{conversation // 500}.yml", f"test {conversation}", 2, transcript),
        )
        steps, flows, texts, verdicts = [], [], [], []
        keys = step_keys(turns)
        for ordinal in range(1, STEPS_PER_CONVERSATION + 1):
            step_id += 1
            key = next(keys)
            flow = _FLOWS[(conversation + ordinal) % len(_FLOWS)]
            commands = json.dumps([["start flow", flow]], separators=(",", ":"))
            basis = basis_of(key, commands)
            text = turns[2 * ordinal - 2][1]
            index = 2 * ordinal - 2
            steps.append((step_id, conversation, ordinal, index, key, text, 2 * index + 3, commands, commands, basis))
            flows.append((step_id, flow))
            for position in range(1, per_step + 1):
                rephrasing_id += 1
                verdict = ("same", "same", "same", "different", "ambiguous")[(rephrasing_id * 7) % 5]
                words = _WORDS[position % 7 :] + _WORDS[: position % 5]
                said = f"{' '.join(words)} {conversation}-{ordinal}-{position}"
                texts.append((rephrasing_id, step_id, conversation, ordinal, position, said, verdict, rephrasing_id))
                verdicts.append((rephrasing_id, rephrasing_id, verdict, '["2 of 3 samples agree"]', basis))
        connection.executemany(
            "INSERT INTO user_step (id, conversation_id, ordinal, turn_index, key, text, line, ingested_commands, commands,"
            " basis) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            steps,
        )
        connection.executemany("INSERT INTO step_flow VALUES (?, ?, 'commands')", flows)
        connection.executemany(
            "INSERT INTO rephrasing (id, step_id, conversation_id, ordinal, position, text, source_id, verdict, verdict_id)"
            " VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?)",
            texts,
        )
        connection.executemany(
            "INSERT INTO verdict (id, rephrasing_id, verdict, reasons, basis, ingest_id) VALUES (?, ?, ?, ?, ?, 1)",
            verdicts,
        )


def _turns(conversation: int) -> list[tuple[str, str]]:
    turns: list[tuple[str, str]] = []
    for ordinal in range(1, STEPS_PER_CONVERSATION + 1):
        words = _WORDS[ordinal:] + _WORDS[:ordinal]
        turns.append(("user", f"{' '.join(words[:12])} ({conversation}/{ordinal})"))
        turns.append(("bot", f"Which item would you like to renew, number {conversation}?"))
    return turns
