"""The console script itself, in a process of its own: locale, Ctrl-C while it is loaded, closed streams."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.tui.cli.calls import Workbench

ROOT = Path(__file__).parents[3]
CALL = "from tui.cli.start import run; run()"


def _start(code: str, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT, env={**os.environ, **environment}, capture_output=True, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip


def test_text_is_printed_in_utf8_whatever_the_locale(workbench: Workbench) -> None:
    (workbench.folder / "船票.yml").write_text("test_cases:\n- test_case: 买票\n  steps:\n  - user: 你好\n", encoding="utf-8")
    workbench("ingest", workbench.folder)
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    listed = _start(CALL, "-C", workbench.folder, "conversations", "list", "--json", **ascii_only)
    assert (listed.returncode, listed.stderr) == (0, b"")
    assert json.loads(listed.stdout.decode("utf-8"))[0]["name"] == "买票"
    assert "买票" in _start(CALL, "-C", workbench.folder, "conversations", "list", **ascii_only).stdout.decode("utf-8")


def test_a_file_name_that_is_not_utf8_can_be_named_on_the_command_line(workbench: Workbench) -> None:
    missing = os.fsdecode(os.fsencode(workbench.folder) + b"/caf\xe9.yml")
    outcome = _start(CALL, "-C", workbench.folder, "ingest", missing)
    assert outcome.returncode == 2
    assert b"No such file or folder" in outcome.stderr


def test_ctrl_c_while_the_program_is_loaded_prints_no_traceback() -> None:
    interrupt = (
        "import sys\n"
        "class Interrupt:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'typer':\n"
        "            raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupt())\n"
    )
    outcome = _start(interrupt + CALL, "--help")
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (130, b"", b"")


def test_closed_streams_are_no_traceback(workbench: Workbench) -> None:
    for redirection in ("<&-", ">&-", "2>&-", "<&- 2>&-"):
        command = f"{sys.executable} -c '{CALL}' -C {workbench.folder} review decide {redirection}"
        outcome = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, check=False)
        assert (outcome.returncode, b"Traceback" in outcome.stderr) == (2, False), redirection
