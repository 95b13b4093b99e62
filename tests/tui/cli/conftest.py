from __future__ import annotations

from pathlib import Path

import pytest

from core.project import create_project
from tests.core.pipeline.small import FILES
from tests.tui.cli.calls import Workbench


@pytest.fixture
def workbench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Workbench:
    """Calls in an empty project."""
    folder = tmp_path / "assistant"
    folder.mkdir()
    create_project(folder)
    return Workbench(folder, monkeypatch, capsys)


@pytest.fixture
def ferry(workbench: Workbench) -> Workbench:
    """Calls in a small project with four rephrasings."""
    for name, text in FILES.items():
        path = workbench.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert workbench("ingest", workbench.folder).code == 0
    return workbench
