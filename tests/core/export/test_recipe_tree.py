"""The folder an export writes: complete or untouched, the same bytes every time, with a manifest that is right."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from core.conversations.models import FileKind
from core.conversations.reading import read_file
from core.dataset.build import build
from core.dataset.models import DatasetOptions
from core.errors import ProjectError, UsageError
from core.export import export as export_module
from core.export import recipe_tree, row_files
from core.export.folder import replaced_folder
from core.export.options import ExportOptions
from core.project import Project
from tests.core.pipeline.small import (
    built,
    contexts,
    conversation,
    decide,
    dump,
    put,
    query,
    read_rows,
    take,
    tree_of,
    use_template,
    write,
    write_out,
    written,
)

ROOT = Path(__file__).parents[3]


@pytest.fixture
def small(project: Project) -> Project:
    """Six tests of one or two steps."""
    project = use_template(project)
    tests = {f"测试 {number}": [f"hello {number}", f"bye {number}"] for number in range(6)}
    body = "".join(
        conversation(name, [(text, ("start flow buy_ticket",), [f"{text} there", f"{text}, 请"]) for text in texts])
        for name, texts in tests.items()
    )
    write(project, "r.yml", f"conversations:\n{body}")
    write(project, "contexts.json", contexts(tests))
    take(project)
    return project


def _manifest(project: Project) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((project.root / "out/manifest.json").read_text(encoding="utf-8"))
    return dict(data["workbench_export"])


SPLITS = {
    "4_train_test_split/e2e_tests/train.yaml", "4_train_test_split/e2e_tests/validation.yaml",
    "4_train_test_split/ft_splits/train.jsonl", "4_train_test_split/ft_splits/val.jsonl",
    "lineage.jsonl", "manifest.json", "params.yaml", "result_summary.yaml",
}  # fmt: skip
FULL = {"1_command_annotations/t.yml", "2_rephrasings/t.yml", "3_llm_finetune_data/llm_ft_data.jsonl"}


def test_the_files_are_those_of_the_recipe(small: Project) -> None:
    write_out(small, train_frac=0.5)
    assert tree_of(small.root / "out").keys() == SPLITS
    write_out(small, train_frac=0.5, full_tree=True)
    assert tree_of(small.root / "out").keys() == SPLITS | FULL


def test_a_share_of_one_writes_no_val_files(small: Project) -> None:
    write_out(small, train_frac=1.0)
    assert tree_of(small.root / "out").keys() == {name for name in SPLITS if "val" not in name}
    assert len(written(small)) == 36
    assert put(small, "elsewhere.yml", "# nothing\n").bad_files == []


def test_whole_conversations_lie_on_one_side(small: Project) -> None:
    write_out(small, train_frac=0.5)
    sides: dict[str, set[str]] = {}
    for row in read_rows(small.root / "out/lineage.jsonl"):
        sides.setdefault(row["test"], set()).add(row["part"])
    assert len(sides) == 6
    assert all(len(found) == 1 for found in sides.values())
    assert {side for found in sides.values() for side in found} == {"train", "val"}
    assert len(written(small, "train")) + len(written(small, "val")) == 36


def test_the_tests_of_each_side_can_be_run_and_are_those_of_its_rows(small: Project) -> None:
    write_out(small, train_frac=0.5)
    rows = read_rows(small.root / "out/lineage.jsonl")
    for side, name in (("train", "train"), ("val", "validation")):
        path = small.root / f"out/4_train_test_split/e2e_tests/{name}.yaml"
        read = read_file(path, path.name)
        assert (read.kind, read.problems, read.warnings) == (FileKind.E2E_TESTS, (), ())
        tests = yaml.safe_load(path.read_text(encoding="utf-8"))["test_cases"]
        assert {test["test_case"] for test in tests} == {row["test"] for row in rows if row["part"] == side}


def test_tests_keep_their_fixtures_assertions_and_stubs(project: Project) -> None:
    text = """\
fixtures:
- premium: [{plan: gold}]
metadata:
- device: {os: linux}
stub_custom_actions:
  action_pay: {events: [], responses: []}
test_cases:
- test_case: t
  fixtures: [premium]
  metadata: device
  steps:
  - user: hi
    commands: [start flow buy_ticket]
    assertions:
    - flow_started: buy_ticket
"""
    write(project, "e2e_tests/t.yml", text)
    write(project, "contexts.json", contexts({"t": ["hi"]}))
    take(project)
    write_out(project)
    back = yaml.safe_load((project.root / "out/4_train_test_split/e2e_tests/train.yaml").read_text())
    assert back == yaml.safe_load(text)


def test_two_files_that_define_one_fixture_differently_keep_their_own(project: Project) -> None:
    for name, plan in (("a", "gold"), ("b", "silver")):
        write(
            project,
            f"e2e_tests/{name}.yml",
            f"fixtures:\n- plan: [{{plan: {plan}}}]\ntest_cases:\n- test_case: {name}\n  fixtures: [plan]\n"
            f"  steps:\n  - user: hi {plan}\n    commands: [start flow x]\n",
        )
        write(project, f"{name}.json", contexts({name: [f"hi {plan}"]}, file=f"e2e_tests/{name}.yml"))
    take(project)
    write_out(project)
    back = yaml.safe_load((project.root / "out/4_train_test_split/e2e_tests/train.yaml").read_text())
    fixtures = {name: value for item in back["fixtures"] for name, value in item.items()}
    assert [fixtures[test["fixtures"][0]] for test in back["test_cases"]] == [[{"plan": "gold"}], [{"plan": "silver"}]]


def test_a_second_run_writes_the_same_bytes(small: Project) -> None:
    write_out(small, train_frac=0.7, full_tree=True)
    first = tree_of(small.root / "out")
    write_out(small, train_frac=0.7, full_tree=True)
    assert tree_of(small.root / "out") == first


@pytest.mark.parametrize("seed", ["0", "1", "4711"])
def test_the_bytes_do_not_depend_on_the_hash_seed(small: Project, tmp_path: Path, seed: str) -> None:
    write_out(small, train_frac=0.7, full_tree=True)
    code = "from tui.cli.main import run; import sys; sys.argv[0] = 'workbench'; run()"
    subprocess.run(
        [sys.executable, "-c", code, "-C", str(small.root), "export", "--out", str(tmp_path / "again"), "--train-frac", "0.7",
         "--near-duplicates", "1", "--full-tree"],
        cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True,
    )  # fmt: skip
    assert tree_of(tmp_path / "again") == tree_of(small.root / "out")


def test_another_seed_divides_differently(small: Project) -> None:
    splits = set()
    for seed in range(5):
        write_out(small, train_frac=0.5, seed=seed)
        splits.add((small.root / "out/4_train_test_split/ft_splits/train.jsonl").read_bytes())
    assert len(splits) > 1


def test_the_manifest_names_every_file_with_its_hash_and_size(small: Project) -> None:
    write_out(small, train_frac=0.5, full_tree=True)
    files = tree_of(small.root / "out")
    manifest = files.pop("manifest.json")
    assert _manifest(small)["files"] == {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)} for name, content in files.items()
    }
    assert query(small, "SELECT manifest_sha256 FROM export") == [(hashlib.sha256(manifest).hexdigest(),)]


def test_the_manifest_says_what_the_export_was_made_from(small: Project) -> None:
    write_out(small, train_frac=0.5, seed=7, rephrasings="none")
    about = _manifest(small)
    template = (small.root / "own.jinja2").read_bytes()
    assert about["parameters"] | {"train_frac": 0.5, "seed": 7, "rephrasings": "none"} == about["parameters"]
    assert about["template"] == {"name": "own.jinja2", "sha256": hashlib.sha256(template).hexdigest()}
    assert about["dialect"] == "v2"
    assert about["summary"]["table"]["data points"]["all"] == 12


def test_the_summary_adds_up(small: Project) -> None:
    summary = write_out(small, train_frac=0.5)
    counters = yaml.safe_load((small.root / "out/result_summary.yaml").read_text())
    assert counters == {
        "num_input_e2e_tests": 6, "num_annotated_conversations": 6, "num_user_messages_across_conversations": 12,
        "num_user_messages_to_rephrase_across_conversations": 12, "num_passing_rephrased_user_messages": 24,
        "num_failing_rephrased_user_messages": 0, "num_ft_data_points": 36,
        "num_train_data_points": summary.counts("data points")[0], "num_val_data_points": summary.counts("data points")[1],
    }  # fmt: skip
    assert summary.counts("data points")[0] == len(written(small, "train"))
    assert {name: row["all"] for name, row in summary.version.summary["table"].items()} == {
        "conversations": 6, "data points": 36, "of original texts": 12, "StartFlow": 36,
    }  # fmt: skip


def test_the_parameters_can_be_read_as_those_of_the_recipe(small: Project) -> None:
    write_out(small, train_frac=0.5)
    path = small.root / "out/params.yaml"
    assert read_file(path, "params.yaml").kind is FileKind.RECIPE_PARAMS
    parameters = yaml.safe_load(path.read_text())["parameters"]
    assert (parameters["train_frac"], parameters["output_format"], parameters["seed"]) == (0.5, "instruction", 42)


def test_an_export_changes_nothing_in_the_project_but_its_own_record(small: Project) -> None:
    version = built(small).version
    before = [line for line in dump(small) if '"export"' not in line]
    export_module.export_dataset(small, version, ExportOptions(small.root / "out"), reviewer="tester")
    assert [line for line in dump(small) if '"export"' not in line] == before
    assert query(small, "SELECT out, reviewer FROM export") == [("out", "tester")]


def test_an_earlier_export_is_replaced_and_nothing_of_it_stays(small: Project) -> None:
    write_out(small, train_frac=0.5, full_tree=True)
    write_out(small)
    assert tree_of(small.root / "out").keys() == {name for name in SPLITS if "val" not in name}
    assert [path.name for path in small.root.iterdir() if path.name.startswith(".out")] == []


@pytest.mark.parametrize("with_export", [False, True])
def test_a_folder_with_other_files_is_refused_and_left_alone(small: Project, with_export: bool) -> None:
    if with_export:
        write_out(small)
    write(small, "out/notes/thesis.txt", "three years of work")
    before = tree_of(small.root / "out")
    with pytest.raises(UsageError, match=r"holds files that no export wrote: notes/thesis\.txt"):
        write_out(small, seed=1)
    assert tree_of(small.root / "out") == before


def test_a_file_is_no_folder(small: Project) -> None:
    write(small, "out", "a file")
    with pytest.raises(UsageError, match="out is a file"):
        write_out(small)


def test_a_folder_with_empty_folders_is_free(small: Project) -> None:
    (small.root / "out/empty/inner").mkdir(parents=True)
    write_out(small)
    assert not (small.root / "out/empty").exists()


def test_a_link_to_a_folder_stays_a_link(small: Project) -> None:
    (small.root / "disk").mkdir()
    (small.root / "out").symlink_to("disk")
    for _ in range(2):
        write_out(small)
        assert (small.root / "out").is_symlink()
        assert (small.root / "disk/manifest.json").is_file()


@pytest.mark.parametrize(
    ("where", "name"), [(row_files.RowFiles, "lineage"), (recipe_tree, "params_yaml"), (export_module, "_manifest")]
)
def test_a_failure_midway_leaves_the_old_export(
    small: Project, monkeypatch: pytest.MonkeyPatch, where: ModuleType, name: str
) -> None:
    write_out(small)
    before = tree_of(small.root / "out")

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(where, name, fail)
    with pytest.raises(KeyboardInterrupt):
        write_out(small, seed=1, rephrasings="none")
    assert tree_of(small.root / "out") == before
    assert [path.name for path in small.root.iterdir() if path.name.startswith(".out")] == []
    assert len(query(small, "SELECT id FROM export")) == 1


def test_a_failure_of_the_very_last_step_puts_the_old_export_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    out.mkdir()
    rename = Path.rename

    def fail_on_new(self: Path, target: Path) -> Path:
        if target == out and self.name.startswith(".out-") and not self.name.endswith(".old"):
            raise PermissionError("not today")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_on_new)
    with pytest.raises(ProjectError, match=r"cannot write the export to .*/out: not today"), replaced_folder(out) as folder:
        (folder / "new").touch()
    assert list(tmp_path.iterdir()) == [out]
    assert list(out.iterdir()) == []


@pytest.mark.parametrize("name", [".", "..", "/", "", "/proc/no/such/folder"])
def test_places_that_no_export_can_take_are_errors_that_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "current").mkdir()
    (tmp_path / "other.txt").touch()
    monkeypatch.chdir(tmp_path / "current")
    with pytest.raises((UsageError, ProjectError)) as error, replaced_folder(Path(name)):
        raise AssertionError("never reached")
    assert "--out" in error.value.remedy
    assert sorted(path.name for path in tmp_path.iterdir()) == ["current", "other.txt"]


def test_a_folder_that_may_not_be_written_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkdtemp", refuse)
    with pytest.raises(ProjectError, match=r"cannot write the export to .*: Permission"), replaced_folder(tmp_path / "o"):
        raise AssertionError("never reached")


def test_a_large_folder_of_somebody_is_not_searched_to_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        (tmp_path / f"{number:02}").mkdir()
        (tmp_path / f"{number:02}" / "file").touch()
    searched: list[str] = []
    scandir = os.scandir

    def note(path: str) -> object:
        searched.append(path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", note)
    with pytest.raises(UsageError, match=r"holds files that no export wrote: 00/file, 01/file, 02/file …"):
        replaced_folder(tmp_path).__enter__()
    assert len(searched) < 10


def test_a_reviewer_may_go_on_deciding_during_an_export(small: Project) -> None:
    """The export reads one state of the project; what is decided meanwhile is in the next one."""
    asked: list[str] = []

    def decide_meanwhile(what: str, done: int, total: int) -> None:
        if what == "writing" and not asked:
            asked.append(what)
            decide(small, "reject", "hello 5 there")

    options = DatasetOptions(train_frac=1.0)
    version = build(small, options, reviewer="tester", progress=decide_meanwhile)
    assert (version.summary["rephrasings"]["used"], asked) == (24, ["writing"])
    assert build(small, options, reviewer="tester").summary["rephrasings"]["used"] == 23


def test_files_of_one_name_in_two_folders_keep_apart(project: Project) -> None:
    for folder in ("a", "b"):
        put(
            project,
            f"{folder}.yml",
            f"conversations:\n{conversation(folder, [('hi', ('start flow x',), [])], f'{folder}/t.yml')}",
        )
        put(project, f"{folder}.json", contexts({folder: ["hi"]}, file=f"{folder}/t.yml"))
    write_out(project, full_tree=True)
    files = tree_of(project.root / "out")
    assert [name for name in files if name.startswith("1_")] == ["1_command_annotations/t.yml", "1_command_annotations/t_2.yml"]
    assert b"b/t.yml::b" in files["1_command_annotations/t_2.yml"]


def test_flows_and_commands_count_where_a_data_point_shows_them(project: Project) -> None:
    """The only step with `rare` has no known prompt: train cannot show it, and nothing is claimed of it."""
    body = conversation("a", [("hi", ("start flow x",), []), ("rare one", ("start flow rare",), [])])
    body += "".join(conversation(name, [("hi " + name, ("start flow x",), [])]) for name in "bcd")
    write(project, "r.yml", f"conversations:\n{body}")
    known = contexts({"a": ["hi"], **{name: ["hi " + name] for name in "bcd"}})
    write(project, "contexts.json", known)
    take(project)
    summary = write_out(project, train_frac=0.5)
    assert [line for line in summary.shortfalls if "rare" in line] == []
    assert [place for place, _ in summary.without_prompt] == ["e2e_tests/t.yml::a"]
