"""`workbench rephrase`: asks a real server for what is missing, and reports what there is without asking anybody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.project import Project
from tests.core.rephrasing.model import answer, with_model
from tests.llm_server import scripted_server
from tests.llm_server.server import LlmServer
from tests.tui.cli.calls import Workbench


@pytest.fixture
def server(ferry: Workbench, monkeypatch: pytest.MonkeyPatch) -> Iterator[LlmServer]:
    """The rephraser of the small project."""
    monkeypatch.setenv("TEST_KEY", "sk-test")
    with scripted_server(answer) as server:
        with_model(Project(ferry.folder), server.base_url)
        yield server


def test_what_is_missing_is_asked_for_and_counted(ferry: Workbench, server: LlmServer) -> None:
    done = ferry("rephrase", "-n", "5")
    assert done.code == 0, done.err
    assert [line.split() for line in done.out.splitlines()[-1:]] == [["rephrasings", "added", "6"]]
    assert "rephrase: 6 rephrasings of 2 user steps in 1 conversation" in done.err
    assert "self-BLEU" in done.err
    assert ferry("rephrase", "-n", "5", "--json").data["counts"]["rephrasings added"] == 0
    assert server.count == 1


def test_the_long_name_of_the_reference_works_too(ferry: Workbench, server: LlmServer) -> None:
    data = ferry("rephrase", "--num-rephrases", "4", "--json").data
    assert (data["complete"], data["details"]["user_steps"], data["details"]["diversity"]["texts"]) == (True, 2, 8)


def test_the_estimate_asks_nothing(ferry: Workbench, server: LlmServer) -> None:
    data = ferry("rephrase", "-n", "5", "--estimate", "--json").data
    assert (data["missing"], data["calls"][0]["role"]) == (1, "rephraser")
    assert server.count == 0


def test_the_report_asks_nothing_and_shows_every_step(ferry: Workbench, server: LlmServer) -> None:
    data = ferry("rephrase", "-n", "3", "--report", "--json").data
    assert [(step["original"], step["texts"]) for step in data["steps"]] == [
        ("two tickets to the island", 3),
        ("next Friday", 1),
    ]
    assert (data["short"], data["steps"][1]["self_bleu"]) == (1, None)
    text = ferry("rephrase", "-n", "3", "--report").out
    assert text.startswith("4 rephrasings of 2 annotated user steps\ndistinct-1 ")
    fewer = text[text.index("Fewer than 3") :]
    assert "next Friday" in fewer
    assert "1/3" in fewer
    assert "two tickets" not in fewer
    assert server.count == 0


def test_a_filter_chooses_conversations(ferry: Workbench, server: LlmServer) -> None:
    assert ferry("rephrase", "--filter", "file:nothing", "-n", "9", "--json").data["counts"]["user steps"] == 0
    assert ferry("rephrase", "--filter", "colour:red").code == 2
    assert server.count == 0


def test_with_nothing_to_rephrase_it_says_why(ferry: Workbench, server: LlmServer) -> None:
    for options in ((), ("--report",)):
        done = ferry("rephrase", "--filter", "file:nothing", *options)
        assert done.code == 0
        assert "The filter chooses no user step that has commands." in done.err
        assert "workbench annotate" not in done.err


def test_answers_of_no_use_are_failures_with_their_call(ferry: Workbench, server: LlmServer) -> None:
    with scripted_server(lambda body: "I'd rather not.") as useless:
        with_model(Project(ferry.folder), useless.base_url)
        done = ferry("rephrase", "-n", "5")
        assert done.code == 1
        assert done.out.count("no rephrasing of it could be read in the answer") == 2
        key = done.out.partition("workbench llm show ")[2].split()[0]
        assert "I'd rather not." in ferry("llm", "show", key).out
        before = useless.count
        assert ferry("rephrase", "-n", "5").code == 1
        assert useless.count == 2 * before


def test_zero_skips_the_stage(ferry: Workbench, server: LlmServer) -> None:
    done = ferry("rephrase", "-n", "0")
    assert (done.code, server.count) == (0, 0)
    assert "nothing to do" in done.err


def test_the_references_configuration_names_another_model(ferry: Workbench, server: LlmServer) -> None:
    config = ferry.folder / "rephrase.yml"
    config.write_text(
        f"llm: {{provider: self-hosted, model: another, api_base: '{server.base_url}', api_key: '${{TEST_KEY}}'}}\n"
    )
    assert ferry("rephrase", "-n", "5", "--rephrase-config", config).code == 0
    assert {body["model"] for body in server.requests} == {"another"}


def test_a_mistake_in_it_is_named_with_its_place(ferry: Workbench, server: LlmServer) -> None:
    config = ferry.folder / "rephrase.yml"
    config.write_text("llm:\n  modle: another\n")
    done = ferry("rephrase", "--rephrase-config", config)
    assert done.code == 1
    assert "rephrase.yml:2:3: unknown key `modle`. Did you mean `model`?" in done.err
    assert server.count == 0


def test_too_many_are_refused_before_anything_is_asked(ferry: Workbench, server: LlmServer) -> None:
    done = ferry("rephrase", "-n", "50")
    assert (done.code, server.count) == (2, 0)
    assert "Ask for 0 to 49" in done.err
