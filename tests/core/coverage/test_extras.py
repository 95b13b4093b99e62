"""Branches, values, pairs and patterns: what step coverage does not show."""

from __future__ import annotations

from core.assistant.models import Assistant
from core.commands import CancelFlow, SetSlot, StartFlow
from core.coverage.extras import find_extras, slot_value
from core.coverage.measure import Trace
from core.dialogue.events import FlowCompleted, FlowStarted, SlotSet
from tests.core.coverage.small import trace

ASKED = "book_table/0_collect_guests"


def _taken(assistant: Assistant, *traces: Trace) -> dict[tuple[str, str], int]:
    return {(one.step, one.leads_to): one.taken for one in find_extras(assistant, traces, {}).branches}


def test_every_way_out_of_a_branching_step_is_listed_with_its_condition_and_line(assistant: Assistant) -> None:
    branches = find_extras(assistant, [], {}).branches
    assert [(one.flow, one.step, one.line, one.condition, one.leads_to, one.taken) for one in branches] == [
        ("book_table", "0_collect_guests", 12, "slots.guests > 8", "1_utter_too_many", 0),
        ("book_table", "0_collect_guests", 16, "else", "ask_day", 0),
        ("book_table", "4_noop", 24, "slots.is_member", "5_call_greet_member", 0),
        ("book_table", "4_noop", 28, "else", "closing", 0),
        ("greet_member", "1_collect_wants_points", 40, "slots.wants_points", "2_utter_points", 0),
        ("greet_member", "1_collect_wants_points", 44, "else", "END", 0),
    ]


def test_the_way_taken_is_the_one_that_leads_to_the_next_step(assistant: Assistant) -> None:
    taken = _taken(assistant, trace(f"{ASKED} book_table/ask_day"))
    assert taken["0_collect_guests", "ask_day"] == 1
    assert taken["0_collect_guests", "1_utter_too_many"] == 0


def test_a_question_that_is_asked_again_has_not_gone_on(assistant: Assistant) -> None:
    assert _taken(assistant, trace(f"{ASKED} {ASKED} book_table/1_utter_too_many"))["0_collect_guests", "1_utter_too_many"] == 1
    assert sum(_taken(assistant, trace(f"{ASKED} {ASKED}")).values()) == 0


def test_steps_of_other_flows_in_between_do_not_hide_the_way(assistant: Assistant) -> None:
    path = "book_table/4_noop pattern_chitchat/0_utter_chat greet_member/0_utter_hello_member book_table/closing"
    assert _taken(assistant, trace(path))["4_noop", "closing"] == 1


def test_a_way_to_the_end_is_taken_when_the_flow_completes_there(assistant: Assistant) -> None:
    ended = FlowCompleted("greet_member", "1_collect_wants_points")
    path = "greet_member/1_collect_wants_points book_table/closing"
    assert _taken(assistant, trace(path))["1_collect_wants_points", "END"] == 0
    assert _taken(assistant, trace(path, events=(ended,)))["1_collect_wants_points", "END"] == 1


def test_failed_tests_take_no_way(assistant: Assistant) -> None:
    assert sum(_taken(assistant, trace(f"{ASKED} book_table/ask_day", passed=False)).values()) == 0


def test_values_are_those_slots_had_in_passing_tests(assistant: Assistant) -> None:
    seen = (SlotSet("day", "Monday"), SlotSet("day", "Monday"), SlotSet("is_member", True), SlotSet("wants_points", None))
    values = find_extras(assistant, [trace("", events=seen)], {}).values
    assert {(one.slot, one.value): one.tests for one in values} == {
        ("day", "Monday"): 1,
        ("day", "Friday"): 0,
        ("is_member", "true"): 1,
        ("is_member", "false"): 0,
        ("wants_points", "true"): 0,
        ("wants_points", "false"): 0,
    }


def test_a_value_reads_the_same_from_a_model_and_from_a_domain() -> None:
    assert slot_value("paid", True) == slot_value("paid", "True") == slot_value("paid", "true") == "paid = true"
    assert slot_value("paid", None) == "paid = null"


def test_pairs_are_of_commands_that_follow_each_other_most_frequent_first(assistant: Assistant) -> None:
    start, fill = StartFlow("book_table"), SetSlot("day", "Monday")
    traces = [trace("", commands=(start, fill, fill, CancelFlow())), trace("", commands=(start, fill))]
    pairs = find_extras(assistant, traces, {}).pairs
    assert [(one.first, one.second, one.count) for one in pairs] == [
        ("start flow", "set slot", 2),
        ("set slot", "cancel flow", 1),
        ("set slot", "set slot", 1),
    ]


def test_patterns_count_the_tests_they_ran_in(assistant: Assistant) -> None:
    ran = (FlowStarted("pattern_chitchat"), FlowStarted("pattern_chitchat"), FlowStarted("book_table"))
    patterns = {one.name: one for one in find_extras(assistant, [trace("", events=ran)], {}).patterns}
    assert (patterns["pattern_chitchat"].tests, patterns["pattern_chitchat"].own) == (1, True)
    assert (patterns["pattern_correction"].tests, patterns["pattern_correction"].own) == (0, False)
    assert "book_table" not in patterns


def test_a_pattern_that_no_usable_command_leads_to_is_listed_only_if_it_ran(assistant: Assistant) -> None:
    unusable = {"skip question": "not in dialect v2"}
    none, some = trace(""), trace("", events=(FlowStarted("pattern_skip_question"),))
    for traces, listed in (([none], False), ([some], True)):
        names = [one.name for one in find_extras(assistant, traces, unusable).patterns]
        assert ("pattern_skip_question" in names) is listed
