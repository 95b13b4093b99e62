"""A team to look at: two rounds of the sample project, answered by four people who do not always agree."""

from __future__ import annotations

from contextlib import closing

from core.project import Project
from core.store.connection import transaction
from review.team import rounds
from review.team.models import NewAnswer, Record, Round, Say, Status
from review.team.recording import record_answers
from review.team.resolution import Rule
from review.team.resolving import resolve
from tests.tui.team_project import AT, hand_out, settle_times

_COMMENTS = {
    Say.REJECT: "asks for something else than before",
    Say.UNSURE: "could be meant either way",
}


def label(project: Project) -> None:
    """The first round is answered in full, the second for the most part."""
    first = hand_out(project, "round-1", 24, overlap=2)
    _answer(project, first, {"ann": 24, "bob": 24, "cem": 3})
    second = hand_out(project, "round-2", 40, overlap=2)
    _answer(project, second, {"ann": 31, "dina": 26, "bob": 4})


def _answer(project: Project, round_: Round, people: dict[str, int]) -> None:
    with closing(project.open()) as connection, transaction(connection):
        records = rounds.records_of(connection, round_.id)
        for person, (name, count) in enumerate(people.items()):
            answers = [_one(name, person, number, record) for number, record in enumerate(records[:count])]
            record_answers(connection, round_, answers)
        resolve(connection, round_, Rule())
        rounds.note_pull(connection, round_.id, None)
        settle_times(connection)


def _one(name: str, person: int, number: int, record: Record) -> NewAnswer:
    """Most are taken; every fourth is not; the second person sees some of them otherwise and would word one otherwise."""
    at = AT.format((11 * person + number) % 60)
    if number % 11 == 7 and person == 1:
        return NewAnswer(record.external_id, name, Status.DISCARDED, None, at)
    say = Say.REJECT if number % 4 == 3 else Say.ACCEPT
    if person == 1 and number % 7 == 1:
        say = Say.UNSURE if number % 2 else Say.REJECT
    text = None
    if person == 1 and number % 9 == 4 and say is Say.ACCEPT:
        text = f"{record.text.rstrip('.?!')}, please."
    return NewAnswer(record.external_id, name, Status.SUBMITTED, say, at, text, comment=_COMMENTS.get(say) if person else None)
