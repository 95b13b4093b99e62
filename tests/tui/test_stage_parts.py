"""Words, lines and texts of stages, without an app."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace

import pytest

from core.llm.meter import MeterReading
from core.llm.models import Role
from core.project import Project
from core.stages.models import CallEstimate, Estimate, ItemFailure, StageName, StageReport
from core.store.connection import transaction
from core.store.llm_calls import CallRow, FoundCall, insert_call
from core.store.stage_runs import StageRun, begin_run
from tests.tui.fake_stage import FAILED, LEFT_OUT
from tui.messages import StageEnded
from tui.screens.call_text import MOST_CHARACTERS, call_blocks
from tui.screens.dialogs.estimate_text import estimate_text
from tui.screens.stages_loading import load_runs
from tui.screens.stages_text import item_blocks, run_blocks
from tui.stage_live import StageLive, Told
from tui.stage_words import compact, money, pace, seconds
from tui.widgets.stage_meter import LINES, idle_lines, live_lines
from tui.widgets.stage_rows import Row, both_ends, failures_of, line_of, problem_after, tree_rows

CALLS = CallEstimate(
    Role.ANNOTATOR, "a/rather/long/name-of-a-model-7b-instruct", 1_840, 12, 4_800_000, 36_000, True, 12.5, "EUR"
)
ESTIMATE = Estimate(StageName.VALIDATE, "1,852 rephrasings", (CALLS,), ("votes are not counted in " * 8,))
READING = MeterReading(
    answered=300, stored=12, failed=2, retries=3, in_flight=20, limit=64, prompt_tokens=1_312_044, completion_tokens=4_011,
    cached_tokens=20_000, cost=0.12, rate=41.2, elapsed=42.0,
)  # fmt: skip
LIVE = StageLive(StageName.VALIDATE, ESTIMATE, Told("judging rephrasings", 312, 1_840, READING))
REPORT = StageReport(StageName.VALIDATE, {"same": 1_700, "different": 0}, (LEFT_OUT,), (FAILED, FAILED), ("a note",))


def run_of(report: StageReport | None, id_: int = 1) -> StageRun:
    """As it comes from the database."""
    data = json.loads(json.dumps(report.as_data())) if report else {}
    finished = "2026-01-12T09:33:00.000Z" if report else None
    return StageRun(id_, StageName.VALIDATE, "2026-01-12T09:30:00.000Z", finished, "maria", {"mode": "values"}, data)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [(0, "USD", "$0.00"), (0.12, "USD", "$0.12"), (0.0031, "CHF", "CHF 0.0031"), (1204.5, "EUR", "€1,204.50")],
)
def test_money(amount: float, currency: str, text: str) -> None:
    assert money(amount, currency) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.2, "0 s"), (99, "99 s"), (600, "10 min"), (3590, "60 min"), (11_100, "3 h 05 min")]
)
def test_seconds(value: float, text: str) -> None:
    assert seconds(value) == text


@pytest.mark.parametrize(("rate", "text"), [(1234.4, "1,234/s"), (41.2, "41/s"), (1.25, "1.2/s"), (0.5, "30/min")])
def test_pace(rate: float, text: str) -> None:
    assert pace(rate) == text


def test_the_title_line_gives_up_the_cost_then_the_pace_then_the_numbers() -> None:
    assert compact(LIVE) == (
        "validate 312/1,840  41/s  $0.12", "validate 312/1,840  41/s", "validate 312/1,840", "validate 16 %",
    )  # fmt: skip


def test_before_it_knows_its_items_the_title_line_says_what_it_does() -> None:
    assert compact(StageLive(StageName.ANNOTATE, ESTIMATE))[0] == "annotate starting"


def test_the_rest_takes_as_long_as_the_calls_that_are_missing() -> None:
    assert LIVE.eta == pytest.approx((1_840 - 302) / 41.2)


@pytest.mark.parametrize("width", [40, 78, 118, 300])
@pytest.mark.parametrize(
    "ended",
    [
        None,
        StageEnded(LIVE, REPORT),
        StageEnded(LIVE, StageReport(StageName.VALIDATE, {}, stopped="quota exhausted: 1,500 calls missing")),
        StageEnded(LIVE),
        StageEnded(LIVE, error=ValueError("[/foo] " * 50)),
    ],
)
def test_the_meter_has_the_same_height_whatever_it_shows(width: int, ended: StageEnded | None) -> None:
    lines = live_lines(LIVE, ended, width)
    assert len(lines) == LINES
    assert all(line.cell_length <= width for line in lines[:2])
    assert all("\n" not in line.plain for line in lines)


def test_the_meter_shows_every_figure() -> None:
    text = "\n".join(line.plain for line in live_lines(LIVE, None, 118))
    for words in (
        "300 new", "12 stored", "2 failed", "3 retried", "41/s", "20 of 64 in flight", "ETA 37 s", "1,312,044 in",
        "(20,000 cached)", "4,011 out", "cost $0.12", "312 / 1,840", "16 %", "42 s",
    ):  # fmt: skip
        assert words in text, words


def test_why_it_waits_is_shown() -> None:
    waiting = StageLive(StageName.VALIDATE, ESTIMATE, Told("judging", 1, 2, MeterReading(waiting="429: waits 12 s")))
    assert "429: waits 12 s" in live_lines(waiting, None, 80)[-1].plain


def test_what_can_be_started_fits_the_meter() -> None:
    assert len(idle_lines()) <= LINES
    assert all(line.cell_length <= 78 for line in idle_lines())


@pytest.mark.parametrize("width", [40, 70, 80, 120])
def test_the_estimate_fits_and_keeps_what_matters(width: int) -> None:
    text = estimate_text(ESTIMATE, width).plain
    assert all(len(line) <= width for line in text.splitlines() if "calls" not in line)
    assert "1,840" in text
    assert "€12.50" in text


def test_a_run_opens_into_what_failed_and_what_was_left_out() -> None:
    rows = tree_rows([run_of(REPORT, 2), run_of(None, 1)], {2})
    assert [row.key for row in rows] == [(2, -1), (2, 0), (2, 1), (2, 2), (1, -1)]
    assert [row.left_out for row in rows] == [False, False, False, True, False]
    assert rows[1].item == FAILED


def test_problems_are_found_in_closed_runs_too() -> None:
    runs = [run_of(None, 3), run_of(REPORT, 2)]
    assert problem_after(runs, (3, -1), 1) == (2, 0)
    assert problem_after(runs, (2, 0), -1) is None
    assert problem_after(runs, (2, 2), 1) is None


@pytest.mark.parametrize("width", [30, 34, 46, 120])
def test_lines_of_the_list_fit(width: int) -> None:
    for row in tree_rows([run_of(REPORT, 2), run_of(None, 1)], {2}):
        assert line_of(row, width, is_open=True, running=False).cell_length <= width


def test_a_run_says_in_words_what_came_of_it() -> None:
    def words(report: StageReport | None, *, running: bool = False) -> str:
        return line_of(Row(run_of(report)), 80, is_open=False, running=running).plain.split(":")[-1][4:]

    assert words(REPORT) == "✗ 2 failed, 1 left out"
    assert words(StageReport(StageName.VALIDATE, {})) == "✓ complete"
    assert words(StageReport(StageName.VALIDATE, {}, stopped="quota")) == "! stopped"
    assert words(None) == "! not finished"
    assert words(None, running=True) == "> running"


def test_a_long_name_keeps_both_its_ends() -> None:
    assert both_ends("e2e_tests/loans.yml: renew a loan, user step 2", 24) == "loans.yml: ..user step 2"
    assert both_ends("short", 24) == "short"


def test_the_text_of_a_run_has_all_its_report() -> None:
    text = "\n".join(line.plain for block in run_blocks(run_of(REPORT), running=False) for line in block.lines(60))
    for words in ("took 3 min", "by maria", "1,700  same", "2 items failed", "1 item left out", "a note", "mode  values"):
        assert words in text, words


def test_a_diff_keeps_its_marks_and_colours() -> None:
    blocks = list(item_blocks(Row(run_of(REPORT), 0, LEFT_OUT, True)))
    removed = next(block for block in blocks if "utter_ask_day" in block.text.plain)
    assert removed.lead.plain == "  - "
    assert removed.text.spans


def test_a_run_that_goes_on_shows_what_failed_since_it_began(connection: sqlite3.Connection, project: Project) -> None:
    with transaction(connection):
        begin_run(connection, StageName.VALIDATE, "maria", {})
        for number, at in enumerate(("2020-01-01T00:00:00.000Z", "2999-01-01T00:00:00.000Z")):
            failure = json.dumps({"kind": "timeout", "what": "no answer", "remedy": "Wait.", "status": None})
            insert_call(connection, replace(call(None, failure=failure, state="failed").row, key=f"key{number}", at=at))
    (run,) = load_runs(project, running=True).runs
    assert failures_of(run) == [ItemFailure("i", "timeout: no answer", "Wait.", "key1")]
    assert line_of(Row(run), 80, is_open=False, running=True).plain.endswith("> running, 1 failed so far")
    (run,) = load_runs(project, running=False).runs
    assert not failures_of(run)


def call(answer: str | None = "StartFlow(x)", **row: object) -> FoundCall:
    values = {
        "key": "ab" * 32, "stage": "validate", "role": "annotator", "model": "m", "base_url": "http://h/v1", "sample": 0,
        "item": "i", "at": "2026-01-12T09:30:00.000Z", "state": "answered", "attempts": 2, "seconds": 1.5,
        "prompt_tokens": 100, "completion_tokens": 5, "cached_tokens": 0, "exact_tokens": True, "cost": 0.01,
        "currency": "USD", "finish_reason": "stop", "failure": None, "answer": answer,
    }  # fmt: skip
    request = {
        "model": "m",
        "messages": [{"role": "system", "content": "You are\n  careful."}, {"role": "user", "content": "hi [/foo]"}],
    }
    return FoundCall(1, CallRow(**(values | row)), request, {"choices": [{"message": {"content": answer}}]})  # type: ignore[arg-type]


def text_of(found: FoundCall) -> str:
    return "\n".join(line.plain for block in call_blocks(found) for line in block.lines(100))


def test_a_call_is_shown_to_be_read_and_as_it_was_sent() -> None:
    text = text_of(call())
    for words in (
        "m as annotator at http://h/v1",
        "2 attempts",
        "$0.01",
        "StartFlow(x)",
        "  careful.",
        "hi [/foo]",
        '"messages": [',
    ):
        assert words in text, words


def test_a_failed_call_says_why_and_what_helps() -> None:
    failure = json.dumps({"kind": "timeout", "what": "no answer within 60 s", "remedy": "Raise `timeout`.", "status": 504})
    text = text_of(call(None, state="failed", failure=failure, finish_reason=None))
    assert "✗ timeout: no answer within 60 s (HTTP 504)" in text
    assert "Raise `timeout`." in text
    assert "There is none." in text


def test_an_answer_of_many_megabytes_is_cut() -> None:
    text = text_of(call("x" * (MOST_CHARACTERS + 5_000)))
    assert "5,000 characters more" in text
    assert len(text) < 5 * MOST_CHARACTERS


def test_control_characters_in_an_answer_do_not_reach_the_terminal() -> None:
    assert "\x1b" not in text_of(call("\x1b[2J\x1b]0;x\x07"))


def test_an_item_without_a_call_needs_none() -> None:
    item = ItemFailure("an item", "what happened")
    assert "enter" not in "".join(block.text.plain for block in item_blocks(Row(run_of(REPORT), 0, item)))
