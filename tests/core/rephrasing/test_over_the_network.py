"""The stage against a real server: resumed after a kill, it repeats no call and no row; bad days cost what they must."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import Any

import pytest

from core.project import Project
from core.rephrasing.stage import prepare_rephrase
from core.stages.models import StageReport
from core.stages.running import run_stage
from tests.core.pipeline.small import conversation, put, query
from tests.core.rephrasing.model import Steps, answer, different, with_model
from tests.llm_server import faults, scripted_server
from tests.llm_server.server import Scripted

CONVERSATIONS = 40


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_KEY", "sk-test")


@pytest.fixture
def shop(project: Project) -> Project:
    """Conversations of two annotated steps each."""
    steps: Steps = [(f"{name} it", [f"start flow {name}"], []) for name in ("pay", "send")]
    tests = "".join(conversation(f"shops {at}", steps) for at in range(CONVERSATIONS))
    put(project, "annotations/t.yml", f"conversations:\n{tests}")
    return project


async def _run(project: Project, count: int = 4) -> StageReport:
    stage = prepare_rephrase(project, count=count)
    return await run_stage(stage.project, stage)


def _rows(project: Project) -> list[tuple[Any, ...]]:
    return query(
        project,
        "SELECT r.conversation_id, r.ordinal, r.position, r.text, g.style, r.active FROM rephrasing r JOIN generated g"
        " ON g.rephrasing_id = r.id ORDER BY 1, 2, 3, r.id",
    )


async def test_a_whole_run_is_asked_stored_and_reported(shop: Project) -> None:
    with scripted_server(answer) as server:
        project = with_model(shop, server.base_url)
        report = await _run(project)
        assert report.complete, report
        assert server.count == CONVERSATIONS
        assert report.counts["rephrasings added"] == 8 * CONVERSATIONS == len(_rows(project))
        again = await _run(project)
        assert (again.counts["rephrasings added"], server.count) == (0, CONVERSATIONS)


def _repeating(body: dict[str, Any]) -> Scripted:
    """The second message's last wording repeats itself in the first answer: a second round is needed."""
    is_first = body.get("temperature") is None

    def say(message: str, number: str) -> str:
        if not is_first:
            return "sent it should be"
        return "send it now, please" if message == "m2" and int(number) > 2 else different(message, number)

    return answer(body, say)


async def test_a_run_that_is_cancelled_again_and_again_repeats_no_stored_call(shop: Project) -> None:
    with scripted_server(_repeating, latency=0.01) as server:
        project = with_model(shop, server.base_url, "max_in_flight = 4\n")
        for _ in range(4):
            before = server.count
            run = asyncio.create_task(_run(project))
            while server.count < before + 17 and not run.done():
                await asyncio.sleep(0.002)
            run.cancel()
            with suppress(asyncio.CancelledError):
                await run
        ((stored,),) = query(project, "SELECT count(*) FROM llm_call WHERE state = 'answered'")
        lost = server.count - stored
        report = await _run(project)
        assert report.complete, report
        assert server.count == 2 * CONVERSATIONS + lost
        assert len(_rows(project)) == 8 * CONVERSATIONS


@pytest.mark.slow
async def test_a_killed_run_repeats_no_call_and_no_row(shop: Project) -> None:
    with scripted_server(_repeating, latency=0.03) as server:
        project = with_model(shop, server.base_url, "max_in_flight = 8\n")
        answered: set[str] = set()
        chance = random.Random(7)
        for _ in range(4):
            command = [sys.executable, "-m", "tests.core.rephrasing.worker", str(project.root)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
                assert process.stdout is not None
                assert process.stdout.readline() == "started\n"
                before = server.count
                until = time.monotonic() + 20
                while server.count < before + chance.randrange(4, 30) and time.monotonic() < until and process.poll() is None:
                    time.sleep(0.005)
                process.send_signal(signal.SIGKILL)
            kept = {key for (key,) in query(project, "SELECT key FROM llm_call WHERE state = 'answered'")}
            assert answered <= kept
            answered = kept
        lost = server.count - len(answered)  # on their way or not yet stored when the process was killed
        report = await _run(project)
        assert report.complete, report
        assert len({json.dumps(body, sort_keys=True) for body in server.requests}) == 2 * CONVERSATIONS
        assert server.count == 2 * CONVERSATIONS + lost
        assert len(_rows(project)) == len(set(_rows(project))) == 8 * CONVERSATIONS
        assert query(project, "SELECT count(*), count(DISTINCT step_id) FROM dropped")[0][1] == CONVERSATIONS


async def test_a_bad_answer_here_and_there_costs_no_conversation(shop: Project) -> None:
    broken: list[Scripted] = [
        faults.not_json(),
        faults.no_choices(),
        faults.cut_off('{"m1": {"1": "boat, ple'),
        "I'd rather not.",
    ]
    count = 0

    def script(body: dict[str, Any]) -> Scripted:
        nonlocal count
        count += 1
        return broken[count % 12] if count % 12 < len(broken) and body.get("temperature") is None else answer(body)

    with scripted_server(script) as server:
        report = await _run(with_model(shop, server.base_url))
        assert report.complete, report
        assert report.counts["with all rephrasings"] == 2 * CONVERSATIONS


async def test_answers_of_no_use_do_not_block_later_runs(shop: Project) -> None:
    steps = 2 * CONVERSATIONS
    is_mended = False
    with scripted_server(lambda body: answer(body) if is_mended else "I'd rather not.") as server:
        project = with_model(shop, server.base_url)
        report = await _run(project)
        assert (len(report.failures), report.complete) == (steps, False)
        calls = CONVERSATIONS + 2 * steps
        assert server.count == calls
        keys = {key for (key,) in query(project, "SELECT key FROM llm_call")}
        assert {failure.call for failure in report.failures} <= keys
        prepared = prepare_rephrase(project, count=4).estimate()
        assert (prepared.missing, prepared.calls[0].stored) == (CONVERSATIONS, 0)
        is_mended = True
        report = await _run(project)
        assert report.complete, report
        assert server.count == calls + CONVERSATIONS
        assert report.counts["rephrasings added"] == 4 * steps
        assert query(project, "SELECT count(*) FROM llm_call") == [(server.count,)]


async def test_steps_with_too_few_are_asked_for_again_by_the_next_run(shop: Project) -> None:
    """Whatever is answered, a run asks for no more than its rounds."""
    with scripted_server(lambda body: answer(body, lambda message, number: f"{message} always the same")) as server:
        project = with_model(shop, server.base_url)
        counts = []
        for _ in range(3):
            before = server.count
            report = await _run(project)
            assert report.complete
            assert report.counts["user steps with too few"] == 2 * CONVERSATIONS
            counts.append(server.count - before)
        calls = CONVERSATIONS + 2 * 2 * CONVERSATIONS
        assert counts == [calls, calls, calls]


async def test_a_key_that_is_refused_stops_the_run_and_the_next_one_completes_it(shop: Project) -> None:
    with scripted_server(lambda body: faults.unauthorised()) as server:
        report = await _run(with_model(shop, server.base_url))
        assert report.stopped.startswith("unauthorised")
        assert server.count < CONVERSATIONS + 1
    with scripted_server(answer) as server:
        report = await _run(with_model(shop, server.base_url))
        assert report.complete
        assert report.counts["rephrasings added"] == 8 * CONVERSATIONS
