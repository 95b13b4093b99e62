"""Fetching the team's answers from Argilla, over HTTP and as they are stored there.

A round is read only where the server says that something was answered since. Answers are recorded page by page, each page with
what follows from it in one transaction; that a round is read is noted after its last page. An end in between loses nothing:
what is recorded twice changes nothing.

An answer that the server no longer has was taken back by its annotator, unless its record or its annotator is gone, or another
process brought it in since: then it stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.errors import UsageError
from core.stages.models import Progress
from core.store.connection import transaction
from review.argilla.adopting import Adopted, adopt
from review.argilla.answers import server_time
from review.argilla.dataset import find_dataset
from review.argilla.listing import all_pages
from review.argilla.reading import Names, PulledRound, Reading, answers_in_force, withdrawn
from review.argilla.server import ArgillaServer
from review.argilla.server_records import ServerDataset, ServerRecord
from review.items import project_dialect
from review.team.models import Round, Surface
from review.team.recording import record_answers
from review.team.resolution import Rule, rule_of
from review.team.resolving import resolve
from review.team.rounds import all_rounds, find_round, note_place, note_pull, records_of

if TYPE_CHECKING:
    import sqlite3

    from core.commands import Dialect
    from core.project import Project


@dataclass(frozen=True, slots=True)
class Pulled:
    """`decided`, `taken_back`, `conflicts`: what followed (review/team/resolving.py). `stopped`: cancelled, and to be gone on
    with. `adopted`: what was taken over before.
    """

    rounds: tuple[PulledRound, ...] = ()
    decided: int = 0
    taken_back: int = 0
    conflicts: int = 0
    stopped: bool = False
    adopted: Adopted | None = None

    def total(self, what: str) -> int:
        """Of a counter of the rounds, e.g. `added`."""
        return sum(getattr(one, what) for one in self.rounds)


def pull(
    project: Project,
    server: ArgillaServer,
    *,
    round_name: str | None = None,
    again: bool = False,
    adopting: str | None = None,
    progress: Progress = lambda what, done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Pulled:
    """Fetch what was answered since. `again`: read every round, also where the server says that nothing changed. `adopting`:
    only this one, of another clone's dataset or round, and take it over first (review/argilla/adopting.py).

    For any thread: it opens the database itself.

    Raises:
        UsageError: there is no such round on Argilla, or it cannot be adopted.
        ArgillaError: the server cannot be reached or failed; what was fetched before is recorded.
    """
    with closing(project.open()) as connection:
        adopted = None
        if adopting is not None:
            adopted = adopt(project, server, connection, adopting, progress=progress)
            round_name, again = adopted.round, again or adopted.new > 0
        rounds = _rounds(connection, round_name)
        on_server = {one.id: one for one in server.datasets()} if rounds else {}
        pulling = _Pulling(server, connection, project_dialect(connection), rule_of(project.settings.team), progress, cancelled)
        pulled = []
        for round_ in rounds:
            if cancelled():
                break
            pulled.append(pulling.one(round_, on_server.get(str(round_.place.get("dataset_id"))), again=again))
        followed = (pulling.decided, pulling.taken_back, pulling.conflicts)
        return Pulled(tuple(pulled), *followed, stopped=cancelled(), adopted=adopted)


def _rounds(connection: sqlite3.Connection, name: str | None) -> list[Round]:
    if name is None:
        return all_rounds(connection, Surface.ARGILLA)
    found = find_round(connection, name)
    if found is None or found.surface is not Surface.ARGILLA:
        raise UsageError(f"there is no round `{name}` on Argilla", remedy="`workbench argilla status` lists them.")
    return [found]


@dataclass(slots=True)
class _Pulling:
    server: ArgillaServer
    connection: sqlite3.Connection
    dialect: Dialect
    rule: Rule
    progress: Progress
    cancelled: Callable[[], bool]
    decided: int = 0
    taken_back: int = 0
    conflicts: int = 0

    def one(self, round_: Round, dataset: ServerDataset | None, *, again: bool) -> PulledRound:
        if "dataset_id" not in round_.place:
            dataset = find_dataset(self.server, round_)
            if dataset is None:
                return PulledRound(round_.name, note="not pushed yet")
        if dataset is None:
            at = round_.place.get("url") or self.server.url
            return PulledRound(round_.name, note=f"its dataset is not on {at} any more; answers fetched before are kept")
        activity = server_time(dataset.last_activity)
        if not again and activity == round_.last_activity:
            with transaction(self.connection):  # the rule may be another one, or the tests
                self._resolve(round_, None)
            return PulledRound(round_.name)
        return self._read(round_, dataset, activity)

    def _read(self, round_: Round, dataset: ServerDataset, activity: str) -> PulledRound:
        before = answers_in_force(self.connection, round_.id)
        reading = Reading(
            {one.external_id: one.text for one in records_of(self.connection, round_.id)},
            self.server.question_ids(dataset.id).get("commands"),
            Names(round_, self.server.users(dataset.workspace_id)),
            self.dialect,
        )

        def on_page(done: int, total: int) -> None:
            self.progress(f"reading {round_.name}", done, total)

        for page in all_pages(self.server, dataset.id, on_page):
            self._record(round_, reading, page)
            if self.cancelled():
                return reading.counted(round_.name)
        gone = self._ask_for_missing(round_, reading)
        taken_back, kept = withdrawn(before, reading, activity)
        with transaction(self.connection):
            recording = record_answers(self.connection, round_, taken_back)
            self._note_names(round_, reading.names)
            note_pull(self.connection, round_.id, activity)
            self._resolve(round_, None)
        return replace(reading.counted(round_.name), withdrawn=recording.withdrawn, gone=gone, kept=kept)

    def _record(self, round_: Round, reading: Reading, page: Sequence[ServerRecord]) -> None:
        answers = reading.answers_of(page)
        if not answers:
            return
        with transaction(self.connection):
            recording = record_answers(self.connection, round_, answers)
            if recording.records:
                self._resolve(round_, recording.records)
        reading.recorded(recording)

    def _ask_for_missing(self, round_: Round, reading: Reading) -> int:
        """One by one: records that the pages did not show, because others were deleted meanwhile. Returns how many are gone."""
        gone = 0
        for record in records_of(self.connection, round_.id):
            if record.server_id is None or record.external_id in reading.seen:
                continue
            there = self.server.record(record.server_id)
            if there is None:
                gone += 1
            else:
                self._record(round_, reading, [there])
        return gone

    def _note_names(self, round_: Round, names: Names) -> None:
        now = find_round(self.connection, round_.name)  # another process may have noted something since
        place = round_.place if now is None else now.place
        note_place(self.connection, round_.id, {**place, "users": {**place.get("users", {}), **names.known}})

    def _resolve(self, round_: Round, records: Sequence[int] | None) -> None:
        """Inside the caller's transaction."""
        came = resolve(self.connection, round_, self.rule, records)
        self.decided += came.decided
        self.taken_back += came.taken_back
        self.conflicts += came.conflicts
