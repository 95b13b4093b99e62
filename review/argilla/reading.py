"""A round as it is read from the server: which answers there are, whose, and which there are no longer."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from core.commands import Dialect
from review.argilla.answers import HandedOut, read_answer
from review.argilla.server_records import ServerRecord
from review.team.models import NewAnswer, Recording, Round, Status

_UNNAMED: Final = "user-{:.8}"
"""Of somebody whose name the key's owner may not see."""


@dataclass(frozen=True, slots=True)
class PulledRound:
    """`read`: False where the server has nothing new. `records`: that were read; `unknown`: those of them that this project did
    not hand out, with `unknown_answers`. `drafts`: begun and not sent. `gone`: records that the server has no longer. `kept`:
    answers it has no longer, whose record or annotator is gone. `note`: why it was not read.
    """

    name: str
    read: bool = False
    records: int = 0
    added: int = 0
    changed: int = 0
    withdrawn: int = 0
    known: int = 0
    drafts: int = 0
    unknown: int = 0
    unknown_answers: int = 0
    gone: int = 0
    kept: int = 0
    note: str = ""


class Names:
    """Names of annotators by the server's ids. A name that was seen once stays, whatever the server says later."""

    def __init__(self, round_: Round, present: Mapping[str, str]) -> None:
        self.known: dict[str, str] = dict(round_.place.get("users", {}))
        self._present = present

    def of(self, user_id: str) -> str:
        if user_id not in self.known:
            self.known[user_id] = self._present.get(user_id) or _UNNAMED.format(user_id)
        return self.known[user_id]

    @property
    def present(self) -> set[str]:
        """Names of those who can still answer."""
        return {self.known.get(user_id, name) for user_id, name in self._present.items()}


@dataclass(slots=True)
class Reading:
    """`texts`: of the round's records, by external id. `commands`: id of the question whose answer is filled in.

    `seen`: external id → who has answered there.
    """

    texts: Mapping[str, str]
    commands: str | None
    names: Names
    dialect: Dialect
    seen: dict[str, set[str]] = field(default_factory=dict)
    _counts: Counter[str] = field(default_factory=Counter)

    def answers_of(self, page: Sequence[ServerRecord]) -> list[NewAnswer]:
        """Those that count as answers, of records of this round."""
        answers: list[NewAnswer] = []
        for record in page:
            self._counts["records"] += 1
            text = self.texts.get(record.external_id or "")
            if record.external_id is None or text is None:
                self._counts["unknown"] += 1
                self._counts["unknown_answers"] += sum(one.status != "draft" for one in record.responses)
                continue
            who = self.seen.setdefault(record.external_id, set())
            given = HandedOut(
                record.external_id,
                text,
                str(record.fields.get("expected", "")),
                str(record.suggestions.get(self.commands or "", "")),
            )
            for response in record.responses:
                name = self.names.of(response.user_id)
                answer = read_answer(given, response, name, self.dialect)
                if answer is None:
                    self._counts["drafts"] += 1
                else:
                    who.add(name)
                    answers.append(answer)
        return answers

    def recorded(self, recording: Recording) -> None:
        for what in ("added", "changed", "known"):
            self._counts[what] += getattr(recording, what)

    def counted(self, name: str) -> PulledRound:
        count = self._counts
        return PulledRound(
            name,
            read=True,
            records=count["records"],
            added=count["added"],
            changed=count["changed"],
            known=count["known"],
            drafts=count["drafts"],
            unknown=count["unknown"],
            unknown_answers=count["unknown_answers"],
        )


@dataclass(frozen=True, slots=True)
class InForce:
    """An answer as it is recorded here."""

    decision_id: int
    external_id: str
    annotator: str
    answered_at: str


def answers_in_force(connection: sqlite3.Connection, round_id: int) -> list[InForce]:
    cursor = connection.execute(
        "SELECT a.decision_id, t.external_id, a.annotator, a.answered_at FROM team_answer a"
        " JOIN team_record t ON t.id = a.record_id"
        " WHERE t.round_id = ? AND a.in_force = 1 AND a.status <> 'withdrawn' ORDER BY a.decision_id",
        (round_id,),
    )
    return [InForce(*row) for row in cursor]


def withdrawn(before: Sequence[InForce], reading: Reading, activity: str) -> tuple[list[NewAnswer], int]:
    """Answers that were here before the server was read and are not there any more, as withdrawals; and how many of them stay
    because their record or their annotator is gone. `activity`: the server's time of its latest change.
    """
    present = reading.names.present
    taken_back, kept = [], 0
    for one in before:
        who = reading.seen.get(one.external_id)
        if who is not None and one.annotator in who:
            continue
        if who is None or one.annotator not in present:
            kept += 1
            continue
        at = max(one.answered_at, activity)
        taken_back.append(NewAnswer(one.external_id, one.annotator, Status.WITHDRAWN, None, at))
    return taken_back, kept
