"""The panes of a dataset version about what was left out, its preflight and its holdout."""

from __future__ import annotations

import re
from contextlib import closing
from typing import Any

import pytest

from core.dataset.models import LeftOutPoint
from core.preflight.names import CHECKS
from core.preflight.stored import save_preflight
from core.project import Project
from core.store.connection import transaction
from tests.tui.apps import press, running, toasts
from tests.tui.dataset_project import looked_into, preflight_report, preflighted, ships, version_of
from tests.tui.test_dataset import pane, words
from tui.screens.dataset_other_text import preflight_lines


async def test_duplicates_stand_above_their_twins(project: Project) -> None:
    project = ships(project)
    version_of(project)
    async with running(project, "dataset") as (app, pilot):
        await press(app, pilot, "5")
        lines = pane(app).splitlines()
        assert "1 data point of" in lines[0]
        at = next(n for n, line in enumerate(lines) if line.startswith("= tell me about the ANCHOR!"))
        assert lines[at + 1].startswith("  → tell me about the anchor")
        assert re.search(r"(train|val):\d+", lines[at + 1])


async def test_what_repeats_the_holdout_stays_sealed(project: Project) -> None:
    project = ships(project)
    version = version_of(project)
    with closing(project.open()) as connection, transaction(connection):
        row = connection.execute("SELECT step_id, variant FROM data_point WHERE part = 'holdout'").fetchone()
        connection.execute("UPDATE left_out_point SET twin_step_id = ?, twin_variant = ?", row)
        connection.execute(  # repeats a point that is left out itself, because it repeats the holdout
            "INSERT INTO left_out_point SELECT dataset_id, 999, ?, 999, NULL, ?, step_id, variant FROM left_out_point",
            (row[0], LeftOutPoint.NEAR),
        )
        (text,) = connection.execute("SELECT text FROM user_step WHERE id = ?", row[:1]).fetchone()
    async with running(project, "dataset") as (app, pilot):
        await press(app, pilot, "5")
        said = pane(app)
        assert said.count("not shown\n  → in the sealed holdout") == 2
        assert "ANCHOR" not in said
        assert text not in said
        assert ".yml" not in said
        await press(app, pilot, "tab", "G", "w")
        assert "stands for no row" in toasts(app)[-1][1]
    with closing(project.open()) as connection:
        assert connection.execute("SELECT count(*) FROM holdout_use WHERE dataset_id = ?", (version.id,)).fetchone() == (0,)


async def test_without_duplicates_it_says_so(project: Project) -> None:
    project = ships(project)
    version = version_of(project)
    with closing(project.open()) as connection, transaction(connection):
        connection.execute("DELETE FROM left_out_point")
        connection.execute("UPDATE dataset SET summary = '{}' WHERE id = ?", (version.id,))
    async with running(project, "dataset") as (app, pilot):
        await press(app, pilot, "5")
        assert "Nothing: no data point repeats another" in words(app)
        for number in "1234567":  # a summary of another version of the program breaks no tab
            await press(app, pilot, number)
        assert toasts(app) == []


async def test_preflight_shows_findings_with_rows_and_fixes(project: Project) -> None:
    project = ships(project)
    version = version_of(project)
    async with running(project, "dataset", size=(120, 60)) as (app, pilot):
        await press(app, pilot, "6")
        assert "No preflight yet" in pane(app)
        assert "long-rows" in pane(app)
        preflighted(project, version)
        await press(app, pilot, "f1", "f7")
        text = words(app)
        assert "✗ 1 check failed: no training starts" in text
        assert "✗ long-rows 2 rows 2 rows lose their label → Train with 1728. train:2 e2e_tests/t.yml:4" in text
        assert "! balance" in text
        assert "✓ pad-token" in text
        preflighted(project, version, passed=True)
        await press(app, pilot, "f1", "f7")
        assert "✓ Passed: a training may start, 1 check waived." in words(app)
        assert "long-rows (waived)" in words(app)


async def test_a_report_of_another_version_of_the_program_says_so(project: Project) -> None:
    project = ships(project)
    preflighted(project, version_of(project))
    with closing(project.open()) as connection, transaction(connection):
        connection.execute("UPDATE preflight SET report = '{}'")
    async with running(project, "dataset") as (app, pilot):
        await press(app, pilot, "6")
        assert "is of another version of Workbench" in words(app)
        await press(app, pilot, "2")
        assert "estimated" in pane(app)
        assert toasts(app) == []


@pytest.mark.parametrize("gpus", [[{"gpu": "T4 16GB"}], ["T4 16GB"]])
async def test_a_report_whose_estimates_are_of_another_version_breaks_no_tab(project: Project, gpus: list[Any]) -> None:
    project = ships(project)
    version = version_of(project)
    with closing(project.open()) as connection:
        save_preflight(connection, version.id, preflight_report(version, gpus=gpus))
    async with running(project, "dataset") as (app, pilot):
        for number in "1234567":
            await press(app, pilot, number)
        await press(app, pilot, "6")
        assert "is of another version of Workbench" in words(app)
        assert toasts(app) == []


def test_what_a_preflight_proves_is_wrapped_and_never_cut() -> None:
    for width in (56, 74, 114):
        lines = [line.content for line in preflight_lines(None, None, None, width)]
        assert max(line.cell_length for line in lines) <= width
        text = " ".join(" ".join(line.plain for line in lines).split())
        for what in CHECKS.values():
            assert what in text


async def test_looks_at_the_holdout_are_listed(project: Project) -> None:
    project = ships(project)
    version = version_of(project)
    async with running(project, "dataset") as (app, pilot):
        await press(app, pilot, "7")
        assert "Sealed: nobody has looked at it." in words(app)
        looked_into(project, version)
        await press(app, pilot, "f1", "f7")
        assert "Opened 1 time." in words(app)
        assert "maria the last comparison" in words(app)
