"""A project with a small assistant and tests that reach a part of it."""

from __future__ import annotations

from core.coverage.run import CoverageRun, run_coverage
from core.project import Project
from core.testing.run_setup import RunOptions
from tests.core.coverage.small import DOMAIN, FLOWS

TESTS = """\
test_cases:
- test_case: books a table
  steps:
  - user: a table please
    commands:
    - start flow book_table
  - utter: utter_ask_guests
  - user: for two
    commands:
    - set slot guests 2
  - utter: utter_ask_day
- test_case: too many
  steps:
  - user: a table for ninety
    commands:
    - start flow book_table
    - set slot guests 90
  - utter: utter_too_many
- test_case: expects something else
  steps:
  - user: when are you open
    commands:
    - start flow say_hours
  - utter: utter_points
"""


def fill(project: Project, tests: str = TESTS, flows: str = FLOWS) -> None:
    """Write the assistant and its tests; the first two of them pass."""
    for name, text in (
        ("data/flows.yml", flows),
        ("domain.yml", DOMAIN),
        ("config.yml", "language: en\npipeline: []\n"),
        ("e2e_tests/tables.yml", tests),
    ):
        path = project.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


def measured(project: Project) -> CoverageRun:
    """The project filled and measured."""
    fill(project)
    return run_coverage(RunOptions(), folder=project.root, project=project)
