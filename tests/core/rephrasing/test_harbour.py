"""The sample project: every annotated step is asked for, in both languages, with what the assistant says around it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from core.pipeline.ingest import ingest
from core.project import Project
from core.rephrasing.stage import prepare_rephrase
from core.sample import copy_sample
from tests.core.pipeline.small import query
from tests.core.rephrasing.model import reply, with_model
from tests.llm_fakes import ScriptedAsker


@pytest.fixture
def harbour(tmp_path: Path) -> Project:
    """Its tests and annotations, without the rephrasings that it brings along."""
    project = copy_sample(tmp_path / "harbour")
    with closing(project.open()) as connection:
        ingest(project, connection, [project.root / "e2e_tests", project.root / "annotations"], reviewer="tester")
    return with_model(project)


async def test_the_whole_sample_is_rephrased(harbour: Project) -> None:
    asker = ScriptedAsker(reply)
    report = await prepare_rephrase(harbour, count=2).run(asker, lambda what, done, total: None)
    assert report.complete
    ((annotated,),) = query(
        harbour, "SELECT count(*) FROM user_step WHERE active = 1 AND coalesce(commands, '[]') <> '[]' AND NOT is_button"
    )
    assert annotated > 250
    assert report.counts["user steps"] == report.counts["with all rephrasings"] == annotated
    assert report.counts["rephrasings added"] == 2 * annotated
    assert query(harbour, "SELECT count(*) FROM rephrasing r JOIN user_step s ON s.id = r.step_id WHERE s.is_button") == [(0,)]


async def test_prompts_show_what_responses_say_and_not_their_names(harbour: Project) -> None:
    asker = ScriptedAsker(reply)
    await prepare_rephrase(harbour, count=1).run(asker, lambda what, done, total: None)
    prompts = [request.messages[0].content for request in asker.requests]
    assert not any("utter_" in prompt for prompt in prompts)
    assert any("AI: Which item would you like to renew?" in prompt for prompt in prompts)
    assert any("续借" in prompt for prompt in prompts)
