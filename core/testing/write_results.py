"""Files of a run: results in the reference's shape, and the tests that passed and failed as test files to run again.

e2e_results_passed.yml, e2e_results_failed.yml    what happened, by test
passed.yml, failed.yml                            the tests themselves, with their fixtures, stubs and commands
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.commands import Dialect
from core.conversations.models import Turn, TurnKind
from core.conversations.writing import yaml_of_data, yaml_of_tests
from core.errors import UsageError
from core.testing.cases import LoadedTest, TestKey
from core.testing.describe import described
from core.testing.results import CaseResult, Failure, Outcome, RunResult
from core.testing.runnable import runnable

RESULTS_PASSED = "e2e_results_passed.yml"
RESULTS_FAILED = "e2e_results_failed.yml"
PASSED = "passed.yml"
FAILED = "failed.yml"


def write_results(folder: Path, result: RunResult, tests: Sequence[LoadedTest], dialect: Dialect = Dialect.V2) -> list[Path]:
    """Writes the four files, replacing earlier ones; tests that were not run are among the failed. Returns the paths.

    Raises:
        UsageError: the folder cannot be written.
    """
    by_key = {test.key: test for test in tests}
    passed = [case for case in result.cases if case.passed]
    failed = [case for case in result.cases if not case.passed]
    contents = {
        RESULTS_PASSED: yaml_of_data({"test_results": [_result(case, by_key) for case in passed]}),
        RESULTS_FAILED: yaml_of_data({"test_results": [_result(case, by_key) for case in failed]}),
        PASSED: yaml_of_tests(runnable(passed, by_key, dialect)),
        FAILED: yaml_of_tests(runnable(failed, by_key, dialect)),
    }
    return [_write(folder / name, data) for name, data in contents.items()]


def _write(path: Path, data: bytes) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_name(f".{path.name}.{os.getpid()}")
        scratch.write_bytes(data)
        scratch.replace(path)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error}", remedy="Check the folder given with --results.") from error
    return path


def _result(case: CaseResult, tests: Mapping[TestKey, LoadedTest]) -> dict[str, Any]:
    test = tests[case.file, case.name, case.occurrence]
    data: dict[str, Any] = {
        "name": case.name,
        "pass_status": case.passed,
        "expected_steps": [_step(turn) for turn in test.case.turns],
    }
    if case.outcome is Outcome.NOT_RUN:
        return data | {"error_path": f"{case.file}:{case.line}", "not_run": case.not_run}
    if not case.failures:
        return data
    first = case.failures[0]
    data["error_path"] = str(first.where)
    if first.value is not None:
        data["assertion_failure"] = {
            "assertion": {"type": first.kind, "line": first.where.line, "value": first.value},
            "error_message": _message(first),
            "actual_events_transcript": _events(case, first.user_step),
        }
    else:
        data["difference"] = [line for failure in case.failures for line in _difference(failure)]
    return data


def _step(turn: Turn) -> dict[str, Any]:
    if turn.kind in (TurnKind.SLOT_WAS_SET, TurnKind.SLOT_WAS_NOT_SET):
        return dict(turn.extra)
    return {turn.kind.value: turn.text, **turn.extra}


def _difference(failure: Failure) -> Iterable[str]:
    yield f"  {failure.where} {failure.kind}" + (f" ({failure.note})" if failure.note else "")
    yield from failure.diff()


def _message(failure: Failure) -> str:
    actual = "; ".join(failure.actual)
    return (
        f"{failure.kind}: expected {failure.expected}"
        + (f", got {actual}" if actual else "")
        + (f" ({failure.note})" if failure.note else "")
    )


def _events(case: CaseResult, user_step: int) -> list[str]:
    events = case.turns[user_step - 1].events if 0 < user_step <= len(case.turns) else case.opening
    return [described(event) for event in events]
