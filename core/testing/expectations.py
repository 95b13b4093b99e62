"""What a test expects, turn by turn: the steps after a user step, or the assertions on it, as records to check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.conversations.models import TestCase, Turn, TurnKind

PLACEHOLDER = "utter_placeholder_generated_answer"
"""In dialogue-understanding tests this response stands for any generated answer (the docs write it with and without
`utter_`)."""
PLACEHOLDERS = frozenset({PLACEHOLDER, PLACEHOLDER.removeprefix("utter_")})


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a `bot`, `utter`, `slot_was_set` or `slot_was_not_set` step.

    `text`: what the bot says, the response's name, or the slot's name. `has_value`: the slot's value is named too.
    """

    kind: TurnKind
    text: str
    line: int
    value: Any = None
    has_value: bool = False


@dataclass(frozen=True, slots=True)
class Assertion:
    """One assertion of a user step: its name as the format has it, and its value as plain data."""

    kind: str
    value: Any
    line: int


@dataclass(frozen=True, slots=True)
class UserTurn:
    """A user step and what its turn must bring. `ordinal`: 1-based among the test's user steps.

    `metadata`: names of the step's own metadata. `commands`: as the test file writes them, None where it does not.
    """

    ordinal: int
    text: str
    line: int
    is_button: bool
    commands: tuple[str, ...] | None = None
    checks: tuple[Check, ...] = ()
    assertions: tuple[Assertion, ...] = ()
    in_order: bool = False
    metadata: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """A test as the runner plays it. `opening`: checks before the first user step, on what the session start does."""

    opening: tuple[Check, ...]
    turns: tuple[UserTurn, ...]

    @property
    def has_assertions(self) -> bool:
        return any(turn.assertions for turn in self.turns)


@dataclass(slots=True)
class _Open:
    step: Turn
    checks: list[Check] = field(default_factory=list)


def script_of(case: TestCase, *, assertions_rule_the_test: bool) -> Script:
    """The turns of a test with what each is checked for.

    Steps after a user step belong to it; of consecutive user steps so only the last is compared. Where a step has
    assertions its other checks are ignored; `assertions_rule_the_test` (before Rasa 3.12): those of the whole test are.
    """
    opening: list[Check] = []
    opened: list[_Open] = []
    for step in case.turns:
        if step.kind is TurnKind.USER:
            opened.append(_Open(step))
        else:
            (opened[-1].checks if opened else opening).extend(checks_of(step))
    turns = tuple(_user_turn(one, ordinal) for ordinal, one in enumerate(opened, start=1))
    if any(turn.assertions for turn in turns):
        turns = tuple(_less_checks(turn) if assertions_rule_the_test or turn.assertions else turn for turn in turns)
        if assertions_rule_the_test:
            opening = []
    return Script(tuple(opening), turns)


def checks_of(step: Turn) -> tuple[Check, ...]:
    """A `slot_was_set` step holds one check for each slot it names; other steps are one check."""
    if step.kind in (TurnKind.BOT, TurnKind.UTTER):
        return (Check(step.kind, step.text, step.line),)
    return tuple(Check(step.kind, *item) for item in _slots(step.extra.get(step.kind.value), step.line))


def _slots(value: Any, line: int) -> Iterable[tuple[str, int, Any, bool]]:
    if isinstance(value, Mapping):
        yield from ((str(name), line, wanted, True) for name, wanted in value.items())
    elif isinstance(value, list):
        for item in value:
            yield from _slots(item, line)
    elif value is not None:
        yield str(value), line, None, False


def _user_turn(opened: _Open, ordinal: int) -> UserTurn:
    step, extra = opened.step, opened.step.extra
    return UserTurn(
        ordinal,
        step.text,
        step.line,
        step.is_button,
        step.commands,
        tuple(opened.checks),
        tuple(_assertions(extra.get("assertions"), step.line)),
        extra.get("assertion_order_enabled") is True,
        names_of(extra.get("metadata")),
    )


def _assertions(value: Any, line: int) -> Iterable[Assertion]:
    for item in value if isinstance(value, list) else ():
        if isinstance(item, Mapping):
            yield from (Assertion(str(kind), wanted, line) for kind, wanted in item.items())


def _less_checks(turn: UserTurn) -> UserTurn:
    return UserTurn(
        turn.ordinal, turn.text, turn.line, turn.is_button, turn.commands, (), turn.assertions, turn.in_order, turn.metadata
    )


def names_of(value: Any) -> tuple[str, ...]:
    """Names of fixtures or metadata: one text, or a list of them."""
    if value is None:
        return ()
    return tuple(str(item) for item in value) if isinstance(value, list) else (str(value),)
