"""The small ferry project with a second test, whose labels stand in a JSONL file, and what the tests ask of its lineage."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from core.lineage.tree import Branch
from core.lineage.why import Why, explain
from core.project import Project
from tests.core.pipeline.small import FILES, jsonl, take, write_all

TICKET = "e2e_tests/tickets.yml::buys a ticket"
CABIN = "e2e_tests/cabins.yml::rents a cabin"

CABINS = """\
test_cases:
- test_case: rents a cabin
  steps:
  - user: a cabin with two beds
  - bot: Which night?
  - user: next Friday
  - bot: Done.
  - user: /pay
"""
CABIN_CONTEXTS = """\
prompt_contexts:
  flows:
  - name: rent_cabin
    description: rent a cabin on the ferry
    slots:
    - name: cabin_beds
      type: float
    - name: cabin_night
      type: text
  tests:
  - test: e2e_tests/cabins.yml::rents a cabin
    steps:
    - user: a cabin with two beds
      active_flow: null
      asked_slot: null
      slots: {}
      replies: [Which night?]
    - user: next Friday
      active_flow: rent_cabin
      asked_slot: cabin_night
      slots: {cabin_beds: 2}
      replies: [Done.]
"""
LABELS = [
    {"file": "e2e_tests/cabins.yml", "test_case": "rents a cabin", "user_step": 1, "text": "a cabin with two beds",
     "commands": ["start flow rent_cabin", "set slot cabin_beds 2"]},
    {"file": "e2e_tests/cabins.yml", "test_case": "rents a cabin", "user_step": 2, "text": "next Friday",
     "commands": ["set slot cabin_night Friday"],
     "rephrasings": [
         {"text": "Friday night", "verdict": "same"},
         {"text": "on Saturday", "verdict": "different", "reasons": ["value_changed: Friday → Saturday"],
          "commands": ["set slot cabin_night Saturday"]},
     ]},
]  # fmt: skip


def two_tests(project: Project) -> Project:
    more = {"e2e_tests/cabins.yml": CABINS, "labels.jsonl": jsonl(LABELS), "cabin_contexts.yml": CABIN_CONTEXTS}
    write_all(project, {**FILES, **more})
    report = take(project)
    assert report.problems == []
    return project


def why(project: Project, target: str, **options: Any) -> Why:
    with closing(project.open()) as connection:
        return explain(project, connection, target, reviewer="tester", **options)


def asked(project: Project, target: str, **options: Any) -> dict[str, Any]:
    return why(project, target, **options).as_data()


def lines(project: Project, target: str, **options: Any) -> list[str]:
    """The tree as it is printed, without indentation."""
    tree: Branch = why(project, target, **options).tree()
    return [text for _, text in tree.lines()]
