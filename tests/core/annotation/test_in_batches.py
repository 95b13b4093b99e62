"""Annotating in batches: a conversation takes one for each of its steps, since a question hangs on the answer before it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.annotation.stage import prepare_annotate
from core.llm.batch import run_in_batches
from core.llm.control import Control
from core.project import Project
from core.stages.models import StageReport
from tests.core.annotation.small import ANSWERS, CHOOSES, FINDS, new_project, outcomes
from tests.core.annotation.test_estimate import message_of


async def one_round(project: Project, folder: Path) -> StageReport:
    stage = prepare_annotate(project, reviewer="tester")
    return await run_in_batches(project, stage, Control(), lambda what, done, total: None, folder)


def answer_all(folder: Path) -> int:
    """Does what `vllm run-batch` does; returns the number of questions."""
    rows: list[dict[str, Any]] = []
    for line in (folder / "annotate-input.jsonl").read_text().splitlines():
        asked = json.loads(line)
        choice = {"message": {"role": "assistant", "content": ANSWERS[message_of(asked["body"])]}, "finish_reason": "stop"}
        body = {"choices": [choice], "usage": {"prompt_tokens": 9, "completion_tokens": 3}}
        rows.append({"id": "x", "custom_id": asked["custom_id"], "response": {"status_code": 200, "body": body}, "error": None})
    (folder / "annotate-output.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return len(rows)


async def test_each_round_takes_every_conversation_one_step_further(tmp_path: Path) -> None:
    project = new_project(tmp_path / "parcels", {"finds": FINDS, "chooses": CHOOSES})
    folder = tmp_path / "batches"
    folder.mkdir()
    first = await one_round(project, folder)
    assert first.failures == ()
    assert first.counts["tests not annotated yet"] == 3
    assert "2 questions wait" in first.stopped  # two tests begin with the same words
    assert answer_all(folder) == 2
    second = await one_round(project, folder)
    assert outcomes(project) == {"chooses": "annotated"}
    assert second.counts["tests not annotated yet"] == 2
    assert answer_all(folder) == 2
    third = await one_round(project, folder)
    assert third.complete
    assert outcomes(project) == {"finds": "annotated", "chooses": "annotated", "chooses another": "failed"}
