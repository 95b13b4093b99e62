from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.project import Project
from tests.review.pack.laptops import clone, hand_out


@pytest.fixture(scope="session")
def template_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once: creating a database takes longer than a test."""
    return clone(tmp_path_factory.mktemp("template") / "home").root


@pytest.fixture
def home(template_home: Path, tmp_path: Path) -> Project:
    """The project that hands out: five rephrasings of two steps are for the team."""
    shutil.copytree(template_home, tmp_path / "home")
    return Project(tmp_path / "home")


@pytest.fixture
def pack(home: Project, tmp_path: Path) -> Path:
    """A hand-out of all five, in a folder of its own."""
    (tmp_path / "mail").mkdir()
    hand_out(home, tmp_path / "mail")
    return tmp_path / "mail" / "round-1.jsonl"
