"""Scores of hand-labelled rephrasings, every tenth answer wrong and no judge asked: how well they rank, and whom they reach."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bench.ambiguity_fit import Case, auc, fit, held_back
from bench.bench_ambiguity import ScoredRephrasing, auc_of, scored_directly, share_reached, without_checks
from bench.bench_validation import NOISE
from bench.gold import by_label, gold_steps
from core.commands import Dialect
from core.project import Project
from core.stages.running import run_stage
from core.team_settings import DEFAULT_THRESHOLD
from core.validation.stage import prepare_validate
from review.scores import for_the_team, refresh
from tests.core.pipeline.small import query
from tests.core.validation.gold import answers, gold_project, gold_rows
from tests.core.validation.models import configure
from tests.llm_server.server import scripted_server

LEAST_AUC = 0.85
ASSISTANT = "rasa-customers__rasa-quickstart"


def scored(test_data: Path, seed: int, **options: Any) -> list[ScoredRephrasing]:
    steps = gold_steps(test_data)
    found = list(scored_directly(steps, by_label(steps, noise=NOISE, seed=seed), **options))
    assert len(found) == 408
    return found


@pytest.mark.data
@pytest.mark.parametrize("seed", range(5))
def test_unfaithful_rephrasings_score_above_faithful_ones_and_reach_a_person(test_data: Path, seed: int) -> None:
    found = scored(test_data, seed)
    assert auc_of(found) >= LEAST_AUC
    assert share_reached(found, faithful=False) >= 95
    assert share_reached(found, faithful=True) <= 15


@pytest.mark.data
@pytest.mark.parametrize("seed", range(5))
def test_texts_alone_tell_much_of_it_where_validation_finds_nothing_in_them(test_data: Path, seed: int) -> None:
    found = scored(test_data, seed, blinded=without_checks)
    assert auc_of(found) >= LEAST_AUC
    assert share_reached(found, faithful=False) >= 70
    assert share_reached(found, faithful=True) <= 15


@pytest.mark.data
def test_verdicts_of_one_answer_without_reasons_rank_as_well(test_data: Path, tmp_path: Path) -> None:
    """As files have them: whether the commands are the label's, and nothing else."""
    project = gold_project(test_data, ASSISTANT, tmp_path)
    rows = gold_rows(test_data, "rephrasings.jsonl", ASSISTANT)
    wrong = {
        (row["test_case"], row["user_step"], one["text"])
        for row in rows
        for one in row["rephrasings"]
        if one["commands"] != row["commands"]
    }
    with closing(project.open()) as connection:
        for id_, *key in connection.execute(
            "SELECT r.id, c.name, r.ordinal, r.text FROM rephrasing r JOIN conversation c ON c.id = r.conversation_id"
        ).fetchall():
            verdict = "different" if tuple(key) in wrong else "same"
            connection.execute(
                "INSERT INTO verdict (id, rephrasing_id, verdict, basis) SELECT r.id, r.id, ?, s.basis FROM rephrasing r"
                " JOIN user_step s ON s.id = r.step_id WHERE r.id = ?",
                (verdict, id_),
            )
            connection.execute("UPDATE rephrasing SET verdict = ?, verdict_id = id WHERE id = ?", (verdict, id_))
    assert _auc(project, rows) >= LEAST_AUC


@pytest.mark.data
@pytest.mark.slow
def test_scores_after_the_whole_stage_rank_and_reach_as_well(test_data: Path, tmp_path: Path) -> None:
    project = gold_project(test_data, ASSISTANT, tmp_path)
    rows = gold_rows(test_data, "rephrasings.jsonl", ASSISTANT)
    dialect = Dialect(query(project, "SELECT value FROM meta WHERE key = 'dialect'")[0][0])
    with scripted_server(_Model(answers(project, rows, dialect))) as server:
        project = configure(project, f'base_url = "{server.base_url}"\n')
        report = asyncio.run(run_stage(project, prepare_validate(project, reviewer="tester")))
        assert report.complete
    assert _auc(project, rows) >= LEAST_AUC
    where, parameters = for_the_team(DEFAULT_THRESHOLD)
    with closing(project.open()) as connection:
        reached = {
            tuple(key)
            for key in connection.execute(
                "SELECT c.name, r.ordinal, r.text FROM rephrasing r JOIN conversation c ON c.id = r.conversation_id"
                f" WHERE {where}",
                parameters,
            )
        }
    counts = Counter((one["faithful"], key in reached) for key, one in _labels(rows).items())
    assert counts[False, True] >= 0.9 * (counts[False, True] + counts[False, False]), counts
    assert counts[True, True] <= 0.2 * (counts[True, True] + counts[True, False]), counts


class _Model:
    """Answers by prompt, a tenth of the calls with what belongs to another one."""

    def __init__(self, known: dict[str, str]) -> None:
        self._known = known
        self._asked: Counter[str] = Counter()

    def __call__(self, body: dict[str, Any]) -> str:
        prompt = body["messages"][0]["content"]
        self._asked[prompt] += 1
        draw = random.Random(f"{prompt} {self._asked[prompt]}")
        return self._known[prompt] if draw.random() >= NOISE else draw.choice(list(self._known.values()))


def _labels(rows: list[dict[str, Any]]) -> dict[tuple[str, int, str], dict[str, Any]]:
    return {(row["test_case"], row["user_step"], one["text"]): one for row in rows for one in row["rephrasings"]}


def _auc(project: Project, rows: list[dict[str, Any]]) -> float:
    with closing(project.open()) as connection:
        assert refresh(connection) == len(_labels(rows))
    scores = {
        tuple(key): score
        for score, *key in query(
            project,
            "SELECT a.score, c.name, r.ordinal, r.text FROM ambiguity a JOIN rephrasing r ON r.id = a.rephrasing_id"
            " JOIN conversation c ON c.id = r.conversation_id",
        )
    }
    labels = _labels(rows)
    return auc([scores[key] for key in labels], [not one["faithful"] for one in labels.values()])


def test_the_area_under_the_curve_counts_pairs_and_half_of_a_tie() -> None:
    assert auc([0.9, 0.8, 0.1], [True, True, False]) == 1.0
    assert auc([0.1, 0.9], [True, False]) == 0.0
    assert auc([0.5, 0.5, 0.5], [True, False, False]) == 0.5
    assert auc([0.9, 0.4, 0.4, 0.1], [True, True, False, False]) == pytest.approx(3.5 / 4)
    with pytest.raises(ValueError, match="both kinds"):
        auc([0.5], [True])


def test_a_fit_finds_log_odds_and_a_group_held_back_is_scored_without_itself() -> None:
    cases = [Case(at % 4 != 0, frozenset({"often"}), at % 3) for at in range(240)]
    cases += [Case(at % 4 == 0, frozenset({"seldom"}), at % 3) for at in range(240)]
    weights = fit(cases)
    assert weights["often"] - weights["seldom"] == pytest.approx(2.2, abs=0.1)  # 3:1 against 1:3
    alone = [Case(True, frozenset({"only here"}), "one"), *(Case(at % 2 == 0, frozenset(), "rest") for at in range(10))]
    assert held_back(alone)[0] == pytest.approx(0.5, abs=0.01)
