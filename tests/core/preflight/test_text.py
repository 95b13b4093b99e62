from __future__ import annotations

from pathlib import Path

from core.preflight import text
from core.preflight.models import Finding, Lengths, Probe, RowPlace, Severity
from tests.core.preflight.conftest import Check
from tests.core.preflight.model_folders import write_model
from tests.core.preflight.versions_by_hand import balanced


def _finding(count: int, named: int) -> Finding:
    rows = tuple(RowPlace("train", number, f"a.yml:{number}") for number in range(1, named + 1))
    return Finding("long-rows", Severity.FAIL, "too long", "shorten", count, rows)


def test_a_finding_names_the_first_rows_and_counts_the_rest() -> None:
    lines = list(text.finding_lines(_finding(42, 20), ()))
    assert lines[0] == "✗ FAIL  long-rows: too long"
    assert lines[1] == "        → shorten"
    assert [line.strip() for line in lines[2:7]] == [f"train:{number} (a.yml:{number})" for number in range(1, 6)]
    assert lines[7].strip() == "and 37 more (--json names 20)"
    assert len(list(text.finding_lines(_finding(5, 5), ()))) == 7


def test_a_waived_finding_says_so() -> None:
    assert next(text.finding_lines(_finding(1, 1), ("long-rows",))) == "✗ fail  long-rows (waived): too long"


def test_the_longest_bar_is_the_commonest_length_and_none_vanishes(check: Check, tmp_path: Path) -> None:
    lengths: Lengths = check(write_model(tmp_path / "model"), balanced()).lengths
    bars = {line.split()[0]: line.count("█") for line in text.histogram(lengths)}
    assert max(bars.values()) == 40
    by_low = {f"{one.low:,}–{one.high - 1:,}": one.rows for one in lengths.bins}
    assert {name for name, bar in bars.items() if bar} == {name for name, rows in by_low.items() if rows}


def test_what_is_learned_stands_in_brackets() -> None:
    probe = Probe("train", 3, (1, 2, 3), 1, (("assistant\n", False), ("start", True), (" flow", True), ("<|im_end|>", True)))
    assert text.probe_line(probe) == r"train:3  …assistant\n⟦start| flow|<|im_end|>⟧"


def test_the_verdict_counts_checks_and_warnings(check: Check, tmp_path: Path) -> None:
    report = check(write_model(tmp_path / "model"), balanced())
    assert text.verdict(report, ()) == "passed"
    assert text.verdict(report, [_finding(1, 1), _finding(2, 2)]) == "1 check failed: long-rows"
