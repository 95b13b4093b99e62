"""Test skeletons that take the shortest way to steps no passing test reaches, for a person to put into words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from core.conversations.models import TestCase, TestFile, Turn, TurnKind
from core.conversations.writing import yaml_of_tests
from core.coverage.report import Way
from core.coverage.walk import Walk, text_of
from core.dialogue.turn import StepVisit
from core.errors import UsageError
from core.testing.stubs import VALIDATION_PREFIX

HEAD = """\
# Drafted by `workbench coverage --draft`: each test goes the shortest way to a step that no passing test reaches.
# Put every message that begins with [to write] into a user's words, and check the values and the replies. The commands
# under a message say what it has to mean.
"""
NOT_REACHED = "# Tried with the engine, the test `{name}` does not reach its step: {note}.\n"


def choose(walks: Iterable[Walk]) -> list[Walk]:
    """Few walks for all steps: the longest first, and none for a step that an earlier one has passed."""
    waiting = sorted((walk for walk in walks if walk.way.messages), key=lambda walk: -len(walk.way.messages))
    passed: set[StepVisit] = set()
    chosen = []
    for walk in waiting:
        if StepVisit(walk.way.flow, walk.way.step) not in passed:
            chosen.append(walk)
            passed |= walk.visits
    return chosen


def draft_files(walks: Iterable[Walk], responses: Iterable[str]) -> dict[str, bytes]:
    """A test file for each flow, by name. `responses`: of the domain; other replies are the engine's own."""
    known = frozenset(responses)
    by_flow: dict[str, list[Walk]] = {}
    for walk in choose(walks):
        by_flow.setdefault(walk.way.flow, []).append(walk)
    return {f"{flow}.yml": _file(found, known) for flow, found in sorted(by_flow.items())}


def write_drafts(files: Mapping[str, bytes], folder: Path) -> tuple[Path, ...]:
    """Write the drafts; a file that exists is never written over, since a person may have worked on it.

    Raises:
        UsageError: a file is there already, or the folder cannot be written.
    """
    existing = [str(folder / name) for name in files if (folder / name).exists()]
    if existing:
        remedy = "Name another folder, or move them into your tests."
        raise UsageError(f"there are drafts already: {', '.join(existing)}", remedy=remedy)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise UsageError(f"cannot write to {folder}: {error.strerror}", remedy="Name another folder.") from error
    return tuple(folder / name for name in files)


def _file(walks: Iterable[Walk], responses: frozenset[str]) -> bytes:
    head = HEAD
    cases: list[TestCase] = []
    fixtures: list[dict[str, Any]] = []
    stubs: dict[str, Any] = {}
    for walk in sorted(walks, key=lambda one: (len(one.way.messages), one.way.step)):
        way, name = walk.way, f"reach {walk.way.flow} {walk.way.step}"
        extra: dict[str, Any] = {}
        if way.fixtures:
            fixture = f"for_{way.flow}_{way.step}"
            fixtures.append({fixture: [{one.slot: one.value} for one in way.fixtures]})
            extra["fixtures"] = [fixture]
        sets = {stub.action: stub.sets for stub in way.stubs}
        for action in dict.fromkeys((*sets, *walk.actions)):
            if action.startswith(VALIDATION_PREFIX):  # the reference allows no stub for it
                continue
            events = [{"event": "slot", "name": one.slot, "value": one.value} for one in sets.get(action, ())]
            stubs[f"{name}::{action}"] = {"events": events, "responses": []}
        if way.checked == "missed":
            head += NOT_REACHED.format(name=name, note=" ".join(way.note.split()))
        cases.append(TestCase(name, 1, 0, 0, _turns(way, walk, responses), extra))
    preamble: dict[str, Any] = {"fixtures": fixtures} if fixtures else {}
    if stubs:
        preamble["stub_custom_actions"] = stubs
    return head.encode() + yaml_of_tests(TestFile(tuple(cases), preamble))


def _turns(way: Way, walk: Walk, responses: frozenset[str]) -> tuple[Turn, ...]:
    turns = []
    for number, message in enumerate(way.messages):
        commands = None if message.payload else message.commands
        turns.append(Turn(TurnKind.USER, message.payload or text_of(message), 0, 0, commands))
        said = walk.replies[number] if number < len(walk.replies) else ()
        turns += [Turn(TurnKind.UTTER, name, 0, 0) for name in said if name in responses]
    return tuple(turns)
