"""Another language than the step's, where it can be seen."""

from __future__ import annotations

import pytest

from core.validation.language import is_language_of, language_of, language_switch

ENGLISH = "I want to check my order"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ich möchte einen Tisch reservieren", "German"),
        ("Es ist @foo", "German"),
        ("nein danke", "German"),
        ("Je voudrais réserver une table", "French"),
        ("¿Dónde está mi pedido?", "Spanish"),
        ("Vorrei prenotare un tavolo", "Italian"),
        ("Eu queria reservar uma mesa", "Portuguese"),
        ("Ik wil graag een tafel reserveren", "Dutch"),
        ("Jag vill boka ett bord", "Swedish"),
        ("Chciałbym zarezerwować stolik", "Polish"),
        ("Masa ayırtmak istiyorum, lütfen", "Turkish"),
        ("я хочу заказать столик", "Russian"),
        ("我想订一张桌子", "Chinese"),
        ("テーブルを予約したいです", "Japanese"),
        ("예약하고 싶어요", "Korean"),
        ("θέλω ένα τραπέζι", "Greek"),
    ],
)
def test_a_switch_away_from_english_is_seen(text: str, language: str) -> None:
    found = language_switch(text, ENGLISH)
    assert found is not None
    assert found.endswith("not English")
    assert language in found


@pytest.mark.parametrize(
    "text",
    [
        "to Rio de Janeiro",
        "Los Angeles",
        "my name is Jürgen Müller",
        "book a table at Chez Henri in Den Haag",
        "@el_nino",
        "ok",
        "42",
        "order ABC-123",
        "zwei",
        "come again?",
        "y",
        "“Je t'aime” is the title",
    ],
)
def test_names_numbers_and_single_words_are_no_switch(text: str) -> None:
    assert language_switch(text, ENGLISH) is None


def test_a_chinese_step_answered_in_english_is_a_switch_and_its_brand_names_are_not() -> None:
    assert language_switch("Hello", "你好") == "English, not Chinese"
    assert language_switch("I need help with my order", "我的订单有问题") == "English, not Chinese"
    assert language_switch("我的iPhone坏了", "我的手机坏了") is None
    assert language_switch("顺丰SF Express", "查快递") is None


def test_a_name_in_latin_letters_stays_one_in_a_chinese_conversation() -> None:
    assert language_switch("Lucy", "Anna Smith", ["我叫 Anna Smith", "是 Anna Smith"], names=["Anna Smith"]) is None


def test_siblings_speak_for_an_original_that_is_too_short_to_tell() -> None:
    siblings = ["what is my balance", "how much do I have", "could you tell me my balance"]
    assert language_switch("wie viel habe ich noch", "balance?", siblings) == "German, not English"
    assert language_switch("wie viel habe ich noch", "balance?") is None


def test_words_of_slot_values_speak_for_no_language() -> None:
    assert language_switch("la paz", "to La Paz please") is None
    assert language_switch("los dos", ENGLISH, names=["Los Dos"]) is None


def test_the_language_that_was_asked_for_is_no_switch_and_any_other_is() -> None:
    assert language_switch("Ich möchte zahlen", ENGLISH, intended="German") is None
    assert language_switch("Ich möchte zahlen", ENGLISH, intended="de") is None
    assert language_switch("I would like to pay for it", ENGLISH, intended="German") == "English, not German"
    assert language_switch("我要付款", ENGLISH, intended="zh-CN") is None


def test_a_german_step_may_use_german_words_that_other_languages_have_too() -> None:
    assert language_switch("am Montag um drei", "Ich hätte gern einen Termin am Montag um drei Uhr") is None


def test_too_little_text_tells_no_language() -> None:
    assert language_of("Barbar") is None
    assert language_of("@foo 42") is None
    assert is_language_of("I want to check my order", "en")
    assert not is_language_of("I want to check my order", "fr")
