"""Tests of many files as one test file that can be run again: fixtures, metadata, stubs and commands come along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.commands import Command, CommandError, Dialect, describe, to_text
from core.conversations.models import TestCase, TestFile, Turn, TurnKind
from core.testing.cases import LoadedTest, TestKey
from core.testing.expectations import names_of
from core.testing.results import CaseResult


def runnable(cases: Sequence[CaseResult], tests: Mapping[TestKey, LoadedTest], dialect: Dialect) -> TestFile:
    """One test file for tests of many: names of fixtures and metadata that clash get a number."""
    writer = _Writer(dialect)
    written = tuple(writer.case(tests[case.file, case.name, case.occurrence], case) for case in cases)
    return TestFile(written, writer.preamble())


class _Writer:
    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.fixtures: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.stubs: dict[str, Any] = {}
        self.count = 0

    def preamble(self) -> dict[str, Any]:
        return {
            "fixtures": [{name: values} for name, values in self.fixtures.items()],
            "metadata": [{name: values} for name, values in self.metadata.items()],
            "stub_custom_actions": self.stubs,
        }

    def case(self, test: LoadedTest, result: CaseResult) -> TestCase:
        self.count += 1
        fixtures = {
            name: self.named(self.fixtures, name, [{slot: value} for slot, value in slots.items()])
            for name, slots in test.fixtures.items()
        }
        metadata = self.own_metadata(test)
        extra = dict(test.case.extra)
        if fixtures:
            extra["fixtures"] = list(fixtures.values())
        _rename(extra, metadata)
        name = self.own_stubs(test)
        turns: list[Turn] = []
        ordinal = 0
        for turn in test.case.turns:
            if turn.kind is TurnKind.USER:
                ordinal += 1
                turn = self.user_turn(turn, result, ordinal, metadata)
            turns.append(turn)
        return TestCase(name, self.count, test.case.line, test.case.column, tuple(turns), extra)

    def user_turn(self, turn: Turn, result: CaseResult, ordinal: int, metadata: Mapping[str, str]) -> Turn:
        """With the commands it was run with, so that it can be run anywhere."""
        extra = dict(turn.extra)
        _rename(extra, metadata)
        commands = turn.commands
        if not turn.is_button and ordinal <= len(result.turns):
            commands = tuple(self.written(command) for command in result.turns[ordinal - 1].commands)
        return Turn(turn.kind, turn.text, turn.line, turn.column, commands, (), extra)

    def written(self, command: Command) -> str:
        for dialect in (self.dialect, Dialect.V1):
            try:
                return to_text(command, dialect)
            except CommandError:
                continue
        return describe(command)

    def own_metadata(self, test: LoadedTest) -> dict[str, str]:
        used = [*names_of(test.case.extra.get("metadata")), *(name for turn in test.script.turns for name in turn.metadata)]
        defined = test.source.preamble.get("metadata")
        values = (
            {name: value for item in defined if isinstance(item, dict) for name, value in item.items()}
            if isinstance(defined, list)
            else {}
        )
        return {name: self.named(self.metadata, name, values[name]) for name in used if name in values}

    def own_stubs(self, test: LoadedTest) -> str:
        """The test's name here. Stubs hold for this test alone, so a name that has other ones already gets a number."""
        stubs = {action: {"events": list(one.events), "responses": list(one.responses)} for action, one in test.stubs.items()}
        name, number = test.case.name, 1
        while any(self.stubs.get(f"{name}::{action}", stub) != stub for action, stub in stubs.items()):
            number += 1
            name = f"{test.case.name} ({number})"
        self.stubs.update((f"{name}::{action}", stub) for action, stub in stubs.items())
        return name

    def named(self, known: dict[str, Any], name: str, value: Any) -> str:
        own, number = name, 1
        while known.get(own, value) != value:
            number += 1
            own = f"{name}_{number}"
        known[own] = value
        return own


def _rename(extra: dict[str, Any], names: Mapping[str, str]) -> None:
    given = extra.get("metadata")
    if isinstance(given, list):
        extra["metadata"] = [names.get(str(one), one) for one in given]
    elif given is not None:
        extra["metadata"] = names.get(str(given), given)
