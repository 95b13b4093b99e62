"""`workbench annotate`, and language models in `workbench test` and `workbench coverage`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.core.annotation.small import ANSWERS, CHOOSES, FINDS, ROLE
from tests.core.testing.small import FILES, write
from tests.llm_server import Fault, LlmServer, faults, scripted_server
from tests.tui.cli.calls import Workbench

FAILS = "e2e_tests/chooses.yml::chooses another"


def answer(body: dict[str, Any]) -> str:
    prompt = str(body["messages"][0]["content"])
    if "You judge" in prompt:
        return json.dumps({"reason": "", "score": 0.9})
    return str(ANSWERS[prompt.split("# Newest message\n")[1].split("\n")[0]])


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with scripted_server(answer) as server:
        yield server


@pytest.fixture
def parcels(workbench: Workbench, server: LlmServer) -> Workbench:
    """Calls in a project with tests nobody has labelled, and a model."""
    write(workbench.folder, {**FILES, "e2e_tests/finds.yml": FINDS, "e2e_tests/chooses.yml": CHOOSES})
    configure(workbench, ROLE.format(base_url=server.base_url))
    return workbench


def configure(workbench: Workbench, text: str) -> None:
    with (workbench.folder / "workbench.toml").open("a") as config:
        config.write(text)


def test_it_tells_what_it_will_ask_and_what_came_of_it(parcels: Workbench) -> None:
    done = parcels("annotate")
    assert done.code == 0
    assert "annotate: 5 user steps of 3 tests" in done.err
    assert "annotator (test-model): 5 calls" in done.err
    lines = [line.split("  ")[0] for line in done.out.splitlines()]
    assert lines[:4] == ["annotate", "tests annotated", "failing tests, left out", "user steps with commands"]
    assert f"Left out\n  {FAILS}\n" in done.out
    assert "+ You chose Harbour." in done.out
    assert "Later stages leave out 1 failing test" in done.err


def test_the_report_as_json(parcels: Workbench) -> None:
    done = parcels("annotate", "--json")
    assert done.data["counts"]["tests annotated"] == 2
    assert [one["item"] for one in done.data["left_out"]] == [FAILS]
    assert done.data["complete"] is True


def test_an_estimate_asks_nothing(parcels: Workbench, server: LlmServer) -> None:
    done = parcels("annotate", "--estimate", "--json")
    assert (done.code, done.data["items"], done.data["missing"]) == (0, "5 user steps of 3 tests", 5)
    assert server.count == 0


def test_failing_tests_can_be_listed_again_with_their_diffs(parcels: Workbench, server: LlmServer) -> None:
    (left_out,) = parcels("annotate", "--json").data["left_out"]
    key = left_out["call"]
    assert "set slot shop Harbour" in parcels("llm", "show", key[:12]).out
    asked = server.count
    done = parcels("annotate", "--failures")
    assert done.out.splitlines() == [
        "LEFT OUT e2e_tests/chooses.yml:8  chooses another",
        "  user step 2 (e2e_tests/chooses.yml:12): the model answered: set slot shop Harbour",
        f"    workbench llm show {key[:12]}",
        "  user step 2 (e2e_tests/chooses.yml:13): bot",
        "    - You chose Hill.",
        "    + You chose Harbour.",
        "    + What else?",
        "",
    ]
    (listed,) = parcels("annotate", "--failures", "--json").data
    assert (listed["name"], listed["outcome"], listed["failures"][0]["call"], listed["failures"][1]["actual"]) == (
        "chooses another",
        "failed",
        key,
        ["You chose Harbour.", "What else?"],
    )
    assert server.count == asked


def test_nothing_fails_and_it_says_so(parcels: Workbench) -> None:
    parcels("annotate", parcels.folder / "e2e_tests/finds.yml")
    done = parcels("annotate", "--failures")
    assert (done.code, done.out) == (0, "")
    assert "No annotated test fails" in done.err


def test_annotations_are_written_as_the_recipe_has_them(parcels: Workbench, tmp_path: Path) -> None:
    done = parcels("annotate", "--out", tmp_path / "out")
    assert done.code == 0
    folder = tmp_path / "out/1_command_annotations"
    assert sorted(path.name for path in folder.iterdir()) == ["chooses.yml", "finds.yml"]
    (conversation,) = yaml.safe_load((folder / "finds.yml").read_text())["conversations"]
    assert conversation["original_test_case"] == "e2e_tests/finds.yml::finds"
    assert conversation["steps"] == [
        {"user": "where is it", "llm_commands": ["start flow where"]},
        {"utter": "utter_ask_number"},
        {"user": "it is A7", "llm_commands": ["set slot number A7"]},
        {"bot": "Parcel A7 is in Prague."},
    ]
    chosen = yaml.safe_load((folder / "chooses.yml").read_text())["conversations"]
    assert [one["original_test_case"] for one in chosen] == ["e2e_tests/chooses.yml::chooses"]
    again = parcels("annotate", "--keep-failing", "--out", tmp_path / "out")
    assert again.code == 0
    assert len(yaml.safe_load((folder / "chooses.yml").read_text())["conversations"]) == 2


def test_a_folder_with_other_files_is_left_alone(parcels: Workbench, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine.txt").write_text("mine")
    done = parcels("annotate", "--out", tmp_path / "out")
    assert done.code == 2
    assert (tmp_path / "out/mine.txt").read_text() == "mine"


def test_a_model_that_does_not_answer_is_told_and_the_exit_code_says_so(workbench: Workbench) -> None:
    def script(body: dict[str, Any]) -> str | Fault:
        found = answer(body)
        return faults.context_too_long() if found == "set slot number A7" else found

    write(workbench.folder, {**FILES, "e2e_tests/finds.yml": FINDS})
    with scripted_server(script) as server:
        configure(workbench, ROLE.format(base_url=server.base_url))
        done = workbench("annotate")
    assert done.code == 1
    assert "Failed, and asked again by the same call\n  e2e_tests/finds.yml::finds\n      context too small" in done.out


def test_without_a_model_it_says_what_to_configure(workbench: Workbench) -> None:
    write(workbench.folder, {**FILES, "e2e_tests/finds.yml": FINDS})
    done = workbench("annotate")
    assert done.code == 1
    assert "no model is configured as annotator" in done.err
    assert "[llm.annotator]" in done.err


def test_tests_can_be_run_with_a_model_s_commands(parcels: Workbench, server: LlmServer) -> None:
    done = parcels("test", "--commands", "llm", "--json")
    assert done.code == 1
    assert {row["name"]: row["passed"] for row in done.data["results"]} == {
        "chooses": True,
        "chooses another": False,
        "finds": True,
    }
    assert server.count == 4  # two tests ask the same
    parcels("test", "--commands", "llm")
    assert server.count == 4


def test_annotating_after_such_a_run_asks_nothing_again(parcels: Workbench, server: LlmServer) -> None:
    parcels("test", "--commands", "llm")
    asked = server.count
    parcels("annotate")
    assert server.count == asked


def test_recorded_commands_go_first_if_they_are_named_too(parcels: Workbench, server: LlmServer) -> None:
    parcels("annotate", parcels.folder / "e2e_tests/finds.yml")
    server.seen.clear()
    assert parcels("test", parcels.folder / "e2e_tests/finds.yml", "--commands", "recorded", "--commands", "llm").code == 0
    assert server.requests == []


def test_another_model_can_be_asked(parcels: Workbench, server: LlmServer) -> None:
    assert "no model is configured as candidate" in parcels("test", "--commands", "llm:candidate").err
    configure(parcels, ROLE.format(base_url=server.base_url).replace("annotator", "candidate").replace("test-model", "small"))
    parcels("test", "--commands", "llm:candidate")
    assert {body["model"] for body in server.requests} == {"small"}


def test_a_test_whose_call_fails_is_not_run(workbench: Workbench) -> None:
    write(workbench.folder, {**FILES, "e2e_tests/finds.yml": FINDS})
    with scripted_server(lambda body: faults.context_too_long()) as server:
        configure(workbench, ROLE.format(base_url=server.base_url))
        done = workbench("test", "--commands", "llm")
    assert done.code == 1
    assert "NOT RUN e2e_tests/finds.yml:2  finds: user step 1: context too small" in done.out
    assert "name a file with their commands" not in done.err


def test_coverage_of_what_a_model_makes_of_the_tests(parcels: Workbench) -> None:
    done = parcels("coverage", "--commands", "llm", "--json")
    assert (done.code, done.data["passed_tests"], done.data["failed_tests"]) == (0, 2, 1)


JUDGED = """
    stub_custom_actions:
      action_find:
        events: []
        responses: [{text: It is in Prague.}]
    test_cases:
    - test_case: judged
      steps:
      - user: it is A7
        commands: [start flow where, set slot number A7]
        assertions:
        - generative_response_is_relevant: {threshold: 0.6}
    """


def test_generated_answers_are_judged_if_a_judge_is_configured(parcels: Workbench, server: LlmServer) -> None:
    write(parcels.folder, {"e2e_tests/judged.yml": JUDGED})
    path = parcels.folder / "e2e_tests/judged.yml"
    assert "not judged" in str(parcels("test", path, "--json").data["results"][0]["warnings"])
    configure(parcels, ROLE.format(base_url=server.base_url).replace("annotator", "judge"))
    done = parcels("test", path, "--json")
    assert done.code == 0
    assert done.data["summary"]["assertions"]["generative_response_is_relevant"]["passed"] == 1
    assert server.count == 1
