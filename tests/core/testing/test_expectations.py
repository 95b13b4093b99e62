"""Which checks and assertions belong to which user step."""

from __future__ import annotations

from textwrap import dedent

from core.conversations.models import TestFile, TurnKind
from core.conversations.reading import read_bytes
from core.testing.expectations import Script, script_of


def script(steps: str, *, assertions_rule_the_test: bool = False) -> Script:
    body = "\n".join(f"  {line}" for line in dedent(steps).strip().split("\n"))
    read = read_bytes(f"test_cases:\n- test_case: t\n  steps:\n{body}\n".encode(), "t.yml")
    assert isinstance(read.content, TestFile), read.problems
    return script_of(read.content.cases[0], assertions_rule_the_test=assertions_rule_the_test)


def test_steps_belong_to_the_user_step_above_them() -> None:
    read = script(
        """
        - utter: utter_welcome
        - user: one
        - bot: two
        - slot_was_set: [a, {b: 3}]
        - user: four
        - slot_was_not_set:
          - c
          - d: null
        """
    )
    assert [check.text for check in read.opening] == ["utter_welcome"]
    first, second = read.turns
    assert [(check.kind, check.text, check.value, check.has_value) for check in first.checks] == [
        (TurnKind.BOT, "two", None, False),
        (TurnKind.SLOT_WAS_SET, "a", None, False),
        (TurnKind.SLOT_WAS_SET, "b", 3, True),
    ]
    assert [(check.text, check.value, check.has_value) for check in second.checks] == [("c", None, False), ("d", None, True)]
    assert [(turn.ordinal, turn.line) for turn in read.turns] == [(1, 5), (2, 8)]


def test_of_consecutive_user_steps_only_the_last_is_compared() -> None:
    first, second = script("- user: one\n- user: two\n- utter: utter_x").turns
    assert first.checks == ()
    assert [check.text for check in second.checks] == ["utter_x"]


MIXED = """
    - utter: utter_welcome
    - user: one
      assertion_order_enabled: true
      metadata: evening
      assertions:
      - flow_started: pay
      - slot_was_set:
        - {name: a, value: 1}
    - utter: utter_ignored
    - user: two
    - utter: utter_kept
    """


def test_assertions_replace_the_other_checks_of_their_step() -> None:
    read = script(MIXED)
    first, second = read.turns
    assert [(one.kind, one.value) for one in first.assertions] == [
        ("flow_started", "pay"),
        ("slot_was_set", [{"name": "a", "value": 1}]),
    ]
    assert (first.checks, first.in_order, first.metadata) == ((), True, ("evening",))
    assert [check.text for check in second.checks] == ["utter_kept"]
    assert [check.text for check in read.opening] == ["utter_welcome"]


def test_before_3_12_assertions_replace_the_checks_of_the_whole_test() -> None:
    read = script(MIXED, assertions_rule_the_test=True)
    assert read.opening == ()
    assert all(turn.checks == () for turn in read.turns)
    assert len(read.turns[0].assertions) == 2


def test_a_test_without_assertions_keeps_its_checks_in_every_version() -> None:
    read = script("- user: one\n- utter: utter_x", assertions_rule_the_test=True)
    assert [check.text for check in read.turns[0].checks] == ["utter_x"]
