"""Finds and reads the tests to be run, each with all it needs: its script, fixtures, metadata and stubs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from core.conversations.files import find_files
from core.conversations.models import FileKind, TestCase, TestFile
from core.conversations.reading import read_file
from core.errors import InputError, Location, Problem, UsageError
from core.testing.action_answers import Answer
from core.testing.expectations import Script, names_of, script_of
from core.testing.fixtures import CONFTEST_NAMES, MOCKED_DATETIME, FixtureFolders, fixtures_of, twice, why_no_datetime
from core.testing.selection import Selector
from core.testing.stubs import stubs_for

TestKey = tuple[str, str, int]
"""File as shown, name, occurrence."""


@dataclass(frozen=True, slots=True)
class LoadedTest:
    """One test. `file`: its path as results show it. `slots`: of its fixtures, in the order they are set.

    `metadata`: of the test with each user step's merged over it. `source`: the file it comes from, for writing it back.
    """

    __test__ = False

    file: str
    path: Path
    case: TestCase
    script: Script
    slots: Mapping[str, Any] = field(default_factory=dict)
    metadata: tuple[Mapping[str, Any], ...] = ()
    stubs: Mapping[str, Answer] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    source: TestFile = field(default_factory=lambda: TestFile(()))
    fixtures: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    broken: str = ""
    """Why it cannot be run, whatever its commands are."""

    @property
    def key(self) -> TestKey:
        return self.file, self.case.name, self.case.occurrence


@dataclass(frozen=True, slots=True)
class TestSet:
    __test__ = False

    tests: tuple[LoadedTest, ...]
    warnings: tuple[Problem, ...] = ()
    problems: tuple[Problem, ...] = ()


def load_tests(
    selectors: Sequence[Selector],
    root: Path,
    *,
    shown_as: Callable[[Path], str] = str,
    keyword: Callable[[str], bool] | None = None,
    assertions_rule_the_test: bool = False,
) -> TestSet:
    """The tests meant by `selectors`, in the order of files and of tests in them, each once.

    `root`: the assistant's folder, where conftest files begin to count. Files of other kinds are passed over. What is wrong
    with one test or file is among the problems and hides no other test.

    Raises:
        InputError: there are problems and no test, with every problem of every test file.
        UsageError: a path does not exist, holds no test, or no test of the name.
    """
    folders = FixtureFolders(root)
    read: dict[Path, tuple[LoadedTest, ...]] = {}
    problems: list[Problem] = []
    warnings: list[Problem] = []
    chosen: dict[TestKey, LoadedTest] = {}
    for selector in selectors:
        found: list[LoadedTest] = []
        for path in find_files([selector.path]):
            if path.suffix not in (".yml", ".yaml", ".json") or path.name in CONFTEST_NAMES:
                continue
            if path not in read:
                file = read_file(path, shown_as(path))
                if file.kind not in (FileKind.E2E_TESTS, FileKind.DU_TESTS):
                    read[path] = ()
                    continue
                problems += file.problems
                warnings += file.warnings
                content = file.content if isinstance(file.content, TestFile) else TestFile(())
                loaded = _loaded(path, file.path, content, folders, problems, warnings, assertions_rule_the_test)
                read[path] = tuple(_without_hit(loaded, file.problems))
            found += read[path]
        wanted = [test for test in found if selector.name is None or test.case.name == selector.name]
        if not wanted and not problems:
            raise _nothing(selector, found)
        for test in wanted:
            if keyword is None or keyword(f"{test.file}::{test.case.name}"):
                chosen.setdefault(test.key, test)
    problems += folders.problems
    if not chosen:
        if problems:
            raise cannot_run(problems)
        raise UsageError("no test matches -k", remedy="Leave -k out, or use another word.")
    return TestSet(tuple(chosen.values()), tuple(warnings), tuple(problems))


def _without_hit(tests: Iterable[LoadedTest], problems: Sequence[Problem]) -> Iterable[LoadedTest]:
    """The tests of a file, those that a problem of the file stands in marked as broken; one above the first stands in all."""
    tests = list(tests)
    lines = [test.case.line for test in tests]
    for place, test in enumerate(tests):
        until = lines[place + 1] if place + 1 < len(tests) else float("inf")
        hit = [one for one in problems if (line := one.where.line or 0) < lines[0] or test.case.line <= line < until]
        yield replace(test, broken="; ".join(filter(None, [*map(str, hit), test.broken])))


def cannot_run(problems: Sequence[Problem]) -> InputError:
    count = len(problems)
    what = f"the tests cannot be run: {count} problem{'s' * (count > 1)}"
    return InputError(what, tuple(problems), remedy="Mend the files; nothing was run.")


def failed_first(tests: Iterable[LoadedTest], failed: frozenset[TestKey]) -> tuple[LoadedTest, ...]:
    """The tests of `failed` before the others, both in their order."""
    return tuple(sorted(tests, key=lambda test: test.key not in failed))


def _nothing(selector: Selector, found: Sequence[LoadedTest]) -> UsageError:
    if selector.name is None:
        remedy = "Name a file with `test_cases:`, or a folder that holds some."
        return UsageError(f"there is no test in {selector.path}", remedy=remedy)
    from core.yaml.findings import nearest

    near = nearest(selector.name, [test.case.name for test in found])
    remedy = f"Did you mean `{near}`?" if near else "Names are case-sensitive; -k finds parts of them."
    return UsageError(f"there is no test `{selector.name}` in {selector.path}", remedy=remedy)


def _loaded(
    path: Path,
    shown: str,
    file: TestFile,
    folders: FixtureFolders,
    problems: list[Problem],
    warnings: list[Problem],
    assertions_rule_the_test: bool,
) -> Iterable[LoadedTest]:
    own = file.preamble.get("fixtures")
    for name in twice(own):
        problems.append(Problem(Location(shown), "a fixture that is defined twice", "Keep one of the two.", name))
    fixtures = {**folders.visible_from(path), **fixtures_of(own)}
    metadata = fixtures_of(file.preamble.get("metadata"))
    stubs = file.preamble.get("stub_custom_actions")
    for case in file.cases:
        where = Location(shown, case.line, case.column)
        used: dict[str, Mapping[str, Any]] = {}
        known = len(problems)
        for name in names_of(case.extra.get("fixtures")):
            if name not in fixtures:
                fix = "Define it under `fixtures:` of this file or in a conftest.yml."
                problems.append(Problem(where, f"test `{case.name}` uses an unknown fixture", fix, name))
            used[name] = fixtures.get(name, {})
            if MOCKED_DATETIME in used[name] and (why := why_no_datetime(used[name][MOCKED_DATETIME])):
                fix = 'Write it in quotes, such as "2026-01-31T09:30:00+01:00".'
                problems.append(Problem(where, f"fixture `{name}`: {why}", fix, str(used[name][MOCKED_DATETIME])))
        script = script_of(case, assertions_rule_the_test=assertions_rule_the_test)
        case_metadata = names_of(case.extra.get("metadata"))
        named = [(name, where) for name in case_metadata]
        named += [(name, Location(shown, turn.line)) for turn in script.turns for name in turn.metadata]
        for name, place in named:
            if name not in metadata:
                fix = "Define it under `metadata:` of this file."
                warnings.append(Problem(place, f"test `{case.name}` uses unknown metadata", fix, name))
        applying, stub_warnings = stubs_for(case.name, stubs if isinstance(stubs, Mapping) else {})
        yield LoadedTest(
            shown,
            path,
            case,
            script,
            _merged(used.values()),
            tuple(_merged(metadata.get(name, {}) for name in (*case_metadata, *turn.metadata)) for turn in script.turns),
            applying,
            stub_warnings,
            file,
            used,
            "; ".join(str(problem) for problem in problems[known:]),
        )


def _merged(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for part in parts:
        merged.update(part)
    return merged
