"""Results as JUnit XML, the form continuous-integration services read: a suite for each test file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, tostring

from core.errors import UsageError
from core.testing.describe import transcript
from core.testing.results import CaseResult, Failure, Outcome, RunResult

_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(result: RunResult) -> bytes:
    """A test that was not run is an error, since the run as a whole then fails."""
    suites = Element("testsuites", _counts(result.cases, result.seconds) | {"name": "workbench test"})
    for file, group in groupby(sorted(result.cases, key=lambda case: case.file), key=lambda case: case.file):
        cases = list(group)
        suite = SubElement(suites, "testsuite", {"name": _text(file)} | _counts(cases, sum(case.seconds for case in cases)))
        for case in cases:
            _add_case(suite, case)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + tostring(suites, encoding="unicode").encode() + b"\n"


def write_junit(path: Path, result: RunResult) -> None:
    """Raises UsageError if the file cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(junit_xml(result))
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error}", remedy="Check the path given with --junit.") from error


def _counts(cases: Iterable[CaseResult], seconds: float) -> dict[str, str]:
    outcomes = [case.outcome for case in cases]
    return {
        "tests": str(len(outcomes)),
        "failures": str(outcomes.count(Outcome.FAILED)),
        "errors": str(outcomes.count(Outcome.NOT_RUN)),
        "time": f"{seconds:.6f}",
    }


def _add_case(suite: Element, case: CaseResult) -> None:
    attributes = {
        "classname": _text(case.file),
        "name": _text(case.name),
        "file": _text(case.file),
        "line": str(case.line),
        "time": f"{case.seconds:.6f}",
    }
    element = SubElement(suite, "testcase", attributes)
    if case.outcome is Outcome.NOT_RUN:
        SubElement(element, "error", {"type": "not run", "message": _text(case.not_run)})
    for failure in case.failures:
        child = SubElement(element, "failure", {"type": failure.kind, "message": _text(_message(failure))})
        child.text = _text("\n".join([f"{failure.where}: {failure.kind}", *failure.diff()]))
    if case.failures:
        SubElement(element, "system-out").text = _text("\n".join(transcript(case.opening, case.turns)))


def _message(failure: Failure) -> str:
    return f"expected {failure.kind} {failure.expected}" + (f" ({failure.note})" if failure.note else "")


def _text(text: str) -> str:
    """XML has no way to write most control characters."""
    return _UNWRITABLE.sub("\ufffd", text)
