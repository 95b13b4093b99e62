"""Results as lines of text for people: failing tests with a diff and their transcript, and the tables of a summary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from core.testing.describe import transcript
from core.testing.results import CaseResult, Failure, Outcome, RunResult


def failed_case_lines(case: CaseResult) -> Iterator[str]:
    """A failing test: what was expected (`-`) and what came instead (`+`) at each step, and the whole conversation."""
    yield f"FAILED {case.file}:{case.line}  {case.name}"
    for step, failures in groupby(case.failures, key=lambda failure: failure.user_step):
        yield f"  {_step(case, step, list(failures))}"
        yield from (f"    {line}" for line in _diff([one for one in case.failures if one.user_step == step]))
    yield "  transcript"
    yield from (f"    {line}" for line in transcript(case.opening, case.turns))
    yield from _remarks(case)


def _step(case: CaseResult, step: int, failures: Sequence[Failure]) -> str:
    places = ", ".join(dict.fromkeys(str(failure.where) for failure in failures[:1]))
    if step == 0:
        return f"before the first user step ({places})"
    text = case.turns[step - 1].text if step <= len(case.turns) else ""
    return f"user step {step} ({places})" + (f": {_on_one_line(text)}" if text else "")


def _diff(failures: Sequence[Failure]) -> Iterator[str]:
    """All that one turn lacks, then all that it has instead, each once."""
    for failure in failures:
        note = f"  ({failure.note})" if failure.note else ""
        first, *rest = failure.expected.split("\n")
        yield f"- {failure.where.line}: {failure.kind}: {first}{note}"
        yield from (f"-   {line}" for line in rest)
    for text in dict.fromkeys(text for failure in failures for text in failure.actual):
        first, *rest = text.split("\n")
        yield f"+ {first}"
        yield from (f"+   {line}" for line in rest)


def _remarks(case: CaseResult) -> Iterator[str]:
    for step, command, reason in case.dropped:
        yield f"  dropped at user step {step}: {command}: {reason}"
    for one in case.assumed:
        yield f"  test-led at user step {one.user_step}: {one}"
    for warning in case.warnings:
        yield f"  warning: {warning}"


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def not_run_line(case: CaseResult) -> str:
    return f"NOT RUN {case.file}:{case.line}  {case.name}: {case.not_run}"


FILE_HEADERS = ("file", "tests", "passed", "failed", "not run")


def file_rows(result: RunResult) -> list[tuple[str, int, int, int, int]]:
    """Counts by file, in alphabetical order."""
    rows = []
    for file, group in groupby(sorted(result.cases, key=lambda case: case.file), key=lambda case: case.file):
        outcomes = [case.outcome for case in group]
        counts = (outcomes.count(outcome) for outcome in (Outcome.PASSED, Outcome.FAILED, Outcome.NOT_RUN))
        rows.append((file, len(outcomes), *counts))
    return rows


ASSERTION_HEADERS = ("assertion", "passed", "failed", "not run", "accuracy")


def assertion_rows(result: RunResult) -> list[tuple[str, int, int, int, str]]:
    """Accuracy by assertion type; assertions that were not run do not count."""
    rows = []
    for kind, tally in result.assertions().items():
        accuracy = "-" if tally.accuracy is None else f"{100 * tally.accuracy:.1f} %"
        rows.append((kind, tally.passed, tally.failed, tally.not_run, accuracy))
    return rows


def summary_line(result: RunResult) -> str:
    counts = ", ".join(f"{result.count(outcome):,} {outcome.value}" for outcome in Outcome)
    led = sum(case.is_test_led for case in result.cases)
    return f"{counts}" + (f" ({led:,} with custom actions led by the test)" if led else "") + f" in {result.seconds:.2f} s"
