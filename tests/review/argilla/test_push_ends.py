"""A push that ends in the middle, however that comes: pushed again, nothing is there twice and nothing is missing."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from typing import Any

import pytest

from review.argilla.faults import ArgillaError, Fault
from review.argilla.server import ArgillaServer
from tests.argilla_server import ANN
from tests.environments import ROOT
from tests.review.argilla.handed import Handed

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]


def assert_all_there_once(handed: Handed, count: int = 12) -> None:
    """In the server's database, in its search index, which people answer from, and noted here."""
    there = {record["external_id"]: record["id"] for record in handed.on_server()}
    assert len(handed.on_server()) == len(there) == count
    assert handed.server.completed(handed.dataset_id())[1] == count
    assert {record.external_id: record.server_id for record in handed.records()} == there
    assert all(record.pushed_at for record in handed.records())


def test_the_server_is_killed_between_two_batches(handed: Handed) -> None:
    def kill(what: str, done: int, total: int) -> None:
        if what == "sending records" and done == 5:
            handed.stack.kill()

    with pytest.raises(ArgillaError, match="5 of 12 records are sent; then") as caught:
        handed.push(progress=kill)
    assert caught.value.fault is Fault.UNREACHABLE
    assert "`workbench argilla push` goes on from there" in caught.value.remedy
    handed.stack.start()
    again = handed.push()
    assert (again.is_new, again.sent, again.known) == (False, 7, 0)
    assert_all_there_once(handed)


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0.02, 0.1])
def test_the_server_is_killed_in_the_middle_of_a_batch(handed: Handed, delay: float) -> None:
    killer: list[threading.Thread] = []

    def kill_after_delay() -> None:
        time.sleep(delay)
        handed.stack.kill()

    def kill_soon(what: str, done: int, total: int) -> None:
        if what == "sending records" and done == 5:
            killer.append(threading.Thread(target=kill_after_delay))
            killer[0].start()

    with pytest.raises(ArgillaError, match="of 12 records are sent; then"):
        handed.push(progress=kill_soon)
    killer[0].join()
    handed.stack.start()
    handed.push()
    assert_all_there_once(handed)


@pytest.mark.slow
@pytest.mark.parametrize("calls", [1, 11])
def test_the_server_is_killed_while_the_dataset_is_made(handed: Handed, calls: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first call that changes something makes the draft; fields, questions, metadata and publishing follow."""
    ask, changes = ArgillaServer._ask, iter(range(1, 1000))

    def killed(server: ArgillaServer, method: str, path: str, **given: Any) -> Any:
        found = ask(server, method, path, **given)
        if method != "GET" and next(changes) == calls:
            handed.stack.kill()
        return found

    monkeypatch.setattr(ArgillaServer, "_ask", killed)
    with pytest.raises(ArgillaError):
        handed.push()
    monkeypatch.setattr(ArgillaServer, "_ask", ask)
    handed.stack.start()
    assert handed.push().sent == 12
    assert_all_there_once(handed)
    named = [one for one in handed.server.datasets() if one.name.startswith(handed.project.name + "-round")]
    assert len(named) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("where", "count", "to_send"),
    [("noted", 1, 7), ("sent", 2, 7), ("make_dataset", 1, 12)],
)
def test_the_pushing_process_is_killed(handed: Handed, where: str, count: int, to_send: int) -> None:
    command = [sys.executable, "-m", "tests.review.argilla.killed_push", str(handed.project.root), where, str(count)]
    assert subprocess.run(command, cwd=ROOT, capture_output=True).returncode == -signal.SIGKILL
    again = handed.push()
    assert (again.is_new, again.sent) == (False, to_send)
    assert_all_there_once(handed)


@pytest.mark.slow
def test_what_was_answered_though_the_push_did_not_note_it_is_not_sent_again(handed: Handed) -> None:
    command = [sys.executable, "-m", "tests.review.argilla.killed_push", str(handed.project.root), "sent", "2"]
    subprocess.run(command, cwd=ROOT, capture_output=True)
    unnoted = {record.external_id for record in handed.records() if record.pushed_at is None}
    (dataset,) = [one for one in handed.server.datasets() if one.name.startswith(handed.project.name + "-round")]
    there = {one["external_id"]: one for one in handed.owner.records(dataset.id)}
    answered = next(one for name, one in there.items() if name in unnoted)
    handed.stack.annotator(ANN).submit({answered["id"]: {"decision": "reject"}})
    again = handed.push()
    assert (again.sent, again.known) == (6, 1)
    assert_all_there_once(handed)
    assert handed.pull().total("added") == 1


@pytest.mark.slow
def test_two_who_push_at_once_send_everything_once(handed: Handed) -> None:
    command = [sys.executable, "-m", "tests.review.argilla.killed_push", str(handed.project.root), "sent", "100"]
    both = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    errors = [process.communicate()[1] for process in both]
    assert any(process.returncode == 0 for process in both), errors
    handed.push()
    assert_all_there_once(handed)
    named = [one for one in handed.server.datasets() if one.name.startswith(handed.project.name + "-round")]
    assert len(named) == 1
