"""`workbench validate` against a real server on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from core.project import Project
from tests.core.pipeline.played import played_project
from tests.core.pipeline.small import query
from tests.core.validation.models import codes, configure, verdicts
from tests.llm_server import faults
from tests.llm_server.server import LlmServer, Scripted, scripted_server
from tests.tui.cli.calls import Workbench

SAID = ("2", "three", "a pair")
ANSWERS = {"2": "set slot ticket_count 2", "three": "set slot ticket_count 3", "a pair": "set slot ticket_count 2"}


def _answer(body: dict[str, Any]) -> Scripted:
    return ANSWERS[body["messages"][-1]["content"].rpartition("\n###\n")[2]]


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with scripted_server(_answer) as server:
        yield server


@pytest.fixture
def project(workbench: Workbench, server: LlmServer) -> Project:
    rephrasings = {("buys tickets", 2): [{"text": text} for text in SAID]}
    project = played_project(Project(workbench.folder), rephrasings)
    return configure(project, f'base_url = "{server.base_url}"\nprice_input = 1.0\nprice_output = 2.0\n')


def test_it_judges_what_has_no_verdict_and_then_nothing(workbench: Workbench, project: Project, server: LlmServer) -> None:
    done = workbench("validate", "--json")
    assert (done.code, done.data["complete"], done.data["counts"]["rephrasings judged"]) == (0, True, 3)
    assert verdicts(project)["three"] == ("different", ["value_changed: ticket_count: 2 → 3"])
    asked = server.count
    assert asked == 3 + 2  # two more votes for the one that was not clear
    assert workbench("validate", "--json").data["counts"]["rephrasings judged"] == 0
    rows = query(project, "SELECT * FROM verdict")
    again = workbench("validate", "--all", "--json")
    assert again.data["counts"]["rephrasings judged"] == 3
    assert server.count == asked  # all answers are stored
    assert query(project, "SELECT * FROM verdict") == rows


def test_the_report_counts_verdicts_and_reasons(workbench: Workbench, project: Project) -> None:
    out = workbench("validate", "--filter", "three").out
    assert [line.split() for line in out.splitlines()] == [
        ["validate"],
        ["rephrasings", "judged", "1"],
        ["same", "0"],
        ["different", "1"],
        ["ambiguous", "0"],
        ["value_changed", "1"],
    ]
    assert [text for text, (verdict, _) in verdicts(project).items() if verdict is None] == ["2", "a pair"]


def test_the_estimate_asks_nobody(workbench: Workbench, project: Project, server: LlmServer) -> None:
    estimate = workbench("validate", "--estimate", "--json").data
    assert (estimate["items"], estimate["missing"]) == ("3 rephrasings of 1 user step", 3)
    assert estimate["cost"] > 0
    assert estimate["notes"] == ["up to 2 further answers for each rephrasing whose first answer is not clear"]
    assert server.count == 0
    workbench("validate")
    estimate = workbench("validate", "--all", "--estimate", "--json").data
    assert (estimate["missing"], estimate["calls"][0]["stored"]) == (0, 3)


def test_a_model_that_says_nothing_finds_no_command(workbench: Workbench, project: Project) -> None:
    """An answer like any other; what is no answer at all is a failure."""
    config = project.config_path.read_text(encoding="utf-8")
    for fault, code in (("", 0), ({"choices": []}, 1)):
        with scripted_server(lambda body, fault=fault: fault) as silent:  # type: ignore[misc]
            text = f'{config.partition("[llm.annotator]")[0]}[llm.annotator]\nmodel = "{code}"\n'
            project.config_path.write_text(f'{text}base_url = "{silent.base_url}"\nretry_for = 0.1\n', encoding="utf-8")
            assert workbench("validate", "--filter", "three", "--all").code == code
    assert codes(project, "three") == ["no_commands"]


def test_documented_mode_looks_at_no_value(workbench: Workbench, project: Project) -> None:
    workbench("validate", "--mode", "documented")
    assert {verdict for verdict, _ in verdicts(project).values()} == {"same"}


def test_a_judges_answer_of_no_use_is_asked_for_anew_by_the_next_run(
    workbench: Workbench, project: Project, server: LlmServer
) -> None:
    opinions = ["Certainly!", "As I said.", '{"same_meaning": true}']
    asked = []

    def judge(body: dict[str, Any]) -> Scripted:
        asked.append(body)
        return opinions[len(asked) - 1]

    with scripted_server(judge) as wise:
        configure(project, f'base_url = "{wise.base_url}"\n[validate]\njudge = true\n', '\n[llm.judge]\nmodel = "wise"\n')
        for run, code in enumerate((1, 1, 0), start=1):
            done = workbench("validate", "--filter", "pair")
            assert (done.code, len(asked)) == (code, run), done.out
    assert [body.get("temperature") for body in asked] == [None, 0.7, 0.7]
    assert verdicts(project)["a pair"] == ("same", [])


def test_a_failed_call_is_listed_and_asked_for_again(workbench: Workbench, project: Project, server: LlmServer) -> None:
    config = project.config_path.read_text(encoding="utf-8")
    with scripted_server(lambda body: faults.Fault(400, b'{"error": {"message": "no"}}')) as bad:
        project.config_path.write_text(config.replace(server.base_url, bad.base_url), encoding="utf-8")
        done = workbench("validate")
    assert done.code == 1
    assert "e2e_tests/ferry.yml:6: three" in done.out
    assert {verdict for verdict, _ in verdicts(project).values()} == {None}
    project.config_path.write_text(config, encoding="utf-8")
    assert workbench("validate").code == 0
    assert None not in {verdict for verdict, _ in verdicts(project).values()}


def test_without_a_model_it_says_what_to_configure(workbench: Workbench) -> None:
    done = workbench("validate")
    assert done.code == 1
    assert "[llm.annotator]" in done.err
