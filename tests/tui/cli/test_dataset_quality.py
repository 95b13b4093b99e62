"""`workbench dataset quality`."""

from __future__ import annotations

import pytest

from core.project import Project
from tests.tui.cli.calls import Workbench
from tests.tui.dataset_project import ships, version_of


@pytest.fixture
def shipped(workbench: Workbench) -> Workbench:
    """Calls in a project with a dataset."""
    version_of(ships(Project(workbench.folder)))
    return workbench


def test_figures_are_printed_beside_the_originals(shipped: Workbench) -> None:
    outcome = shipped("dataset", "quality")
    assert outcome.code == 0
    lines = outcome.out.splitlines()
    assert lines[0].split() == ["wordings", "texts", "distinct-1", "distinct-2", "self-BLEU", "edit", "distance"]
    assert lines[1].split()[:3] == ["train:", "originals", lines[2].split()[3]]  # as many as one each
    assert "Steps that more would help most" in outcome.out
    assert "buy_ticket: start flow" in outcome.out
    assert "Length of a row, estimated" in outcome.out


def test_json_has_all_figures(shipped: Workbench) -> None:
    data = shipped("dataset", "quality", "latest", "--json").data
    assert set(data["parts"]) == {"train", "val", "all"}
    assert data["gains"][0]["wants"] in ("rephrasings", "tests")
    assert len(data["gains"]) == data["step_count"]


def test_top_says_how_many_are_listed(shipped: Workbench) -> None:
    def listed(outcome: str) -> int:
        lines = outcome.splitlines()
        start = next(number for number, line in enumerate(lines) if line.startswith("Steps that more"))
        return lines[start:].index("") - 2

    assert listed(shipped("dataset", "quality", "--top", "2").out) == 2
    assert listed(shipped("dataset", "quality", "--top", "200").out) > 2


def test_without_a_dataset_it_says_what_to_do(workbench: Workbench) -> None:
    outcome = workbench("dataset", "quality")
    assert outcome.code != 0
    assert "there is no dataset yet" in outcome.err
    assert "Traceback" not in outcome.err
