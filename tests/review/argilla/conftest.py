"""A small project whose rephrasings are all uncertain, and the team's server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.project import Project
from tests.argilla_server import LocalArgilla
from tests.review.argilla.handed import KEY_VARIABLE, Handed, make_project


@pytest.fixture
def uncertain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Twelve rephrasings with the verdict `ambiguous`; no server."""
    monkeypatch.setenv(KEY_VARIABLE, "owner.apikey")
    return make_project(tmp_path, conversations=3)


@pytest.fixture
def handed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argilla: LocalArgilla) -> Iterator[Handed]:
    """The same with the server, connected as its owner; nothing is pushed yet."""
    monkeypatch.setenv(KEY_VARIABLE, argilla.api_key)
    argilla.start()  # an earlier test may have killed it
    handed = Handed(argilla, make_project(tmp_path, conversations=3, url=argilla.url, workspace=argilla.workspace))
    yield handed
    handed.close()
