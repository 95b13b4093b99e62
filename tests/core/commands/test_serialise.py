"""Commands as JSON for the database."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.commands import CancelFlow, Clarify, Command, CommandError, SetSlot, StartFlow, from_json, to_json
from tests.core.commands.strategies import commands


def test_the_text_is_compact_and_readable() -> None:
    stored = to_json([StartFlow("pay"), SetSlot("名", "王"), SetSlot("note", None), Clarify(("a", "b")), CancelFlow()])
    assert stored == (
        '[["start flow","pay"],["set slot","名","王"],["set slot","note",null],["clarify","a","b"],["cancel flow"]]'
    )
    assert to_json([]) == "[]"


@given(st.lists(commands, max_size=5))
def test_every_list_comes_back_equal(given_commands: list[Command]) -> None:
    stored = to_json(given_commands)
    assert from_json(stored) == tuple(given_commands)
    assert to_json(from_json(stored)) == stored


def test_half_a_character_can_be_stored() -> None:
    command = SetSlot("note", "cut \ud83d")
    stored = to_json([command])
    stored.encode("utf-8")
    assert from_json(stored) == (command,)


@pytest.mark.parametrize(
    "text",
    [
        *("", "nonsense", "{}", "null", "1", "[1]", "[[]]", '[["fly"]]', '["cancel flow"]', '[["cancel flow","x"]]'),
        *('[["start flow"]]', '[["start flow",1]]', '[["set slot","a"]]', '[["set slot","a",1]]', '[["clarify",null]]'),
        *('[["start flow","two words"]]', '[["restart agent",""]]', "[" * 100_000),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(CommandError):
        from_json(text)


def test_json_that_other_tools_wrote_is_read() -> None:
    assert from_json(json.dumps([["set slot", "a", "é"]], indent=2)) == (SetSlot("a", "é"),)
