"""What `workbench export` says of a folder it cannot write."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.cli.calls import Workbench


@pytest.mark.parametrize(("out", "code"), [("", 2), (".", 2), ("/", 2), ("/proc/no/such", 1)])
def test_a_place_that_cannot_be_an_export_is_an_error_without_a_traceback(
    ferry: Workbench, monkeypatch: pytest.MonkeyPatch, out: str, code: int
) -> None:
    monkeypatch.chdir(ferry.folder)
    outcome = ferry("export", "--out", out)
    assert outcome.code == code
    assert "--out" in outcome.err


def test_the_documented_call_works_beside_an_assistants_data(ferry: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    (ferry.folder / "data").mkdir()
    (ferry.folder / "data" / "flows.yml").write_text("flows: {}\n")
    monkeypatch.chdir(ferry.folder)
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    call = next(line for line in readme.splitlines() if line.strip().startswith("workbench export"))
    assert ferry(*call.partition("#")[0].split()[1:]).code == 0
