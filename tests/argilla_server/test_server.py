"""The stack of processes: what survives a crash of the server, and that nothing of it outlives the tests."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.argilla_server import ANN, OWNER, LocalArgilla, argilla_server
from tests.argilla_server.dataset import make_dataset, sdk_client
from tests.argilla_server.processes import end, start, wait_for
from tests.argilla_server.programs import MissingProgramError, Program, entered_or_skipped, program
from tests.environments import ROOT

SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]


def test_a_process_that_dies_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    process = start([sys.executable, "-c", "raise SystemExit('no such port')"], tmp_path / "log")
    with pytest.raises(RuntimeError, match="ended with code 1:\nno such port"):
        wait_for(lambda: False, process, tmp_path / "log", 30)


def test_a_process_that_ignores_the_polite_signal_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.argilla_server.processes.END_SECONDS", 0.2)
    log = tmp_path / "log"
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
    process = start([sys.executable, "-c", deaf], log)
    wait_for(lambda: "up" in log.read_text(), process, log, 30)
    end(process)
    assert process.returncode == -signal.SIGKILL


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's end")
def test_what_a_killed_test_run_had_started_ends_with_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    starter = f"""
import time
from contextlib import ExitStack
from pathlib import Path
from tests.argilla_server.processes import start
print(start({SLEEPER!r}, Path({str(log)!r})).pid, flush=True)
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", starter], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        wait_for(lambda: log.exists() and "up" in log.read_text(), parent, log, 30)
        parent.kill()
    deadline = time.monotonic() + 30
    while is_running(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(child)


def is_running(pid: int) -> bool:
    """Not gone, and not merely waiting for its end to be noticed."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_program_that_is_missing_and_cannot_be_installed_is_told_with_the_way_to_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(MissingProgramError, match=r"no-such-server is not on PATH .*apt-get install a-package"):
        program(Program(("no-such-server",), ("a-package",)))


def test_a_test_that_needs_a_missing_program_is_skipped_with_that_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setenv("PATH", "")
    with ExitStack() as stack, pytest.raises(pytest.skip.Exception, match="redis-server or valkey-server is not on PATH"):
        entered_or_skipped(stack, argilla_server())


@pytest.mark.slow
@pytest.mark.real
@pytest.mark.timeout(300)
def test_a_killed_server_comes_back_at_the_same_address_with_all_that_was_answered(argilla: LocalArgilla) -> None:
    with sdk_client(argilla) as client:
        dataset = make_dataset(client, argilla, records=2)
    owner = argilla.annotator(OWNER)
    records = owner.record_ids(str(dataset.id))
    argilla.annotator(ANN).submit({records["r0"]: {"decision": "accept"}})
    address = argilla.url
    argilla.kill()
    argilla.start()
    assert argilla.url == address
    answered = {record["external_id"]: len(record["responses"]) for record in owner.records(str(dataset.id))}
    assert answered == {"r0": 1, "r1": 0}
