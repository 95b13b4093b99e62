"""The stage on outside data: against hand-made labels, and beside what the reference found."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from core.commands import Dialect
from core.project import Project
from core.stages.models import StageReport
from core.stages.running import run_stage
from core.validation.stage import prepare_validate
from tests.core.pipeline.small import query, take
from tests.core.pipeline.test_ingest_trees import ecs_project
from tests.core.validation.gold import answers, gold_assistants, gold_project, gold_rows
from tests.core.validation.models import by_message, configure, validate, verdicts
from tests.llm_server.server import scripted_server

OTHER_COMMANDS = "other commands"


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_verdicts_agree_with_hand_made_labels(test_data: Path, tmp_path: Path, noise: float) -> None:
    """The model answers by the labels, and a share of the calls with those of another step: what is measured is the judging."""
    table: Counter[tuple[str, str]] = Counter()
    for assistant in gold_assistants(test_data):
        folder = tmp_path / assistant
        folder.mkdir()
        project = gold_project(test_data, assistant, folder)
        rows = gold_rows(test_data, "rephrasings.jsonl", assistant)
        dialect = Dialect(query(project, "SELECT value FROM meta WHERE key = 'dialect'")[0][0])
        known = answers(project, rows, dialect)
        with scripted_server(_Model(known, noise)) as server:
            project = configure(project, f'base_url = "{server.base_url}"\n')
            report = _run(project)
            assert (report.complete, report.left_out, report.notes) == (True, (), ())
            asked = server.count
            _run(project, again=True)
            silent = sum(not text for text in known.values())
            assert noise or server.count - asked <= 3 * silent  # answers are stored, save where the model said nothing
        table.update(_compared(project, rows))
    total = {
        kind: sum(count for (of, _), count in table.items() if of == kind) for kind in ("faithful", OTHER_COMMANDS, "rest")
    }
    assert sum(total.values()) == 408
    assert table["faithful", "different"] <= 0.03 * total["faithful"], table
    assert table["faithful", "ambiguous"] <= 0.10 * total["faithful"], table
    assert table[OTHER_COMMANDS, "same"] <= 0.02 * total[OTHER_COMMANDS], table
    assert table["rest", "same"] <= 0.30 * total["rest"], table


class _Model:
    """Answers by prompt, a share of the calls wrongly."""

    def __init__(self, known: dict[str, str], noise: float) -> None:
        self._known, self._noise = known, noise
        self._asked: Counter[str] = Counter()

    def __call__(self, body: dict[str, Any]) -> str:
        prompt = body["messages"][0]["content"]
        self._asked[prompt] += 1
        draw = random.Random(f"{prompt} {self._asked[prompt]}")
        return self._known[prompt] if draw.random() >= self._noise else draw.choice(list(self._known.values()))


def _run(project: Project, **options: Any) -> StageReport:
    return asyncio.run(run_stage(project, prepare_validate(project, reviewer="tester", **options)))


def _compared(project: Project, rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Of each rephrasing: what it is by its label, and the verdict."""
    found = {
        (name, ordinal, text): verdict
        for name, ordinal, text, verdict in query(
            project,
            "SELECT c.name, r.ordinal, r.text, r.verdict FROM rephrasing r JOIN conversation c ON c.id = r.conversation_id",
        )
    }
    compared = []
    for row in rows:
        for one in row["rephrasings"]:
            kind = "faithful" if one["faithful"] else OTHER_COMMANDS if one["commands"] != row["commands"] else "rest"
            compared.append((kind, found[row["test_case"], row["user_step"], one["text"]]))
    return compared


@pytest.mark.data
def test_the_references_verdicts_stay_as_they_were_imported(test_data: Path, tmp_path: Path) -> None:
    """Its files hold 32 passing and 8 failing rephrasings, one of which has the words of another; they are judged, so nobody
    is asked."""
    project = configure(ecs_project(test_data, tmp_path / "ecs"))
    take(project)
    model = by_message({})
    assert validate(project, model).counts["rephrasings judged"] == 0
    assert model.requests == []
    found = Counter(verdict for verdict, _ in verdicts(project).values())
    assert found == {"same": 32, "different": 7}


@pytest.mark.data
def test_real_prompts_of_the_reference_are_asked_again_with_other_words(test_data: Path, tmp_path: Path) -> None:
    """`--all` judges all that was imported; the prompts are the stored ones but for the message."""
    project = configure(ecs_project(test_data, tmp_path / "ecs"))
    take(project)
    model = by_message({})
    report = validate(project, model, again=True)
    assert (report.counts["rephrasings judged"], report.left_out) == (39, ())
    stored = [row[0].split("\n") for row in query(project, "SELECT stored FROM prompt WHERE stored IS NOT NULL")]
    for request in model.requests:
        lines = request.messages[0].content.split("\n")
        closest = max(stored, key=lambda other: sum(one == two for one, two in zip(lines, other, strict=False)))
        assert len(lines) == len(closest)
        changed = [(one, two) for one, two in zip(lines, closest, strict=True) if one != two]
        assert len(changed) == 2  # the last USER line and the message
        assert changed[0][0].startswith("USER: ")
