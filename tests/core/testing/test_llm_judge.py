"""Generated answers judged by a language model: what is asked, and what becomes of an answer without a score."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.dialogue.events import BotUttered
from core.llm.models import Answer, CallFailure, FailureKind, Request, Usage
from core.testing.assertions import JudgeQuestion, NotJudgedError
from core.testing.llm_judge import LlmJudge, read_score
from core.testing.results import CaseResult
from core.testing.run_setup import RunOptions, prepare_run
from tests.core.testing.small import FILES, write

RELEVANT = "generative_response_is_relevant"
GROUNDED = "generative_response_is_grounded"


class Model:
    def __init__(self, reply: str | CallFailure) -> None:
        self._reply = reply
        self.requests: list[Request] = []

    def __call__(self, request: Request) -> Answer | CallFailure:
        self.requests.append(request)
        if isinstance(self._reply, CallFailure):
            return self._reply
        return Answer("k", self._reply, "stop", Usage(1, 1), None, 0.0)


def question(kind: str, truth: str | None = None, **message: Any) -> JudgeQuestion:
    said = BotUttered(**{"text": "We close at six.", "source": "action server", **message})
    return JudgeQuestion(kind, "when do you close?", said, 0.5, truth)


def test_relevance_is_asked_with_both_texts_and_a_shape_for_the_answer() -> None:
    model = Model('{"reason": "says when", "score": 0.75}')
    assert LlmJudge(model).score(question(RELEVANT)) == 0.75
    (request,) = model.requests
    (message,) = request.messages
    assert "User: when do you close?" in message.content
    assert "Assistant: We close at six." in message.content
    schema: Mapping[str, Any] = request.parameters["response_format"]["json_schema"]["schema"]
    assert set(schema["required"]) == set(schema["properties"]) == {"reason", "score"}
    json.dumps(request.parameters["response_format"])


def test_groundedness_is_asked_with_the_facts() -> None:
    model = Model('{"reason": "", "score": 1}')
    assert LlmJudge(model).score(question(GROUNDED, "Open from 9 to 18.")) == 1.0
    assert "Facts: Open from 9 to 18." in model.requests[0].messages[0].content


def test_without_facts_groundedness_cannot_be_judged() -> None:
    model = Model("")
    with pytest.raises(NotJudgedError, match="ground_truth"):
        LlmJudge(model).score(question(GROUNDED))
    assert model.requests == []


def test_a_line_of_the_test_itself_is_not_judged() -> None:
    with pytest.raises(NotJudgedError, match="the test's own"):
        LlmJudge(Model("")).score(question(RELEVANT, source="test"))


def test_a_call_that_fails_is_no_score() -> None:
    with pytest.raises(NotJudgedError, match="timeout: no answer within 60 s"):
        LlmJudge(Model(CallFailure("k", FailureKind.TIMEOUT, "no answer within 60 s"))).score(question(RELEVANT))


@pytest.mark.parametrize(
    "text", ["", "very good", '{"score": "high"}', '{"score": 1.2}', '{"score": true}', "[0.5]", "{" * 9000]
)
def test_an_answer_without_a_score_from_0_to_1_is_none(text: str) -> None:
    with pytest.raises(NotJudgedError, match="no score from 0 to 1"):
        read_score(text)


def test_text_around_the_score_does_no_harm() -> None:
    assert read_score('Here you are:\n```json\n{"reason": "{}", "score": 0}\n```') == 0.0


TESTS = """
    stub_custom_actions:
      action_find:
        events: []
        responses: [{text: It is in Prague.}]
    test_cases:
    - test_case: judged
      steps:
      - user: where is it
        commands: [start flow where]
      - utter: utter_ask_number
      - user: A7
        commands: [set slot number A7]
        assertions:
        - generative_response_is_relevant: {threshold: 0.6}
    """


def judged(folder: Path, model: Model | None) -> CaseResult:
    write(folder, {**FILES, "e2e_tests/tests.yml": TESTS})
    prepared = prepare_run(RunOptions((str(folder / "e2e_tests"),), assistant=folder), folder=folder)
    judge = None if model is None else LlmJudge(model)
    (case,) = replace(prepared.runner, judge=judge).run(prepared.tests).cases
    return case


@pytest.mark.parametrize(("score", "passes"), [(0.6, True), (0.59, False)])
def test_the_threshold_decides(tmp_path: Path, score: float, passes: bool) -> None:
    model = Model(json.dumps({"reason": "", "score": score}))
    case = judged(tmp_path, model)
    assert case.passed is passes
    assert len(model.requests) == 1
    assert case.warnings == ()


def test_an_assertion_that_was_not_judged_counts_as_not_run_and_is_told(tmp_path: Path) -> None:
    case = judged(tmp_path, Model("no"))
    assert case.passed
    assert case.assertions[RELEVANT].not_run == 1
    (warning,) = case.warnings
    assert warning.startswith("e2e_tests/tests.yml:11: generative_response_is_relevant was not judged: the judge's answer")


def test_without_a_judge_it_is_not_run(tmp_path: Path) -> None:
    case = judged(tmp_path, None)
    assert case.assertions[RELEVANT].not_run == 1
    assert case.warnings == ("not judged: 1 assertions that need a language model, and none is configured",)
