"""Read what an export is made of, conversation by conversation, in an order given by a temporary table.

Two cursors run side by side over the steps and the rephrasings, so memory does not grow with the project.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from core.commands import Dialect
from core.dataset.labels import HAS_STEPS_COMMANDS, NO_COMMANDS, own_label
from core.dataset.selection import VERDICT_IS_STALE, LeftOutBecause, Rephrasings, why_row_left_out
from core.store.stored_commands import why_unprintable
from core.store.verdicts import OF_OTHER_WORDS, WORDING


@dataclass(frozen=True, slots=True)
class Choice:
    """One text a step can be said with. `commands`: canonical JSON of its own label where it differs from the step's.

    `changes`: it has other commands, or another value, so the turns after it are no longer the original's. `is_same`: of the
    step's rephrasings in the recipe's files it is one that passes.
    """

    rephrasing_id: int
    text: str
    commands: str | None = None
    decision_id: int | None = None
    verdict_id: int | None = None
    is_same: bool = True

    @property
    def changes(self) -> bool:
        return self.commands is not None


@dataclass(frozen=True, slots=True)
class StoredPrompt:
    """Either `stored` with the places of conversation and message in it, or a `context` to render."""

    stored: str | None
    context: str | None
    places: tuple[int, int, int, int] | None
    skeleton: str
    fixed: bool
    state: str


@dataclass(slots=True)
class Step:
    """`read`: the commands that were read for it, in canonical JSON; where a person has corrected it, `commands` are others."""

    id: int
    ordinal: int
    text: str
    line: int | None
    commands: str | None
    left_out: str | None
    prompt: StoredPrompt | None
    flows: tuple[str, ...] = ()
    read: str | None = None
    choices: list[Choice] = field(default_factory=list)

    @property
    def is_corrected(self) -> bool:
        return self.commands is not None and self.read is not None and self.commands != self.read


@dataclass(slots=True)
class Conversation:
    """`has_changes`: the prompts after some step of it, or of a variant, are not those that were read."""

    id: int
    file: str
    name: str
    occurrence: int
    steps: list[Step]
    has_changes: bool = False


@dataclass
class SelectionCounts:
    """What was chosen among the rephrasings and why the others were not.

    `own_label`: found the same, but with another value. `validated_label`: accepted by a person with the commands found for
    them; `label_not_validated`: with the step's, since the answers agreed on none.
    """

    used: int = 0
    unvalidated: int = 0
    own_label: int = 0
    validated_label: int = 0
    label_not_validated: int = 0
    left_out: Counter[LeftOutBecause] = field(default_factory=Counter)


_STEPS = (
    "SELECT o.conversation_id, c.file, c.name, c.occurrence, s.id, s.ordinal, s.text, s.line, s.is_button, s.commands, s.skip,"
    " CASE WHEN s.commands IS s.ingested_commands THEN s.unparsed END, p.known, p.reason, {texts}, p.history_start,"
    " p.history_end, p.message_start, p.message_end, p.skeleton, p.state, (SELECT group_concat(flow, char(31)) FROM (SELECT"
    " DISTINCT flow FROM step_flow f WHERE f.step_id = s.id ORDER BY flow)), s.ingested_commands"
    " FROM {order} o CROSS JOIN conversation c ON c.id = o.conversation_id"
    " CROSS JOIN user_step s ON s.conversation_id = o.conversation_id LEFT JOIN prompt p ON p.step_id = s.id"
    " WHERE s.active = 1 ORDER BY o.position, s.ordinal"
)
_REPHRASINGS = (
    f"SELECT r.step_id, r.id, {WORDING}, r.state, r.verdict, {VERDICT_IS_STALE},"
    f" {OF_OTHER_WORDS}, v.commands, {HAS_STEPS_COMMANDS}, s.commands, r.decision_id, r.verdict_id FROM {{order}} o"
    " CROSS JOIN rephrasing r ON r.conversation_id = o.conversation_id"
    " CROSS JOIN user_step s ON s.id = r.step_id LEFT JOIN verdict v ON v.id = r.verdict_id WHERE r.active = 1"
    " ORDER BY o.position, r.ordinal, r.position, r.id"
)


def read_corpus(
    connection: sqlite3.Connection,
    mode: Rephrasings,
    dialect: Dialect,
    counts: SelectionCounts,
    *,
    order: str = "dataset_order",
    prompts: bool = True,
) -> Iterator[Conversation]:
    """Conversations in the order of the temporary table `order (position, conversation_id)`.

    Without `prompts` the texts of the prompts, the bulk of the data, are not read.
    """
    rephrasings = connection.execute(_REPHRASINGS.format(order=order))
    pending = rephrasings.fetchone()
    conversation: Conversation | None = None
    for row in connection.execute(_STEPS.format(order=order, texts="p.stored, p.context" if prompts else "NULL, NULL")):
        if conversation is None or conversation.id != row[0]:
            if conversation is not None:
                yield conversation
            conversation = Conversation(row[0], row[1], row[2], row[3], [])
        step = _step(row, dialect)
        conversation.steps.append(step)
        conversation.has_changes |= step.is_corrected
        while pending is not None and pending[0] == step.id:
            choice = _choice(pending, mode, dialect, counts, wanted=step.prompt is not None)
            if choice is not None and step.commands is not None:
                step.choices.append(choice)
                if choice.changes:
                    conversation.has_changes = True
            pending = rephrasings.fetchone()
    if conversation is not None:
        yield conversation


def _step(row: tuple[Any, ...], dialect: Dialect) -> Step:
    (_, _, _, _, id_, ordinal, text, line, is_button, commands, skip, unparsed, known, reason, stored, context,
     history_start, history_end, message_start, message_end, skeleton, state, flows, read) = row  # fmt: skip
    prompt = None
    left_out = None
    if is_button:
        left_out, commands = "a button: not handled by the command generator", None
    elif commands is not None and unparsed is not None:
        left_out, commands = f"commands not understood: {'; '.join(json.loads(unparsed))}", None
    elif commands is None or commands == "[]":
        left_out, commands = "no commands" if skip is None else f"skipped: {skip}", None
    elif (wordless := why_unprintable(commands, dialect)) is not None:
        left_out, commands = wordless, None
    elif not known:
        left_out = f"prompt unknown: {reason or 'there is neither a stored prompt nor a context for it'}"
    else:
        places = None
        if stored is not None:
            places = (history_start, history_end, message_start, message_end)
        prompt = StoredPrompt(stored, context, places, skeleton, reason is not None, state)
    return Step(id_, ordinal, text, line, commands, left_out, prompt, tuple(flows.split("\x1f")) if flows else (), read)


def _choice(
    row: tuple[Any, ...], mode: Rephrasings, dialect: Dialect, counts: SelectionCounts, *, wanted: bool
) -> Choice | None:
    (_, id_, text, state, verdict, verdict_stale, reworded, found, has_steps_commands, commands, decision_id,
     verdict_id) = row  # fmt: skip
    why = why_row_left_out(mode, state, verdict, verdict_stale, reworded)
    if why is not None:
        counts.left_out[why] += 1
        return None
    holds = verdict is not None and not verdict_stale and not reworded
    is_same = verdict == "same"  # what is not comes this far only if a person has accepted it
    own = None
    if found is not None and commands is not None and found != commands and holds and not has_steps_commands:
        own = None if found == NO_COMMANDS else own_label(commands, found, is_same=is_same)
        if own is not None and why_unprintable(own, dialect) is not None:
            counts.left_out[LeftOutBecause.UNPRINTABLE] += 1
            return None
    if not wanted:
        counts.left_out[LeftOutBecause.STEP] += 1
    else:
        counts.used += 1
        counts.unvalidated += not holds
        if own is not None:
            counts.own_label += is_same
            counts.validated_label += not is_same
        elif holds and not is_same and (found is None or found == NO_COMMANDS):
            counts.label_not_validated += 1
    return Choice(id_, text, own, decision_id, verdict_id, own is None or is_same)
