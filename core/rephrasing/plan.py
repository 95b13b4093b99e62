"""What is to be done: user steps that have fewer rephrasings than wanted, and the conversation around them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from core.conversations.models import TurnKind
from core.errors import WorkbenchError
from core.project import Project
from core.store.failing import FAILING, LEFT_OUT
from core.store.generated import used_calls


@dataclass(frozen=True, slots=True)
class Selection:
    """A condition on `conversation c` with its parameters, as filters give it; default: all."""

    where: str = "1"
    parameters: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the conversation. `ordinal`: of a user step, from 1; None for the assistant's and for buttons."""

    speaker: str
    text: str
    ordinal: int | None = None


@dataclass(frozen=True, slots=True)
class StepNeed:
    """A user step and the numbers (`slots`, from 0) of the wordings it is to get.

    `stored`: (id, wording in force) of the rephrasings it has, whoever made them.
    """

    step_id: int
    ordinal: int
    key: str
    text: str
    stored: tuple[tuple[int, str], ...]
    slots: tuple[int, ...]
    line: int | None = None


@dataclass(frozen=True, slots=True)
class ConversationPlan:
    """`steps`: those that need something; `complete`: how many others are annotated too.

    `used`: keys of answers that earlier runs have taken what they could from; the same question is a further sample then.
    """

    id: int
    file: str
    name: str
    said: tuple[Said, ...]
    steps: tuple[StepNeed, ...]
    complete: int = 0
    used: frozenset[str] = frozenset()

    def item(self, step: StepNeed) -> str:
        """How reports name a step."""
        return f"{self.file}:{step.line}" if step.line else f"{self.file}::{self.name}, user step {step.ordinal}"


ANNOTATED = "s.active = 1 AND s.is_button = 0 AND s.commands IS NOT NULL AND s.commands <> '[]'"
"""SQL over `user_step s`: a message that commands were found for. A button's payload is never rephrased."""


def planned_ids(connection: sqlite3.Connection, selection: Selection) -> list[int]:
    """Conversations with annotated user steps, in the order they were read in, without tests that fail."""
    rows = connection.execute(
        f"SELECT c.id FROM conversation c WHERE c.active = 1 AND NOT {FAILING} AND ({selection.where})"
        f" AND EXISTS (SELECT 1 FROM user_step s WHERE s.conversation_id = c.id AND {ANNOTATED}) ORDER BY c.id",
        selection.parameters,
    )
    return [row[0] for row in rows]


def plan_conversation(
    connection: sqlite3.Connection, conversation_id: int, count: int, utterances: Mapping[str, str]
) -> ConversationPlan:
    """`count`: how many active rephrasings each annotated step is to have, generated, from files and by hand together.

    `utterances`: what a response says, for turns that give its name only.
    """
    file, name, transcript = connection.execute(
        "SELECT file, name, transcript FROM conversation WHERE id = ?", (conversation_id,)
    ).fetchone()
    stored: dict[int, list[tuple[int, str]]] = {}
    used: dict[int, set[int]] = {}
    for step_id, id_, text, slot in connection.execute(
        "SELECT r.step_id, r.id, coalesce(r.edited_text, r.text), g.style ->> '$.slot' FROM rephrasing r"
        " LEFT JOIN generated g ON g.rephrasing_id = r.id WHERE r.conversation_id = ? AND r.active = 1"
        " ORDER BY r.ordinal, r.position, r.id",
        (conversation_id,),
    ):
        stored.setdefault(step_id, []).append((id_, text))
        if slot is not None:
            used.setdefault(step_id, set()).add(slot)
    needs, complete = [], 0
    ordinals: dict[int, int] = {}
    for step_id, ordinal, index, key, text, line, annotated in connection.execute(
        f"SELECT s.id, s.ordinal, s.turn_index, s.key, s.text, s.line, {ANNOTATED} FROM user_step s"
        " WHERE s.conversation_id = ? AND s.active = 1 ORDER BY s.ordinal",
        (conversation_id,),
    ):
        ordinals[index] = ordinal
        if not annotated or not text.strip():
            continue
        have = tuple(stored.get(step_id, ()))
        missing = max(count - len(have), 0)
        taken = used.get(step_id, set())
        slots = tuple(slot for slot in range(count + len(taken)) if slot not in taken)[:missing]
        if slots:
            needs.append(StepNeed(step_id, ordinal, key, text, have, slots, line))
        else:
            complete += 1
    said = _said(transcript, ordinals, utterances)
    calls = used_calls(connection, conversation_id) if needs else frozenset()
    return ConversationPlan(conversation_id, file, name, said, tuple(needs), complete, calls)


def why_nothing(connection: sqlite3.Connection, selection: Selection) -> str:
    """Why there is no user step to be rephrased, and what helps."""

    def is_any(condition: str, parameters: tuple[str | int, ...] = ()) -> bool:
        query = f"SELECT EXISTS (SELECT 1 FROM conversation c WHERE c.active = 1 AND {condition})"
        return bool(connection.execute(query, parameters).fetchone()[0])

    has_commands = f"EXISTS (SELECT 1 FROM user_step s WHERE s.conversation_id = c.id AND {ANNOTATED})"
    if is_any(f"{LEFT_OUT} AND ({selection.where})", selection.parameters):
        return "The tests to be rephrased are left out by annotate: `workbench annotate --failures` shows why."
    if is_any(f"({has_commands} OR {LEFT_OUT})"):
        return "The filter chooses no user step that has commands."
    return "No user step has commands yet: run `workbench annotate`, or ingest tests that have them."


def _said(transcript: str, ordinals: Mapping[int, int], utterances: Mapping[str, str]) -> tuple[Said, ...]:
    """The messages on one line each; slot checks are no messages."""
    said = []
    for index, turn in enumerate(json.loads(transcript)):
        text = turn["text"]
        if turn["kind"] == TurnKind.USER:
            said.append(Said("USER", _one_line(text), ordinals.get(index)))
        elif turn["kind"] == TurnKind.UTTER:
            said.append(Said("AI", _one_line(utterances.get(text, f"({text})"))))
        elif turn["kind"] == TurnKind.BOT:
            said.append(Said("AI", _one_line(text)))
    return tuple(said)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def response_texts(project: Project) -> Mapping[str, str]:
    """What each response of the project's assistant says, placeholders as they are written.

    Empty where the assistant's files cannot be used: a prompt then shows the names of responses.
    """
    from core.assistant.reading import load_assistant

    try:
        responses = load_assistant(project.root).responses
    except WorkbenchError:
        return {}
    said = {}
    for name, response in responses.items():
        texts = (variation.text for variation in response.variations if variation.text is not None)
        if (text := next(texts, None)) is not None:
            said[name] = text
    return said
