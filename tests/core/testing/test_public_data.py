"""The tests of public assistants, with hand-made commands: which pass, and why the others cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.dialogue.compat import DEFAULT
from core.project import Project
from core.testing.results import Outcome, RunResult
from core.testing.run_setup import RunOptions, prepare_run

pytestmark = pytest.mark.data

WRITTEN = Path(__file__).parents[2] / "data_commands"
QUICKSTART = ("rasa-customers__rasa-quickstart/template", "e2e_tests")
SHOP = ("chunyuanlee__rasa_bot_ecs", "e2e_tests")
SHOP_2 = ("dingzj11__E-commerce-Intelligent-Customer-Service-Agent", "e2e_tests")
BANK = ("RasaHQ__rasa-calm-hybrid-demo", "tests")
PAYMENTS = ("RasaHQ__financial-demo_calm_branch", "tests/e2e")
VERSIONS = {PAYMENTS: "3.8"}
"""Assistants of an early version: their slots are mapped `custom`, and yet filled by commands."""


@pytest.fixture(scope="module")
def results(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], RunResult]:
    """All tests of all assistants."""
    found = {}
    for where in (QUICKSTART, SHOP, SHOP_2, BANK, PAYMENTS):
        assistant = test_data / "data" / where[0]
        commands = (str(test_data / "gold/gold_commands.jsonl"), str(WRITTEN))
        project = Project(tmp_path_factory.mktemp("project"))
        project.config_path.write_text(f'[project]\ncompat = "{VERSIONS.get(where, DEFAULT)}"\n')
        options = RunOptions((str(assistant / where[1]),), commands, assistant=assistant)
        prepared = prepare_run(options, folder=assistant, project=project)
        found[where] = prepared.runner.run(prepared.tests)
    return found


@pytest.mark.parametrize(
    ("where", "passed", "failed"),
    [(QUICKSTART, 8, 0), (SHOP, 7, 8), (SHOP_2, 7, 0), (BANK, 65, 0), (PAYMENTS, 0, 3)],
)
def test_every_conversation_runs(
    results: dict[tuple[str, str], RunResult], where: tuple[str, str], passed: int, failed: int
) -> None:
    result = results[where]
    counts = tuple(result.count(outcome) for outcome in (Outcome.PASSED, Outcome.FAILED, Outcome.NOT_RUN))
    assert counts == (passed, failed, 0), [case.name for case in result.cases if not case.passed]


def test_what_fails_is_left_over_from_a_template_or_answered_by_nlu(results: dict[tuple[str, str], RunResult]) -> None:
    """The first turn that goes wrong is one for which nobody could write commands."""
    for where, reason in ((SHOP, ("template", "starter")), (PAYMENTS, ("NLU", "intents"))):
        for case in results[where].cases:
            if not case.passed:
                step = case.failures[0].user_step
                (why,) = [warning for warning in case.warnings if warning.startswith(f"user step {step} ")]
                assert any(word in why for word in reason), why


def test_values_are_assumed_only_where_a_branch_needs_them(results: dict[tuple[str, str], RunResult]) -> None:
    assumed = {
        (case.name, one.action, slot): value
        for case in results[QUICKSTART].cases
        for one in case.assumed
        for slot, value in one.slots
    }
    assert {slot for _, _, slot in assumed} == {"return_value", "contacts_list"}
    assert {value for (_, _, slot), value in assumed.items() if slot == "return_value"} == {"success"}


def test_lines_with_texts_of_a_database_are_put_down_to_the_actions(results: dict[tuple[str, str], RunResult]) -> None:
    passed = [case for case in results[SHOP].cases if case.passed]
    said = [message for case in passed for turn in case.turns for message in turn.said]
    assert {message.source for message in said if message.utter is None} == {"test"}
    assert {message.source for message in said if message.utter is not None} == {"response"}
