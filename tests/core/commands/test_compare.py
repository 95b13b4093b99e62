"""Equality of command lists in both modes."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.commands import (
    CancelFlow,
    Clarify,
    Command,
    Mode,
    RestartAgent,
    SetSlot,
    SkipQuestion,
    SlotKind,
    StartFlow,
    difference,
    same_commands,
)
from tests.core.commands.strategies import commands


def same_values(left: str | None, right: str | None, kind: SlotKind | None = None) -> bool:
    kinds = None if kind is None else {"slot": kind}
    return same_commands([SetSlot("slot", left)], [SetSlot("slot", right)], Mode.STRICT, kinds)


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(
    ("expected", "got", "same"),
    [
        ([], [], True),
        ([StartFlow("a"), CancelFlow()], [CancelFlow(), StartFlow("a")], True),
        ([StartFlow("a")], [StartFlow("b")], False),
        ([StartFlow("a")], [StartFlow("A")], False),
        ([StartFlow("a")], [StartFlow("a"), StartFlow("a")], False),
        ([RestartAgent("a")], [RestartAgent("b")], False),
        ([Clarify(("a", "b"))], [Clarify(("b", "a", "b"))], True),
        ([Clarify(("a", "b"))], [Clarify(("a",))], False),
        ([Clarify()], [Clarify(("a", "b"))], True),
        ([Clarify(("a", "b"))], [Clarify()], False),
        ([Clarify()], [StartFlow("a")], False),
        ([Clarify(), Clarify(("a",))], [Clarify(("a",)), Clarify(("b",))], True),
        ([Clarify()], [Clarify(("a",)), Clarify(("b",))], False),
        ([SetSlot("a", "1")], [SetSlot("b", "1")], False),
    ],
)
def test_both_modes(expected: list[Command], got: list[Command], same: bool, mode: Mode) -> None:
    assert same_commands(expected, got, mode) is same


def test_values_count_only_in_strict_mode() -> None:
    expected, got = [SetSlot("a", "Bert"), SetSlot("b", None)], [SetSlot("a", "Anna"), SetSlot("b", "x")]
    assert not same_commands(expected, got)
    assert same_commands(expected, got, Mode.DOCUMENTED)


@pytest.mark.parametrize(
    ("kind", "left", "right"),
    [
        (SlotKind.BOOL, "true", "True"),
        (SlotKind.BOOL, "'False'", "FALSE"),
        (SlotKind.FLOAT, "4", "4.0"),
        (SlotKind.FLOAT, "4", "+4."),
        (SlotKind.FLOAT, "4000", "4,000.00"),
        (SlotKind.FLOAT, "0.5", ".5"),
        (SlotKind.FLOAT, "1e3", "1000"),
        (SlotKind.FLOAT, "-0", "0"),
        (SlotKind.CATEGORICAL, "Direct  Debit ", "direct debit"),
        (SlotKind.CATEGORICAL, "True", "true"),
        (SlotKind.TEXT, " Anna", "'Anna'"),
        (SlotKind.TEXT, "true", "True"),
        (SlotKind.ANY, "4", "4.0"),
        (None, "4", "4.0"),
        (None, "True", "true"),
        (None, '"Anna"', "Anna"),
        (None, None, None),
    ],
)
def test_values_that_are_the_same(kind: SlotKind | None, left: str | None, right: str | None) -> None:
    assert same_values(left, right, kind)
    assert same_values(right, left, kind)


@pytest.mark.parametrize(
    ("kind", "left", "right"),
    [
        (SlotKind.BOOL, "true", "yes"),
        (SlotKind.BOOL, "true", "1"),
        (SlotKind.BOOL, "false", None),
        (SlotKind.FLOAT, "4", "5"),
        (SlotKind.FLOAT, "4,5", "45"),
        (SlotKind.FLOAT, "4,00", "400"),
        (SlotKind.FLOAT, "$4", "4"),
        (SlotKind.FLOAT, "four", "4"),
        (SlotKind.FLOAT, "1" * 40, "1" * 39 + "2"),
        (SlotKind.CATEGORICAL, "direct debit", "standing order"),
        (SlotKind.TEXT, "4", "4.0"),
        (SlotKind.TEXT, "Anna", "anna"),
        (SlotKind.TEXT, "a  b", "a b"),
        (SlotKind.LIST, "4", "4.0"),
        (None, "007", "7"),
        (None, "4,000", "4000"),
        (None, "1e5", "100000"),
        (None, "Anna", "anna"),
        (None, "None", None),
        (None, "", None),
    ],
)
def test_values_that_differ(kind: SlotKind | None, left: str | None, right: str | None) -> None:
    assert not same_values(left, right, kind)
    assert not same_values(right, left, kind)


def test_kinds_apply_to_their_slot_only() -> None:
    kinds = {"kind": SlotKind.CATEGORICAL}
    expected: list[Command] = [SetSlot("kind", "VIP"), SetSlot("name", "Anna")]
    assert same_commands(expected, [SetSlot("name", "Anna"), SetSlot("kind", "vip")], Mode.STRICT, kinds)
    assert not same_commands(expected, [SetSlot("name", "anna"), SetSlot("kind", "vip")], Mode.STRICT, kinds)


def test_difference_lists_both_sides_in_their_order() -> None:
    expected: list[Command] = [StartFlow("a"), SetSlot("b", "1"), SkipQuestion(), StartFlow("a")]
    got: list[Command] = [SetSlot("b", "2"), StartFlow("a"), CancelFlow()]
    found = difference(expected, got)
    assert found
    assert found.missing == (SetSlot("b", "1"), SkipQuestion(), StartFlow("a"))
    assert found.unexpected == (SetSlot("b", "2"), CancelFlow())
    assert found.lines() == [
        "- set slot b 1",
        "- skip question",
        "- start flow a",
        "+ set slot b 2",
        "+ cancel flow",
    ]
    assert str(found) == "\n".join(found.lines())
    assert not difference(expected, expected)


@given(st.lists(commands, max_size=5), st.randoms(use_true_random=False), st.sampled_from(Mode))
def test_order_never_matters(given_commands: list[Command], shuffler: random.Random, mode: Mode) -> None:
    shuffled = list(given_commands)
    shuffler.shuffle(shuffled)
    assert same_commands(given_commands, shuffled, mode)


@given(st.lists(commands, max_size=4), st.lists(commands, max_size=4))
def test_strict_sameness_implies_documented_sameness(left: list[Command], right: list[Command]) -> None:
    if same_commands(left, right):
        assert same_commands(left, right, Mode.DOCUMENTED)


@given(st.lists(commands, max_size=4), commands)
def test_one_command_more_is_never_the_same(given_commands: list[Command], extra: Command) -> None:
    found = difference(given_commands, [*given_commands, extra])
    assert (len(found.missing), len(found.unexpected)) == (0, 1)
