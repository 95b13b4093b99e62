"""A project with one conversation of three user steps and seven rephrasings."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.project import Project, create_project
from review.decisions import DecisionLog
from tests.review.small import Step, add_conversation, start
from tests.review.worker import Processes

STEPS = (
    Step(
        "I want to renew my book",
        [
            ("please renew my book", "same"),
            ("renew the book I have", "same"),
            ("return my book", "different"),
            ("my book, again?", "ambiguous"),
        ],
    ),
    Step("the one about harbour birds", [("harbour birds", "same"), ("Harbour Birds, please", None)], commands="[]"),
    Step("/affirm", [("yes", None)], commands=start("confirm"), button=True),
)
FIRST_STEP, SECOND_STEP, BUTTON = 1, 2, 3
FIRST_STEP_IDS, SECOND_STEP_IDS, BUTTON_ID = (1, 2, 3, 4), (5, 6), 7


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """Migrated once: sqlite-utils takes longer than a whole test."""
    connection = create_project(tmp_path_factory.mktemp("template"))[0].open()
    add_conversation(connection, STEPS)
    yield connection
    connection.close()


@pytest.fixture
def small_project(template: sqlite3.Connection, tmp_path: Path) -> Project:
    """On disk, for tests that reopen it."""
    return place(template, tmp_path / "assistant")


@pytest.fixture
def small_project_connections(small_project: Project) -> Iterator[tuple[sqlite3.Connection, sqlite3.Connection]]:
    first, second = small_project.open(), small_project.open()
    yield first, second
    first.close()
    second.close()


@pytest.fixture
def small(template: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """In memory, for all others."""
    connection = in_memory(template)
    yield connection
    connection.close()


@pytest.fixture
def processes() -> Iterator[Processes]:
    processes = Processes()
    yield processes
    processes.end()


@pytest.fixture
def anna(small: sqlite3.Connection) -> DecisionLog:
    return DecisionLog(small, "anna", "app")


@pytest.fixture
def bo(small: sqlite3.Connection) -> DecisionLog:
    return DecisionLog(small, "bo", "cli")


def in_memory(template: sqlite3.Connection) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    template.backup(connection)
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def place(template: sqlite3.Connection, folder: Path) -> Project:
    folder.mkdir()
    (folder / "workbench.toml").touch()
    project = Project(folder)
    project.state_folder.mkdir()
    copy = sqlite3.connect(project.database_path)
    template.backup(copy)
    copy.close()
    return project
