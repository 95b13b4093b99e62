"""Responses of a test, as the texts that the assistant says."""

from __future__ import annotations

from pathlib import Path

from core.project import Project, create_project
from core.sample import copy_sample
from review.models import TranscriptTurn
from review.team.spoken import spoken, texts_of_responses


def test_a_response_that_the_domain_knows_is_said_by_the_bot() -> None:
    turns = [
        TranscriptTurn("user", "hi", 1),
        TranscriptTurn("utter", "utter_greet", 2),
        TranscriptTurn("utter", "utter_gone", 3),
    ]
    assert spoken(turns, {"utter_greet": "Welcome!"}) == [("user", "hi"), ("bot", "Welcome!"), ("utter", "utter_gone")]


def test_texts_come_from_the_assistant(tmp_path: Path) -> None:
    texts = texts_of_responses(copy_sample(tmp_path / "harbour"))
    assert texts["utter_ask_room_time"].strip()
    assert not any(text.startswith("utter_") for text in texts.values())


def test_without_an_assistant_names_stay(project: Project) -> None:
    assert texts_of_responses(project) == {}


def test_an_assistant_that_cannot_be_read_is_no_obstacle(tmp_path: Path) -> None:
    project, _ = create_project(tmp_path)
    (tmp_path / "domain.yml").write_text("responses:\n  utter_a:\n  - text: [unclosed\n", encoding="utf-8")
    assert texts_of_responses(project) == {}
