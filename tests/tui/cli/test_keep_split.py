"""`--keep-split` of the commands that build a dataset."""

from __future__ import annotations

import pytest

from tests.tui.cli.calls import Workbench


@pytest.mark.parametrize("command", [["dataset", "build"], ["export", "--out", "out"]])
def test_latest_is_recorded_as_the_address_that_it_means_now(ferry: Workbench, command: list[str]) -> None:
    first = ferry("dataset", "build", "--train-frac", "1", "--json").data["address"]
    done = ferry(*command, "--train-frac", "1", "--keep-split", "latest")
    assert done.code == 0, done.err
    newest, oldest = ferry("dataset", "list", "--json").data
    assert (newest["options"]["keep_split"], oldest["address"]) == (first, first)
    listed = ferry("dataset", "list").out
    assert f"keep_split {first[:12]}" in listed
    assert first not in listed


def test_a_dataset_to_keep_must_be_there(ferry: Workbench) -> None:
    for command in (["dataset", "build"], ["export", "--out", "out"], ["prepare-data", "--yes"]):
        done = ferry(*command, "--keep-split", "latest")
        assert done.code == 2
        assert "there is no dataset yet" in done.err


def test_an_export_of_a_stored_dataset_keeps_no_split(ferry: Workbench) -> None:
    done = ferry("export", "--out", "out", "--dataset", "latest", "--keep-split", "latest")
    assert done.code == 2
    assert "--keep-split says what is to be built" in done.err
