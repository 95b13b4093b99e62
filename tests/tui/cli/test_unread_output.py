"""Output that nobody reads to its end, as in `workbench … | head -1`: quiet, and no exit code of a check that failed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.tui.cli.calls import Workbench

CALL = "from tui.cli.main import run; run()"


def ends_unread(workbench: Workbench, *arguments: str) -> tuple[int, str]:
    """Exit code and stderr of a call whose stdout has no reader."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-c", CALL, "-C", str(workbench.folder), *arguments],
            stdout=writing, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    finally:
        os.close(writing)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    "arguments",
    [("conversations", "list"), ("--version",), ("--help",), ("dataset", "list", "--json")],
    ids=lambda arguments: " ".join(arguments),
)
def test_a_reader_that_has_gone_ends_a_command_as_sigpipe_does(ferry: Workbench, arguments: tuple[str, ...]) -> None:
    code, said = ends_unread(ferry, *arguments)
    assert code == 141
    assert "Error" not in said
    assert "Traceback" not in said


def test_output_that_fills_the_pipe_before_the_end_is_no_failed_check_either(ferry: Workbench) -> None:
    many = "".join(f"- test_case: t{number}\n  steps:\n  - user: words {number}\n  - bot: yes\n" for number in range(1500))
    (ferry.folder / "e2e_tests/many.yml").write_text(f"test_cases:\n{many}", encoding="utf-8")
    assert ferry("ingest", ferry.folder).code == 0
    call = [sys.executable, "-c", CALL, "-C", str(ferry.folder), "conversations", "list", "--limit", "0"]
    with subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
        assert process.wait(30) == 141
    assert said == b""


def test_a_wrong_call_keeps_its_code(ferry: Workbench) -> None:
    code, said = ends_unread(ferry, "dataset", "show", "abcd")
    assert code == 2
    assert "there is no dataset `abcd`" in said
