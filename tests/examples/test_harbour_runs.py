"""The sample project's tests pass, its own actions do what the tests say, and its contexts are what the engine computes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.assistant.graph import all_steps
from core.conversations.models import PromptContexts
from core.conversations.reading import read_file
from core.dialogue.actions import FirstOf
from core.dialogue.prompt import PromptBuilder
from core.dialogue.turn import Turn
from core.pipeline.ingest import ingest
from core.prompts.context import PromptContext, build_context
from core.sample import copy_sample
from core.testing.cases import LoadedTest
from core.testing.results import Outcome, RunResult
from core.testing.run_setup import PreparedRun, RunOptions, prepare_run
from core.testing.stubs import Stubs
from tests.examples.harbour_actions import harbour_actions


@dataclass(frozen=True, slots=True)
class _Step:
    """A user step as the engine went through it."""

    test: LoadedTest
    number: int
    turn: Turn


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> PreparedRun:
    project = copy_sample(tmp_path_factory.mktemp("sample") / "harbour")
    endpoints = project.root / "endpoints.yml"
    text = endpoints.read_text(encoding="utf-8")
    # Whatever listens at that port on this machine is not asked.
    endpoints.write_text(text[: text.index("action_endpoint:")], encoding="utf-8")
    with project.open() as connection:
        ingest(project, connection, [project.root], reviewer="tester")
    connection.close()
    return prepare_run(RunOptions(), folder=project.root, project=project)


@pytest.fixture(scope="module")
def result(prepared: PreparedRun) -> RunResult:
    return prepared.runner.run(prepared.tests)


@pytest.fixture(scope="module")
def steps(prepared: PreparedRun) -> list[_Step]:
    """Every user step of every test, with stubs where a test has some and the sample's own actions elsewhere."""
    return [step for test in prepared.tests for step in _converse(prepared, test)]


@pytest.fixture(scope="module")
def contexts(prepared: PreparedRun) -> PromptContexts:
    content = read_file(Path(prepared.assistant.root) / "contexts.yml", "contexts.yml").content
    assert isinstance(content, PromptContexts)
    return content


def _converse(prepared: PreparedRun, test: LoadedTest) -> Iterator[_Step]:
    runner = prepared.runner
    own = harbour_actions(Path(prepared.assistant.root))
    stubs = Stubs(test.stubs, lambda name, values: runner.tested.responses.say(name, values, {}, []))
    conversation = runner.tested.engine.conversation(FirstOf((stubs, own)))
    conversation.begin(test.slots)
    for step in test.script.turns:
        commands = () if step.is_button else runner.commands.commands(test, step, conversation)
        yield _Step(test, step.ordinal, conversation.say(step.text, commands))


def test_all_of_at_least_eighty_tests_pass_without_a_warning(result: RunResult) -> None:
    assert len(result.cases) >= 80
    assert [(case.file, case.name, case.failures) for case in result.cases if case.outcome is not Outcome.PASSED] == []
    assert [(case.name, case.warnings) for case in result.cases if case.warnings] == []


def test_no_command_of_the_recording_is_dropped(steps: list[_Step]) -> None:
    assert [(step.test.case.name, step.number, step.turn.dropped) for step in steps if step.turn.dropped] == []


def test_every_step_of_every_flow_is_gone_through(prepared: PreparedRun, result: RunResult) -> None:
    flows = [flow for flow in prepared.assistant.flows.values() if not flow.is_pattern]
    assert len(flows) >= 12
    visited = {(visit.flow, visit.step) for case in result.cases for turn in case.turns for visit in turn.visits}
    missed = [(flow.id, step.id) for flow in flows for step in all_steps(flow.steps) if (flow.id, step.id) not in visited]
    assert missed == []


def test_every_pattern_of_the_sample_is_used(prepared: PreparedRun, result: RunResult) -> None:
    used = Counter(visit.flow for case in result.cases for turn in case.turns for visit in turn.visits)
    assert [flow.id for flow in prepared.assistant.flows.values() if flow.is_pattern and not used[flow.id]] == []


def test_its_own_actions_answer_as_the_tests_expect(steps: list[_Step], result: RunResult) -> None:
    """The run above takes an action's answers from the tests; here the actions themselves gave them."""
    own = {(*step.test.key, step.number): _said(step.turn) for step in steps}
    led = {
        (case.file, case.name, case.occurrence, number): _said(turn)
        for case in result.cases
        for number, turn in enumerate(case.turns, start=1)
    }
    assert led == own


def test_contexts_say_what_the_assistant_answers_to_every_step(steps: list[_Step], contexts: PromptContexts) -> None:
    written = {
        (test.file, test.name, number): (step.user, step.replies)
        for test in contexts.tests
        for number, step in enumerate(test.steps, start=1)
    }
    computed = {(step.test.file, step.test.case.name, step.number): (step.turn.text, _said(step.turn)) for step in steps}
    assert written == computed


def test_contexts_make_the_prompts_that_the_engine_makes(
    prepared: PreparedRun, steps: list[_Step], contexts: PromptContexts
) -> None:
    tests = {(test.file, test.name): test for test in contexts.tests}
    builder = PromptBuilder(prepared.runner.tested.engine)
    differing = []
    for step in steps:
        written = build_context(contexts.flows, tests[step.test.file, step.test.case.name], step.number)
        computed = builder.context(step.turn.before)
        if _printed(written) != _printed(computed):
            differing.append((step.test.file, step.test.case.name, step.number, _printed(written), _printed(computed)))
    assert differing == []


def _said(turn: Turn) -> tuple[str | None, ...]:
    return tuple(message.text for message in turn.said)


def _printed(context: PromptContext) -> PromptContext:
    """What a prompt prints, without the switch that the hand-written contexts do not have."""
    variables = {name: value for name, value in context.variables.items() if name != "is_repeat_command_enabled"}
    return PromptContext(variables, context.history, context.user_message)
