"""Tests whose commands a language model is asked for: what is asked, how often, and what becomes of odd answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.llm.models import Answer, CallFailure, FailureKind, Request, Usage
from core.llm.roles import RoleSettings
from core.prompts.template import load_template
from core.testing.action_sources import ActionMode
from core.testing.asked_commands import AskedCommands
from core.testing.results import CaseResult, Outcome
from core.testing.run_setup import RunOptions, prepare_run
from tests.core.testing.small import FILES, failures, write

Reply = str | Answer | CallFailure


class Model:
    """Answers by the newest message, or what a function says. `prompts`: in the order they were asked."""

    def __init__(self, answers: dict[str, Reply] | Callable[[str], Reply]) -> None:
        self._reply = answers if callable(answers) else lambda prompt: answers[message_of(prompt)]
        self.prompts: list[str] = []
        self.items: list[str] = []

    def __call__(self, request: Request) -> Answer | CallFailure:
        (message,) = request.messages
        self.prompts.append(message.content)
        self.items.append(request.item)
        reply = self._reply(message.content)
        return Answer("k", reply, "stop", Usage(1, 1), None, 0.0) if isinstance(reply, str) else reply

    @property
    def messages(self) -> list[str]:
        return [message_of(prompt) for prompt in self.prompts]


def message_of(prompt: str) -> str:
    return prompt.split("# Newest message\n")[1].split("\n")[0]


def run(folder: Path, tests: str, model: Model, actions: ActionMode = ActionMode.AUTO) -> CaseResult:
    """Runs one test on the small assistant."""
    write(folder, {**FILES, "e2e_tests/tests.yml": tests})
    options = RunOptions((str(folder / "e2e_tests"),), actions=actions, assistant=folder)
    plain = prepare_run(options, folder=folder)
    source = AskedCommands(plain.runner.tested.engine, load_template(), RoleSettings(), model, stage="test")
    prepared = prepare_run(options, folder=folder, source=source)
    (case,) = prepared.runner.run(prepared.tests).cases
    return case


WHERE = """
    test_cases:
    - test_case: finds
      steps:
      - user: where is it
      - utter: utter_ask_number
      - user: it is A7
      - slot_was_set: [number: A7]
      - bot: Parcel A7 is in Prague.
      - utter: utter_can_do_something_else
    """


def test_each_step_is_asked_in_the_state_the_conversation_is_in(tmp_path: Path) -> None:
    model = Model({"where is it": "start flow where", "it is A7": "set slot number A7"})
    case = run(tmp_path, WHERE, model)
    assert case.passed, case.failures
    assert model.messages == ["where is it", "it is A7"]
    assert "no flow is active" in model.prompts[0]
    assert "asked slot: number" in model.prompts[1]
    assert "AI: Which number?" in model.prompts[1]
    assert model.items == ["e2e_tests/tests.yml::finds step 1", "e2e_tests/tests.yml::finds step 2"]


def test_a_prompt_shows_what_the_test_said_for_an_action_and_is_asked_once(tmp_path: Path) -> None:
    """Looking for what actions did plays the conversation again and again."""
    tests = """
        test_cases:
        - test_case: sends
          steps:
          - user: send something
          - utter: utter_ask_weight
          - user: 3 kilos
          - bot: One moment.
          - utter: utter_price
          - utter: utter_ask_insured
          - user: no thanks
          - utter: utter_sent
        """
    answers = {"send something": "start flow send", "3 kilos": "set slot weight 3", "no thanks": "set slot insured False"}
    model = Model({**answers})
    case = run(tmp_path, tests, model)
    assert case.passed, case.failures
    assert [(one.action, dict(one.slots)) for one in case.assumed] == [("action_price", {"price_level": "light"})]
    assert model.messages == ["send something", "3 kilos", "no thanks"]
    assert "AI: One moment.\nAI: It costs" in model.prompts[2]


def test_a_test_that_cannot_come_right_is_asked_no_more_than_its_steps(tmp_path: Path) -> None:
    """A wrong answer sends the search for what actions did through every guess; none of them asks."""
    tests = """
        test_cases:
        - test_case: sends
          steps:
          - user: send something
          - utter: utter_ask_weight
          - user: 3 kilos
          - utter: utter_price
          - utter: utter_ask_insured
          - user: no thanks
          - utter: utter_heavy
          - user: what now
          - utter: utter_ask_number
        """
    model = Model(
        {"send something": "start flow send", "3 kilos": "set slot weight 3", "no thanks": "cancel flow", "what now": "hm"}
    )
    case = run(tmp_path, tests, model)
    assert {failure.user_step for failure in case.failures} == {3, 4}
    assert model.messages == ["send something", "3 kilos", "no thanks", "what now"]


def test_commands_of_the_test_and_buttons_are_never_asked_for(tmp_path: Path) -> None:
    tests = """
        test_cases:
        - test_case: mixed
          steps:
          - user: where is it
            commands: [start flow where]
          - utter: utter_ask_number
          - user: /SetSlots(number=A7)
          - bot: Parcel A7 is in Prague.
        """
    model = Model({})
    case = run(tmp_path, tests, model)
    assert case.passed, case.failures
    assert model.prompts == []


def test_commands_of_the_test_that_cannot_be_read_keep_it_from_being_run(tmp_path: Path) -> None:
    tests = WHERE.replace("      - user: it is A7", "      - user: it is A7\n        commands: [take it]")
    case = run(tmp_path, tests, Model({"where is it": "start flow where"}))
    assert case.outcome is Outcome.NOT_RUN
    assert "commands not understood: take it" in case.not_run


def test_what_is_no_command_is_warned_about_and_left_over(tmp_path: Path) -> None:
    model = Model({"where is it": "Sure!\nstart flow where", "it is A7": "no idea"})
    case = run(tmp_path, WHERE, model)
    assert "user step 1: the model's answer holds what is no command: Sure!" in case.warnings
    assert "user step 2: the model's answer was no command: no idea" in case.warnings
    assert failures(case)[0][0] == "slot_was_set"
    assert len(case.turns[0].commands) == 1


def test_an_answer_that_was_cut_off_is_warned_about(tmp_path: Path) -> None:
    cut = Answer("k", "start flow where", "length", Usage(1, 1), None, 0.0)
    case = run(tmp_path, WHERE, Model(lambda prompt: cut))
    assert "user step 1: the model's answer was cut off: raise `max_tokens` of its role" in case.warnings


def test_a_call_that_fails_makes_only_its_test_not_run(tmp_path: Path) -> None:
    down = CallFailure("abc", FailureKind.CONNECTION, "nothing listens there", "Start the server.")
    case = run(tmp_path, WHERE, Model({"where is it": "start flow where", "it is A7": down}))
    assert case.outcome is Outcome.NOT_RUN
    assert case.not_run == "user step 2: connection: nothing listens there. Start the server."


def test_a_message_that_never_reaches_a_command_generator_is_not_asked_about(tmp_path: Path) -> None:
    tests = f"""
        test_cases:
        - test_case: long
          steps:
          - user: "{"x" * 500}"
          - utter: utter_internal_error_rasa
        """
    model = Model({})
    run(tmp_path, tests, model)
    assert model.prompts == []


def test_with_stubs_alone_a_test_is_played_once(tmp_path: Path) -> None:
    model = Model({"where is it": "start flow where", "it is A7": "set slot number A7"})
    case = run(tmp_path, WHERE, model, ActionMode.STUBS)
    assert model.messages == ["where is it", "it is A7"]
    assert not case.passed
