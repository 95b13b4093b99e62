"""`workbench review` for scripts: what stands on stdin is taken whole or refused with its place."""

from __future__ import annotations

from contextlib import closing

import pytest

from core.project import Project
from review.team.models import Say
from tests.review.team.small_round import hand_out
from tests.tui.cli.calls import Workbench

NUMBER = "9" * 23


def _decided(ferry: Workbench) -> dict[int, str]:
    entries = ferry("review", "log", "--json").data
    return {entry["id"]: entry["kind"] for entry in entries}


@pytest.mark.parametrize(
    "stdin",
    [
        '{"id": 1, "decision": "accept"}',
        '[{"id": 1, "decision": "accept"}, {"id": 2, "decision": "reject", "reason": "value"}]',
        '{"id": 1, "decision": "accept"}\n\n{"id": 2, "decision": "reject", "reason": null}\n',
        '\ufeff{"id": 1, "decision": "accept"}\r\n{"id": 2, "decision": "flag"}\r\n',
        '{"id": 1, "decision": "reject", "reason": "a\u2028b\x85c"}\n{"id": 2, "decision": "skip"}',
        '{\n  "id": 1,\n  "decision": "accept"\n}\n',
    ],
)
def test_an_object_a_list_and_lines_of_json_are_taken(ferry: Workbench, stdin: str) -> None:
    outcome = ferry("review", "decide", "--json", stdin=stdin.encode())
    assert (outcome.code, outcome.err) == (0, "")
    assert len(outcome.data) == len(_decided(ferry)) == stdin.count('"id"')


GOOD = '{"id": 1, "decision": "accept"}'


@pytest.mark.parametrize(
    ("stdin", "message"),
    [
        (
            f"{GOOD}\n{GOOD}\n{{oops}}\n",
            "line 3 column 2 is not JSON: Expecting property name enclosed in double quotes: `{oops}`",
        ),
        (f"{GOOD}\n[\n", "line 2 column 2 is not JSON: Expecting value: `[`"),
        ('{"id": 1, "decision": }', "line 1 column 23 is not JSON: Expecting value: `" + '{"id": 1, "decision": }`'),
        ("[" * 100_000, "line 1: nested too deeply"),
        (f"{GOOD}\n" + "[" * 100_000, "line 2: nested too deeply"),
        ('{"id": 1, "decision": "reject", "reson": "x"}', "row 1 has an unknown key `reson`"),
        (f'{GOOD}\n{{"id": "2", "decision": "accept"}}', 'line 2 is not a decision: {"id": "2", "decision": "accept"}'),
        ("7", "row 1 is not a decision: 7"),
    ],
)
def test_what_is_no_decision_is_named_with_its_place_and_nothing_is_recorded(
    ferry: Workbench, stdin: str, message: str
) -> None:
    outcome = ferry("review", "decide", stdin=stdin.encode())
    assert outcome.code == 2
    assert f"stdin, {message}" in outcome.err
    assert "Traceback" not in outcome.err
    assert _decided(ferry) == {}


def test_the_misspelt_key_comes_with_the_right_one(ferry: Workbench) -> None:
    assert "Did you mean `reason`?" in ferry("review", "decide", stdin=b'{"id": 1, "decision": "skip", "reson": ""}').err


@pytest.mark.parametrize("stdin", [None, b"", b"\n"])
def test_nothing_on_stdin_is_wrong_usage(ferry: Workbench, stdin: bytes | None) -> None:
    outcome = ferry("review", "decide", stdin=stdin)
    assert (outcome.code, "no decision was given" in outcome.err) == (2, True)


@pytest.mark.parametrize("option", [("--as", "accept"), ("--reason", "x")])
def test_options_that_rows_on_stdin_would_ignore_are_refused(ferry: Workbench, option: tuple[str, str]) -> None:
    outcome = ferry("review", "decide", *option, stdin=GOOD.encode())
    assert (outcome.code, "--as and --reason go with ids" in outcome.err) == (2, True)
    assert _decided(ferry) == {}


@pytest.mark.parametrize("arguments", [("conversations", "list", "--limit"), ("review", "next", "-n"), ("review", "log", "-n")])
def test_more_than_any_database_holds_is_all(ferry: Workbench, arguments: tuple[str, ...]) -> None:
    ferry("review", "decide", "1", "--as", "accept")
    outcome = ferry(*arguments, NUMBER, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.data == ferry(*arguments, "100", "--json").data != []


@pytest.mark.parametrize(
    ("arguments", "stdin"),
    [
        (("conversations", "show", NUMBER), ""),
        (("review", "decide", NUMBER, "--as", "accept"), ""),
        (("review", "decide"), f'{{"id": {NUMBER}, "decision": "accept"}}'),
        (("review", "edit", NUMBER, "text"), ""),
        (("review", "add", NUMBER, "text"), ""),
        (("review", "correct", NUMBER, "cancel flow"), ""),
    ],
)
def test_an_id_larger_than_any_is_an_error(ferry: Workbench, arguments: tuple[str, ...], stdin: str) -> None:
    outcome = ferry(*arguments, stdin=stdin.encode())
    assert outcome.code in (1, 2)
    assert "there is no" in outcome.err or "a number is too large" in outcome.err


@pytest.fixture
def conflict(ferry: Workbench) -> Workbench:
    """Rephrasing 1 was accepted here, and two annotators, who would have it otherwise, reject it."""
    assert ferry("review", "decide", "1", "--as", "accept").code == 0
    with closing(Project(ferry.folder).open()) as connection:
        round_ = hand_out(connection, [1])
        for who in ("ann", "bob"):
            round_.says(who, Say.REJECT, text="two tickets", unread="book it", at="2026-11-21T09:12:00.000Z")
        round_.resolve()
    return ferry


def test_conflicts_with_the_team_can_be_listed_and_decided_from_scripts(conflict: Workbench) -> None:
    (found,) = conflict("review", "next", "--filter", "team:conflict", "--json").data
    assert (found["id"], found["state"], found["team"]["outcome"]) == (1, "accept", "conflict")
    assert "commands: book it (cannot be read)" in conflict("review", "next", "--filter", "team:conflict").out
    assert conflict("review", "decide", "1", "--as", "reject").code == 0
    assert conflict("review", "next", "--filter", "team:conflict", "--json").data == []


def test_the_log_shows_what_annotators_would_have_and_when_they_said_so(conflict: Workbench) -> None:
    latest = conflict("review", "log", "--json", "--by", "bob").data[0]
    wanted = {
        "round": "round-1", "status": "submitted", "answered_at": "2026-11-21T09:12:00.000Z", "corrected_text": "two tickets",
        "commands": ["book it"], "commands_read": False,
    }  # fmt: skip
    assert {name: latest[name] for name in wanted} == wanted
    line = conflict("review", "log", "--by", "bob").out.splitlines()[1]
    assert "reject, answered 2026-11-21 09:12" in line
    assert "→ two tickets; commands: book it (cannot be read)" in line


def test_next_without_a_filter_leaves_out_what_is_decided(ferry: Workbench) -> None:
    waiting = [one["id"] for one in ferry("review", "next", "-n", "9", "--json").data]
    ferry("review", "decide", str(waiting[0]), "--as", "accept")
    assert [one["id"] for one in ferry("review", "next", "-n", "9", "--json").data] == waiting[1:]
