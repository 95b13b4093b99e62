"""A stage in batches ends with the same rows as one that asks singly, and no end of the program makes it ask twice."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from core.errors import InputError, ProjectError, UsageError
from core.llm.batch import run_in_batches, waiting_batches
from core.llm.control import Control
from core.llm.session import llm_session
from core.project import Project
from core.stages.models import StageReport
from tests.batch_server import BatchApi
from tests.core.llm.batch_stage import TwoWaves
from tests.llm_server import Fault, faults, scripted_server
from tests.llm_server.wire import Cut, Seen

ROOT = Path(__file__).parents[3]
QUESTIONS = tuple(f"question {number} é" for number in range(7))


def script(body: dict[str, Any]) -> str:
    return f"answer to {body['messages'][-1]['content']}"


def configured(project: Project, base_url: str, **settings: Any) -> Project:
    given = {"base_url": base_url, "model": "test-model", "price_input": 1.0, "price_output": 2.0, **settings}
    lines = ["[llm.annotator]", *(f"{name} = {json.dumps(value)}" for name, value in given.items())]
    project.config_path.write_text("\n".join(lines))
    return Project(project.root)


async def batched(project: Project, stage: TwoWaves, where: Any = "api", **options: Any) -> StageReport:
    control = options.pop("control", Control())
    return await run_in_batches(project, stage, control, lambda *_: None, where, poll_seconds=0.01, **options)


def rows(project: Project) -> list[dict[str, Any]]:
    with closing(project.open()) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute("SELECT * FROM llm_call ORDER BY key")]


def comparable(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What must not depend on the way of asking."""
    left_out = ("id", "at", "seconds", "request", "response")
    return [{name: value for name, value in row.items() if name not in left_out} for row in found]


async def test_the_rows_are_those_of_single_calls_and_single_calls_find_them(project: Project, tmp_path: Path) -> None:
    api = BatchApi(script)
    with scripted_server(script, route=api) as server:
        project = configured(project, server.base_url)
        stage = TwoWaves(QUESTIONS, second_wave=True)
        report = await batched(project, stage)
        assert report.complete
        assert stage.answers["question 3 é again"] == "answer to Is answer to question 3 é right?"
        assert len(api.batches) == 2
        assert stage.passes == 3
        in_batches = rows(project)
        single = TwoWaves(QUESTIONS, second_wave=True)
        async with llm_session(project) as session:
            await single.run(session, lambda *_: None)
        assert single.answers == stage.answers
        assert [seen for seen in server.seen if seen.path.endswith("/chat/completions")] == []
        with closing(project.open()) as connection:
            connection.execute("DELETE FROM llm_call")
        async with llm_session(project) as session:
            await single.run(session, lambda *_: None)
    assert comparable(rows(project)) == comparable(in_batches)
    assert len(in_batches) == 14
    assert waiting_batches(project) == ()
    assert list((project.state_folder / "batches").iterdir()) == []


async def test_a_discount_for_batches_is_in_the_ledger(project: Project) -> None:
    api = BatchApi(script)
    with scripted_server(script, route=api) as server:
        await batched(configured(project, server.base_url, batch_discount=0.5), TwoWaves(QUESTIONS[:1]))
    (row,) = rows(project)
    assert row["cost"] == pytest.approx((row["prompt_tokens"] * 1.0 + row["completion_tokens"] * 2.0) / 1e6 / 2)


async def test_failed_lines_are_failures_of_their_items_only(project: Project) -> None:
    def one_fails(body: dict[str, Any]) -> str | Fault:
        return faults.prompt_filtered() if "2" in body["messages"][0]["content"] else script(body)

    api = BatchApi(one_fails)
    with scripted_server(script, route=api) as server:
        stage = TwoWaves(QUESTIONS)
        report = await batched(configured(project, server.base_url), stage)
    assert [failure.item for failure in report.failures] == ["question 2 é"]
    assert "content filter" in report.failures[0].what
    assert len(stage.answers) == 6
    assert Counter(row["state"] for row in rows(project)) == {"answered": 6, "failed": 1}
    assert len(api.batches) == 1


async def test_lines_that_were_throttled_go_into_another_batch_three_times_at_most(project: Project) -> None:
    asked = Counter[str]()

    def throttles(body: dict[str, Any]) -> str | Fault:
        text = body["messages"][0]["content"]
        asked[text] += 1
        if "1" in text or ("2" in text and asked[text] < 2):
            return faults.throttled()
        return script(body)

    api = BatchApi(throttles)
    with scripted_server(script, route=api) as server:
        report = await batched(configured(project, server.base_url), TwoWaves(QUESTIONS))
    assert [failure.item for failure in report.failures] == ["question 1 é"]
    assert asked["question 1 é"] == 3
    assert asked["question 2 é"] == 2
    assert asked["question 3 é"] == 1


async def test_what_an_expired_batch_did_not_answer_is_asked_in_another(project: Project) -> None:
    api = BatchApi(script, expires_after=4)
    with scripted_server(script, route=api) as server:
        report = await batched(configured(project, server.base_url), TwoWaves(QUESTIONS))
    assert report.complete
    assert len(api.batches) == 2
    assert sorted(Counter(api.asked).values()) == [1] * 7


async def test_a_batch_that_is_refused_as_a_whole_ends_the_run_with_the_reason(project: Project) -> None:
    api = BatchApi(script, refuse=lambda lines: "Enqueued token limit reached for test-model")
    with scripted_server(script, route=api) as server:
        project = configured(project, server.base_url)
        report = await batched(project, TwoWaves(QUESTIONS))
        assert report.stopped == "the endpoint refused the batch batch_1: Enqueued token limit reached for test-model"
        api.refuse = lambda lines: ""
        assert (await batched(project, TwoWaves(QUESTIONS))).complete


async def test_an_endpoint_without_batches_says_so(project: Project) -> None:
    with scripted_server(script) as server, pytest.raises(ProjectError, match="the batch: ") as error:
        await batched(configured(project, server.base_url), TwoWaves(QUESTIONS))
    assert "404" in str(error.value)


async def test_network_trouble_while_waiting_is_waited_out(project: Project) -> None:
    troubles = iter([faults.server_error(503), faults.cut(), faults.throttled("0.01")] * 2)

    def fault(seen: Seen) -> Fault | None:
        return next(troubles, None) if seen.method == "GET" and "/batches/" in seen.path else None

    api = BatchApi(script, fault=fault)
    with scripted_server(script, route=api) as server:
        assert (await batched(configured(project, server.base_url), TwoWaves(QUESTIONS))).complete


async def test_stopping_leaves_the_batch_to_be_fetched_by_the_next_run(project: Project) -> None:
    api, control = BatchApi(script, polls=10**6), Control()
    with scripted_server(script, route=api) as server:
        project = configured(project, server.base_url)
        run = asyncio.create_task(batched(project, TwoWaves(QUESTIONS), control=control))
        while not api.batches:
            await asyncio.sleep(0.01)
        control.stop("interrupted")
        report = await run
        assert "interrupted; the batch batch_1 goes on" in report.stopped
        assert waiting_batches(project) == (("annotate", "batch_1"),)
        api.batches["batch_1"].polls_left = 0
        assert (await batched(project, TwoWaves(QUESTIONS))).complete
    assert len(api.batches) == 1
    assert waiting_batches(project) == ()


async def test_a_batch_whose_start_was_not_heard_of_is_found_again(project: Project) -> None:
    """The connection is cut after the endpoint made the batch."""
    api = BatchApi(script)
    heard: list[str] = []

    def lose(seen: Seen) -> Fault | None:
        if seen.method == "POST" and seen.path.endswith("/batches") and not heard:
            heard.append(seen.path)
            api._create(seen.body)
            return Fault(cut=Cut.BEFORE_HEADERS)
        return None

    api.fault = lose
    with scripted_server(script, route=api) as server:
        project = configured(project, server.base_url)
        with pytest.raises(ProjectError, match="was cut"):
            await batched(project, TwoWaves(QUESTIONS))
        assert (await batched(project, TwoWaves(QUESTIONS))).complete
    assert len(api.batches) == 1


async def test_a_batch_of_another_endpoint_is_left_alone_and_mentioned(project: Project) -> None:
    api, control = BatchApi(script, polls=10**6), Control()
    with scripted_server(script, route=api) as server:
        project = configured(project, server.base_url)
        run = asyncio.create_task(batched(project, TwoWaves(QUESTIONS), control=control))
        while not api.batches:
            await asyncio.sleep(0.01)
        control.stop("interrupted")
        await run
    other = BatchApi(script)
    with scripted_server(script, route=other) as server:
        project = configured(project, server.base_url)
        report = await batched(project, TwoWaves(QUESTIONS))
    assert report.complete
    assert "left alone: a batch of the role `annotator`" in report.notes[0]
    assert waiting_batches(project) == (("annotate", "batch_1"),)


async def test_a_cost_limit_is_kept_before_a_batch_is_sent(project: Project) -> None:
    api = BatchApi(script)
    with scripted_server(script, route=api) as server:
        project = configured(project, server.base_url, max_tokens=1000)
        report = await batched(project, TwoWaves(QUESTIONS), max_cost=0.01)
        assert "the next batch may cost 0.0140 USD" in report.stopped
        assert api.batches == {}
        assert (await batched(project, TwoWaves(QUESTIONS), max_cost=0.02)).complete
        unpriced = Project(project.root)
        project.config_path.write_text(project.config_path.read_text().replace("price_", "# price_"))
        with pytest.raises(UsageError, match="a cost limit needs a price"):
            await batched(unpriced, TwoWaves(["another question"]), max_cost=1.0)


async def test_the_embedded_model_has_no_batches(project: Project) -> None:
    project.config_path.write_text('[llm.annotator]\nprovider = "embedded"')
    with pytest.raises(ProjectError, match="it has no batches"):
        await batched(Project(project.root), TwoWaves(QUESTIONS))


_PROGRAM = """
import asyncio, sys
from pathlib import Path
from core.llm.batch import run_in_batches
from core.llm.control import Control
from core.project import Project
from tests.core.llm.batch_stage import TwoWaves
stage = TwoWaves([f"question {number}" for number in range(300)], second_wave=True)
report = asyncio.run(run_in_batches(
    Project(Path(sys.argv[1])), stage, Control(), lambda *_: None, "api", poll_seconds=0.02))
print(report.complete, len(stage.answers))
"""


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on_and_asks_nothing_twice(project: Project) -> None:
    """Killed while the endpoint works on its n-th request, or some milliseconds later, when it stores what came."""
    chance = random.Random(4)
    process: subprocess.Popen[bytes] | None = None
    kill_at = 0
    delay = 0.0

    def kill(seen: Seen) -> Fault | None:
        nonlocal kill_at
        kill_at -= 1
        if kill_at == 0 and process is not None:
            threading.Timer(delay, process.kill).start()
        return None

    api = BatchApi(script, polls=3, fault=kill)
    killed = 0
    with scripted_server(script, route=api) as server:
        configured(project, server.base_url)
        for _ in range(20):
            kill_at, delay = chance.randint(1, 4), chance.choice((0.0, 0.01, 0.05))
            command = [sys.executable, "-c", _PROGRAM, str(project.root)]
            with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
                out, _ = process.communicate(timeout=120)
            if process.returncode != -signal.SIGKILL:
                break
            killed += 1
    assert killed >= 4
    assert out.split() == [b"True", b"600"]
    assert set(Counter(api.asked).values()) == {1}
    assert len(rows(project)) == 600
    assert {row["attempts"] for row in rows(project)} == {1}


class TestFiles:
    @staticmethod
    def work(folder: Path, answer: Any = script, stage: str = "annotate") -> None:
        """What `vllm run-batch` does."""
        lines = [json.loads(line) for line in (folder / f"{stage}-input.jsonl").read_text().splitlines()]
        with (folder / f"{stage}-output.jsonl").open("w") as output:
            for line in lines:
                text = answer(line["body"])
                name = {"id": "vllm-1", "custom_id": line["custom_id"]}
                if isinstance(text, Fault):
                    response = {"status_code": text.status, "request_id": "r", "body": None}
                    data = {**name, "response": response, "error": json.loads(text.bytes)["error"]}
                else:
                    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
                    body = {"choices": [choice], "usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}}
                    response = {"status_code": 200, "request_id": "r", "body": body}
                    data = {**name, "response": response, "error": None}
                output.write(json.dumps(data) + "\n")

    async def test_the_questions_are_written_in_openai_s_format_with_what_to_run(
        self, project: Project, tmp_path: Path
    ) -> None:
        folder = tmp_path / "gpu box"
        project = configured(project, "http://127.0.0.1:1/v1", temperature=0.0)
        report = await batched(project, TwoWaves(QUESTIONS), folder)
        assert f"7 questions wait to be answered in {folder}" in report.stopped
        assert f"vllm run-batch -i '{folder}/annotate-input.jsonl' -o '{folder}/annotate-output.jsonl' --model test-model" in (
            report.stopped
        )
        lines = [json.loads(line) for line in (folder / "annotate-input.jsonl").read_text().splitlines()]
        assert len(lines) == 7
        assert lines[0]["method"] == "POST"
        assert lines[0]["url"] == "/v1/chat/completions"
        messages = [{"role": "user", "content": "question 0 é"}]
        assert lines[0]["body"] == {"model": "test-model", "temperature": 0.0, "messages": messages}

    async def test_the_next_call_imports_the_answers_and_goes_on_until_nothing_is_missing(
        self, project: Project, tmp_path: Path
    ) -> None:
        project = configured(project, "http://127.0.0.1:1/v1")
        stage = TwoWaves(QUESTIONS, second_wave=True)
        assert (await batched(project, stage, tmp_path)).stopped
        assert (await batched(project, stage, tmp_path)).stopped, "nothing was answered yet"
        self.work(tmp_path)
        assert (await batched(project, stage, tmp_path)).stopped, "the second wave"
        self.work(tmp_path)
        report = await batched(project, stage, tmp_path)
        assert report.complete
        assert len(stage.answers) == 14
        names = sorted(path.name for path in tmp_path.glob("annotate-*"))
        assert names == ["annotate-input.jsonl", "annotate-output-imported-1.jsonl", "annotate-output-imported-2.jsonl"]
        assert waiting_batches(project) == ()

    async def test_failed_lines_are_reported_and_asked_again_by_the_next_call(self, project: Project, tmp_path: Path) -> None:
        project = configured(project, "http://127.0.0.1:1/v1")
        stage = TwoWaves(QUESTIONS)
        await batched(project, stage, tmp_path)
        self.work(tmp_path, lambda body: faults.context_too_long() if "2" in body["messages"][0]["content"] else script(body))
        report = await batched(project, stage, tmp_path)
        assert report.stopped == ""
        assert [failure.item for failure in report.failures] == ["question 2 é"]
        assert "context too small" in report.failures[0].what
        assert "1 questions wait" in (await batched(project, stage, tmp_path)).stopped
        self.work(tmp_path)
        assert (await batched(project, stage, tmp_path)).complete

    async def test_a_file_that_is_still_being_written_is_not_imported_by_half(self, project: Project, tmp_path: Path) -> None:
        project = configured(project, "http://127.0.0.1:1/v1")
        await batched(project, TwoWaves(QUESTIONS), tmp_path)
        self.work(tmp_path)
        output = tmp_path / "annotate-output.jsonl"
        whole = output.read_bytes()
        output.write_bytes(whole[:-20])
        with pytest.raises(InputError, match=r"annotate-output\.jsonl:7: ") as error:
            await batched(project, TwoWaves(QUESTIONS), tmp_path)
        assert "still being written" in error.value.problems[0].fix
        assert error.value.remedy == "", "the problem says it"
        assert rows(project) == []
        output.write_bytes(whole)
        assert (await batched(project, TwoWaves(QUESTIONS), tmp_path)).complete

    async def test_answers_to_other_questions_are_refused(self, project: Project, tmp_path: Path) -> None:
        project = configured(project, "http://127.0.0.1:1/v1")
        await batched(project, TwoWaves(QUESTIONS), tmp_path)
        (tmp_path / "annotate-output.jsonl").write_text('{"custom_id": "request-1", "response": {}}\n')
        with pytest.raises(ProjectError, match="none of its lines answers"):
            await batched(project, TwoWaves(QUESTIONS), tmp_path)

    async def test_an_output_left_over_when_all_is_answered_is_no_failure(self, project: Project, tmp_path: Path) -> None:
        project = configured(project, "http://127.0.0.1:1/v1")
        await batched(project, TwoWaves(QUESTIONS), tmp_path)
        self.work(tmp_path)
        output = tmp_path / "annotate-output.jsonl"
        again = output.read_bytes()
        assert (await batched(project, TwoWaves(QUESTIONS), tmp_path)).complete
        output.write_bytes(again)
        report = await batched(project, TwoWaves(QUESTIONS), tmp_path)
        assert report.complete
        assert any(f"left alone: {output}" in note for note in report.notes)
        assert output.read_bytes() == again

    async def test_a_file_in_the_place_of_the_folder_is_named(self, project: Project, tmp_path: Path) -> None:
        project = configured(project, "http://127.0.0.1:1/v1")
        file = tmp_path / "questions.jsonl"
        file.write_text("mine")
        for where in (file, file / "below"):
            with pytest.raises(UsageError, match=r"questions\.jsonl is a file") as error:
                await batched(project, TwoWaves(QUESTIONS), where)
            assert "folder" in error.value.remedy
        assert file.read_text() == "mine"
