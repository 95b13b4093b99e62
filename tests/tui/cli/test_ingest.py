"""What `workbench ingest` says of files it did not take."""

from __future__ import annotations

from tests.core.pipeline.small import TESTS, jsonl
from tests.tui.cli.calls import Workbench


def test_files_that_are_not_ours_are_named(workbench: Workbench) -> None:
    folder = workbench.folder / "notes"
    folder.mkdir()
    for number in range(7):
        (folder / f"{number}.md").write_text("# Notes\n")
    (folder / "flows.yml").write_text("flows: {}\n")
    outcome = workbench("ingest", folder)
    assert "found 7 × not ours: notes/0.md, notes/1.md, notes/2.md, notes/3.md, notes/4.md … and 2 more" in outcome.out
    assert "(flows, domain, configuration): notes/flows.yml\n" in outcome.out
    assert [one["file"] for one in workbench("ingest", folder, "--json").data["unstored"]] == [
        *(f"notes/{number}.md" for number in range(7)),
        "notes/flows.yml",
    ]


def test_an_export_that_is_passed_over_is_named_with_its_files(ferry: Workbench) -> None:
    out = ferry.folder / "build" / "dataset"
    assert ferry("export", "--out", out).code == 0
    outcome = ferry("ingest", ferry.folder)
    count = sum(path.is_file() for path in out.rglob("*"))
    assert f"passed over {count} files in build/dataset: an export of Workbench" in outcome.out
    assert ferry("ingest", ferry.folder, "--json").data["passed_over"] == {"build/dataset": count}
    outcome = ferry("ingest", out)
    assert (outcome.code, "No file was found" in outcome.err) == (0, False)


def test_a_misspelt_command_is_a_warning_with_its_place_and_the_tests_are_stored(workbench: Workbench) -> None:
    (workbench.folder / "t.yml").write_text(TESTS.replace("island\n", "island\n    commands: [StartFlwo(x)]\n", 1))
    outcome = workbench("ingest", workbench.folder / "t.yml")
    assert outcome.code == 0
    assert "warning: t.yml:5:16: not a command `StartFlwo(x)`. Did you mean `StartFlow`?" in outcome.err


def test_unknown_prompts_are_told_of_once(workbench: Workbench) -> None:
    (workbench.folder / "rows.jsonl").write_text(jsonl([{"prompt": 'another """hi"""', "completion": "cancel flow"}]))
    assert "1 prompt not known" in workbench("ingest", workbench.folder / "rows.jsonl").out
    (workbench.folder / "t.yml").write_text(TESTS)
    outcome = workbench("ingest", workbench.folder / "t.yml")
    assert "conversations" in outcome.out
    assert "not known" not in outcome.out


def test_the_help_says_where_paths_start(workbench: Workbench) -> None:
    assert "as seen from the current folder" in " ".join(workbench("ingest", "--help").out.replace("│", " ").split())
