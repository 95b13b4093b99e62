"""The shortest way to a step: messages, values, what must come from outside, and what the engine says to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.assistant.models import Assistant
from core.commands import Dialect
from core.coverage.reach import Reach
from core.coverage.report import ActionStub, SlotValue, Way
from core.coverage.steps import counted_steps, user_flows
from core.coverage.text import way_lines
from core.coverage.walk import walk
from core.dialogue.compat import compat
from core.dialogue.engine import Engine
from tests.core.coverage.small import read


def _way(assistant: Assistant, flow: str, step: str) -> Way:
    """The way, which the engine must agree with."""
    way = Reach(assistant, Dialect.V2).way_to(flow, step)
    tried = walk(way, Engine(assistant, compat("3.12"))).way
    assert tried.checked == ("reached" if way.messages else "untried"), tried.note
    return way


def _said(way: Way) -> list[str]:
    return [message.payload or "; ".join(message.commands) for message in way.messages]


def _flow(steps: str, slots: str = "", guard: str = "") -> tuple[str, str]:
    """A flow `f` with these steps, and a domain with these slots and all responses a test may need."""
    indented = "\n".join(f"      {line}" for line in steps.strip("\n").splitlines())
    flows = f"flows:\n  f:\n    description: x\n{guard}    steps:\n{indented}\n"
    responses = "".join(f"  utter_{name}: [{{text: x}}]\n" for name in ("ask_a", "ask_b", "ask_c", "here", "there", "no"))
    return flows, f"slots:\n{slots}responses:\n{responses}actions: [action_look, action_other]\n"


TEXT_A, BOOL_B = "  a: {type: text}\n", "  b: {type: bool}\n"


def test_a_first_step_needs_the_flow_started(assistant: Assistant) -> None:
    assert _said(_way(assistant, "book_table", "0_collect_guests")) == ["start flow book_table"]


def test_values_are_chosen_so_that_conditions_hold(assistant: Assistant) -> None:
    way = _way(assistant, "book_table", "1_utter_too_many")
    assert _said(way) == ["start flow book_table", "set slot guests 9"]
    assert way.conditions == ("slots.guests > 8",)


def test_values_are_chosen_so_that_conditions_do_not_hold_and_nothing_is_refused(assistant: Assistant) -> None:
    way = _way(assistant, "book_table", "ask_day")
    assert _said(way) == ["start flow book_table", "set slot guests 1"]
    assert way.conditions == ("not (slots.guests > 8)",)


def test_a_slot_nobody_fills_comes_from_a_fixture_where_no_action_ran(assistant: Assistant) -> None:
    way = _way(assistant, "book_table", "5_call_greet_member")
    assert way.fixtures == (SlotValue("is_member", True),)
    assert _said(way)[-1] == "set slot day Monday"


def test_a_flow_that_cannot_be_started_is_reached_through_its_caller(assistant: Assistant) -> None:
    way = _way(assistant, "greet_member", "2_utter_points")
    assert _said(way) == [
        "start flow book_table", "set slot guests 1", "set slot day Monday", "set slot wants_points True",
    ]  # fmt: skip
    assert way.fixtures == (SlotValue("is_member", True),)


def test_a_step_after_a_call_is_reached_through_the_called_flow_or_past_it(assistant: Assistant) -> None:
    assert _said(_way(assistant, "book_table", "closing")) == [
        "start flow book_table", "set slot guests 1", "set slot day Monday",
    ]  # fmt: skip


def test_a_link_is_a_way_like_any_other(assistant: Assistant) -> None:
    assert _said(_way(assistant, "say_hours", "1_link_to_book_table")) == ["start flow say_hours"]


def test_a_slot_the_last_action_sets_becomes_a_stub(tmp_path: Path) -> None:
    flows, domain = _flow(
        """
- action: action_other
- action: action_look
  next:
    - if: slots.found = 3
      then:
        - action: utter_here
          next: END
    - else: END
""",
        "  found: {type: any, mappings: [{type: controlled}]}\n",
    )
    way = _way(read(tmp_path, flows, domain), "f", "2_utter_here")
    assert way.stubs == (ActionStub("action_other"), ActionStub("action_look", (SlotValue("found", 3.0),)))


def test_a_button_fills_what_the_command_generator_may_not(tmp_path: Path) -> None:
    flows, domain = _flow("- collect: a\n- action: utter_here", "  a: {type: text, mappings: [{type: controlled}]}\n")
    assert _said(_way(read(tmp_path, flows, domain), "f", "1_utter_here")) == ["start flow f", "/SetSlots(a=a)"]


def test_a_slot_filled_before_is_not_asked_again_unless_it_must_be(tmp_path: Path) -> None:
    steps = "- set_slots:\n    - a: x\n- collect: a\n- collect: b\n  ask_before_filling: true\n- action: utter_here"
    flows, domain = _flow(steps, TEXT_A + BOOL_B)
    assert _said(_way(read(tmp_path, flows, domain), "f", "3_utter_here")) == ["start flow f", "set slot b True"]


def test_a_loop_is_gone_round_where_the_step_needs_it(tmp_path: Path) -> None:
    steps = """
- id: again
  collect: b
  ask_before_filling: true
  next:
    - if: slots.b and slots.seen
      then:
        - action: utter_here
          next: END
    - if: slots.b
      then:
        - set_slots:
            - seen: true
          next: again
    - else: END
"""
    flows, domain = _flow(steps, BOOL_B + "  seen: {type: bool}\n")
    assert _said(_way(read(tmp_path, flows, domain), "f", "1_utter_here")) == [
        "start flow f", "set slot b True", "set slot b True",
    ]  # fmt: skip


def test_conditions_that_exclude_each_other_leave_no_way(tmp_path: Path) -> None:
    steps = """
- collect: b
  next:
    - if: slots.b
      then:
        - noop: true
          next:
            - if: not slots.b
              then:
                - action: utter_here
                  next: END
            - else: END
    - else: END
"""
    flows, domain = _flow(steps, BOOL_B)
    way = _way(read(tmp_path, flows, domain), "f", "2_utter_here")
    assert (way.messages, way.note) == ((), "no values were found that lead to it")
    assert list(way_lines(way)) == ["no way: no values were found that lead to it"]


def test_an_action_may_change_what_the_user_said_if_nothing_else_helps(tmp_path: Path) -> None:
    steps = """
- collect: b
  next:
    - if: slots.b
      then: look
    - else: END
- id: look
  action: action_look
  next:
    - if: not slots.b
      then:
        - action: utter_here
          next: END
    - else: END
"""
    flows, domain = _flow(steps, BOOL_B)
    way = _way(read(tmp_path, flows, domain), "f", "2_utter_here")
    assert way.stubs == (ActionStub("action_look", (SlotValue("b", False),)),)


def test_a_guard_that_needs_a_slot_gets_a_fixture(tmp_path: Path) -> None:
    flows, domain = _flow("- action: utter_here", "  logged_in: {type: bool}\n", "    if: slots.logged_in\n")
    way = _way(read(tmp_path, flows, domain), "f", "0_utter_here")
    assert way.fixtures == (SlotValue("logged_in", True),)


def test_an_intent_starts_what_no_command_may(tmp_path: Path) -> None:
    guard = "    if: False\n    nlu_trigger:\n      - intent: open_it\n"
    flows, domain = _flow("- action: utter_here", "  a: {type: text}\n", guard)
    assistant = read(tmp_path, flows, domain + "intents: [open_it]\n")
    assert _said(_way(assistant, "f", "0_utter_here")) == ["/open_it"]


def test_a_flow_nobody_starts_says_so(tmp_path: Path) -> None:
    flows, domain = _flow("- action: utter_here", TEXT_A, "    if: False\n")
    assert _way(read(tmp_path, flows, domain), "f", "0_utter_here").note == "no flow that a message can start leads to it"


def test_a_step_there_is_not_says_so(assistant: Assistant) -> None:
    assert Reach(assistant, Dialect.V2).way_to("book_table", "nothing").note == "there is no such step"


@pytest.mark.parametrize(
    ("kind", "condition", "value"),
    [
        ("text", 'slots.a = "gold"', "gold"),
        ("text", 'slots.a contains "old"', "old"),
        ("text", 'slots.a matches "(?i)^big.*"', "big"),
        ("text", "slots.a = 7", "7"),
        ("text", "slots.a is not true", "a"),
        ("float", "slots.a >= 2.5", "2.5"),
        ("float", "slots.a > 2.5", "3.5"),
        ("float", "slots.a < 0", "-1"),
        ("text", "{'x' 'y'} contains slots.a", "x"),
    ],
)
def test_values_come_from_what_a_condition_compares_with(tmp_path: Path, kind: str, condition: str, value: str) -> None:
    steps = f"- collect: a\n  next:\n    - if: {json.dumps(condition)}\n      then:\n        - action: utter_here\n"
    flows, domain = _flow(steps + "          next: END\n    - else: END\n", f"  a: {{type: {kind}}}\n")
    assert _said(_way(read(tmp_path, flows, domain), "f", "1_utter_here")) == ["start flow f", f"set slot a {value}"]


def test_a_slot_refused_when_it_comes_before_another_is_given_a_value_that_does_not(tmp_path: Path) -> None:
    steps = (
        "- collect: a\n- collect: c\n  rejections:\n    - if: slots.c > slots.a\n      utter: utter_no\n- action: utter_here"
    )
    flows, domain = _flow(steps, TEXT_A + "  c: {type: text}\n")
    assert _said(_way(read(tmp_path, flows, domain), "f", "2_utter_here"))[1:] == ["set slot a c", "set slot c c"]


def test_what_the_domain_refuses_is_not_said(tmp_path: Path) -> None:
    slot = """\
  a:
    type: text
    validation:
      rejections:
        - if: not (slots.a matches "^[0-9]{3}$")
          utter: utter_no
"""
    flows, domain = _flow("- collect: a\n- action: utter_here", slot)
    assert _said(_way(read(tmp_path, flows, domain), "f", "1_utter_here")) == ["start flow f", "set slot a 111"]


def test_commands_are_in_the_dialect_of_the_project(assistant: Assistant) -> None:
    way = Reach(assistant, Dialect.V1).way_to("book_table", "ask_day")
    assert _said(way) == ["StartFlow(book_table)", "SetSlot(guests, 1)"]


def test_a_wide_flow_is_one_way_and_not_a_million(tmp_path: Path) -> None:
    """Twenty yes-or-no questions, each with a say in the last condition."""
    names = [f"q{number}" for number in range(20)]
    steps = "".join(f"- collect: {name}\n" for name in names)
    wanted = " and ".join(f"slots.{name}" if n % 3 else f"not slots.{name}" for n, name in enumerate(names))
    steps += f"- noop: true\n  next:\n    - if: {wanted}\n      then:\n        - action: utter_here\n    - else: END"
    flows, domain = _flow(steps, "".join(f"  {name}: {{type: bool}}\n" for name in names))
    way = _way(read(tmp_path, flows, domain), "f", "21_utter_here")
    assert _said(way)[1:4] == ["set slot q0 False", "set slot q1 True", "set slot q2 True"]


def test_flows_that_call_each_other_are_not_followed_for_ever(tmp_path: Path) -> None:
    flows = """\
flows:
  f:
    description: x
    steps:
      - call: g
      - action: utter_here
  g:
    description: x
    steps:
      - collect: b
        next:
          - if: slots.b
            then:
              - call: f
                next: END
          - else: END
"""
    _, domain = _flow("- action: utter_here", BOOL_B)
    way = _way(read(tmp_path, flows, domain), "f", "1_utter_here")
    assert _said(way) == ["start flow f", "set slot b False"]


def test_a_search_without_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.coverage.reach.MOST_PLACES", 3)
    steps = "\n".join(f"- action: utter_{name}" for name in ("here", "there", "no", "ask_a", "ask_b", "ask_c"))
    flows, domain = _flow(steps, TEXT_A)
    assert Reach(read(tmp_path, flows, domain), Dialect.V2).way_to("f", "5_utter_ask_c").note == "given up after 3 places"


@pytest.mark.data
def test_every_step_of_the_public_assistants_is_reached_or_cannot_be(test_data: Path) -> None:
    """What is left: a flow started only from a pattern, and an else that a categorical slot's values cannot lead to."""
    left = []
    for folder in sorted((test_data / "data").iterdir()):
        assistant = read_public(folder)
        reach, engine = Reach(assistant, Dialect.V2), Engine(assistant, compat("3.12"))
        for flow in user_flows(assistant):
            for step in counted_steps(flow):
                way = walk(reach.way_to(flow.id, step.id), engine).way
                if way.checked != "reached":
                    left.append((flow.id, step.what, way.note))
    assert left == [
        ("replace_eligible_card", "utter_unknown_replacement_reason_handover", "no values were found that lead to it"),
        ("flow-clarify_user_intent", "utter_clarify-user_intent", "no flow that a message can start leads to it"),
    ]


def read_public(folder: Path) -> Assistant:
    from core.assistant.reading import load_assistant

    return load_assistant(folder)
