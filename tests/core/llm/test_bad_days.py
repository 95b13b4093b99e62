"""What goes wrong at endpoints, against a real server: each ends with a clear message, and what was answered is kept."""

from __future__ import annotations

import asyncio
import itertools
import socket
import sqlite3
import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from core.errors import StoreError
from core.llm.models import Answer, CallFailure, FailureKind, Role
from core.llm.session import LlmSession
from core.project import Project
from core.store.llm_calls import failed_calls, find_call
from tests.core.llm.asking import ask_all, ask_one, failure_of, in_session, make_project, question, text_of
from tests.llm_server import Fault, faults, scripted_server
from tests.llm_server.wire import Cut

FINAL = [
    (faults.unauthorised(), FailureKind.UNAUTHORISED, "Incorrect API key", "api_key_env"),
    (faults.forbidden(), FailureKind.UNAUTHORISED, "not allowed", "api_key_env"),
    (faults.unknown_model(), FailureKind.NO_MODEL, "does not exist", "`test-model` is not known there"),
    (faults.Fault(404, b'{"detail":"Not Found"}'), FailureKind.NO_MODEL, "has no such API", "base_url"),
    (faults.context_too_long(), FailureKind.CONTEXT, "4096 tokens", "longer context"),
    (faults.context_too_long_llama_cpp(), FailureKind.CONTEXT, "context size", "longer context"),
    (faults.too_large(), FailureKind.TOO_LARGE, "413 Request Entity Too Large", "Shorten"),
    (faults.quota_exhausted(), FailureKind.QUOTA, "exceeded your current quota", "only what is missing"),
    (faults.not_json(), FailureKind.INVALID, "no valid JSON", "cut it off"),
    (faults.web_page(), FailureKind.INVALID, "no JSON but text/html: `<html>Welcome", "base_url"),
    (faults.no_choices(), FailureKind.EMPTY, "no choices", "log"),
    (faults.no_text(), FailureKind.EMPTY, "empty", "chat template"),
    (faults.Fault(text="", finish_reason="length"), FailureKind.EMPTY, "before its first word", "max_tokens"),
    (faults.content_filtered(), FailureKind.CONTENT_FILTER, "content filter", "Change the text"),
    (faults.prompt_filtered(), FailureKind.CONTENT_FILTER, "content management policy", "Change the text"),
    (faults.huge(), FailureKind.INVALID, "larger than 4 MB", "max_tokens"),
    (faults.error(400, "no chat_template is defined"), FailureKind.REFUSED, "chat_template", 'api = "completions"'),
    (faults.error(422, "temperature is out of range"), FailureKind.REFUSED, "out of range", "parameters"),
    (faults.Fault(301, headers={"location": "https://elsewhere/v1"}), FailureKind.REFUSED, "https://elsewhere/v1", "base_url"),
    (faults.Fault(body={"error": {"message": "engine died"}}), FailureKind.SERVER, "engine died", "Ask again"),
    (faults.Fault(body=b"[1, 2]"), FailureKind.INVALID, "not what the API promises", "`api`"),
]


@pytest.mark.parametrize(("fault", "kind", "what", "remedy"), FINAL)
def test_what_asking_again_does_not_mend_is_told_at_once(
    fault: Fault, kind: FailureKind, what: str, remedy: str, tmp_path: Path
) -> None:
    with scripted_server(fault) as server:
        project = make_project(tmp_path, server.base_url)
        failure = failure_of(ask_one(project))
        assert server.count == 1
    assert failure.kind is kind
    assert what in failure.what
    assert remedy in failure.remedy


PASSING = [
    faults.throttled(),
    faults.throttled("0"),
    faults.throttled(formatdate(time.time() - 10, usegmt=True)),
    faults.throttled(headers={"retry-after-ms": "20"}),
    faults.server_error(500),
    faults.server_error(502),
    faults.server_error(503),
    faults.cut(Cut.BEFORE_HEADERS),
    faults.cut(Cut.IN_HEADERS),
    faults.cut(Cut.IN_BODY),
    faults.truncated_stream(),
    faults.slow(5.0),
]


@pytest.mark.parametrize("fault", PASSING)
def test_what_passes_is_asked_again_until_it_is_answered(fault: Fault, tmp_path: Path) -> None:
    calls = itertools.count()
    with scripted_server(lambda _: fault if next(calls) < 1 else "yes") as server:
        answer, reading = in_session(make_project(tmp_path, server.base_url, timeout=0.5), _ask_once)
        assert text_of(answer) == "yes"
        assert server.count == 2
    assert reading.retries == 1


LASTING = [
    (faults.throttled(), FailureKind.RATE_LIMITED, "429", "requests_per_minute"),
    (faults.server_error(), FailureKind.SERVER, "500", "only what is missing"),
    (faults.cut(), FailureKind.CONNECTION, "was cut", "network"),
    (faults.slow(5.0), FailureKind.TIMEOUT, "no answer within 0.3 s", "timeout"),
]


@pytest.mark.parametrize(("fault", "kind", "what", "remedy"), LASTING)
def test_what_lasts_is_given_up_after_its_time(fault: Fault, kind: FailureKind, what: str, remedy: str, tmp_path: Path) -> None:
    with scripted_server(fault) as server:
        failure = failure_of(ask_one(make_project(tmp_path, server.base_url, timeout=0.3, retry_for=1.2)))
    assert failure.kind is kind
    assert failure.attempts > 1
    assert what in failure.what
    assert f"asked {failure.attempts} times" in failure.what
    assert remedy in failure.remedy


def test_without_time_for_retries_a_question_is_asked_once(tmp_path: Path) -> None:
    with scripted_server(faults.server_error()) as server:
        failure = failure_of(ask_one(make_project(tmp_path, server.base_url, retry_for=0)))
        assert (server.count, failure.attempts) == (1, 1)


@pytest.mark.parametrize("fault", [faults.unauthorised(), faults.unknown_model(), faults.quota_exhausted()])
def test_after_what_ends_a_run_nothing_more_is_asked(fault: Fault, tmp_path: Path) -> None:
    with scripted_server(fault) as server:
        project = make_project(tmp_path, server.base_url, max_in_flight=2)
        results = ask_all(project, [question(str(number)) for number in range(50)])
        assert server.count <= 2
    assert {failure_of(result).kind.ends_run for result in results} == {True}
    connection = project.open()
    assert len(failed_calls(connection)) <= 2  # those that were not asked are no failed calls
    connection.close()


def test_failures_are_per_question_and_the_others_are_answered(tmp_path: Path) -> None:
    bad = {"1": faults.context_too_long(), "2": faults.not_json(), "3": faults.content_filtered(), "4": faults.huge()}
    with scripted_server(lambda body: bad.get(body["messages"][0]["content"], "yes")) as server:
        results = ask_all(make_project(tmp_path, server.base_url), [question(str(number)) for number in range(10)])
    assert [isinstance(result, Answer) for result in results] == [True, False, False, False, False, *[True] * 5]


def test_a_failed_question_is_asked_again_by_the_next_run_and_the_others_are_not(tmp_path: Path) -> None:
    broken = {"is": True}
    requests = [question(str(number)) for number in range(10)]

    def script(body: dict[str, Any]) -> str | Fault:
        return faults.not_json() if broken["is"] and body["messages"][0]["content"] in "37" else "yes"

    with scripted_server(script) as server:
        project = make_project(tmp_path, server.base_url)
        first = ask_all(project, requests)
        connection = project.open()
        (one, other) = failed_calls(connection)
        assert {one.failure_text.partition(":")[0], other.failure_text.partition(":")[0]} == {"invalid answer"}
        found = find_call(connection, one.key)
        assert found is not None
        assert "choices" in found.response  # what came, as text: it was no JSON
        broken["is"] = False
        second = ask_all(project, requests)
        assert server.count == 12
        assert failed_calls(connection) == []
        repaired = find_call(connection, one.key)
        connection.close()
    assert sum(isinstance(result, CallFailure) for result in first) == 2
    assert [text_of(result) for result in second] == ["yes"] * 10
    assert repaired is not None
    assert repaired.row.attempts == 2


def test_a_dead_endpoint_is_not_asked_by_every_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.llm.retrying._NEVER_ANSWERED", 1.0)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        project = make_project(tmp_path, f"http://127.0.0.1:{taken.getsockname()[1]}/v1")
        started = time.monotonic()
        results = ask_all(project, [question(str(number)) for number in range(2000)])
    assert time.monotonic() - started < 8
    failures = [failure_of(result) for result in results]
    assert {failure.kind for failure in failures} == {FailureKind.CONNECTION}
    assert failures[-1].ends_run
    assert "connection refused" in failures[-1].what
    assert "no more is asked" in failures[-1].what
    assert "Start the server" in failures[-1].remedy
    assert sum(failure.attempts for failure in failures) < 200


def test_an_unknown_host_and_a_wrong_protocol_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.llm.retrying._NEVER_ANSWERED", 0.1)
    unknown = failure_of(ask_one(make_project(tmp_path, "http://no-such-host.invalid/v1", retry_for=0)))
    assert "(DNS)" in unknown.what
    with scripted_server("yes") as server:
        address = server.base_url.replace("http:", "https:")
        plain = failure_of(ask_one(make_project(tmp_path, address)))
        assert "no secure connection" in plain.what


def test_a_server_that_wants_a_long_pause_ends_the_run_with_that_message(tmp_path: Path) -> None:
    with scripted_server(faults.throttled("3600")) as server:
        project = make_project(tmp_path, server.base_url, max_in_flight=1, retry_for=5)
        results = ask_all(project, [question(str(number)) for number in range(20)])
        assert server.count == 1
    assert all("asks to wait 3,600 s" in failure_of(result).what for result in results[1:])


def test_a_pause_that_the_server_asks_for_is_kept_by_all_questions(tmp_path: Path) -> None:
    calls = itertools.count()
    arrived: list[float] = []

    def script(_: dict[str, Any]) -> str | Fault:
        arrived.append(time.monotonic())
        return faults.throttled("1") if next(calls) == 0 else "yes"

    with scripted_server(script) as server:
        project = make_project(tmp_path, server.base_url, max_in_flight=1)
        results = ask_all(project, [question(str(number)) for number in range(5)])
    assert [text_of(result) for result in results] == ["yes"] * 5
    assert arrived[1] - arrived[0] >= 0.95


def test_a_clock_that_goes_back_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    times = itertools.count(2_000_000_000, -3600)
    monkeypatch.setattr(time, "time", lambda: float(next(times)))
    calls = itertools.count()
    with scripted_server(lambda _: faults.server_error() if next(calls) % 2 == 0 else "yes") as server:
        project = make_project(tmp_path, server.base_url, requests_per_minute=6000, max_in_flight=1)
        results = ask_all(project, [question(str(number)) for number in range(4)])
    assert [text_of(result) for result in results] == ["yes"] * 4


async def _ask_once(session: LlmSession) -> Any:
    return await session(Role.ANNOTATOR).ask(question())


def test_a_run_that_is_cancelled_keeps_what_was_answered(tmp_path: Path) -> None:
    async def ask(session: LlmSession) -> None:
        asker = session(Role.ANNOTATOR)
        tasks = [asyncio.create_task(asker.ask(question(str(number)))) for number in range(30)]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        raise KeyboardInterrupt

    def slowly() -> Callable[[dict[str, Any]], str | Fault]:
        return lambda body: faults.slow(0.02 * int(body["messages"][0]["content"]), "yes")

    with scripted_server(slowly()) as server:
        project = make_project(tmp_path, server.base_url, max_in_flight=30)
        with pytest.raises(KeyboardInterrupt):
            in_session(project, ask)
        connection = project.open()
        (kept,) = connection.execute("SELECT count(*) FROM llm_call WHERE state = 'answered'").fetchone()
        connection.close()
        assert 1 <= kept < 30
        before = server.count
        results = ask_all(project, [question(str(number)) for number in range(30)])
        assert server.count - before == 30 - kept
    assert [text_of(result) for result in results] == ["yes"] * 30


def test_a_full_disk_ends_the_run_and_a_resume_completes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    requests = [question(f"{number} {'word ' * 300}") for number in range(200)]
    with scripted_server(lambda body: str(body["messages"][0]["content"])) as server:
        project = make_project(tmp_path, server.base_url, max_in_flight=4)
        with monkeypatch.context() as patch:
            patch.setattr(Project, "open", _on_a_small_disk(Project.open))
            with pytest.raises(StoreError, match="full") as caught:
                ask_all(project, requests)
        assert "disk's space" in caught.value.remedy
        connection = project.open()
        (kept,) = connection.execute("SELECT count(*) FROM llm_call").fetchone()
        connection.close()
        before = server.count
        assert 0 < kept <= before < 200  # nothing more was asked when answers could not be kept
        assert all(isinstance(result, Answer) for result in ask_all(project, requests))
        assert server.count - before == 200 - kept


def _on_a_small_disk(usual: Callable[[Project], sqlite3.Connection]) -> Callable[[Project], sqlite3.Connection]:
    def small(project: Project) -> sqlite3.Connection:
        connection = usual(project)
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 30}")
        return connection

    return small
