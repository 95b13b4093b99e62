"""The judge's question and its answer."""

from __future__ import annotations

import json

import pytest

from core.llm.roles import RoleSettings
from core.prompts.context import Line
from core.validation.opinion import opinion_request, read_opinion


def test_the_question_holds_the_conversation_and_both_wordings() -> None:
    history = (Line("USER", "a ticket {please}"), Line("AI", "For which day?"))
    request = opinion_request(RoleSettings(), 'on "Friday"', "this\nFriday", history, "rephrasing 7")
    prompt = request.messages[0].content
    assert "User: a ticket {please}\nAssistant: For which day?\n" in prompt
    assert 'Message: "on \\"Friday\\""\n' in prompt
    assert 'Other wording: "this Friday"\n' in prompt
    assert (request.stage, request.item, request.sample) == ("validate", "rephrasing 7", 0)
    json.dumps(request.parameters)


def test_only_the_last_lines_of_a_long_conversation_are_shown() -> None:
    history = tuple(Line("USER", f"message {number}") for number in range(100))
    prompt = opinion_request(RoleSettings(), "a", "b", history, "").messages[0].content
    assert "message 99" in prompt
    assert "message 80" not in prompt


def test_the_completions_api_is_asked_for_no_response_format() -> None:
    assert opinion_request(RoleSettings(api="completions"), "a", "b", (), "").parameters == {}


@pytest.mark.parametrize(
    ("answer", "doubt"),
    [
        ('{"added": [], "dropped": [], "changed": [], "same_meaning": true}', ""),
        ('Here it is:\n```json\n{"same_meaning": true}\n```', ""),
        ('{"added": ["a dog"], "dropped": ["Friday"], "changed": [], "same_meaning": true}', "added a dog; dropped Friday"),
        ('{"changed": ["two -> three"], "same_meaning": false}', "changed two -> three"),
        ('{"added": [], "dropped": [], "changed": [], "same_meaning": false}', "it does not mean the same"),
    ],
)
def test_anything_but_a_plain_yes_is_a_doubt(answer: str, doubt: str) -> None:
    opinion = read_opinion(answer)
    assert opinion is not None
    assert opinion.doubt == doubt


@pytest.mark.parametrize("answer", ["Yes, the same.", '{"same_meaning": "yes"}', '{"same_meaning": true', "[]", ""])
def test_an_answer_that_cannot_be_read_is_no_opinion(answer: str) -> None:
    assert read_opinion(answer) is None
