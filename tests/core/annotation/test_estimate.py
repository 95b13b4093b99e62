"""What annotating will ask, before it starts."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from core.annotation.stage import prepare_annotate
from core.llm.models import Role
from core.llm.session import llm_session
from core.project import Project
from core.stages.models import Estimate, StageReport
from tests.core.annotation.small import ANSWERS, CHOOSES, FINDS, annotate, answering, new_project, outcomes
from tests.llm_server import Fault, faults, scripted_server


def estimate(project: Project, **options: Any) -> Estimate:
    return prepare_annotate(project, reviewer="tester", **options).estimate()


def message_of(body: dict[str, Any]) -> str:
    return str(body["messages"][0]["content"].split("# Newest message\n")[1].split("\n")[0])


def run(project: Project, **options: Any) -> StageReport:
    """With the real client."""
    stage = prepare_annotate(project, reviewer="tester", **options)

    async def main() -> StageReport:
        async with llm_session(project) as session:
            return await stage.run(session, lambda what, done, total: None)

    return asyncio.run(main())


def test_it_counts_the_steps_a_model_has_to_answer(tmp_path: Path) -> None:
    found = estimate(new_project(tmp_path / "parcels", {"finds": FINDS, "chooses": CHOOSES}))
    assert found.items == "5 user steps of 3 tests"
    (call,) = found.calls
    assert (call.role, call.model, call.calls, call.stored, call.exact) == (Role.ANNOTATOR, "test-model", 5, 0, False)
    assert 5 * 300 < call.prompt_tokens < 5 * 800
    assert any("guess" in note for note in found.notes)


def test_it_asks_nobody_and_leaves_the_project_as_it_is(tmp_path: Path) -> None:
    project = new_project(tmp_path / "parcels", {"finds": FINDS})
    before = project.database_path.read_bytes()
    estimate(project)
    assert project.database_path.read_bytes() == before


def test_annotated_tests_are_counted_apart(tmp_path: Path) -> None:
    project = new_project(tmp_path / "parcels", {"finds": FINDS, "chooses": CHOOSES})
    annotate(project, answering(), "e2e_tests/finds.yml")
    assert estimate(project).items == "3 user steps of 2 tests; 1 test annotated already"


def test_stored_answers_are_counted_and_not_asked_again(tmp_path: Path) -> None:
    """Through the real client: one question fails the first time."""
    broken = True

    def script(body: dict[str, Any]) -> str | Fault:
        if broken and message_of(body) == "it is A7":
            return faults.context_too_long()
        return str(ANSWERS[message_of(body)])

    with scripted_server(script) as server:
        project = new_project(tmp_path / "parcels", {"finds": FINDS}, base_url=server.base_url)
        assert [failure.item for failure in run(project).failures] == ["e2e_tests/finds.yml::finds"]
        (call,) = estimate(project).calls
        assert (call.calls, call.stored) == (1, 1)
        broken = False
        assert run(project).complete
        assert outcomes(project) == {"finds": "annotated"}
        (call,) = estimate(project, again=True).calls
        assert (call.calls, call.stored) == (0, 2)
        assert server.count == 3
