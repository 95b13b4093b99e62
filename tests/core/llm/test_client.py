"""The client against a real server: what is asked, what is stored, what is not asked again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from core.llm.models import Answer, Message, Request, Role
from core.llm.session import LlmSession
from core.store.llm_calls import find_call
from tests.core.llm.asking import ask_all, ask_one, failure_of, in_session, make_project, question, text_of
from tests.llm_server import Fault, faults, scripted_server


def test_an_answer_comes_with_usage_and_is_stored(tmp_path: Path) -> None:
    with scripted_server("StartFlow(transfer)") as server:
        project = make_project(tmp_path, server.base_url, price_input=1.0, price_output=2.0)
        result = ask_one(project, question("Send money", item="test:1"))
    assert isinstance(result, Answer)
    assert (result.text, result.finish_reason, result.stored) == ("StartFlow(transfer)", "stop", False)
    assert (result.usage.prompt_tokens, result.usage.completion_tokens, result.usage.exact) == (3, 5, True)
    assert result.cost == pytest.approx((3 * 1.0 + 5 * 2.0) / 1e6)
    connection = project.open()
    found = find_call(connection, result.key[:8])
    connection.close()
    assert found is not None
    assert (found.row.state, found.row.stage, found.row.role, found.row.item) == ("answered", "annotate", "annotator", "test:1")
    assert found.request == {"model": "test-model", "messages": [{"role": "user", "content": "Send money"}]}
    assert found.response["choices"][0]["message"]["content"] == "StartFlow(transfer)"


def test_a_stored_answer_is_given_without_a_call(tmp_path: Path) -> None:
    with scripted_server("yes") as server:
        project = make_project(tmp_path, server.base_url)
        first = ask_one(project)
        again = ask_one(project)
        assert server.count == 1
    assert isinstance(first, Answer)
    assert isinstance(again, Answer)
    assert (again.text, again.key, again.usage, again.stored) == (first.text, first.key, first.usage, True)


def test_stored_answers_need_no_server(tmp_path: Path) -> None:
    with scripted_server("yes") as server:
        project = make_project(tmp_path, server.base_url)
        ask_one(project)
    assert text_of(ask_one(project)) == "yes"


def test_the_same_question_at_once_is_asked_once(tmp_path: Path) -> None:
    with scripted_server("yes", latency=0.1) as server:
        results = ask_all(make_project(tmp_path, server.base_url), [question("same"), question("same"), question("other")])
        assert server.count == 2
    assert [text_of(result) for result in results] == ["yes"] * 3
    assert [result.stored for result in results if isinstance(result, Answer)] == [False, True, False]


def test_samples_are_questions_of_their_own(tmp_path: Path) -> None:
    with scripted_server("yes") as server:
        project = make_project(tmp_path, server.base_url, temperature=0.0)
        ask_all(project, [question(), question(sample=1, parameters={"temperature": 0.7})])
        assert sorted(body["temperature"] for body in server.requests) == [0.0, 0.7]


def test_a_question_whose_first_asker_is_cancelled_is_asked_for_the_second(tmp_path: Path) -> None:
    async def ask(session: LlmSession) -> Any:
        asker = session(Role.ANNOTATOR)
        first = asyncio.create_task(asker.ask(question()))
        second = asyncio.create_task(asker.ask(question()))
        await asyncio.sleep(0.05)
        first.cancel()
        return await second

    with scripted_server("yes", latency=0.1) as server:
        answer, reading = in_session(make_project(tmp_path, server.base_url, max_in_flight=1), ask)
    assert text_of(answer) == "yes"
    assert (reading.in_flight, reading.answered) == (0, 1)


def test_an_asker_that_only_waits_along_can_be_cancelled(tmp_path: Path) -> None:
    async def ask(session: LlmSession) -> Any:
        asker = session(Role.ANNOTATOR)
        first = asyncio.create_task(asker.ask(question()))
        second = asyncio.create_task(asker.ask(question()))
        await asyncio.sleep(0.05)
        second.cancel()
        return await first

    with scripted_server("yes", latency=0.1) as server:
        assert text_of(in_session(make_project(tmp_path, server.base_url), ask)[0]) == "yes"


def test_the_completions_api_gets_the_prompt_as_it_is(tmp_path: Path) -> None:
    with scripted_server("yes") as server:
        project = make_project(tmp_path, server.base_url, api="completions", max_tokens=7, extra_body={"top_k": 1})
        assert text_of(ask_one(project, question("<s>Hello"))) == "yes"
        assert server.requests == [{"model": "test-model", "prompt": "<s>Hello", "max_tokens": 7, "top_k": 1}]
        assert server.seen[0].path == "/v1/completions"


def test_azure_is_asked_by_deployment_with_its_own_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_KEY", "azure-secret")
    with scripted_server("yes") as server:
        address = server.base_url.removesuffix("/v1")
        project = make_project(
            tmp_path, address, provider="azure", model="mine", api_version="2024-10-21", api_key_env="AZURE_KEY"
        )
        assert text_of(ask_one(project)) == "yes"
        seen = server.seen[0]
    assert seen.path == "/openai/deployments/mine/chat/completions?api-version=2024-10-21"
    assert seen.headers["api-key"] == "azure-secret"


def test_the_key_is_sent_and_none_where_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "sk-secret")
    with scripted_server("yes") as server:
        ask_one(make_project(tmp_path, server.base_url, api_key_env="MY_KEY"))
        ask_one(make_project(tmp_path, server.base_url), question("other"))
        sent = [seen.headers.get("authorization") for seen in server.seen]
    assert sent == ["Bearer sk-secret", None]


def test_the_key_is_never_stored_or_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "sk-very-secret")
    with scripted_server(
        lambda body: faults.error(400, "no: sk-very-secret") if "bad" in str(body) else "sk-very-secret"
    ) as server:
        project = make_project(tmp_path, server.base_url, api_key_env="MY_KEY")
        good, bad = ask_all(project, [question("good"), question("bad")])
    assert "***" in str(failure_of(bad))
    assert "secret" not in str(bad)
    for path in project.state_folder.iterdir():
        assert b"sk-very-secret" not in path.read_bytes(), path.name
    connection = project.open()
    kept = [find_call(connection, result.key) for result in (good, bad)]
    connection.close()
    assert "sk-very-secret" not in repr([one and (one.response, one.request, one.row.failure) for one in kept])


def test_an_answer_without_usage_is_counted_by_estimate(tmp_path: Path) -> None:
    body = {"choices": [{"message": {"content": "yes, of course"}, "finish_reason": "stop"}]}
    with scripted_server(lambda _: body) as server:
        answer = ask_one(make_project(tmp_path, server.base_url, price_input=1.0))
    assert isinstance(answer, Answer)
    assert not answer.usage.exact
    assert answer.usage.completion_tokens > 0


def test_cached_tokens_have_their_own_price(tmp_path: Path) -> None:
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "prompt_tokens_details": {"cached_tokens": 60}}
    body = {"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}], "usage": usage}
    with scripted_server(lambda _: body) as server:
        project = make_project(tmp_path, server.base_url, price_input=2.0, price_cached=0.5, price_output=8.0)
        answer = ask_one(project)
    assert isinstance(answer, Answer)
    assert answer.cost == pytest.approx((40 * 2.0 + 60 * 0.5 + 10 * 8.0) / 1e6)


def test_an_answer_that_reached_max_tokens_says_so(tmp_path: Path) -> None:
    with scripted_server(faults.cut_off("SetSlot(")) as server:
        answer = ask_one(make_project(tmp_path, server.base_url))
    assert isinstance(answer, Answer)
    assert answer.is_cut_off


def test_texts_with_half_a_surrogate_pair_can_be_asked_and_answered(tmp_path: Path) -> None:
    raw = b'{"choices": [{"message": {"content": "half \\ud83d"}, "finish_reason": "stop"}]}'
    with scripted_server(Fault(body=raw)) as server:
        project = make_project(tmp_path, server.base_url)
        assert text_of(ask_one(project, question("cut \ud83d"))) == "half ?"
        assert text_of(ask_one(project, question("cut \ud83d"))) == "half ?"
        assert server.count == 1


def test_what_was_asked_in_several_messages_is_sent_so(tmp_path: Path) -> None:
    with scripted_server("yes") as server:
        ask_one(
            make_project(tmp_path, server.base_url), Request("s", (Message("system", "Be brief."), Message("user", "Hello")))
        )
        assert [message["role"] for message in server.requests[0]["messages"]] == ["system", "user"]


def test_the_meter_counts_what_happened(tmp_path: Path) -> None:
    async def ask(session: LlmSession) -> None:
        asker = session(Role.ANNOTATOR)
        await asyncio.gather(*(asker.ask(question(text)) for text in ("one", "two", "bad")))
        await asker.ask(question("one"))

    with scripted_server(lambda body: faults.context_too_long() if "bad" in str(body) else "yes") as server:
        _, reading = in_session(make_project(tmp_path, server.base_url, price_input=1.0, currency="EUR"), ask)
    assert (reading.answered, reading.stored, reading.failed, reading.retries) == (2, 1, 1, 0)
    assert (reading.prompt_tokens, reading.currency, reading.in_flight) == (2, "EUR", 0)
    assert reading.cost == pytest.approx(2e-6)
    assert reading.rate > 0
    assert reading.eta(10) is not None
