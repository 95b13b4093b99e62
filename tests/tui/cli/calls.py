"""Calls of `workbench` as a shell makes them, in this process."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tui.cli.main import run


@dataclass(frozen=True, slots=True)
class Outcome:
    """`code`: what the shell sees."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """What `--json` printed."""
        return json.loads(self.out)


class Workbench:
    """`workbench -C FOLDER ...`, told what stands on stdin."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: str | Path, stdin: bytes | None = b"") -> Outcome:
        """`stdin` None: it is closed."""
        pipe = None if stdin is None else io.TextIOWrapper(io.BytesIO(stdin), "utf-8")
        self._monkeypatch.setattr(sys, "argv", ["workbench", "-C", str(self.folder), *map(str, arguments)])
        self._monkeypatch.setattr(sys, "stdin", pipe)
        self._capsys.readouterr()
        code: Any = 0
        try:
            run()
        except SystemExit as end:
            code = end.code or 0
        out, err = self._capsys.readouterr()
        return Outcome(code, out, err)
