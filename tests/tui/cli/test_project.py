"""`workbench init`, `status` and `demo`: their JSON, and what they say of a project that cannot do its work."""

from __future__ import annotations

from pathlib import Path

from core.project import STATE_FOLDER
from tests.core.pipeline.small import ANNOTATIONS, FILES
from tests.tui.cli.calls import Workbench


def test_init_as_json(workbench: Workbench, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    data = workbench("init", tmp_path / "new", "--json").data
    assert data["root"] == str(tmp_path / "new")
    assert "workbench.toml" in data["created"]
    assert workbench("init", tmp_path / "new", "--json").data["created"] == []


def test_demo_as_json(workbench: Workbench, tmp_path: Path) -> None:
    data = workbench("demo", "--folder", tmp_path / "demo", "--json").data
    assert data["root"] == str(tmp_path / "demo")
    assert data["rephrasings"]["open"] > 0


def test_status_says_what_waits_and_that_nothing_can_be_exported(workbench: Workbench) -> None:
    (workbench.folder / "a.yml").write_text(ANNOTATIONS)
    (workbench.folder / "r.yml").write_text(FILES["rephrasings/tickets.yml"])
    workbench("ingest", workbench.folder)
    out = workbench("status").out
    assert "      2  annotated steps whose prompt is not known: nothing can be exported yet\n" in out
    outcome = workbench("export", "--out", workbench.folder / "out")
    assert "Of 2 steps with commands 2 have no prompt" in outcome.err


def test_status_shows_the_steps_that_were_skipped_with_a_reason(ferry: Workbench) -> None:
    (ferry.folder / "skips.jsonl").write_text(
        '{"file": "e2e_tests/more.yml", "test_case": "m", "user_step": 1, "text": "hm", "commands": [], "skip": "noise"}'
    )
    (ferry.folder / "e2e_tests/more.yml").write_text("test_cases:\n- test_case: m\n  steps:\n  - user: hm\n  - user: ho\n")
    ferry("ingest", ferry.folder)
    rows = {line.rsplit(None, 1)[0].strip(): line.rsplit(None, 1)[-1] for line in ferry("status").out.splitlines() if line}
    assert (rows["without commands"], rows["of these skipped, with a reason"]) == ("2", "1")


def test_a_database_that_is_none_is_told_so(workbench: Workbench) -> None:
    path = workbench.folder / STATE_FOLDER / "workbench.db"
    for side in path.parent.glob("workbench.db-*"):
        side.unlink()
    path.write_text("a text, and a long one at that " * 50)
    outcome = workbench("status")
    assert outcome.code == 1
    assert f"cannot open the database {path}: it is damaged, or none at all" in outcome.err
    assert "restore it from a copy" in outcome.err


def test_a_broken_configuration_is_named_once(workbench: Workbench) -> None:
    path = workbench.folder / "workbench.toml"
    path.write_text("[project\n")
    outcome = workbench("export", "--out", workbench.folder / "out")
    assert outcome.err.startswith(f"Project: {path}:1:9: not valid TOML: ")
    assert outcome.err.count(str(path)) == 1
