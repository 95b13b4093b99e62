"""Push and pull of a round on a real Argilla server, beside the bare SDK's on the same server."""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bench.argilla_sdk import BareSdk, bare_sdk
from bench.measure import Figure, seconds
from bench.synthetic import make_project
from core.project import Project, find_project
from core.store.connection import transaction
from review.argilla.connection import connect
from review.argilla.pull import pull
from review.argilla.push import push
from review.argilla.server import ArgillaServer
from tests.argilla_server import ANN, LocalArgilla, argilla_server

RECORDS = 2_000
LEAST = 0.95


def run(*, quick: bool) -> list[Figure]:
    """Medians, in turns. Ours are whole calls: choosing the records, sending, and noting in the database what came of it."""
    records, runs = (100, 1) if quick else (RECORDS, 3)
    with tempfile.TemporaryDirectory() as folder, argilla_server() as local, bare_sdk(local.url, local.api_key) as bare:
        rounds = Rounds(Path(folder), local, records)
        return [*_push(rounds, bare, runs), *_pull(rounds, bare, 2 * runs)]


class Rounds:
    """Projects with nothing pushed yet, and one that was pushed last."""

    def __init__(self, folder: Path, local: LocalArgilla, records: int) -> None:
        self.local = local
        self.records = records
        self._folder = folder
        self._count = 0
        self._untouched = _project(folder / "untouched", local, records)
        self.pushed = self._untouched

    def fresh(self, of: Project | None = None) -> Project:
        """A copy of one with nothing pushed, or of another."""
        self._count += 1
        copy = self._folder / f"copy-{self._count}"
        shutil.copytree((of or self._untouched).root, copy)
        return find_project(copy)

    @property
    def dataset_id(self) -> str:
        """Of the round pushed last."""
        with closing(self.pushed.open()) as connection:
            return str(connection.execute("SELECT place ->> '$.dataset_id' FROM team_round").fetchone()[0])


def _project(folder: Path, local: LocalArgilla, records: int) -> Project:
    """Every one of its rephrasings is to go to the team."""
    project = make_project(folder, records)
    text = project.config_path.read_text(encoding="utf-8")
    place = f'[argilla]\nurl = "{local.url}"\nworkspace = "{local.workspace}"\n[team]\noverlap = 1\n'
    project.config_path.write_text(f"{text}\n{place}", encoding="utf-8")
    with closing(project.open()) as connection, transaction(connection):
        connection.execute("UPDATE rephrasing SET verdict = 'ambiguous'")
        connection.execute("UPDATE verdict SET verdict = 'ambiguous'")
    return find_project(folder)


def _push(rounds: Rounds, bare: BareSdk, runs: int) -> list[Figure]:
    ours, theirs = [], []
    for run_number in range(runs):
        rounds.pushed = rounds.fresh()
        with _connected(rounds.pushed, rounds.local) as server:
            ours.append(seconds(lambda: _expect(push(rounds.pushed, server).sent, rounds.records)))
        if run_number == 0:
            bare.like(rounds.dataset_id)
        theirs.append(seconds(lambda: _expect(bare.push(), rounds.records)))
    return _figures("push", rounds.records, ours, theirs, "the SDK's records.log in its own batches")


def _pull(rounds: Rounds, bare: BareSdk, runs: int) -> list[Figure]:
    ours, theirs = [], []
    dataset = bare.dataset(rounds.dataset_id)
    bare.answer(dataset, str(rounds.local.annotator(ANN).call("GET", "/api/v1/me")["id"]))
    for _ in range(runs):
        project = rounds.fresh(rounds.pushed)
        with _connected(project, rounds.local) as server:
            ours.append(seconds(lambda: _expect(pull(project, server).total("added"), rounds.records)))  # noqa: B023
        theirs.append(seconds(lambda: _expect(bare.pull(dataset), rounds.records)))
    return _figures("pull", rounds.records, ours, theirs, "list(dataset.records(with_responses=True))")


@contextmanager
def _connected(project: Project, local: LocalArgilla) -> Iterator[ArgillaServer]:
    os.environ["ARGILLA_API_KEY"] = local.api_key
    with closing(connect(project)) as server:
        yield server


def _figures(what: str, records: int, ours: list[float], theirs: list[float], peer: str) -> list[Figure]:
    ratio = statistics.median(ours) / statistics.median(theirs)
    return [
        Figure(f"{what}: the bare SDK's records/s as a share of ours", ratio, "×", 1 / LEAST, peer),
        Figure(f"{what}: our records/s, {records:,} records", records / statistics.median(ours), "/s"),
        Figure(f"{what}: the bare SDK's records/s", records / statistics.median(theirs), "/s"),
    ]


def _expect(found: int, wanted: int) -> None:
    assert found == wanted, f"{found} of {wanted} records"
