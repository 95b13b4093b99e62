"""A project whose team has answered: a round in Argilla that is half done, with disagreements, and a finished pack."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing

from core.project import Project
from core.store.connection import transaction
from review import scores
from review.team import rounds
from review.team.choosing import choose
from review.team.models import NewAnswer, Round, Say, Status, Surface
from review.team.recording import record_answers
from review.team.resolution import Rule
from review.team.resolving import resolve

CONFIGURED = '[argilla]\nurl = "http://127.0.0.1:9"\n'
AT = "2026-01-12T09:{:02}:00.000Z"


def configure(project: Project, text: str = CONFIGURED) -> None:
    with project.config_path.open("a", encoding="utf-8") as file:
        file.write(text)


def hand_out(
    project: Project, name: str, count: int, *, surface: Surface = Surface.ARGILLA, sent: int | None = None, overlap: int = 2
) -> Round:
    """A round of the `count` most uncertain rephrasings, of which the first `sent` have arrived (None: all)."""
    with closing(project.open()) as connection:
        scores.refresh(connection)
        chosen = choose(connection, threshold=0.0, limit=count)
        assert len(chosen) == count
        with transaction(connection):
            round_ = rounds.create_round(connection, name, surface, reviewer="tester", overlap=overlap)
            rounds.add_records(connection, round_.id, chosen)
            arrived = rounds.records_of(connection, round_.id)[:sent]
            rounds.note_pushed(connection, {record.id: f"server-{record.id}" for record in arrived})
            connection.execute("UPDATE team_round SET at = ? WHERE id = ?", (AT.format(0), round_.id))
    return round_


def answer(
    project: Project, round_: Round, annotator: str, says: Sequence[Say | None], *, first: int = 0, text: str | None = None
) -> None:
    """What an annotator says of the records from the one numbered `first` on; None: passed over. The last one gets `text`."""
    with closing(project.open()) as connection, transaction(connection):
        records = rounds.records_of(connection, round_.id)[first:]
        answers = [
            NewAnswer(
                record.external_id, annotator, Status.DISCARDED if say is None else Status.SUBMITTED, say,
                AT.format(10 + number), text if number == len(says) - 1 else None,
                comment="the value is another one" if say is Say.REJECT else None,
            )
            for number, (record, say) in enumerate(zip(records, says, strict=False))
        ]  # fmt: skip
        record_answers(connection, round_, answers)
        resolve(connection, round_, Rule())
        rounds.note_pull(connection, round_.id, None)
        settle_times(connection)


def settle_times(connection: sqlite3.Connection) -> None:
    """The same picture each time."""
    connection.execute("UPDATE team_round SET pulled_at = ? WHERE pulled_at IS NOT NULL", (AT.format(30),))


def half_done(project: Project) -> Round:
    """Four of six answered: two settled, two disagreements, one of them with another wording; one answer more, one discard."""
    round_ = hand_out(project, "round-1", 6)
    answer(project, round_, "ann", [Say.ACCEPT, Say.REJECT, Say.ACCEPT, Say.ACCEPT, Say.UNSURE])
    answer(project, round_, "bob", [Say.ACCEPT, Say.REJECT, Say.REJECT, Say.ACCEPT], text="Please renew the book.")
    return round_
