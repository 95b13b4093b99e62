"""What a step is annotated with: the commands that the engine carried out of the answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.annotation.transcript import line_of
from core.commands import Dialect, SkipQuestion, StartFlow
from tests.core.annotation.small import ANSWERS, annotate, answering, labels, new_project, outcomes

ASKS_AGAIN = """
    test_cases:
    - test_case: asks again
      steps:
      - user: where is it
      - utter: utter_ask_number
      - user: my parcel please
      - utter: utter_ask_number
    """


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        ("start flow where\nstart flow where", '[["start flow","where"]]'),
        ("start flow where\nset slot colour red", '[["start flow","where"]]'),
        ("disambiguate flows where nowhere", '[["start flow","where"]]'),
    ],
)
def test_what_the_clean_up_takes_out_is_no_part_of_the_label(tmp_path: Path, answer: str, label: str) -> None:
    tests = """
        test_cases:
        - test_case: finds
          steps:
          - user: where is it
        """
    project = new_project(tmp_path / "parcels", {"finds": tests})
    report = annotate(project, answering({"where is it": answer}))
    assert labels(project)["finds", 1] == label
    assert any(note.startswith("1 step labelled with what the engine kept") for note in report.notes)


def test_commands_that_only_make_the_question_come_again_stay_the_label(tmp_path: Path) -> None:
    """With none at all the message could not be handled, and the conversation would go elsewhere."""
    project = new_project(tmp_path / "parcels", {"again": ASKS_AGAIN})
    annotate(project, answering({**ANSWERS, "my parcel please": "start flow where"}))
    assert outcomes(project) == {"asks again": "annotated"}
    assert labels(project)["asks again", 2] == '[["start flow","where"]]'


def test_a_message_that_could_not_be_handled_has_no_label(tmp_path: Path) -> None:
    tests = """
        test_cases:
        - test_case: not understood
          steps:
          - user: blah
          - utter: utter_ask_rephrase
        """
    project = new_project(tmp_path / "parcels", {"blah": tests})
    annotate(project, answering({"blah": "start flow nowhere"}))
    assert outcomes(project) == {"not understood": "annotated"}
    assert labels(project) == {("not understood", 1): None}


def test_a_command_the_dialect_has_no_words_for_is_described() -> None:
    assert line_of(SkipQuestion(), Dialect.V2) == "skip question"
    assert line_of(StartFlow("pay"), Dialect.V1) == "StartFlow(pay)"
