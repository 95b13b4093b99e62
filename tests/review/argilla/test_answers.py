"""What a response on the server says, without a server."""

from __future__ import annotations

from typing import Any

import pytest

from core.commands import Dialect
from review.argilla.answers import HandedOut, read_answer, server_time
from review.argilla.server_records import Response, read_values
from review.team.models import NewAnswer, Say, Status
from tests.review.small import start

GIVEN = HandedOut("r-1", "renew it, please", expected="start flow renew_loan", suggested="start flow return_loan")
AT = "2026-11-21T10:00:00.120000"


def said(status: str = "submitted", **values: Any) -> NewAnswer | None:
    return read_answer(GIVEN, Response("u1", status, values, AT), "ann", Dialect.V2)


def test_an_answer_keeps_who_said_what_and_when() -> None:
    answer = said(decision="reject", comment=" meaning changed ")
    assert answer == NewAnswer(
        "r-1", "ann", Status.SUBMITTED, Say.REJECT, "2026-11-21T10:00:00.120000Z", comment="meaning changed"
    )


@pytest.mark.parametrize("time", ["2026-11-21T10:00:00", "2026-11-21T10:00:00.000000", "2026-11-21T10:00:00.000000+00:00"])
def test_a_full_second_has_the_same_time_however_the_server_writes_it(time: str) -> None:
    assert server_time(time) == "2026-11-21T10:00:00.000000Z"


def test_a_draft_is_no_answer() -> None:
    assert said("draft", decision="accept") is None


@pytest.mark.parametrize("values", [{}, {"decision": "accept", "commands": "start flow return_loan", "text": "x"}])
def test_a_discard_says_nothing_else_whatever_was_filled_in(values: dict[str, str]) -> None:
    answer = said("discarded", **values)
    assert answer is not None
    assert (answer.status, answer.decision, answer.text, answer.commands) == (Status.DISCARDED, None, None, None)


def test_the_comment_of_a_discard_is_kept_for_nobody_fills_it_in() -> None:
    answer = said("discarded", comment="not my subject")
    assert answer is not None
    assert answer.comment == "not my subject"


@pytest.mark.parametrize("values", [None, {"decision": None}, {"decision": {"value": None}}])
def test_values_that_are_null_are_no_values(values: dict[str, Any] | None) -> None:
    answer = said(**read_values(values))
    assert answer is not None
    assert answer.decision is None
    assert answer.comment == "(decision: none)"


def test_a_label_that_somebody_added_is_noted() -> None:
    answer = said(decision="maybe", comment="hm")
    assert answer is not None
    assert (answer.decision, answer.comment) == (None, "hm\n(decision: maybe)")


@pytest.mark.parametrize("text", ["", "  ", "renew it, please", " renew  it, please\n"])
def test_the_wording_as_it_is_asks_for_no_other(text: str) -> None:
    answer = said(decision="accept", text=text)
    assert answer is not None
    assert answer.text is None


def test_another_wording_is_kept() -> None:
    answer = said(decision="accept", text="renew it please, now")
    assert answer is not None
    assert answer.text == "renew it please, now"


@pytest.mark.parametrize("commands", ["", "start flow renew_loan", "StartFlow(renew_loan)", "start flow return_loan\n"])
def test_commands_as_expected_or_as_filled_in_ask_for_no_others(commands: str) -> None:
    answer = said(decision="accept", commands=commands)
    assert answer is not None
    assert (answer.commands, answer.unread_commands) == (None, None)


def test_expected_commands_that_nobody_can_read_are_as_expected_where_they_are_repeated() -> None:
    given = HandedOut("r-1", "renew it, please", expected="do something odd")
    response = Response("u1", "submitted", {"decision": "accept", "commands": "do something  odd\n"}, AT)
    answer = read_answer(given, response, "ann", Dialect.V2)
    assert answer is not None
    assert (answer.commands, answer.unread_commands) == (None, None)


@pytest.mark.parametrize("commands", ["start flow extend_loan", "StartFlow(extend_loan)"])
def test_other_commands_are_read_in_any_dialect(commands: str) -> None:
    answer = said(decision="accept", commands=commands)
    assert answer is not None
    assert answer.commands == start("extend_loan")


@pytest.mark.parametrize("commands", ["no commands", "No commands.", "(no commands)"])
def test_that_nothing_is_to_be_done_can_be_said(commands: str) -> None:
    answer = said(decision="accept", commands=commands)
    assert answer is not None
    assert answer.commands == "[]"


@pytest.mark.parametrize("commands", ["the same as before", "start flow extend_loan and then the rest"])
def test_what_is_no_command_is_kept_as_it_was_written(commands: str) -> None:
    answer = said(decision="accept", commands=commands, comment="see")
    assert answer is not None
    assert (answer.commands, answer.unread_commands, answer.comment) == (None, commands, "see")
