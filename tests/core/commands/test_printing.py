"""Printing commands, and that reading is its inverse."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.commands import (
    CancelFlow,
    ChitChat,
    Clarify,
    Command,
    CommandError,
    ContinueAgent,
    Dialect,
    HumanHandoff,
    KnowledgeAnswer,
    RestartAgent,
    SetSlot,
    SkipQuestion,
    StartFlow,
    describe,
    parse,
    to_lines,
    to_text,
)
from tests.core.commands.strategies import commands, commands_of


@pytest.mark.parametrize(
    ("command", "v1", "v2"),
    [
        (StartFlow("pay"), "StartFlow(pay)", "start flow pay"),
        (SetSlot("to", "Jo Smith"), "SetSlot(to, Jo Smith)", "set slot to Jo Smith"),
        (SetSlot("to", None), "SetSlot(to, None)", "set slot to None"),
        (SetSlot.of("ok", True), "SetSlot(ok, True)", "set slot ok True"),
        (SetSlot("to", "None"), 'SetSlot(to, "None")', 'set slot to "None"'),
        (SetSlot("to", ""), 'SetSlot(to, "")', 'set slot to ""'),
        (SetSlot("to", "a\nb"), 'SetSlot(to, "a\\nb")', 'set slot to "a\\nb"'),
        (SetSlot("to", "O'Brien (Jr), 1"), "SetSlot(to, O'Brien (Jr), 1)", "set slot to O'Brien (Jr), 1"),
        (SetSlot("to", "a) b"), 'SetSlot(to, "a) b")', "set slot to a) b"),
        (SetSlot("to", "a, start flow b"), "SetSlot(to, a, start flow b)", 'set slot to "a, start flow b"'),
        (SetSlot("to", "@王"), "SetSlot(to, @王)", "set slot to @王"),
        (Clarify(("a", "b")), "Clarify(a, b)", "disambiguate flows a b"),
        (Clarify(), "Clarify()", "disambiguate flows"),
        (Clarify(("start", "flow", "a")), "Clarify(start, flow, a)", 'disambiguate flows "start" "flow" "a"'),
        (CancelFlow(), "CancelFlow()", "cancel flow"),
        (KnowledgeAnswer(), "SearchAndReply()", "provide info"),
        (ChitChat(), "ChitChat()", "offtopic reply"),
        (HumanHandoff(), "HumanHandoff()", "hand over"),
    ],
)
def test_canonical_text(command: Command, v1: str, v2: str) -> None:
    assert to_text(command, Dialect.V1) == v1
    assert to_text(command, Dialect.V2) == v2


def test_v3_searches_where_v2_provides_info() -> None:
    assert to_text(KnowledgeAnswer(), Dialect.V3) == "search and reply"


@pytest.mark.parametrize(
    ("command", "dialect", "elsewhere"),
    [
        (SkipQuestion(), Dialect.V2, "v1"),
        (SkipQuestion(), Dialect.V3, "v1"),
        (ChitChat(), Dialect.V3, "v1, v2"),
        (HumanHandoff(), Dialect.V3, "v1, v2"),
        (ContinueAgent(), Dialect.V1, "v2, v3"),
        (RestartAgent("helper"), Dialect.V1, "v2, v3"),
    ],
)
def test_a_dialect_without_the_command_says_where_it_exists(command: Command, dialect: Dialect, elsewhere: str) -> None:
    with pytest.raises(CommandError, match=f"{dialect} has no command {type(command).__name__}.*in {elsewhere}:"):
        to_text(command, dialect)


def test_lines_are_joined_without_a_final_break() -> None:
    assert to_lines([StartFlow("a"), SetSlot("b", "c")], Dialect.V2) == "start flow a\nset slot b c"
    assert to_lines([], Dialect.V1) == ""


@given(commands)
def test_every_command_can_be_described(command: Command) -> None:
    assert len(describe(command).splitlines()) == 1


@given(st.sampled_from(Dialect).flatmap(lambda d: st.tuples(st.just(d), st.lists(commands_of[d], max_size=4))))
def test_reading_is_the_inverse_of_printing(case: tuple[Dialect, list[Command]]) -> None:
    dialect, given_commands = case
    text = to_lines(given_commands, dialect)
    result = parse(text, dialect)
    assert result.found == tuple(given_commands)
    assert result.complete
    assert len(text.splitlines()) == len(given_commands)
    assert to_lines(result.found, dialect) == text
