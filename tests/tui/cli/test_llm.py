"""`workbench llm`: what models are configured, asked and paid is told to people and as JSON."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from core.llm.models import Message, Request, Role
from core.llm.session import llm_session
from core.project import Project
from tests.llm_server import Fault, faults, scripted_server
from tests.tui.cli.calls import Workbench


def configure(folder: Path, base_url: str, role: str = "annotator", **settings: object) -> None:
    given = {"base_url": base_url, "model": "test-model", **settings}
    lines = [f"[llm.{role}]", *(f"{name} = {json.dumps(value)}" for name, value in given.items())]
    (folder / "workbench.toml").write_text("\n".join(lines))


def ask(folder: Path, *questions: str) -> None:
    async def main() -> None:
        async with llm_session(Project(folder)) as session:
            for text in questions:
                await session(Role.ANNOTATOR).ask(Request("annotate", (Message("user", text),), item=f"item {text}"))

    asyncio.run(main())


@pytest.fixture
def asked(workbench: Workbench) -> Workbench:
    """Two answers and a failure."""

    def reply(body: dict[str, object]) -> str | Fault:
        return faults.context_too_long() if "long" in str(body["messages"]) else "StartFlow(ferry)"

    with scripted_server(reply) as server:
        configure(workbench.folder, server.base_url, price_input=1.0, price_output=2.0)
        ask(workbench.folder, "one", "two", "long")
    return workbench


class TestCheck:
    def test_a_good_role_is_one_line_and_exit_code_0(self, workbench: Workbench) -> None:
        with scripted_server("yes") as server:
            configure(workbench.folder, server.base_url)
            outcome = workbench("llm", "check")
        assert outcome.code == 0
        assert outcome.out.startswith(f"annotator: test-model at {server.base_url}: answers in ")

    def test_a_bad_role_says_what_is_wrong_and_what_helps_with_exit_code_1(self, workbench: Workbench) -> None:
        configure(workbench.folder, "http://127.0.0.1:1/v1")
        outcome = workbench("llm", "check")
        assert outcome.code == 1
        assert "nothing listens on 127.0.0.1 port 1 (connection refused)\n  → Start the server" in outcome.out

    def test_json_has_the_same(self, workbench: Workbench) -> None:
        configure(workbench.folder, "http://127.0.0.1:1/v1")
        outcome = workbench("llm", "check", "--json")
        assert outcome.code == 1
        (role,) = outcome.data
        assert (role["role"], role["good"], role["model"]) == ("annotator", False, "test-model")

    def test_no_role_is_an_error_with_a_remedy(self, workbench: Workbench) -> None:
        outcome = workbench("llm", "check")
        assert outcome.code == 1
        assert "no model is configured" in outcome.err


class TestLedger:
    def test_it_is_a_table_with_totals(self, asked: Workbench) -> None:
        outcome = asked("llm", "ledger")
        header, line, total = outcome.out.splitlines()
        assert header.split()[:5] == ["stage", "role", "model", "answered", "failed"]
        assert line.split()[:5] == ["annotate", "annotator", "test-model", "2", "1"]
        assert total.split()[0] == "total"
        assert "USD" in total

    def test_json_has_the_figures(self, asked: Workbench) -> None:
        data = asked("llm", "ledger", "--json").data
        assert data["calls"][0]["answered"] == data["totals"][0]["answered"] == 2
        assert data["totals"][0]["cost"] > 0

    def test_before_anything_was_asked_it_says_so(self, workbench: Workbench) -> None:
        outcome = workbench("llm", "ledger")
        assert (outcome.code, outcome.out) == (0, "")
        assert "Nothing was asked yet" in outcome.err


class TestFailures:
    def test_each_has_its_item_what_happened_and_what_helps(self, asked: Workbench) -> None:
        outcome = asked("llm", "failures")
        first, second = outcome.out.splitlines()
        assert "annotate, item long: context too small: " in first
        assert second.startswith("  → ")

    def test_json_and_the_choice_of_a_stage(self, asked: Workbench) -> None:
        (failure,) = asked("llm", "failures", "--json").data
        assert failure["failure"]["kind"] == "context too small"
        assert asked("llm", "failures", "--stage", "validate", "--json").data == []

    def test_what_is_not_shown_is_said(self, asked: Workbench) -> None:
        with scripted_server(faults.context_too_long()) as server:
            configure(asked.folder, server.base_url)
            ask(asked.folder, "long again")
        outcome = asked("llm", "failures", "--limit", "1")
        assert outcome.out.count("context too small") == 1
        assert "There are more" in outcome.err


class TestShow:
    def test_a_call_is_found_by_the_beginning_of_its_key(self, asked: Workbench) -> None:
        key = asked("llm", "failures").out.split()[0]
        outcome = asked("llm", "show", key)
        assert outcome.code == 0
        assert "for: annotate, item long, sample 0" in outcome.out
        assert '"content": "long"' in outcome.out
        assert "maximum context length is 4096 tokens" in outcome.out

    def test_json_has_question_and_answer_as_data(self, asked: Workbench) -> None:
        (failure,) = asked("llm", "failures", "--json").data
        data = asked("llm", "show", failure["key"], "--json").data
        assert data["request"]["messages"] == [{"role": "user", "content": "long"}]
        assert data["response"]["error"]["code"] == "context_length_exceeded"

    def test_an_unknown_key_is_wrong_usage(self, asked: Workbench) -> None:
        outcome = asked("llm", "show", "zz")
        assert outcome.code == 2
        assert "no call begins with `zz`" in outcome.err
