"""Details that a rephrasing adds, drops or changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.commands import ChitChat, SetSlot, StartFlow
from core.prompts.context import Line
from core.validation.details import changed_details
from core.validation.models import ReasonCode, StepFacts

ADDED, DROPPED, CHANGED = ReasonCode.ADDED_DETAIL, ReasonCode.DROPPED_DETAIL, ReasonCode.CHANGED_DETAIL

MOORING = StepFacts(
    "I need a mooring for my sailing boat because the old one is damaged",
    (StartFlow("rent_mooring"),),
    vocabulary=frozenset({"mooring", "boat", "motor", "sailing", "crane", "winter", "storage"}),
)
MOORINGS = (
    "can I rent a mooring for my sailing boat? The old one is damaged",
    "my old mooring is damaged, so I need another for my sailing boat",
    "looking for a mooring for a sailing boat, mine is damaged",
    "since the old one got damaged I have to find a mooring for my sailing boat",
    "the sailing boat needs a new mooring as ours is damaged",
)


def codes(facts: StepFacts, text: str, siblings: tuple[str, ...] = ()) -> list[ReasonCode]:
    return [reason.code for reason in changed_details(facts, text, siblings)]


def details(facts: StepFacts, text: str, siblings: tuple[str, ...] = ()) -> list[str]:
    return [str(reason) for reason in changed_details(facts, text, siblings)]


def test_faithful_rephrasings_have_nothing_to_doubt() -> None:
    for place, text in enumerate(MOORINGS):
        assert details(MOORING, text, MOORINGS[:place] + MOORINGS[place + 1 :]) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I need a mooring for my motor boat because the old one is damaged", "changed_detail: sailing → motor"),
        ("I need a mooring for my sailing boat", "dropped_detail: damaged"),
        ("my boat needs another mooring as ours is damaged", "dropped_detail: sailing"),
        ("for 300 euros I need a mooring for my sailing boat, the old one is damaged", "added_detail: 300"),
        ("can I get a mooring in Lisbon for my sailing boat? The old one is damaged", "added_detail: Lisbon"),
        (
            "I need a mooring for my sailing boat because the old one is damaged and a crane for the winter",
            "added_detail: crane, winter",
        ),
    ],
)
def test_a_detail_that_only_one_rephrasing_has_or_lacks_is_found(text: str, expected: str) -> None:
    assert details(MOORING, text, MOORINGS) == [expected]


def test_what_several_rephrasings_drop_may_be_dropped() -> None:
    siblings = (*MOORINGS[:3], "a mooring for my sailing boat please", "sailing boat mooring wanted")
    assert codes(MOORING, "I need a mooring for my sailing boat, please", siblings) == []


def test_two_siblings_are_no_measure_for_words_but_numbers_are_seen_without_any() -> None:
    facts = StepFacts("move 50 to savings", (StartFlow("move"),))
    assert details(facts, "move 500 to savings") == ["changed_detail: 50 → 500"]
    assert codes(facts, "put fifty into savings") == []
    assert codes(facts, "move some to savings", ("transfer 50 into savings",)) == [DROPPED]
    assert codes(MOORING, "my boat needs another mooring as ours is damaged", MOORINGS[:2]) == []


def test_a_name_from_the_conversation_or_the_label_is_not_made_up() -> None:
    facts = StepFacts("send it to him", (SetSlot("recipient", "Evan Oslo"),), history=(Line("USER", "I met Anna at Pier 3"),))
    assert codes(facts, "please send it to Evan Oslo") == []
    assert codes(facts, "send it to him, not to Anna") == []
    assert codes(facts, "send it to him, at Pier 3") == []
    assert codes(facts, "send it to Berta") == [ADDED]


def test_a_mark_that_half_of_the_siblings_have_comes_from_somewhere() -> None:
    facts = StepFacts("my usual berth", (StartFlow("book"),))
    assert codes(facts, "the usual one in Porto", ("my place in Porto", "my usual berth please")) == []
    assert codes(facts, "the usual one in Porto", ("my place", "my usual berth please")) == [ADDED]


def test_days_and_months_are_details() -> None:
    facts = StepFacts("why was I billed extra this month", (StartFlow("fees"),))
    assert details(facts, "why was I billed extra last month") == ["changed_detail: this month → last month"]
    assert codes(facts, "what is the extra charge in the current month") == []


def test_today_is_a_detail_and_a_number_in_words_is_one() -> None:
    facts = StepFacts("the crane at the pier is blocked today", (StartFlow("report"),))
    assert codes(facts, "the pier's crane is blocked") == [DROPPED]
    assert details(facts, "today three cranes at the pier are blocked") == ["added_detail: 3"]
    assert codes(facts, "today I want to report one thing, the crane at the pier is blocked") == []
    at_four = StepFacts("the crane is blocked since 16:30", (StartFlow("report"),))
    assert "added_detail: 4" not in details(at_four, "since half past four the crane is blocked")
    assert codes(facts, "today both sides of the crane at the pier are blocked") == []


def test_another_currency_is_a_change() -> None:
    facts = StepFacts("what do I get for 40 francs", (StartFlow("exchange"),))
    assert details(facts, "for 40 € I get what") == ["changed_detail: CHF → EUR"]
    assert codes(facts, "for CHF 40 I get what") == []


def test_a_greeting_that_becomes_another_matter_is_a_change_where_commands_cannot_tell() -> None:
    greeting = StepFacts("hi", (ChitChat(),))
    assert details(greeting, "are you a robot?") == ["changed_detail: greeting → the bot"]
    assert codes(greeting, "hello there") == []
    assert codes(replace(greeting, commands=(StartFlow("start"),)), "are you a robot?") == []


def test_she_for_he_is_a_change() -> None:
    facts = StepFacts("make it a repeating transfer to him", (StartFlow("pay"),))
    assert details(facts, "make it a repeating transfer to her") == ["changed_detail: him → her"]
    assert codes(facts, "make it a repeating transfer to them") == []


def test_a_denial_that_comes_or_goes_alone_is_a_change() -> None:
    facts = StepFacts("the parcel did not arrive at my door", (StartFlow("missing"),))
    siblings = (
        "my parcel never arrived at the door",
        "the parcel hasn't arrived at my door",
        "no parcel has arrived at my door",
        "the parcel didn't arrive at my door yet",
    )
    assert details(facts, "the parcel did arrive at my door", siblings) == ["changed_detail: negation dropped"]
    assert codes(facts, siblings[0], (*siblings[1:], "where is it, it did not arrive at my door")) == []


def test_another_way_to_deny_is_no_change() -> None:
    facts = StepFacts("I lost my boat key", (StartFlow("key"),))
    siblings = ("my boat key is lost", "lost the boat key", "I've lost my boat key", "boat key lost!")
    assert "negation added" not in " ".join(details(facts, "I cannot find my boat key anywhere", siblings))


def test_chinese_texts_are_compared_by_character() -> None:
    facts = StepFacts("查询支持的快递公司", (StartFlow("couriers"),), vocabulary=frozenset({"支付", "快递", "订单"}))
    siblings = ("支持哪些快递公司？", "请问有哪些快递公司可以用", "想知道快递公司有哪些", "你们用哪家快递公司啊")
    assert codes(facts, "可以看看有哪些快递公司吗", siblings) == []
    assert codes(facts, "查询支持的快递公司有顺丰吗，邮编", siblings) == [ADDED]
    assert codes(facts, "修改一下，改成13800001111", siblings) in ([CHANGED], [DROPPED, ADDED], [ADDED])


def test_a_word_put_into_a_copy_counts_if_no_other_text_has_it() -> None:
    text = "I need a winter mooring for my sailing boat because the old one is damaged"
    assert details(MOORING, text, MOORINGS) == ["added_detail: winter"]
    assert codes(replace(MOORING, vocabulary=frozenset()), text, MOORINGS) == [ADDED]
    assert codes(MOORING, text, (*MOORINGS, "a winter mooring for my sailing boat, the old one is damaged")) == []


def test_going_on_to_something_else_is_a_change() -> None:
    facts = StepFacts("I need to see my berth and then check how long I may stay", (StartFlow("berth"),))
    siblings = ("show me my berth, and how long may I stay?", "which berth is mine, and until when can I stay")
    assert details(facts, "I need to see my berth and then sell some furniture", siblings) == [
        "changed_detail: long stay → sell furniture"
    ]
    assert codes(facts, "I need to see my berth and then how long I can stay there", siblings) == []


def test_a_synonym_of_a_word_that_others_keep_is_not_doubted() -> None:
    text = "as the previous one broke I want a mooring for the sailing boat"
    assert codes(MOORING, text, MOORINGS) == []
