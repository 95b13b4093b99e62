"""Fixtures of all tests, and the rules for what may be skipped.

- `WORKBENCH_TEST_DATA` names a folder with outside data (`data/`, `gold/`, `spec/`). Unset: tests marked `data` are
  skipped with that reason. Set and missing: they fail.
- `slow` tests run with `CI=true` or `--slow`. With `CI=true` no test marked `slow`, `real` or `data` may be skipped.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings

from core.project import Project, create_project
from tests.argilla_server import LocalArgilla, argilla_server
from tests.argilla_server.programs import entered_or_skipped

IN_CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")
# A busy machine is no failure: examples have no deadline, whatever CI's own profile says.
settings.register_profile("workbench", deadline=None, derandomize=IN_CI)
settings.load_profile("workbench")
MUST_RUN = ("slow", "real", "data")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run the slow tests too")


def pytest_report_header() -> list[str]:
    return [
        f"SQLite {sqlite3.sqlite_version}; outside data: {os.environ.get('WORKBENCH_TEST_DATA') or 'none'}",
        f"CI rules {'on: no slow, real or data test may be skipped' if IN_CI else 'off'}",
    ]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    data = os.environ.get("WORKBENCH_TEST_DATA")
    for item in items:
        if item.get_closest_marker("data") and not data:
            item.add_marker(pytest.mark.skip(reason="outside data: WORKBENCH_TEST_DATA is not set"))
        if item.get_closest_marker("slow") and not (IN_CI or config.getoption("--slow")):
            item.add_marker(pytest.mark.skip(reason="slow: run with CI=true or --slow"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        marked = [name for name in MUST_RUN if item.get_closest_marker(name)]
        if marked:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
            report.outcome = "failed"
            report.longrepr = f"with CI=true a test marked {', '.join(marked)} must not be skipped: {reason}"
    return report


@pytest.fixture(autouse=True)
def _own_user_configuration(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the configuration, the theme or the name of the person who runs it."""
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path_factory.mktemp("user") / "config.toml"))
    monkeypatch.setenv("WORKBENCH_REVIEWER", "tester")
    for name in ("NO_COLOR", "WORKBENCH_THEME", "TEXTUAL_THEME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of outside data."""
    folder = Path(os.environ["WORKBENCH_TEST_DATA"]).resolve()
    assert folder.is_dir(), f"WORKBENCH_TEST_DATA names {folder}, which is not a folder"
    return folder


@pytest.fixture(scope="session")
def argilla() -> Iterator[LocalArgilla]:
    """A real Argilla server with an owner and three annotators, one for each test worker. Tests make datasets of their own."""
    with ExitStack() as stack:
        yield entered_or_skipped(stack, argilla_server())


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project."""
    folder = tmp_path / "assistant"
    folder.mkdir()
    return create_project(folder)[0]


@pytest.fixture
def connection(project: Project) -> Iterator[sqlite3.Connection]:
    """A connection to the empty project's database."""
    connection = project.open()
    yield connection
    connection.close()
