"""From visits to covered steps and counted commands."""

from __future__ import annotations

from core.assistant.models import Assistant
from core.commands import CancelFlow, Dialect, SetSlot, SkipQuestion, StartFlow
from core.coverage.command_types import ALWAYS_SHOWN, NAMES, usable_commands
from core.coverage.measure import command_counts, flow_coverage, trace_of
from core.dialogue.compat import compat
from core.dialogue.events import SessionStarted, UserUttered
from core.dialogue.turn import State, StepVisit, Turn
from core.settings import COMMAND_NAMES
from tests.core.coverage.small import trace

FIRST = "book_table/0_collect_guests"


def test_a_step_is_covered_on_the_side_of_the_tests_that_visit_it(assistant: Assistant) -> None:
    traces = [trace(f"{FIRST} {FIRST} book_table/ask_day"), trace(f"{FIRST} book_table/closing", passed=False)]
    flow = flow_coverage(assistant, traces)[0]
    assert [(step.id, step.passed, step.failed) for step in flow.steps] == [
        ("0_collect_guests", 2, 1), ("1_utter_too_many", 0, 0), ("ask_day", 1, 0), ("5_call_greet_member", 0, 0),
        ("closing", 0, 1),
    ]  # fmt: skip
    assert (flow.percent("passed"), flow.percent("failed")) == (40.0, 40.0)
    assert [step.lines for step in flow.missing("failed")] == ["14-15", "18-19", "26-27"]


def test_steps_of_a_called_flow_count_for_that_flow_alone(assistant: Assistant) -> None:
    flows = {flow.id: flow for flow in flow_coverage(assistant, [trace("greet_member/0_utter_hello_member")])}
    assert flows["book_table"].percent() == 0.0
    assert len(flows["book_table"].missing()) == 5
    assert len(flows["greet_member"].missing()) == 2


def test_visits_of_steps_that_do_not_count_change_nothing(assistant: Assistant) -> None:
    flow = flow_coverage(assistant, [trace("book_table/3_set_slots book_table/4_noop pattern_chitchat/0_utter_chat")])[0]
    assert flow.percent() == 0.0


def test_percentages_are_divided_before_they_are_multiplied(assistant: Assistant) -> None:
    flow = flow_coverage(assistant, [trace("greet_member/0_utter_hello_member greet_member/1_collect_wants_points")])[1]
    assert str(flow.percent()) == "66.66666666666666"  # as in published reports; 200 / 3 is 66.66666666666667


def test_different_paths_through_a_flow_are_counted(assistant: Assistant) -> None:
    short, long = f"{FIRST}", f"{FIRST} book_table/ask_day"
    assert flow_coverage(assistant, [trace(short), trace(long), trace(long), trace(long + " ", passed=False)])[0].paths == 2


def test_buttons_count_for_no_command() -> None:
    state = State((), None, {}, ())
    said = Turn("book", state, (StartFlow("a"),), (StartFlow("a"),), (), (UserUttered("book"),), (StepVisit("a", "0"),))
    click = Turn("/SetSlots(a=1)", state, (), (SetSlot("a", "1"),), (), (), (StepVisit("a", "1"),), is_button=True)
    found = trace_of(True, [said, click], [SessionStarted()])
    assert found.commands == (StartFlow("a"),)
    assert found.visits == (StepVisit("a", "0"), StepVisit("a", "1"))
    assert found.events == (SessionStarted(), UserUttered("book"))


def test_every_command_of_the_references_histogram_is_listed_in_alphabetical_order(assistant: Assistant) -> None:
    unusable = usable_commands(assistant, Dialect.V2, compat("3.12"))
    rows = command_counts([trace("", commands=(StartFlow("a"), CancelFlow())), trace("", passed=False)], unusable)
    assert [row.name for row in rows] == sorted(ALWAYS_SHOWN)
    assert {row.name: row.passed for row in rows if row.passed} == {"cancel flow": 1, "start flow": 1}


def test_what_an_assistant_cannot_use_says_why(assistant: Assistant) -> None:
    unusable = usable_commands(assistant, Dialect.V2, compat("3.12"))
    assert {name for name, why in unusable.items() if not why} == {
        "start flow", "set slot", "cancel flow", "clarify", "chitchat",
    }  # fmt: skip
    assert unusable["knowledge"] == "the project has no pattern_search"
    assert unusable["skip question"] == "not in dialect v2"
    assert usable_commands(assistant, Dialect.V1, compat("3.12"))["skip question"] == ""
    assert usable_commands(assistant, Dialect.V3, compat("3.13"))["chitchat"] == "not in dialect v3"


def test_an_unusable_command_that_occurs_all_the_same_is_counted(assistant: Assistant) -> None:
    unusable = usable_commands(assistant, Dialect.V2, compat("3.12"))
    rows = command_counts([trace("", commands=(SkipQuestion(),))], unusable)
    assert [(row.name, row.passed, row.unusable) for row in rows if row.passed] == [("skip question", 1, "not in dialect v2")]


def test_the_names_in_the_settings_are_those_of_the_commands() -> None:
    assert sorted(NAMES.values()) == list(COMMAND_NAMES)
