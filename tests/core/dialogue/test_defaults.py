"""The default patterns: complete in every version."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.assistant.models import Collect, Link, RunAction, Step
from core.assistant.reading import read_assistant
from core.dialogue.built_in import ASKED_FIRST, BUILT_IN
from core.dialogue.compat import compat
from core.dialogue.defaults import FOLDER, defaults
from core.dialogue.program import LISTEN

VERSIONS = ("3.8", "3.12", "3.13", "3.14", "3.15", "3.16")


def steps_of(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        yield step
        for branch in step.next if isinstance(step.next, tuple) else ():
            if isinstance(branch.then, tuple):
                yield from steps_of(branch.then)


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("*.yml")))
def test_their_files_have_no_problems(name: str) -> None:
    read = read_assistant(FOLDER / name)
    assert (read.problems, read.warnings) == ((), ())
    assert all(flow.is_pattern for flow in read.assistant.flows.values())


@pytest.mark.parametrize("version", VERSIONS)
def test_what_they_use_exists(version: str) -> None:
    found = defaults(compat(version))
    for flow in found.flows.values():
        for step in steps_of(flow.steps):
            if isinstance(step, RunAction) and "{{" not in step.action:
                assert step.action in {*BUILT_IN, *found.responses, LISTEN}
            if isinstance(step, Link):
                assert step.flow in found.flows
            if isinstance(step, Collect):
                assert step.slot in found.slots
                assert step.response in found.responses


def test_versions_differ() -> None:
    at = {version: defaults(compat(version)) for version in VERSIONS}
    assert at["3.12"].flows["pattern_chitchat"] != at["3.13"].flows["pattern_chitchat"]
    assert at["3.13"].flows["pattern_continue_interrupted"] != at["3.14"].flows["pattern_continue_interrupted"]
    assert at["3.14"].flows["pattern_clarification"] != at["3.15"].flows["pattern_clarification"]
    assert at["3.15"].flows["pattern_completed"] != at["3.16"].flows["pattern_completed"]
    assert at["3.8"].flows == at["3.12"].flows


def test_actions_that_others_are_asked_for_first_are_built_in() -> None:
    assert BUILT_IN.keys() >= ASKED_FIRST
