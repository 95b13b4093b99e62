"""Whether a database is the small project of a hand-out (`workbench review open`), whose it is, and how far they are.

Only the records of that round are in it, for one person: nobody annotates, exports or hands out anything there.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, dataclass
from typing import Final

from core.errors import UsageError
from core.store.connection import read_meta, write_meta
from core.user import User

_MARK: Final = "pack"


@dataclass(frozen=True, slots=True)
class PackHere:
    """`key`: of the round (review/pack/keys.py). `reviewer`: whose answers it holds. `hand_out`, `hand_in`: names of the files,
    which lie beside the project's folder."""

    project: str
    round: str
    key: str
    reviewer: str
    hand_out: str
    hand_in: str


@dataclass(frozen=True, slots=True)
class PackStanding:
    """`records` of the hand-out, `answered` of them: accepted, rejected, unsure or passed over."""

    pack: PackHere
    records: int
    answered: int

    @property
    def left(self) -> int:
        return self.records - self.answered


def read_pack_here(connection: sqlite3.Connection) -> PackHere | None:
    """None in any other project."""
    text = read_meta(connection, _MARK)
    return None if text is None else PackHere(**json.loads(text))


def write_pack_here(connection: sqlite3.Connection, pack: PackHere) -> None:
    """Inside the caller's transaction."""
    write_meta(connection, _MARK, json.dumps(asdict(pack), ensure_ascii=False))


def pack_standing(connection: sqlite3.Connection) -> PackStanding | None:
    pack = read_pack_here(connection)
    if pack is None:
        return None
    records, answered = connection.execute(
        "SELECT count(*), coalesce(sum(r.state IN (1, 2, 3, 4)), 0) FROM team_record t"
        " JOIN rephrasing r ON r.id = t.rephrasing_id"
    ).fetchone()
    return PackStanding(pack, records, answered)


def reviewer_in(connection: sqlite3.Connection, user: User) -> str:
    """Under whose name decisions are recorded here: in the project of a hand-out under the name of whose it is, unless the
    user has said who they are. A login name says little, and may be that of the next laptop too."""
    pack = read_pack_here(connection) if user.is_login else None
    return user.reviewer if pack is None else pack.reviewer


def check_is_no_pack(connection: sqlite3.Connection, what: str) -> None:
    """Raises UsageError in the project of a hand-out. `what`: what cannot be done there, e.g. "handed out"."""
    pack = read_pack_here(connection)
    if pack is not None:
        raise UsageError(
            f"nothing is {what} here: this is what {pack.reviewer} answers the hand-out {pack.hand_out} in",
            remedy=f"Do it in the project that it came from: {pack.project}.",
        )
