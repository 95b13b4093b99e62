"""Every format of text, byte for byte, and what an export refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from core.commands import Dialect
from core.conversations.models import FileKind, TestFile
from core.conversations.reading import read_file
from core.dataset.background_file import BackgroundFile
from core.dataset.folder import read_lineage, read_rows
from core.dataset.models import DatasetVersion, Part
from core.errors import ProjectError, UsageError
from core.export import openai_rules, row_files
from core.export.options import ExportFormat
from core.project import Project
from core.store.stored_commands import to_stored
from tests.core.export.small_exports import GO, Tests, export_as, small_dataset
from tests.core.pipeline.small import query, tree_of, written

A1 = r"""`start flow x` \nUSER: two \"quick\" tickets\n###\ntwo \"quick\" tickets"""
A2 = r"""`start flow x` USER: two \"quick\" tickets\nAI: ok\nUSER: 周五\n###\n周五"""
A3 = r"""`start flow x` \nUSER: 2 tickets, quick\n###\n2 tickets, quick"""
A4 = r"""`start flow x` USER: 2 tickets, quick\nAI: ok\nUSER: 周五\n###\n周五"""
B1 = r"""`start flow x` \nUSER: to the island\tplease\n###\nto the island\tplease"""
START, PAY = "start flow buy_ticket", r"set slot ticket_count 2\nset slot day 周五"
TRAIN = [(A1, START), (A2, PAY), (A3, START), (A4, PAY)]
VAL = [(B1, START)]

ROWS: dict[str, Callable[[str, str], str]] = {
    "prompt-completion": lambda prompt, answer: f'{{"prompt": "{prompt}", "completion": "{answer}"}}\n',
    "chat": lambda prompt, answer: (
        f'{{"prompt": [{{"role": "user", "content": "{prompt}"}}],'
        f' "completion": [{{"role": "assistant", "content": "{answer}"}}]}}\n'
    ),
    "messages": lambda prompt, answer: (
        f'{{"messages": [{{"role": "user", "content": "{prompt}"}}, {{"role": "assistant", "content": "{answer}"}}]}}\n'
    ),
    "alpaca": lambda prompt, answer: f'{{"instruction": "{prompt}", "input": "", "output": "{answer}"}}\n',
    "sharegpt": lambda prompt, answer: (
        f'{{"conversations": [{{"from": "human", "value": "{prompt}"}}, {{"from": "gpt", "value": "{answer}"}}]}}\n'
    ),
}

LINEAGE = """\
{"part": "train", "file": "e2e_tests/t.yml", "test": "a", "occurrence": 1, "number": 1,\
 "line": null, "user_step": 1, "step": 1, "variant": 0, "rephrasing": null, "decision": null,\
 "original": "two \\"quick\\" tickets", "said": "two \\"quick\\" tickets",\
 "commands": "[[\\"start flow\\",\\"buy_ticket\\"]]", "flows": ["buy_ticket"],\
 "state": "a9e91ab5a582f7d8c0607cfb44742bd4"}
{"part": "train", "file": "e2e_tests/t.yml", "test": "a", "occurrence": 1, "number": 2,\
 "line": null, "user_step": 2, "step": 2, "variant": 0, "rephrasing": null, "decision": null,\
 "original": "周五", "said": "周五",\
 "commands": "[[\\"set slot\\",\\"ticket_count\\",\\"2\\"],[\\"set slot\\",\\"day\\",\\"周五\\"]]", "flows": [],\
 "state": "ce6d030dff7aa403376c2f5d196ef94d"}
{"part": "train", "file": "e2e_tests/t.yml", "test": "a", "occurrence": 1, "number": 3,\
 "line": null, "user_step": 1, "step": 1, "variant": 1, "rephrasing": 1, "decision": null,\
 "original": "two \\"quick\\" tickets", "said": "2 tickets, quick",\
 "commands": "[[\\"start flow\\",\\"buy_ticket\\"]]", "flows": ["buy_ticket"],\
 "state": "a9e91ab5a582f7d8c0607cfb44742bd4"}
{"part": "train", "file": "e2e_tests/t.yml", "test": "a", "occurrence": 1, "number": 4,\
 "line": null, "user_step": 2, "step": 2, "variant": 1, "rephrasing": null, "decision": null,\
 "original": "周五", "said": "周五",\
 "commands": "[[\\"set slot\\",\\"ticket_count\\",\\"2\\"],[\\"set slot\\",\\"day\\",\\"周五\\"]]", "flows": [],\
 "state": "ce6d030dff7aa403376c2f5d196ef94d"}
{"part": "val", "file": "e2e_tests/t.yml", "test": "b", "occurrence": 1, "number": 1,\
 "line": null, "user_step": 1, "step": 3, "variant": 0, "rephrasing": null, "decision": null,\
 "original": "to the island\\tplease", "said": "to the island\\tplease",\
 "commands": "[[\\"start flow\\",\\"buy_ticket\\"]]", "flows": ["buy_ticket"],\
 "state": "a9e91ab5a582f7d8c0607cfb44742bd4"}
"""

DU_TRAIN = """\
fixtures: []
metadata: []
stub_custom_actions: {}
test_cases:
- test_case: a
  steps:
  - user: "two \\"quick\\" tickets"
    commands:
    - start flow buy_ticket
  - bot: "ok"
  - user: "周五"
    commands:
    - set slot ticket_count 2
    - set slot day 周五
  - bot: "ok"
- test_case: a (1)
  steps:
  - user: "2 tickets, quick"
    commands:
    - start flow buy_ticket
  - bot: "ok"
  - user: "周五"
    commands:
    - set slot ticket_count 2
    - set slot day 周五
  - bot: "ok"
"""


@pytest.fixture
def small(project: Project) -> tuple[Project, DatasetVersion]:
    return small_dataset(project)


@pytest.mark.parametrize("name", ROWS)
def test_rows_of_every_format(small: tuple[Project, DatasetVersion], name: str) -> None:
    files = {file: data.decode() for file, data in tree_of(export_as(*small, name)).items()}
    assert files["train.jsonl"] == "".join(ROWS[name](*row) for row in TRAIN)
    assert files["val.jsonl"] == "".join(ROWS[name](*row) for row in VAL)
    assert files["lineage.jsonl"] == LINEAGE
    assert all(json.loads(line) for line in files["train.jsonl"].splitlines())
    extra = {"dataset_info.json"} if name in ("alpaca", "sharegpt") else set()
    assert files.keys() == {"train.jsonl", "val.jsonl", "lineage.jsonl", "manifest.json"} | extra


@pytest.mark.parametrize(("name", "flat"), [("instruction", "prompt-completion"), ("conversational", "messages")])
def test_the_recipes_tree_has_the_same_rows(small: tuple[Project, DatasetVersion], name: str, flat: str) -> None:
    splits = export_as(*small, name) / "4_train_test_split/ft_splits"
    assert (splits / "train.jsonl").read_text(encoding="utf-8") == "".join(ROWS[flat](*row) for row in TRAIN)
    assert (splits / "val.jsonl").read_text(encoding="utf-8") == "".join(ROWS[flat](*row) for row in VAL)


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("alpaca", {"prompt": "instruction", "query": "input", "response": "output"}),
        ("sharegpt", {"messages": "conversations"}),
    ],
)
def test_llamafactory_is_told_of_both_files(small: tuple[Project, DatasetVersion], name: str, columns: dict[str, str]) -> None:
    info = json.loads((export_as(*small, name) / "dataset_info.json").read_text())
    assert info == {
        f"workbench_{part}": {"file_name": f"{part}.jsonl", "formatting": name, "columns": columns} for part in ("train", "val")
    }


def test_dialogue_understanding_tests_byte_for_byte(small: tuple[Project, DatasetVersion]) -> None:
    out = export_as(*small, "du")
    assert (out / "dialogue_understanding_tests/train.yml").read_text(encoding="utf-8") == DU_TRAIN
    assert (out / "lineage.jsonl").read_text(encoding="utf-8") == LINEAGE


def test_dialogue_understanding_tests_read_back_to_the_commands_of_the_rows(project: Project) -> None:
    """With a duplicate among them: the wrapped-around second variant repeats a rephrasing of the first step."""
    tests: Tests = {
        "a": [("one ticket", GO, ["a ticket", "1 ticket"]), ("周五", ("set slot day 周五",), ["on Friday"]), ("bye", GO, [])],
        "b": [("one ticket", GO, ["a ticket"]), ("later", ("cancel flow",), [])],
    }  # fmt: skip
    project, version = small_dataset(project, tests, train_frac=1.0)
    assert sum(version.summary["left_out"].values()) > 0
    out = export_as(project, version, "du")
    read = read_file(out / "dialogue_understanding_tests/train.yml", "train.yml")
    assert (read.kind, read.problems, read.warnings) == (FileKind.DU_TESTS, (), ())
    assert isinstance(read.content, TestFile)
    said = {
        (case.name, number): (turn.text, to_stored(turn.commands or (), Dialect.V2)[0])
        for case in read.content.cases
        for number, turn in enumerate((turn for turn in case.turns if turn.kind == "user"), 1)
    }
    rows = list(read_lineage(version))
    for row in rows:
        name = row.test if row.variant == 0 else f"{row.test} ({row.variant})"
        assert said[name, row.user_step] == (row.said, row.commands)
    prompts = {row.prompt for row in read_rows(version, Part.TRAIN)}
    for (name, number), (text, _) in said.items():  # what was left out is history with the words of the rows after it
        following = [other for (case, at), (other, _) in said.items() if case == name and at > number]
        assert not following or any(text in prompt and following[-1] in prompt for prompt in prompts)


def _ten(project: Project) -> tuple[Project, DatasetVersion]:
    tests: Tests = {f"t{number}": [(f"ticket number {number}", GO, [])] for number in range(10)}
    return small_dataset(project, tests, train_frac=1.0)


def test_openai_files_are_chat_messages(project: Project) -> None:
    project, version = _ten(project)
    lines = (export_as(project, version, "openai") / "train.jsonl").read_text(encoding="utf-8").splitlines()
    for line, row in zip(lines, read_rows(version, Part.TRAIN), strict=True):
        assert json.loads(line) == {
            "messages": [{"role": "user", "content": row.prompt}, {"role": "assistant", "content": row.completion}]
        }


def test_openai_takes_no_file_of_fewer_than_ten_rows(small: tuple[Project, DatasetVersion]) -> None:
    with pytest.raises(UsageError, match="OpenAI takes no file of fewer than 10 examples; train has 4"):
        export_as(*small, "openai")
    assert not (small[0].root / "out").exists()


def test_openai_takes_no_file_that_is_too_large(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project, version = _ten(project)
    monkeypatch.setattr(openai_rules, "MOST_BYTES", 500)
    with pytest.raises(UsageError, match="train is larger than 512 MB from row 3 on"):
        export_as(project, version, "openai")
    assert not (project.root / "out").exists()


def test_the_manifest_names_the_dataset(small: tuple[Project, DatasetVersion]) -> None:
    project, version = small
    out = export_as(project, version, "alpaca")
    about = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["workbench_export"]
    assert (about["dataset"], about["parameters"]["format"]) == (version.address, "alpaca")
    assert query(project, "SELECT dataset_id, format FROM export") == [(version.id, "alpaca")]


@pytest.mark.parametrize("name", [one.value for one in ExportFormat if one not in ("parquet", "hf", "openai")])
def test_a_second_export_of_a_version_gives_the_same_bytes(small: tuple[Project, DatasetVersion], name: str) -> None:
    first = tree_of(export_as(*small, name))
    assert tree_of(export_as(*small, name)) == first


def test_the_holdout_is_written_only_where_a_purpose_is_given_and_that_is_recorded(project: Project) -> None:
    tests: Tests = {f"t{number}": [(f"ticket number {number}", GO, [])] for number in range(10)}
    project, version = small_dataset(project, tests, train_frac=0.5, holdout_frac=0.3)
    assert version.points[Part.HOLDOUT] > 0
    assert not (export_as(project, version, "messages") / "holdout.jsonl").exists()
    assert query(project, "SELECT * FROM holdout_use") == []
    out = export_as(project, version, "messages", holdout_purpose="final comparison")
    assert len((out / "holdout.jsonl").read_text().splitlines()) == version.points[Part.HOLDOUT]
    assert query(project, "SELECT reviewer, purpose FROM holdout_use") == [("tester", "final comparison")]


def test_a_row_that_was_changed_behind_the_workbench_is_found(small: tuple[Project, DatasetVersion]) -> None:
    project, version = small
    path = version.folder / "train.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("ticket_count 2", "ticket_count 3"), encoding="utf-8")
    for name in ("instruction", "messages"):
        with pytest.raises(ProjectError, match=r"is damaged: train\.jsonl is not what was written"):
            export_as(project, version, name)
    assert not (project.root / "out").exists()


@pytest.mark.parametrize("name", ["train.jsonl", "lineage.jsonl", "dataset.json"])
def test_a_version_that_lost_a_file_says_so(small: tuple[Project, DatasetVersion], name: str) -> None:
    project, version = small
    (version.folder / name).unlink()
    with pytest.raises(ProjectError, match=rf"lost its file {name}"):
        export_as(project, version, "messages")


def test_a_damaged_lineage_is_found(small: tuple[Project, DatasetVersion]) -> None:
    project, version = small
    path = version.folder / "lineage.jsonl"
    path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8")
    with pytest.raises(ProjectError, match=r"lineage\.jsonl is not what was written"):
        export_as(project, version, "messages")


def test_the_recipes_folders_belong_to_its_tree(small: tuple[Project, DatasetVersion]) -> None:
    with pytest.raises(UsageError, match="belong to its tree, not to the format alpaca"):
        export_as(*small, "alpaca", full_tree=True)


def test_a_full_disk_leaves_the_old_export(small: tuple[Project, DatasetVersion], monkeypatch: pytest.MonkeyPatch) -> None:
    project, version = small
    before = tree_of(export_as(project, version, "messages"))

    class Full(BackgroundFile):
        def __init__(self, path: Path) -> None:
            super().__init__(Path("/dev/full"))

    monkeypatch.setattr(row_files, "BackgroundFile", Full)
    with pytest.raises(ProjectError, match="No space left on device"):
        export_as(project, version, "chat")
    assert tree_of(project.root / "out") == before


def test_an_export_needs_only_the_version(small: tuple[Project, DatasetVersion]) -> None:
    """What is decided later changes the next dataset, not the export of this one."""
    from tests.core.pipeline.small import decide

    project, version = small
    first = export_as(project, version, "instruction", full_tree=True)
    before = tree_of(first)
    decide(project, "reject", "2 tickets, quick")
    assert tree_of(export_as(project, version, "instruction", full_tree=True)) == before
    assert len(written(project)) == 4
