"""A text taken apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.validation.words import has_key, key_of, read, without_marks


def plain(text: str) -> list[str]:
    return [word.plain for word in read(text).words]


def test_contractions_are_written_out() -> None:
    assert plain("I can\u2019t, it's what we'd want") == ["i", "can", "not", "it", "is", "what", "we", "would", "want"]


def test_handles_addresses_and_amounts_stay_whole() -> None:
    assert plain("it's @foo, mail a.b@c.org, 4.5 or 100%.") == ["it", "is", "@foo", "mail", "a.b@c.org", "4.5", "or", "100%"]


def test_currencies_and_percent_signs_are_words_and_parts_of_words() -> None:
    assert plain("5 € or $7") == ["5", "€", "or", "$", "7"]
    assert plain("5 % or 6%") == ["5%", "or", "6%"]


def test_vowel_signs_and_accents_belong_to_their_word() -> None:
    assert plain("नाव भेजो") == ["नाव", "भेजो"]
    assert plain("سَفينة") == ["سَفينة"]
    assert plain("q\u0302a") == ["q\u0302a"]


def test_scripts_without_blanks_are_taken_by_character_with_their_pairs() -> None:
    assert plain("查iPhone快递") == ["查", "iphone", "快", "递"]
    assert read("查iPhone快递").pairs == {"快递"}


@pytest.mark.parametrize(
    ("one", "other"),
    [("dispute", "disputed"), ("charge", "charges"), ("drop", "dropped"), ("close", "closest")],
)
def test_forms_of_one_word_have_one_key(one: str, other: str) -> None:
    assert key_of(one) == key_of(other)


@pytest.mark.parametrize(("one", "other"), [("transfer", "transaction"), ("contact", "contract"), ("card", "cart")])
def test_other_words_have_other_keys(one: str, other: str) -> None:
    assert key_of(one) != key_of(other)


def test_a_longer_form_holds_the_shorter_one() -> None:
    assert has_key(key_of("fraud"), read("a fraudulent thing").keys)
    assert has_key(key_of("recurrent"), read("a recurring one").keys)
    assert not has_key(key_of("card"), read("some cardboard").keys)


@pytest.mark.parametrize(
    "text", ["I do not want it", "I never paid", "我不要了", "can't find it", "no parcel has arrived", "No.", "ich will nicht"]
)
def test_a_denial_is_seen(text: str) -> None:
    assert read(text).denies


@pytest.mark.parametrize(
    "text",
    [
        "no no, the other one",
        "no, it's Ann",
        "we can go, can't we?",
        "yes, no problem",
        "why not",
        "不好意思，请问一下",
        "I'd like that",
        "有没有优惠",
    ],
)
def test_turns_of_phrase_deny_nothing(text: str) -> None:
    assert not read(text).denies


def test_accents_are_dropped_and_other_scripts_kept() -> None:
    assert without_marks("Zürich Çay") == "zurich cay"
    assert without_marks("快递") == "快递"


@given(st.text(max_size=80))
def test_any_text_can_be_read(text: str) -> None:
    found = read(text)
    assert found.content <= found.keys
