"""Names and definitions of datasets, without a server."""

from __future__ import annotations

import pytest

from core.errors import ProjectError
from review.argilla.dataset import dataset_name
from review.argilla.definition import MOST_GUIDELINES, definition_of
from review.team.guidelines import GUIDELINES
from review.team.models import Say


@pytest.mark.parametrize(
    ("project", "name"),
    [
        ("harbour", "harbour-round-1"),
        ("My Assistant (v2)", "my-assistant-v2-round-1"),
        ("Bücherei", "bucherei-round-1"),
        ("图书馆", "round-1"),
        ("x" * 300, "x" * 100),
    ],
)
def test_a_dataset_is_named_after_project_and_round_as_argilla_takes_it(project: str, name: str) -> None:
    assert dataset_name(project, "round-1") == name


def test_the_labels_of_the_decision_are_those_of_answers() -> None:
    (decision, *texts) = definition_of(GUIDELINES, 2).questions
    assert [option["value"] for option in decision["settings"]["options"]] == [say.value for say in Say]
    assert decision["required"]
    assert not any(text["required"] for text in texts)


@pytest.mark.parametrize("text", ["", " \n", "x" * (MOST_GUIDELINES + 1)])
def test_guidelines_that_argilla_does_not_take_are_refused(text: str) -> None:
    with pytest.raises(ProjectError, match="guidelines"):
        definition_of(text, 2)
