"""Near-copies of an original: the words in which they differ."""

from __future__ import annotations

import pytest

from core.commands import StartFlow
from core.validation.copies import denial_in_copy, exchanged, left_out, opposed, other_end, put_in
from core.validation.models import StepFacts
from core.validation.wordings import Wordings, compare_wordings

FERRY = "I want to book a seat on the ferry that leaves before lunch"
FERRIES = (
    "book me a seat on the ferry leaving before lunch",
    "can I get a seat on a ferry before lunch?",
    "a seat on the ferry before lunch, please",
    "I'd like to reserve a ferry seat before lunch",
)
CRATES = ("查询码头的货箱", ("看看码头的货箱", "码头货箱在哪", "想查码头的货箱", "帮我找码头的货箱"))


def beside(text: str, original: str = FERRY, siblings: tuple[str, ...] = FERRIES) -> Wordings:
    return compare_wordings(StepFacts(original, (StartFlow("book"),)), text, siblings)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I want to book a seat on the ferry that leaves after lunch", ["before → after"]),
        ("I want to book a seat on the ferry that arrives before lunch", ["leaves → arrives"]),
        ("I want to book a place on the ferry that leaves before lunch", []),
        ("is there still room after lunch on one of your boats?", []),  # no copy
    ],
)
def test_an_opposite_in_a_copy_is_a_change(text: str, expected: list[str]) -> None:
    assert opposed(beside(text)) == expected


@pytest.mark.parametrize(
    ("original", "text", "expected"),
    [
        ("the parcel came on time, I think", "the parcel came late, I think", ["on time → late"]),
        ("给我的账户转入五百", "给我的账户转出五百", ["入 → 出"]),
        ("我的船票是在网上买的", "我的船票是在网上卖的", ["买 → 卖"]),
        ("我的船票是在网上买的", "我的船票是在网上订的", []),
    ],
)
def test_opposites_may_be_phrases_and_characters(original: str, text: str, expected: list[str]) -> None:
    assert opposed(beside(text, original, ())) == expected


def test_an_opposite_that_half_of_the_siblings_say_is_a_way_to_say_it() -> None:
    text = "I want to book a seat on the ferry that leaves after lunch"
    assert opposed(beside(text, siblings=(*FERRIES[:2], "a seat after lunch", "any ferry after lunch"))) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I want to book a seat on the ferry to Corfu that leaves before lunch", ["Corfu"]),
        ("I want to book a seat on the ferry that leaves before lunch with my bike", ["bike"]),
        ("hello captain, I want to book a seat on the ferry that leaves before lunch", []),
        ("I want to announce that I want to book a seat on the ferry that leaves before lunch", []),
        ("I want to get a seat on the ferry that leaves before lunch please", []),
    ],
)
def test_words_that_no_sibling_has_are_put_in(text: str, expected: list[str]) -> None:
    assert put_in(beside(text)) == expected


def test_before_a_copy_words_of_the_assistants_own_count() -> None:
    text = "for a group I want to book a seat on the ferry that leaves before lunch"
    facts = StepFacts(FERRY, (StartFlow("book"),), vocabulary=frozenset({"group"}))
    assert put_in(compare_wordings(facts, text, FERRIES)) == ["group"]
    assert put_in(beside(text)) == []


def test_characters_put_in_count_if_most_are_new() -> None:
    original, siblings = CRATES
    assert put_in(beside("查询码头的蓝色货箱", original, siblings)) == ["蓝", "色"]
    assert put_in(beside("查询码头的那个货箱", original, siblings)) == []


def test_a_word_taken_out_of_a_copy_counts_if_half_of_the_siblings_keep_it() -> None:
    assert left_out(beside("I want to book a seat on the ferry that leaves")) == ["lunch"]
    assert left_out(beside("I want to book a seat that leaves before lunch")) == ["ferry"]
    assert left_out(beside("I want a seat on the ferry that leaves before lunch")) == []  # few say `book`
    assert left_out(beside("I want to book a seat on the boat that leaves before lunch")) == []


@pytest.mark.parametrize(
    ("original", "text", "expected"),
    [
        ("please send the crate to the pier", "please do not send the crate to the pier", ["negation added"]),
        ("the crane did not move all day", "the crane moved all day", ["negation dropped"]),
        ("please send the crate", "I cannot wait any more, please send the crate", []),
        ("I can pay but I cannot come to the pier", "I cannot pay but I can come to the pier", ["negation moved"]),
        ("取消船票", "我不去了，取消船票", []),
        ("取消船票吧", "不取消船票吧", ["negation added"]),
    ],
)
def test_a_denial_in_a_copy_is_seen_without_siblings(original: str, text: str, expected: list[str]) -> None:
    assert denial_in_copy(beside(text, original, ())) == expected


def test_another_verb_of_the_speaker_is_likely_a_synonym() -> None:
    siblings = ("put me through to the harbour master", "the harbour master please", "may I speak to the harbour master")
    assert exchanged(beside("link me to the harbour master", "connect me to the harbour master", siblings)) == []
    found = exchanged(beside("connect me to the harbour kitchen", "connect me to the harbour master", siblings))
    assert found == ["master → kitchen"]


def test_another_ending_is_a_change_even_if_the_words_it_replaces_say_little() -> None:
    original = "Can you look at my berth and tell me what you see there?"
    text = "Can you look at my berth and paint the hull yellow?"
    assert other_end(beside(text, original, ("look at my berth please", "how is my berth?"))) != []
