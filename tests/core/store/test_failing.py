"""Tests that fail when they are annotated stay out of later stages, though they hold commands of their own."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from core.project import Project
from core.rephrasing.plan import Selection, planned_ids
from core.store.failing import count_failing, note_on_failing
from core.store.verdicts import to_be_judged
from tests.core.annotation.small import CHOOSES, annotate, answering, new_project, outcomes

HARBOUR = "- user: the one at the harbour\n"
WITH_COMMANDS = CHOOSES.replace(HARBOUR, f"{HARBOUR}        commands: [set slot shop Harbour]\n")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = new_project(tmp_path / "parcels", {"chooses": WITH_COMMANDS})
    annotate(project, answering())
    assert outcomes(project)["chooses another"] == "failed"
    return project


def test_a_failing_test_is_neither_rephrased_nor_judged(project: Project) -> None:
    with closing(project.open()) as connection:
        failing = {row[0] for row in connection.execute("SELECT id FROM conversation WHERE name = 'chooses another'")}
        (step,) = connection.execute(
            "SELECT id FROM user_step WHERE conversation_id = ? AND commands IS NOT NULL", tuple(failing)
        ).fetchone()
        connection.execute(
            "INSERT INTO rephrasing (step_id, conversation_id, ordinal, position, text) VALUES (?, ?, 2, 1, 'the harbour one')",
            (step, *failing),
        )
        assert failing.isdisjoint(planned_ids(connection, Selection()))
        assert len(to_be_judged(connection, again=False)) == 0
        assert count_failing(connection) == 1
        assert note_on_failing(connection) == ("1 failing test is left out: `workbench annotate --failures` shows why.",)


def test_it_comes_back_when_it_passes(project: Project) -> None:
    with closing(project.open()) as connection:
        connection.execute("UPDATE annotation SET outcome = 'annotated'")
        assert len(planned_ids(connection, Selection())) == 2
        assert note_on_failing(connection) == ()
