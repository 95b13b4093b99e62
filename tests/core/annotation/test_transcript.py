"""The bot's turns of an annotated test with assertions: those of the run, and no others as long as they say the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.pipeline.ingest import ingest
from core.project import Project
from tests.core.annotation.small import ANSWERS, annotate, answering, labels, new_project, select

ASSERTED = """
    test_cases:
    - test_case: asserted
      steps:
      - user: where is it
        assertions:
        - flow_started: where
      - user: it is A7
        assertions:
        - slot_was_set: [{name: number, value: A7}]
    """
BY_FILE = """\
conversations:
- original_test_case: e2e_tests/asserted.yml::asserted
  steps:
  - user: where is it
    llm_commands: [start flow where]
  - bot: %s
  - user: it is A7
    llm_commands: [set slot number A7]
  - utter: utter_can_do_something_else
"""


def turns(project: Project) -> list[tuple[str, str]]:
    ((transcript,),) = select(project, "SELECT transcript FROM conversation WHERE active = 1")
    return [(turn["kind"], turn["text"]) for turn in json.loads(transcript)]


def steps(project: Project) -> list[Any]:
    return select(project, "SELECT id, key, commands FROM user_step WHERE active = 1 ORDER BY ordinal")


def test_they_are_taken_from_the_run(tmp_path: Path) -> None:
    project = new_project(tmp_path / "parcels", {"asserted": ASSERTED})
    annotate(project, answering())
    assert turns(project) == [
        ("user", "where is it"),
        ("utter", "utter_ask_number"),
        ("user", "it is A7"),
        ("utter", "utter_can_do_something_else"),
    ]


def test_a_second_run_leaves_the_steps_as_they_are(tmp_path: Path) -> None:
    project = new_project(tmp_path / "parcels", {"asserted": ASSERTED})
    annotate(project, answering())
    before = steps(project)
    annotate(project, answering(), again=True)
    assert steps(project) == before


def with_annotation(folder: Path, question: str) -> Project:
    project = new_project(folder, {"asserted": ASSERTED})
    (project.root / "annotated.yml").write_text(BY_FILE % question)
    connection = project.open()
    ingest(project, connection, [project.root / "e2e_tests", project.root / "annotated.yml"], reviewer="tester")
    connection.close()
    return project


def test_other_words_for_the_same_are_kept_so_that_the_steps_after_them_stay_the_same(tmp_path: Path) -> None:
    project = with_annotation(tmp_path / "parcels", "Which number?")
    before = steps(project)
    annotate(project, answering(), again=True)
    assert turns(project)[1] == ("bot", "Which number?")
    assert steps(project) == before


def test_what_the_assistant_no_longer_says_is_not_kept(tmp_path: Path) -> None:
    project = with_annotation(tmp_path / "parcels", "Which one?")
    annotate(project, answering(), again=True)
    assert turns(project)[1] == ("utter", "utter_ask_number")


def test_a_message_in_two_answers_has_the_second_run_s_label(tmp_path: Path) -> None:
    project = new_project(tmp_path / "parcels", {"asserted": ASSERTED})
    annotate(project, answering())
    annotate(project, answering({**ANSWERS, "it is A7": "set slot number A7\ndisambiguate flows send"}), again=True)
    assert labels(project)["asserted", 2] == '[["set slot","number","A7"]]'
