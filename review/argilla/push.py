"""Handing a round to the team on Argilla, so that it can end at any place and go on: nothing twice, nothing missing.

What is to be sent stands in the database first. Each batch is noted as soon as the server has confirmed it. Where that note is
missing the server is asked: a record with answers is left alone (sent again, it would keep answers to other content); one
without is sent again under its external id, which the server knows, and is indexed again where the server died in between.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.commands import Dialect
from core.stages.lock import project_lock
from core.stages.models import Progress
from core.store.connection import transaction
from review.argilla.choosing import Wanted, begin, begun_round, count_waiting
from review.argilla.dataset import Prepared, find_dataset, prepare_dataset
from review.argilla.definition import Definition, definition_of
from review.argilla.faults import ArgillaError, Fault
from review.argilla.listing import all_records
from review.argilla.people import too_few
from review.argilla.rows import rows_of
from review.argilla.server import ArgillaServer
from review.items import project_dialect
from review.team.guidelines import guidelines_of
from review.team.models import Outcome, Record, Round
from review.team.resolution import rule_of
from review.team.resolving import resolve
from review.team.rounds import forget_round, note_lost, note_place, note_pushed, records_of
from review.team.spoken import texts_of_responses

if TYPE_CHECKING:
    from core.project import Project

_SENDING = "sending records"


@dataclass(frozen=True, slots=True)
class Pushed:
    """`round`: None where nothing was to be sent. `sent`: now; `known`: found on the server, of an earlier push; `records`: of
    the whole round. `stopped`: cancelled, and to be gone on with. `unmatched`: that wait, where the filter matches none of
    them. `notes`: what a person should know, in words.
    """

    round: Round | None = None
    is_new: bool = False
    sent: int = 0
    known: int = 0
    records: int = 0
    page: str = ""
    stopped: bool = False
    unmatched: int = 0
    notes: tuple[str, ...] = ()


def push(
    project: Project,
    server: ArgillaServer,
    wanted: Wanted | None = None,
    *,
    progress: Progress = lambda what, done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Pushed:
    """Send a round that was begun, or a new one, and let people in. For any thread: it opens the database itself.

    Raises:
        UsageError: see `begun_round` and `begin`; or another process pushes from this project.
        ProjectError: the guidelines cannot be used.
        ArgillaError: the server cannot be reached, failed, or refused it; it says how much is there.
    """
    wanted = wanted or Wanted()
    guidelines = guidelines_of(project)
    definition_of(guidelines, 1)  # before anything is stored
    with closing(project.open()) as connection, _one_at_a_time(project):
        round_ = begun_round(connection, wanted)
        is_new = round_ is None
        if round_ is None:
            round_ = begin(project, connection, wanted, progress, cancelled)
            if round_ is None:
                stopped = cancelled()
                return Pushed(stopped=stopped, unmatched=0 if stopped else count_waiting(project, connection, wanted))
        else:
            with transaction(connection):  # what is out of date by now is not sent
                resolve(connection, round_, rule_of(project.settings.team))
        round_ = _forget_lost_dataset(server, connection, round_)
        prepared = _prepare(project, server, connection, round_, definition_of(guidelines, round_.overlap))
        dataset, round_, known = prepared.dataset, prepared.round, 0
        if prepared.was_there:
            known = _compare(server, connection, round_, dataset.id, check_all=wanted.round_name is not None, progress=progress)
        waiting = records_of(connection, round_.id, not_pushed=True, outcomes=[Outcome.WAITING])
        sending = _Sending(server, connection, dataset.id, project_dialect(connection), project.settings.argilla.batch, project)
        sent = sending.send(waiting, progress, cancelled)
        total = len(records_of(connection, round_.id))
    notes = _notes(project, server, prepared)
    return Pushed(round_, is_new, sent, known, total, server.page_of(dataset.id), sent < len(waiting), notes=notes)


def _one_at_a_time(project: Project) -> AbstractContextManager[None]:
    taken = "a push to Argilla runs in this project already"
    return project_lock(project, "argilla.lock", "a push to Argilla", taken=taken)


def _prepare(
    project: Project, server: ArgillaServer, connection: sqlite3.Connection, round_: Round, definition: Definition
) -> Prepared:
    try:
        return prepare_dataset(server, connection, round_, project.settings.argilla.workspace, definition)
    except ArgillaError as error:
        if error.fault is Fault.TAKEN:
            with transaction(connection):  # its records are free for another round
                forget_round(connection, round_.id)
        raise


def _notes(project: Project, server: ArgillaServer, prepared: Prepared) -> tuple[str, ...]:
    name = project.settings.argilla.workspace
    if prepared.workspace_made:
        return (f"the workspace `{name}` was made; nobody is in it yet: add people to it on Argilla's pages",)
    try:
        found = too_few(len(server.members(prepared.dataset.workspace_id)), prepared.round)
    except ArgillaError:  # everything is sent by now
        return ()
    return () if found is None else (found,)


def _forget_lost_dataset(server: ArgillaServer, connection: sqlite3.Connection, round_: Round) -> Round:
    """A dataset that was deleted on the server is made again, with all that is still to be answered."""
    if "dataset_id" not in round_.place or find_dataset(server, round_) is not None:
        return round_
    place = {name: value for name, value in round_.place.items() if name != "dataset_id"}
    waiting = records_of(connection, round_.id, outcomes=[Outcome.WAITING])
    with transaction(connection):
        note_lost(connection, [record.id for record in waiting])
        note_place(connection, round_.id, place)
    return replace(round_, place=place)


def _compare(
    server: ArgillaServer,
    connection: sqlite3.Connection,
    round_: Round,
    dataset_id: str,
    *,
    check_all: bool,
    progress: Progress,
) -> int:
    """Notes which records the server has that were sent without being noted, and those it has lost. Returns the former.

    `check_all`: though everything is noted.
    """
    waiting = records_of(connection, round_.id, outcomes=[Outcome.WAITING])
    if not check_all and all(record.pushed_at is not None for record in waiting):
        return 0
    there = {
        one.external_id: one for one in all_records(server, dataset_id, lambda done, total: progress("comparing", done, total))
    }
    answered = {
        record.id: there[record.external_id].id
        for record in waiting
        if record.pushed_at is None and record.external_id in there and there[record.external_id].responses
    }
    lost = [record.id for record in waiting if record.pushed_at is not None and record.external_id not in there]
    with transaction(connection):
        note_pushed(connection, answered)
        note_lost(connection, lost)
    return len(answered)


@dataclass(frozen=True, slots=True)
class _Sending:
    server: ArgillaServer
    connection: sqlite3.Connection
    dataset_id: str
    dialect: Dialect
    batch: int
    project: Project

    def send(self, records: Sequence[Record], progress: Progress, cancelled: Callable[[], bool]) -> int:
        """In batches, each noted once confirmed. Returns how many were sent: fewer only where it was cancelled."""
        if not records:
            return 0
        questions, responses = self.server.question_ids(self.dataset_id), texts_of_responses(self.project)
        progress(_SENDING, 0, len(records))
        for start in range(0, len(records), self.batch):
            if cancelled():
                return start
            batch = records[start : start + self.batch]
            rows = rows_of(self.connection, batch, questions, self.dialect, responses)
            try:
                ids = self.server.put_records(self.dataset_id, rows)
            except ArgillaError as error:
                raise self._stopped(error, batch, start, len(records)) from error
            with transaction(self.connection):
                note_pushed(self.connection, {record.id: ids.get(record.external_id) for record in batch})
            progress(_SENDING, start + len(batch), len(records))
        return len(records)

    def _stopped(self, error: ArgillaError, batch: Sequence[Record], sent: int, total: int) -> ArgillaError:
        what = error.what
        position = re.search(r"Record at position (\d+)", what)
        if position is not None and int(position[1]) < len(batch):
            what += f" (rephrasing {batch[int(position[1])].rephrasing_id})"
        return ArgillaError(
            error.fault,
            f"{sent:,} of {total:,} records are sent; then {what}",
            remedy=f"{error.remedy} `workbench argilla push` goes on from there.".strip(),
        )
