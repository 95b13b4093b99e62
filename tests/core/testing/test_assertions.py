"""Assertions against a turn's events, in any order and in order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.assistant.models import Button
from core.dialogue.events import (
    ActionExecuted,
    BotUttered,
    ClarificationOffered,
    Event,
    FlowCancelled,
    FlowCompleted,
    FlowStarted,
    SlotSet,
)
from core.dialogue.turn import State, Turn
from core.testing.assertions import JUDGED, Asserted, JudgeQuestion, judge_assertions
from core.testing.expectations import Assertion, UserTurn
from core.testing.results import Tally

EVENTS: tuple[Event, ...] = (
    FlowStarted("pay"),
    SlotSet("amount", 20.0),
    FlowStarted("check"),
    ActionExecuted("action_check"),
    SlotSet("limit", None),
    BotUttered("You can pay up to $100 (today).", "utter_limit"),
    FlowCompleted("check", "3_action_check"),
    BotUttered("Shall I?", "utter_ask_sure", (Button("Yes", "/SetSlots(sure=true)"), Button("No", "/SetSlots(sure=false)"))),
    ClarificationOffered(("pay", "check"), ("pay a bill", "check the limit")),
    FlowCancelled("pay", "ask"),
)


def judge(*assertions: tuple[str, Any], in_order: bool = False, judged: Any = None) -> Asserted:
    given = tuple(Assertion(kind, value, 7) for kind, value in assertions)
    step = UserTurn(2, "pay it", 7, False, assertions=given, in_order=in_order)
    turn = Turn("pay it", State((), None, {}, ()), (), (), (), EVENTS, ())
    return judge_assertions(step, turn, "t.yml", judged)


HOLDING: list[tuple[str, Any]] = [
    ("flow_started", "pay"),
    ("flow_started", {"operator": "all", "flow_ids": ["check"]}),
    ("flow_started", {"operator": "any", "flow_ids": ["nothing", "check"]}),
    ("flow_started", {"flow_ids": ["pay", "check"]}),
    ("flow_completed", {"flow_id": "check"}),
    ("flow_completed", {"flow_id": "check", "flow_step_id": "3_action_check"}),
    ("flow_completed", {"flow_id": "check", "flow_step_id": "check_3_action_check"}),
    ("flow_cancelled", {"flow_id": "pay"}),
    ("flow_cancelled", {"flow_id": "pay", "flow_step_id": "ask"}),
    ("pattern_clarification_contains", ["pay a bill", "check the limit"]),
    ("pattern_clarification_contains", {"operator": "all", "flow_ids": ["pay", "check"]}),
    ("pattern_clarification_contains", {"operator": "any", "flow_ids": ["other", "pay"]}),
    ("slot_was_set", [{"name": "amount"}]),
    ("slot_was_set", [{"name": "amount", "value": 20}]),
    ("slot_was_not_set", [{"name": "sure"}]),
    ("slot_was_not_set", [{"name": "limit"}]),
    ("slot_was_not_set", [{"name": "amount", "value": "20"}]),
    ("action_executed", "action_check"),
    ("action_executed", "utter_limit"),
    ("bot_uttered", {"utter_name": "utter_limit"}),
    ("bot_uttered", {"text_matches": r"up to \$\d+"}),
    ("bot_uttered", {"text_matches": "You can pay up to $100 (today)."}),
    ("bot_uttered", {"buttons": [{"title": "Yes", "payload": "/SetSlots(sure=true)"}, {"title": "No"}]}),
    ("bot_uttered", {"utter_name": "utter_ask_sure", "text_matches": "Shall"}),
    ("bot_did_not_utter", {"utter_name": "utter_bye"}),
    ("bot_did_not_utter", {"utter_name": "utter_limit", "text_matches": "Shall"}),
]

FAILING: list[tuple[str, Any]] = [
    ("flow_started", "other"),
    ("flow_started", {"operator": "any", "flow_ids": ["other"]}),
    ("flow_started", {"operator": "all", "flow_ids": ["pay", "other"]}),
    ("flow_completed", {"flow_id": "pay"}),
    ("flow_completed", {"flow_id": "check", "flow_step_id": "2_collect_x"}),
    ("flow_cancelled", {"flow_id": "check"}),
    ("pattern_clarification_contains", ["pay a bill", "other"]),
    ("pattern_clarification_contains", {"operator": "any", "flow_ids": ["other"]}),
    ("slot_was_set", [{"name": "sure"}]),
    ("slot_was_set", [{"name": "amount", "value": "20.0"}]),
    ("slot_was_set", [{"name": "amount"}, {"name": "sure"}]),
    ("slot_was_not_set", [{"name": "amount"}]),
    ("slot_was_not_set", [{"name": "amount", "value": 20}]),
    ("action_executed", "action_other"),
    ("bot_uttered", {"utter_name": "utter_bye"}),
    ("bot_uttered", {"text_matches": "^Shall I$"}),
    ("bot_uttered", {"utter_name": "utter_limit", "text_matches": "Shall"}),
    ("bot_uttered", {"buttons": [{"title": "No"}, {"title": "Yes"}]}),
    ("bot_uttered", {"buttons": [{"title": "Yes"}]}),
    ("bot_did_not_utter", {"text_matches": "Shall"}),
    ("flow_begun", "pay"),
]


@pytest.mark.parametrize(("kind", "value"), HOLDING)
def test_assertions_that_hold(kind: str, value: Any) -> None:
    asserted = judge((kind, value))
    assert asserted.failures == ()
    assert asserted.tallies == {kind: Tally(passed=1)}


@pytest.mark.parametrize(("kind", "value"), FAILING)
def test_assertions_that_do_not_hold(kind: str, value: Any) -> None:
    asserted = judge((kind, value))
    (failure,) = asserted.failures
    assert (failure.kind, failure.user_step, str(failure.where), failure.value) == (kind, 2, "t.yml:7", value)
    assert failure.expected
    assert asserted.tallies == {kind: Tally(failed=1)}


def test_in_order_each_assertion_comes_after_the_one_above() -> None:
    right = [("flow_started", "pay"), ("action_executed", "action_check"), ("bot_uttered", {"utter_name": "utter_limit"})]
    assert judge(*right, in_order=True).failures == ()
    assert judge(*reversed(right)).failures == ()
    (second, third) = judge(*reversed(right), in_order=True).failures
    assert (second.kind, third.kind) == ("action_executed", "flow_started")
    assert "before an assertion that stands above" in second.note


def test_in_order_a_slot_assertion_ends_at_its_last_slot() -> None:
    slots = ("slot_was_set", [{"name": "amount"}, {"name": "limit"}])
    assert judge(slots, ("bot_uttered", {"utter_name": "utter_limit"}), in_order=True).failures == ()
    assert judge(slots, ("action_executed", "action_check"), in_order=True).failures


def test_in_order_the_same_event_does_not_count_twice() -> None:
    twice = ("flow_started", "pay")
    assert judge(twice, twice).failures == ()
    assert len(judge(twice, twice, in_order=True).failures) == 1


def test_several_flows_with_operator_all_are_a_warning() -> None:
    (warning,) = judge(("flow_started", {"operator": "all", "flow_ids": ["pay", "check"]})).warnings
    assert warning.startswith("t.yml:7: flow_started")


RELEVANT = ("generative_response_is_relevant", {"threshold": 0.8, "utter_name": "utter_limit"})


def test_without_a_judge_generated_answers_are_not_judged() -> None:
    asserted = judge(RELEVANT, ("generative_response_is_grounded", {"threshold": 0.5}))
    assert asserted.failures == ()
    assert set(asserted.tallies.values()) == {Tally(not_run=1)}
    assert asserted.tallies[RELEVANT[0]].accuracy is None


@pytest.mark.parametrize(("score", "holds"), [(0.8, True), (0.79, False)])
def test_a_judge_scores_the_message_that_is_meant(score: float, holds: bool) -> None:
    asked: list[JudgeQuestion] = []

    class Scores:
        def score(self, question: JudgeQuestion) -> float:
            asked.append(question)
            return score

    asserted = judge(RELEVANT, judged=Scores())
    assert (asserted.failures == ()) is holds
    (question,) = asked
    assert (question.user_text, question.message.utter, question.threshold) == ("pay it", "utter_limit", 0.8)


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(["pay", "all", "any", "(", "utter_limit"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "name",
                    "value",
                    "flow_id",
                    "flow_ids",
                    "operator",
                    "utter_name",
                    "text_matches",
                    "buttons",
                    "title",
                    "threshold",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(kind=st.sampled_from([*dict.fromkeys(kind for kind, _ in HOLDING), *JUDGED]), value=PLAIN, in_order=st.booleans())
def test_an_assertion_of_any_shape_holds_or_fails(kind: str, value: Any, in_order: bool) -> None:
    class Scores:
        def score(self, question: JudgeQuestion) -> float:
            return 0.5

    asserted = judge((kind, value), in_order=in_order, judged=Scores())
    tally = asserted.tallies[kind]
    assert (tally.passed, tally.failed) == ((0, 1) if asserted.failures else (1, 0))


@pytest.mark.parametrize("value", [None, [], {}, {"operator": "all"}, {"operator": "any", "flow_ids": []}])
@pytest.mark.parametrize("kind", ["flow_started", "pattern_clarification_contains", "slot_was_set"])
def test_an_assertion_that_names_nothing_fails(kind: str, value: Any) -> None:
    assert judge((kind, value)).failures


def test_accuracy_leaves_out_what_was_not_run() -> None:
    assert Tally(passed=3, failed=1, not_run=6).accuracy == 0.75
