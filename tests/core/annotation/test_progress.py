"""What a run says of how far it is: user steps that have their answers, of those that the estimate counts."""

from __future__ import annotations

import asyncio
from pathlib import Path

from core.annotation.stage import prepare_annotate
from core.llm.models import Answer, CallFailure, FailureKind, Request
from core.project import Project
from tests.core.annotation.small import ANSWERS, CHOOSES, FINDS, answering, message_of, new_project
from tests.llm_fakes import ScriptedAsker

STOPPED = CallFailure("", FailureKind.STOPPED, "interrupted")


def told(project: Project, asker: ScriptedAsker) -> list[tuple[int, int]]:
    """Each reading once."""
    found: list[tuple[int, int]] = []
    stage = prepare_annotate(project, reviewer="tester")
    assert stage.estimate().items.startswith("5 user steps")
    asyncio.run(stage.run(asker, lambda what, done, total: found.append((done, total))))
    return list(dict.fromkeys(found))


def new(folder: Path) -> Project:
    return new_project(folder / "parcels", {"finds": FINDS, "chooses": CHOOSES})


def test_it_begins_with_none_and_ends_with_all_that_were_to_be_answered(tmp_path: Path) -> None:
    readings = told(new(tmp_path), answering())
    assert (readings[0], readings[-1]) == ((0, 5), (5, 5))


def test_steps_count_before_their_tests_have_ended(tmp_path: Path) -> None:
    class Slow(ScriptedAsker):
        async def ask(self, request: Request) -> Answer | CallFailure:
            await asyncio.sleep(0.3)
            return await super().ask(request)

    readings = told(new(tmp_path), Slow(lambda request: ANSWERS[message_of(request)]))
    assert (3, 5) in readings  # the first step of each of the three tests


def test_a_stop_leaves_the_rest_open(tmp_path: Path) -> None:
    readings = told(new(tmp_path), answering({**ANSWERS, "it is A7": STOPPED, "the one at the harbour": STOPPED}))
    assert readings[-1] == (3, 5)


def test_what_a_conversation_that_broke_off_never_asks_does_not_stay_open(tmp_path: Path) -> None:
    tests = """
        test_cases:
        - test_case: breaks off
          steps:
          - user: where is it
          - utter: utter_ask_number
          - user: it is A7
            commands: [not a command]
          - user: and now
        """
    project = new_project(tmp_path / "parcels", {"breaks": tests})
    found: list[tuple[int, int]] = []
    stage = prepare_annotate(project, reviewer="tester")
    asyncio.run(stage.run(answering(), lambda what, done, total: found.append((done, total))))
    assert found[-1][0] == found[-1][1] > 0
