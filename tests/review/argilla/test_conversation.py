"""Conversations as Argilla's pages show them."""

from __future__ import annotations

import html
import re

import pytest

from review.argilla.conversation import AFTER, BEFORE, as_markdown, literally


def turns(count: int) -> list[tuple[str, str]]:
    return [(("user", "bot")[index % 2], f"turn {index}") for index in range(count)]


def test_the_step_is_marked_and_the_turns_around_it_are_in_order() -> None:
    shown = as_markdown(turns(4), 2).split("\n\n")
    assert shown == ["**User:** turn 0", "**Bot:** turn 1", "> **User:** turn 2 **← the original**", "**Bot:** turn 3"]


def test_responses_and_slots_of_a_test_are_told_from_what_is_said() -> None:
    conversation = [("utter", "utter_ask_title"), ("slot_was_set", "title")]
    assert as_markdown(conversation, 5).split("\n\n") == ["**Bot:** *utter&#95;ask&#95;title*", "*slot was set: title*"]


def test_turns_far_away_fold() -> None:
    shown = as_markdown(turns(40), 20)
    assert f"<details><summary>{20 - BEFORE} more turns before</summary>" in shown
    assert f"<details><summary>{40 - 21 - AFTER} more turns after</summary>" in shown
    assert [int(number) for number in re.findall(r"turn (\d+)", shown)] == list(range(40))


def test_a_few_turns_are_not_worth_a_fold() -> None:
    assert "<details>" not in as_markdown(turns(BEFORE + 1 + AFTER + 2), BEFORE)


@pytest.mark.parametrize("text", ["**bold**", "$a$ and $b$", "<img src=x>", "1. one", "# no title", "`code`", "a_b_c", "&lt;"])
def test_what_users_write_is_shown_and_not_rendered(text: str) -> None:
    shown = literally(text)
    assert html.unescape(shown) == text
    assert not re.search(r"[*$<>#`_]|1\. |&(?!#)", re.sub(r"&#\d+;", "", shown))


def test_line_breaks_stay_and_long_texts_are_cut() -> None:
    assert literally("one\ntwo") == "one<br>two"
    assert literally("x" * 5_000).endswith(" … &#40;3,000 more&#41;")
