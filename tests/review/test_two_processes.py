"""Several processes at one database: nothing is lost or done twice, nobody is told that it is locked."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from bench.synthetic import fill
from core.pipeline.ingest import ingest
from core.project import Project, create_project
from review.decisions import DecisionLog
from review.models import Decision
from tests.review.small import recomputed, stored
from tests.review.worker import ROOT, Processes, send

REPHRASINGS = 500


@pytest.fixture
def filled(tmp_path: Path) -> Project:
    folder = tmp_path / "assistant"
    folder.mkdir()
    project, _ = create_project(folder)
    connection = project.open()
    fill(connection, REPHRASINGS)
    connection.close()
    return project


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """All reads within see one moment."""
    connection.execute("BEGIN")
    yield
    connection.execute("COMMIT")


def work(
    processes: Processes, project: Project, lines: Mapping[str, Sequence[str]], others: Sequence[subprocess.Popen[str]] = ()
) -> dict[str, list[str]]:
    """One process for each reviewer, all at once, while this one reads. Returns what was acknowledged."""
    workers = {reviewer: processes.worker(project, reviewer) for reviewer in lines}
    for reviewer, worker in workers.items():
        send(worker, "open", *lines[reviewer])
    connection = project.open()
    snapshots = 0
    while any(process.poll() is None for process in (*workers.values(), *others)) or not snapshots:
        with snapshot(connection):
            assert stored(connection) == recomputed(connection)
        snapshots += 1
    connection.close()
    acknowledged = {}
    for reviewer, worker in workers.items():
        out, err = worker.communicate()
        assert (worker.returncode, err) == (0, "")
        said = out.split()
        assert said[0] == "open"
        acknowledged[reviewer] = said[1:]
    for process in others:
        out, err = process.communicate()
        assert process.returncode == 0, out + err
    return acknowledged


def random_lines(seed: int, ids: Sequence[int], count: int) -> list[str]:
    chance = random.Random(seed)
    lines = []
    for _ in range(count):
        kind = chance.random()
        if kind < 0.15:
            lines.append("u")
        elif kind < 0.25:
            lines.append("U")
        else:
            chosen = chance.sample(ids, chance.randint(2, 40) if kind < 0.4 else 1)
            lines.append(f"{chance.choice('axsf')} {','.join(map(str, chosen))}")
    return lines


def check(project: Project, lines: Mapping[str, Sequence[str]], acknowledged: dict[str, list[str]]) -> None:
    connection = project.open()
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert stored(connection) == recomputed(connection)
    for reviewer, sent in lines.items():
        expected: list[tuple[str, int | None, int | None, int | None]] = []
        for line, group in zip(sent, acknowledged[reviewer], strict=True):
            key, _, ids = line.partition(" ")
            if ids:
                kind = {"a": "accept", "x": "reject", "s": "skip", "f": "flag"}[key]
                expected += [(kind, int(group), int(id_), None) for id_ in ids.split(",")]
            elif group != "none":
                expected.append(("undo" if key == "u" else "redo", None, None, int(group)))
        found = connection.execute(
            "SELECT kind, iif(target_group IS NULL, group_id, NULL), rephrasing_id, target_group FROM decision"
            " WHERE reviewer = ? ORDER BY id",
            (reviewer,),
        ).fetchall()
        assert found == expected
    actions = Counter(
        group
        for sent, said in ((lines[r], acknowledged[r]) for r in lines)
        for line, group in zip(sent, said, strict=True)
        if " " in line
    )
    assert max(actions.values()) == 1
    assert set(actions) == {str(id_) for (id_,) in connection.execute("SELECT id FROM decision_group")}
    connection.close()


def test_two_processes_decide_on_different_rephrasings(processes: Processes, filled: Project) -> None:
    lines = {
        "anna": random_lines(1, range(1, 251), 150),
        "bo": random_lines(2, range(251, 501), 150),
    }
    check(filled, lines, work(processes, filled, lines))


def test_four_processes_decide_on_the_same_rephrasings(processes: Processes, filled: Project) -> None:
    lines = {name: random_lines(seed, range(1, 61), 100) for seed, name in enumerate(("anna", "bo", "chen", "dana"))}
    check(filled, lines, work(processes, filled, lines))


def test_one_reviewer_in_two_processes_shares_one_history(processes: Processes, filled: Project) -> None:
    """Undo and redo of one take what the other did; no action is undone twice."""
    first, second = processes.worker(filled, "anna"), processes.worker(filled, "anna")
    send(first, "open", *random_lines(5, range(1, 61), 100))
    send(second, "open", *random_lines(6, range(1, 61), 100))
    for worker in (first, second):
        _, err = worker.communicate()
        assert (worker.returncode, err) == (0, "")
    connection = filled.open()
    assert stored(connection) == recomputed(connection)
    in_force: dict[int, bool] = {}
    for id_, group, target, kind in connection.execute("SELECT id, group_id, target_group, kind FROM decision ORDER BY id"):
        if target is None and id_ == group:
            in_force[group] = True
        elif target is not None:
            assert in_force[target] == (kind == "undo")
            in_force[target] = kind == "redo"
    connection.close()


def test_readers_never_see_half_of_an_action(processes: Processes, filled: Project) -> None:
    block = ",".join(map(str, range(1, 301)))
    worker = processes.worker(filled, "anna")
    connection = filled.open()
    send(worker, "open", *[f"a {block}", "u", "U", f"x {block}", "u", "u"] * 12)
    seen = Counter[tuple[int, ...]]()
    while worker.poll() is None:
        seen[tuple(row[0] for row in connection.execute("SELECT DISTINCT state FROM rephrasing WHERE id <= 300"))] += 1
        logged, *_ = connection.execute("SELECT count(*) FROM decision WHERE target_group IS NULL").fetchone()
        assert logged % 300 == 0
    assert set(seen) <= {(0,), (1,), (2,)}
    assert worker.communicate()[1] == ""
    connection.close()


def write_tests(path: Path, tests: int) -> None:
    cases = [
        {"test_case": f"test {number}", "steps": [{"user": f"renew book {number}"}, {"bot": "Done."}, {"user": "thanks"}]}
        for number in range(tests)
    ]
    path.write_text(yaml.safe_dump({"test_cases": cases}), encoding="utf-8")


def test_people_decide_while_a_file_is_ingested_and_another_process_exports(processes: Processes, tmp_path: Path) -> None:
    folder = tmp_path / "harbour"
    shutil.copytree(ROOT / "examples" / "harbour", folder, ignore=shutil.ignore_patterns(".workbench"))
    project, _ = create_project(folder)
    connection = project.open()
    ingest(project, connection, [folder], reviewer="tester")
    ids = [id_ for (id_,) in connection.execute("SELECT id FROM rephrasing WHERE active = 1 ORDER BY id LIMIT 300")]
    write_tests(folder / "more_tests.yml", 2_000)
    lines = {name: random_lines(seed, ids, 120) for seed, name in enumerate(("anna", "bo"))}
    others = [
        processes.workbench(project, "ingest", str(folder / "more_tests.yml")),
        processes.workbench(project, "export", "--out", str(tmp_path / "out"), "--rephrasings", "accepted"),
    ]
    check(project, lines, work(processes, project, lines, others))
    assert connection.execute("SELECT count(*) FROM conversation WHERE file = 'more_tests.yml'").fetchone() == (2_000,)
    assert connection.execute("SELECT count(*) FROM export").fetchone() == (1,)
    connection.close()


def test_a_writer_waits_for_another_ones_transaction(processes: Processes, filled: Project) -> None:
    """As for an ingest, which holds one for seconds."""
    connection = filled.open()
    connection.execute("BEGIN IMMEDIATE")
    worker = processes.worker(filled, "anna")
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write("open\na 1\n")
    assert worker.stdout.readline() == "open\n"
    connection.execute("INSERT INTO meta VALUES ('held', 'for a while')")
    connection.execute("COMMIT")
    assert worker.stdout.readline() == "1\n"
    assert worker.communicate()[1] == ""
    connection.close()


@pytest.mark.parametrize("attempt", range(3))
def test_several_processes_open_a_new_project_at_once(processes: Processes, tmp_path: Path, attempt: int) -> None:
    folder = tmp_path / "assistant"
    folder.mkdir()
    (folder / "workbench.toml").touch()
    project = Project(folder)
    workers = [processes.worker(project, name) for name in ("anna", "bo", "chen", "dana")]
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("open\n")
        worker.stdin.flush()
    for worker in workers:
        out, err = worker.communicate()
        assert (worker.returncode, out, err) == (0, "open\n", "")
    connection = project.open()
    assert DecisionLog(connection, "anna", "app").undo() is None
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_a_decision_during_a_read_does_not_disturb_the_reader(filled: Project) -> None:
    reader, writer = filled.open(), filled.open()
    cursor = reader.execute("SELECT id, state FROM rephrasing ORDER BY id")
    first = cursor.fetchmany(10)
    DecisionLog(writer, "anna", "app").decide(range(1, 501), Decision.ACCEPT)
    assert {state for _, state in (*first, *cursor)} == {0}
    assert reader.execute("SELECT DISTINCT state FROM rephrasing").fetchall() == [(1,)]
    reader.close()
    writer.close()
