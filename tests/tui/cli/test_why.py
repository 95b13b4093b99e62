"""`workbench why`: the tree, and what it says of targets that are none."""

from __future__ import annotations

import pytest

from core.project import Project
from tests.core.lineage.small import CABIN, TICKET, two_tests
from tests.core.pipeline.small import decide
from tests.tui.cli.calls import Workbench
from tui.cli.why import wrapped


@pytest.fixture
def project(ferry: Workbench) -> Project:
    project = two_tests(Project(ferry.folder))
    decide(project, "accept", "one ticket to the island")
    return project


@pytest.fixture
def built(ferry: Workbench, project: Project) -> str:
    """Name of a dataset of the project, as a build makes it."""
    return str(ferry("dataset", "build", "--train-frac", "1", "--json").data["name"])


def test_a_row_of_a_real_dataset_and_of_its_export(ferry: Workbench, built: str) -> None:
    done = ferry("why", "train:1")
    assert (done.code, done.out.splitlines()[0]) == (0, f"train:1 of dataset {built}")
    assert "  user step 1 of e2e_tests/" in done.out
    out = ferry.folder / "out"
    assert ferry("export", "--out", out, "--dataset", built, "--full-tree").code == 0
    for name in ("4_train_test_split/ft_splits/train.jsonl", "3_llm_finetune_data/llm_ft_data.jsonl"):
        assert ferry("why", f"{out / name}:2", "--json").data["row"] == "train:2"
    assert "exported to out (instruction)" in ferry("why", "train:2").out


def test_every_row_of_a_real_dataset_is_explained(ferry: Workbench, built: str) -> None:
    count = ferry("dataset", "list", "--json").data[0]["rows"]["train"]
    found = [ferry("why", f"train:{number}", "--json").data for number in range(1, count + 1)]
    assert {one["row"] for one in found} == {f"train:{number}" for number in range(1, count + 1)}
    told = {one["said"]: one["label_from"] for one in found}
    assert told["two tickets to the island"] == "the step's commands"


def test_tests_commands_and_rephrasings(ferry: Workbench, built: str) -> None:
    assert ferry("why", TICKET, "--json").data["kind"] == "test"
    assert "rows in train" in ferry("why", "e2e_tests/cabins.yml:6").out
    assert ferry("why", "set slot", "--json").data["rows"]["train"] >= 4
    assert "#" in ferry("why", "Friday night").out
    assert ferry("why", CABIN, "--dataset", built[:6]).code == 0


def test_what_is_nothing_is_wrong_usage(ferry: Workbench, built: str) -> None:
    done = ferry("why", "e2e_tests/tickets.yml::buys a tiket")
    assert done.code == 2
    assert "Did you mean `e2e_tests/tickets.yml::buys a ticket`?" in done.err
    assert ferry("why", "train:1", "--dataset", "0000").code == 2


def test_long_lines_break_between_words_and_stay_below_their_place() -> None:
    text = "a rephrasing “which is said in many words, more than fit” of some test"
    lines = list(wrapped(text, 2, 30))
    assert all(len(line) < 30 for line in lines)
    assert [line[: len(line) - len(line.lstrip())] for line in lines] == ["    "] + ["        "] * (len(lines) - 1)
    assert " ".join(line.strip() for line in lines) == text
    assert list(wrapped(text, 1, None)) == [f"  {text}"]


def test_wide_characters_count_as_two_cells() -> None:
    assert list(wrapped("续借小说 两周改成三周", 0, 20)) == ["续借小说", "    两周改成三周"]
