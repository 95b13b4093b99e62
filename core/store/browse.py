"""Reading conversations: ids of all that match, a page of list rows, and one conversation whole.

The caller brings the condition (`review.filters.parse_filter(text).for_conversations()`): this layer knows no filters.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from core.commands import Dialect
from core.errors import StoreError
from core.store.connection import read_meta
from core.store.states import State
from core.store.stored_commands import to_display

_OPEN = f"{int(State.UNDECIDED)}, {int(State.STALE)}"

_ROW = (
    "SELECT c.id, c.name, c.file, c.line,"
    " (SELECT count(*) FROM user_step s WHERE s.conversation_id = c.id AND s.active = 1),"
    " (SELECT count(*) FROM rephrasing r WHERE r.conversation_id = c.id AND r.active = 1),"
    f" (SELECT count(*) FROM rephrasing r WHERE r.conversation_id = c.id AND r.active = 1 AND r.state IN ({_OPEN}))"
    " FROM conversation c"
)


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """One line of a list. `open`: rephrasings that wait for a person."""

    id: int
    name: str
    file: str
    line: int | None
    user_steps: int
    rephrasings: int
    open: int

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ShownRephrasing:
    """`text` is the wording in force; `ingested` what the file says, where a person changed it (None: by hand or same)."""

    id: int
    text: str
    ingested: str | None
    by_hand: bool
    verdict: str | None
    state: State
    reason: str | None


@dataclass(frozen=True, slots=True)
class ShownTurn:
    """`commands`: lines in the project's dialect, None where a user turn has none; `unparsed`: not understood lines."""

    kind: str
    text: str
    line: int | None
    step_id: int | None = None
    user_step: int | None = None
    is_button: bool = False
    commands: tuple[str, ...] | None = None
    unparsed: tuple[str, ...] = ()
    corrected: bool = False
    skip: str | None = None
    rephrasings: tuple[ShownRephrasing, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownConversation:
    id: int
    name: str
    file: str
    line: int | None
    occurrence: int
    active: bool
    turns: tuple[ShownTurn, ...]

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file

    @property
    def rephrasings(self) -> tuple[ShownRephrasing, ...]:
        return tuple(one for turn in self.turns for one in turn.rephrasings)

    @property
    def user_steps(self) -> int:
        return sum(turn.kind == "user" for turn in self.turns)

    @property
    def open(self) -> int:
        return sum(one.state.is_open for one in self.rephrasings)

    def as_data(self) -> dict[str, Any]:
        """Plain data for `--json`."""
        data = asdict(self)
        for turn in data["turns"]:
            for one in turn["rephrasings"]:
                one["state"] = one["state"].label
        return data | {"place": self.place}

    def as_lines(self) -> list[str]:
        """For people, and for the clipboard: one line a turn, commands and rephrasings indented under it."""
        lines = [self.name, f"{self.place}  ({self.user_steps} user steps, {len(self.rephrasings)} rephrasings)", ""]
        for turn in self.turns:
            lines.append(f"{turn.kind:>5}  {turn.text}")
            lines += [f"       > {command}" for command in turn.commands or ()]
            lines += [f"       ! not understood: {text}" for text in turn.unparsed]
            lines += [f"         {one.state.label:<9} {one.verdict or '-':<9} {one.text}" for one in turn.rephrasings]
        return lines


def conversation_ids(
    connection: sqlite3.Connection,
    where: str = "1",
    parameters: Sequence[str | int] = (),
    *,
    limit: int | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> array[int]:
    """Ids of the active conversations that match a condition on `conversation c`, in the order they were read in.

    `cancelled` is asked every few thousand rows; a cancelled call returns what it has.
    """
    ids = array("q")
    cursor = connection.execute(_select("SELECT c.id FROM conversation c", where, limit), parameters)
    while rows := cursor.fetchmany(4096):
        ids.extend([row[0] for row in rows])
        if cancelled():
            break
    return ids


def conversation_rows(connection: sqlite3.Connection, ids: Sequence[int] | array[int]) -> dict[int, ConversationRow]:
    """What the list shows of these conversations (a page of them: the ids are written into the query)."""
    cursor = connection.execute(f"{_ROW} WHERE c.id IN ({','.join(map(str, ids))})")
    return {row[0]: ConversationRow(*row) for row in cursor}


def list_conversations(
    connection: sqlite3.Connection, where: str = "1", parameters: Sequence[str | int] = (), *, limit: int | None = None
) -> list[ConversationRow]:
    """All rows at once, for the command line."""
    return [ConversationRow(*row) for row in connection.execute(_select(_ROW, where, limit), parameters)]


def show_conversation(
    connection: sqlite3.Connection, conversation_id: int, dialect: Dialect | None = None
) -> ShownConversation:
    """One conversation with its turns, commands and rephrasings. `dialect`: default is the project's.

    Raises:
        StoreError: there is no such conversation.
    """
    row = connection.execute(
        "SELECT id, name, file, line, occurrence, active, transcript FROM conversation WHERE id = ?", (conversation_id,)
    ).fetchone()
    if row is None:
        raise StoreError(f"there is no conversation {conversation_id}", remedy="`workbench conversations list` prints ids.")
    dialect = dialect or Dialect(read_meta(connection, "dialect") or Dialect.V2.value)
    steps = _steps(connection, conversation_id, dialect)
    turns = tuple(
        steps.get(index) or ShownTurn(turn["kind"], turn["text"], turn.get("line"))
        for index, turn in enumerate(json.loads(row[6]))
    )
    return ShownConversation(row[0], row[1], row[2], row[3], row[4], bool(row[5]), turns)


def _steps(connection: sqlite3.Connection, conversation_id: int, dialect: Dialect) -> dict[int, ShownTurn]:
    """User turns by their place in the transcript."""
    rephrasings: dict[int, list[ShownRephrasing]] = {}
    for step_id, id_, text, edited, by_hand, verdict, state, reason in connection.execute(
        "SELECT r.step_id, r.id, r.text, r.edited_text, r.source_id IS NULL, r.verdict, r.state, d.reason FROM rephrasing r"
        " LEFT JOIN decision d ON d.id = r.decision_id WHERE r.conversation_id = ? AND r.active = 1"
        " ORDER BY r.ordinal, r.position, r.id",
        (conversation_id,),
    ):
        shown = text if edited is None else edited
        ingested = None if edited is None else text
        rephrasings.setdefault(step_id, []).append(
            ShownRephrasing(id_, shown, ingested, bool(by_hand), verdict, State(state), reason)
        )
    return {
        turn_index: ShownTurn(
            "user",
            text,
            line,
            step_id=id_,
            user_step=ordinal,
            is_button=bool(is_button),
            commands=None if commands is None else to_display(commands, dialect),
            unparsed=tuple(json.loads(unparsed)) if unparsed and commands == ingested_commands else (),
            corrected=commands != ingested_commands,
            skip=skip,
            rephrasings=tuple(rephrasings.get(id_, ())),
        )
        for turn_index, id_, ordinal, text, line, is_button, commands, ingested_commands, unparsed, skip in connection.execute(
            "SELECT turn_index, id, ordinal, text, line, is_button, commands, ingested_commands, unparsed, skip FROM user_step"
            " WHERE conversation_id = ? AND active = 1",
            (conversation_id,),
        )
    }


def _select(select: str, where: str, limit: int | None) -> str:
    sql = f"{select} WHERE c.active = 1 AND ({where}) ORDER BY c.id"
    return sql if limit is None else f"{sql} LIMIT {int(limit)}"
