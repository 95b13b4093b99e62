"""Which files an ingest reads, what it says of them, and what a bad one may do: nothing."""

from __future__ import annotations

import errno
import os
from contextlib import closing
from pathlib import Path

import pytest

from core.conversations.models import FileKind
from core.dataset.folder import Row
from core.dataset.holdout_file import write_holdout_file
from core.dataset.models import DatasetVersion, Part
from core.errors import UsageError
from core.pipeline.ingest import ingest
from core.pipeline.ingest_files import UNSTORED
from core.project import Project
from tests.core.pipeline.small import (
    ANNOTATIONS,
    CONTEXTS,
    FILES,
    REPHRASINGS,
    TESTS,
    dump,
    jsonl,
    put,
    query,
    states,
    take,
    write,
    write_all,
)

DU_TESTS = "test_cases:\n- test_case: du\n  steps:\n  - user: hello\n    commands: [offtopic reply]\n"
ROW = {"prompt": 'Say """hi""" now', "completion": "offtopic reply"}
COMMANDS = {
    "file": "e2e_tests/tickets.yml",
    "test_case": "buys a ticket",
    "user_step": 2,
    "text": "next Friday",
    "commands": [],
}
PARAMS = "parameters:\n  num_rephrases: 10\n  train_frac: 0.8\n"
SUMMARY = "num_input_e2e_tests: 1\nnum_ft_data_points: 1\n"

KINDS = {
    "a.yml": (TESTS, FileKind.E2E_TESTS),
    "b.yml": (DU_TESTS, FileKind.DU_TESTS),
    "c.yml": (ANNOTATIONS, FileKind.ANNOTATIONS),
    "d.yml": (REPHRASINGS, FileKind.REPHRASINGS),
    "e.json": (CONTEXTS, FileKind.CONTEXTS),
    "f.txt": (jsonl([ROW]), FileKind.TRAINING_ROWS),
    "g.jsonl": (jsonl([COMMANDS]), FileKind.COMMAND_LABELS),
    "h.jsonl": (jsonl([{**COMMANDS, "rephrasings": []}]), FileKind.REPHRASING_LABELS),
    "i.yaml": (PARAMS, FileKind.RECIPE_PARAMS),
    "sub/j.yaml": (SUMMARY, FileKind.RECIPE_SUMMARY),
    "k.yml": ("llm_judge: {}\n", FileKind.TEST_CONFIG),
    "l.yml": ("test_results: []\n", FileKind.TEST_RESULTS),
    "m.yml": ("flows: {}\n", FileKind.ASSISTANT),
    "sub2/n.json": ('{"workbench_export": {"files": {}}}\n', FileKind.EXPORT),
    "o.md": ("# Notes\n", FileKind.OTHER),
}


def test_every_kind_is_recognised_by_content_and_those_with_data_are_stored(project: Project) -> None:
    write_all(project, {name: text for name, (text, _) in KINDS.items()})
    report = take(project)
    assert dict(report.files) == {kind: 1 + (kind is FileKind.OTHER) for _, kind in KINDS.values()}  # workbench.toml is other
    unstored = (FileKind.TEST_CONFIG, FileKind.TEST_RESULTS, FileKind.ASSISTANT, FileKind.EXPORT, FileKind.OTHER)
    expected = sorted((name, kind.value) for name, (_, kind) in KINDS.items() if kind not in unstored)
    assert query(project, "SELECT path, kind FROM source ORDER BY path") == expected


def test_the_same_content_twice_changes_nothing_at_all(project: Project) -> None:
    write_all(project, {name: text for name, (text, _) in KINDS.items()})
    take(project)
    before = dump(project)
    report = take(project)
    assert not report.changed_anything
    assert dump(project) == before


def test_a_file_that_was_only_touched_or_renamed_back_changes_nothing(project: Project) -> None:
    write_all(project)
    take(project)
    before = dump(project)
    path = project.root / "e2e_tests/tickets.yml"
    path.rename(path.with_suffix(".old"))
    path.with_suffix(".old").rename(path)
    assert take(project).unchanged_files == len(FILES)
    assert dump(project) == before


BAD = """\
test_cases:
- test_case: good
  steps:
  - user: fine
- test_case: bad
  steps:
  - usr: hello
  - user: ""
- test_case: worse
  stops:
  - user: hi
"""


def test_nothing_of_a_bad_file_is_stored_and_every_problem_of_every_test_is_reported(project: Project) -> None:
    write(project, "bad.yml", BAD)
    write(project, "rows.jsonl", '{"prompt": "x"}\n{"prompt": "x", "completion": 3}\n')
    write(project, "e2e_tests/tickets.yml", TESTS)
    report = take(project)
    assert report.bad_files == ["bad.yml", "rows.jsonl"]
    assert [str(problem.where) for problem in report.problems if problem.where.path == "bad.yml"] == [
        "bad.yml:7:5",
        "bad.yml:10:3",
    ]
    assert [str(problem.where) for problem in report.problems if problem.where.path == "rows.jsonl"] == [
        "rows.jsonl:1:1",
        "rows.jsonl:2:31",
    ]
    assert query(project, "SELECT file FROM conversation") == [("e2e_tests/tickets.yml",)]


def test_a_file_that_turned_bad_keeps_what_was_stored_of_it(project: Project) -> None:
    put(project, "e2e_tests/tickets.yml", TESTS)
    before = dump(project)
    assert put(project, "e2e_tests/tickets.yml", TESTS + "  - usr: hello\n").bad_files == ["e2e_tests/tickets.yml"]
    assert dump(project) == before
    assert put(project, "e2e_tests/tickets.yml", TESTS).unchanged_files == 1


def test_a_failure_while_storing_leaves_the_database_as_it_was(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    write_all(project)
    take(project, "e2e_tests")
    before = dump(project)

    def fail(*_: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr("core.pipeline.ingest._fill_report", fail)
    with pytest.raises(RuntimeError, match="killed"):
        take(project)
    assert dump(project) == before


def test_a_path_that_does_not_exist_stops_the_ingest_before_it_starts(project: Project) -> None:
    write_all(project)
    with closing(project.open()) as connection, pytest.raises(UsageError, match=r"No such file or folder: .*nowhere"):
        ingest(project, connection, [project.root, Path("nowhere")], reviewer="tester")
    assert query(project, "SELECT count(*) FROM source") == [(0,)]


def test_a_model_is_passed_over_without_being_read_whole(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    with (project.root / "model.tar.gz").open("wb") as file:
        file.write(b"\x1f\x8b\0" * 100)
        file.truncate(50_000_000_000)  # sparse: reading it into memory would end the test
    write(project, "e2e_tests/tickets.yml", TESTS)
    report = take(project)
    assert (report.files[FileKind.OTHER], report.conversations_added) == (2, 1)


def test_a_folder_that_cannot_be_searched_is_an_error_and_its_tests_stay(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(project, "e2e_tests/tickets.yml", TESTS)
    write(project, "more/other.yml", TESTS)
    take(project)
    scandir, stat = os.scandir, Path.stat

    def refuse_search(path: str) -> object:
        if path.endswith("more"):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return scandir(path)

    def refuse_stat(path: Path, **options: bool) -> os.stat_result:
        if path.parent.name == "more":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return stat(path, **options)

    monkeypatch.setattr(os, "scandir", refuse_search)
    monkeypatch.setattr(Path, "stat", refuse_stat)
    report = take(project)
    assert [str(problem) for problem in report.problems] == [
        "more: cannot be read (Permission denied). Check that you may read it."
    ]
    assert (report.bad_files, report.conversations_retired) == (["more"], 0)


def test_a_pipe_is_an_error_that_is_not_counted_among_the_files_of_others(project: Project) -> None:
    os.mkfifo(project.root / "pipe")
    report = take(project, "pipe")
    assert (report.bad_files, dict(report.files)) == (["pipe"], {})


def test_a_link_to_nothing_is_an_error_with_its_own_name(project: Project) -> None:
    write(project, "e2e_tests/tickets.yml", TESTS)
    (project.root / "e2e_tests/broken.yml").symlink_to("nowhere.yml")
    report = take(project)
    assert (report.bad_files, report.conversations_added) == (["e2e_tests/broken.yml"], 1)


def test_a_name_that_is_not_utf8_is_an_error_of_its_file_alone(project: Project) -> None:
    write(project, "e2e_tests/tickets.yml", TESTS)
    odd = os.fsencode(project.root / "e2e_tests") + b"/caf\xe9"
    try:
        Path(os.fsdecode(odd + b".yml")).write_text(TESTS)
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    Path(os.fsdecode(odd + b".txt")).write_text("notes")
    report = take(project, "e2e_tests")
    assert [str(problem) for problem in report.problems] == [
        "e2e_tests/caf\\udce9.yml: the file's name is not UTF-8. Rename it."
    ]
    assert (report.conversations_added, report.unstored) == (1, [("e2e_tests/caf\\udce9.txt", FileKind.OTHER)])
    put(project, "e2e_tests/more.yml", TESTS)
    take(project, os.fsdecode(b"e2e_tests/caf\xe9.txt"), "e2e_tests/more.yml")  # its name goes on record with the ingest


def test_what_is_not_stored_is_named(project: Project) -> None:
    write_all(project, {name: text for name, (text, _) in KINDS.items()})
    report = take(project)
    assert ("m.yml", FileKind.ASSISTANT) in report.unstored
    assert {"file": "o.md", "kind": "not ours"} in report.as_data()["unstored"]
    assert len(report.unstored) == sum(count for kind, count in report.files.items() if kind in UNSTORED)


def test_a_fixture_that_nothing_defines_is_a_warning(project: Project) -> None:
    case = "- test_case: {}\n  fixtures: [{}]\n  steps:\n  - user: hi\n"
    own = "fixtures:\n- own: [{a: b}]\n"
    cases = "".join(case.format(name, name) for name in ("own", "shared", "misspelt"))
    write(project, "conftest.yml", "fixtures:\n- shared: [{a: b}]\n")
    report = put(project, "e2e_tests/t.yml", f"{own}test_cases:\n{cases}")
    assert [str(warning) for warning in report.warnings] == [
        "e2e_tests/t.yml:12:3: test `misspelt` uses an unknown fixture `misspelt`."
        " Define it under `fixtures:` of this file or in a conftest.yml."
    ]


def test_unknown_prompts_are_told_of_when_prompts_were_worked_out(project: Project) -> None:
    row = {"prompt": 'another """hi"""', "completion": "cancel flow"}
    assert put(project, "rows.jsonl", jsonl([row])).prompts_worked_out == 1
    report = put(project, "e2e_tests/tickets.yml", TESTS)
    assert (report.prompts_worked_out, report.prompts_unknown) == (0, 1)


def test_the_ingest_is_on_record_with_its_reviewer_paths_and_report(project: Project) -> None:
    put(project, "e2e_tests/tickets.yml", TESTS)
    take(project)
    ((reviewer, paths, conversations),) = query(
        project, "SELECT reviewer, paths, summary ->> '$.added.conversations' FROM ingest"
    )
    assert (reviewer, paths, conversations) == ("tester", '["e2e_tests/tickets.yml"]', 1)


def test_chinese_files_names_and_texts(project: Project) -> None:
    text = REPHRASINGS.replace("buys a ticket", "买票").replace("on Friday", "星期五，谢谢").replace("tickets.yml", "船票.yml")
    put(project, "注释/船票.yml", text)
    assert query(project, "SELECT file, name FROM conversation") == [("e2e_tests/船票.yml", "买票")]
    assert "星期五，谢谢" in states(project)


def test_text_that_looks_like_another_type_stays_text(project: Project) -> None:
    odd = ("yes", "1.50", "2022", "null", "0x1F", "1e3", "~", "on", "2026-11-21", ".5", "1_000")
    text = "test_cases:\n- test_case: scalars\n  steps:\n" + "".join(
        f"  - user: {word}\n" for word in odd if word not in ("null", "~")
    )
    put(project, "e2e_tests/odd.yml", text)
    assert [row[0] for row in query(project, "SELECT text FROM user_step ORDER BY ordinal")] == [
        word for word in odd if word not in ("null", "~")
    ]


@pytest.mark.parametrize(
    ("commands", "prompt", "dialect"),
    [
        ("start flow a", "", "v2"),
        ("StartFlow(a)", "", "v1"),
        ("search and reply", "", "v3"),
        ("start flow a", "* `start flow x`\n* `search and reply`\n", "v3"),
        ("start flow a", "* `start flow x`\n* `provide info`\n", "v2"),
        ("nothing at all", "", "v2"),
    ],
)
def test_the_dialect_is_detected_from_commands_and_prompts(project: Project, commands: str, prompt: str, dialect: str) -> None:
    report = put(project, "rows.jsonl", jsonl([{"prompt": f'{prompt}{{"a": 1}} """hi"""', "completion": commands}]))
    assert report.dialect == dialect


def test_the_dialect_is_settled_once_and_the_configured_one_wins(project: Project) -> None:
    put(project, "a.jsonl", jsonl([{"prompt": "x", "completion": "StartFlow(a)"}]))
    assert put(project, "b.jsonl", jsonl([{"prompt": "y", "completion": "start flow b"}] * 3)).dialect == "v1"
    project.config_path.write_text('[project]\ndialect = "v3"\n')
    assert put(Project(project.root), "c.jsonl", jsonl([{"prompt": "z", "completion": "cancel flow"}])).dialect == "v3"


def test_another_template_is_tried_on_the_stored_prompts_even_if_no_file_changed(project: Project) -> None:
    write_all(project)
    assert take(project).prompts_unknown == 0
    (project.root / "own.jinja2").write_text("`start flow x` {{ current_conversation }} {{ user_message }}")
    project.config_path.write_text('[project]\nprompt_template = "own.jinja2"\n')
    sha = query(project, "SELECT DISTINCT template_sha256 FROM prompt")
    take(Project(project.root))
    assert query(project, "SELECT DISTINCT template_sha256 FROM prompt") != sha


def test_the_rows_of_a_holdout_are_not_read_back_with_their_folder(project: Project) -> None:
    """They would come into train. The note beside them says what they are."""
    rows = [Row(Part.HOLDOUT, 1, "a prompt", "start flow buy_ticket")]
    version = DatasetVersion(1, "ab" * 32, "", "", {}, "v2", "", "", "", {}, project.root)
    write_holdout_file(project.root / "looked.jsonl", version, rows)
    report = take(project)
    assert (report.files[FileKind.TRAINING_ROWS], dict(report.passed_over)) == (0, {"looked.jsonl": 1})
    (project.root / "looked.jsonl.holdout").unlink()
    assert take(project).files[FileKind.TRAINING_ROWS] == 1
