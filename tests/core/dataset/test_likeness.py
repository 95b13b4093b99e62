from __future__ import annotations

import pytest

from core.dataset.likeness import grams, jaccard, looks_alike, outline, says_the_same, wording_of


def are_equal(text: str, other: str) -> bool:
    return wording_of(text, 0.8) == wording_of(other, 0.8)


def look_alike(text: str, other: str, threshold: float = 0.8) -> bool:
    one, two = wording_of(text, threshold), wording_of(other, threshold)
    if one == two:
        return True
    if (one.values, one.form) != (two.values, two.form) or one.form == "short":
        return False
    return looks_alike(grams(one.plain, one.form), grams(two.plain, two.form), threshold)


def are_duplicates(text: str, other: str, threshold: float = 0.8) -> bool:
    one, two = wording_of(text, threshold), wording_of(other, threshold)
    if one == two:
        return True
    if not look_alike(text, other, threshold) or not says_the_same(one.plain, two.plain, (text, other)):
        return False
    assert outline(one.plain) == outline(two.plain), "duplicates would not be looked at together"
    return True


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Yes, please.", "yes please"),
        ("yes plaese", "Yes, please!"),
        ("I don't know", "i do not know"),
        ("I’d like that", "I would like that"),
        ("dont do it", "don't do it"),
        ("你好", "你好！"),
        ("OK 👍", "ok 👍"),
        ("20€", "20 €"),
        ("/SetSlots(kind=a)", "/SetSlots(kind=a)"),
    ],
)
def test_texts_that_differ_in_case_punctuation_and_contractions_are_equal(text: str, other: str) -> None:
    assert are_equal(text, other)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("yes", "yep"),
        ("north", "south"),
        ("Basel", "Bern"),
        ("Hansson", "Hanson"),
        ("to phillip", "to philip"),
        ("yes please", "no please"),
        ("two seats", "ten seats"),
        ("5", "-5"),
        ("5", "5%"),
        ("20 euros", "30 euros"),
        ("$20", "€20"),
        ("@foo", "foo"),
        ("👍", "👎"),
        ("nadia.brand@postbox.example", "nadia.brandt@postbox.example"),
        ("两位", "三位"),
        ("要换货", "要退货"),
        ("Sunday", "Sundays"),
        ("/SetSlots(kind=one, place=the station)", "/SetSlots(kind=two, place=the station)"),
    ],
)
def test_short_texts_must_be_equal(text: str, other: str) -> None:
    assert not look_alike(text, other, threshold=0.1)


LONG = "could you tell me whether the {} that we have made for {} is still free at the counter tomorrow"


@pytest.mark.parametrize(
    ("text", "other"),
    [
        (LONG.format("reservation", "Anna"), "please " + LONG.format("reservation", "Anna")),
        (LONG.format("reservation", "Anna"), LONG.format("resevration", "Anna")),
        (LONG.format("reservation", "Anna"), LONG.format("reservation", "Anna").replace("we have", "we've")),
        (
            "There's a weird charge on my statement from a store I have never visited.",
            "There is a weird charge on my statement from a store I've never visited.",
        ),
        ("能不能从别的图书馆帮我调一本关于航海家的书？", "能不能从别的图书馆帮我调一本关于航海家的书呢"),
    ],
)
def test_long_texts_are_duplicates_if_only_fillers_and_slips_differ(text: str, other: str) -> None:
    assert are_duplicates(text, other)
    assert are_duplicates(other, text)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        (LONG.format("reservation", "Anna"), LONG.format("reservation", "Anne")),
        (LONG.format("reservation", "Katharina"), LONG.format("reservation", "Katarina")),
        (LONG.format("savings account", "her"), LONG.format("savings account", "him")),
        (LONG.format("contract", "us"), LONG.format("contact", "us")),
        (LONG.format("room", "us"), LONG.format("room", "us").replace("is still", "is not still")),
        (LONG.format("room", "us").replace("the counter", "Basel"), LONG.format("room", "us").replace("the counter", "Berne")),
        (
            "I can pick it up at the old town branch on the way home from work in the evening",
            "Can I pick it up at the old town branch on the way home from work in the evening",
        ),
        ("能不能从别的图书馆帮我调一本关于航海家的书", "能不能从别的图书馆帮她调一本关于航海家的书"),
    ],
)
def test_long_texts_that_say_something_else_look_alike_but_are_no_duplicates(text: str, other: str) -> None:
    assert look_alike(text, other)
    assert not are_duplicates(text, other)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        (LONG.format("room", "20 people"), LONG.format("room", "30 people")),
        (LONG.format("room", "three people"), LONG.format("room", "seven people")),
        (LONG.format("table 3", "4 people"), LONG.format("table 4", "3 people")),
        (LONG.format("room", "5 degrees"), LONG.format("room", "-5 degrees")),
        (LONG.format("room", "5 degrees"), LONG.format("room", "5° degrees")),
        (LONG.format("room", "a.b@c.example"), LONG.format("room", "a.d@c.example")),
        (LONG.format("room", "@anna"), LONG.format("room", "anna")),
    ],
)
def test_texts_with_other_values_are_not_even_look_alikes(text: str, other: str) -> None:
    assert not look_alike(text, other)


def test_at_a_threshold_of_one_only_texts_equal_after_normalisation_count() -> None:
    assert wording_of("Yes, please!", 1) == wording_of("yes please", 1)
    assert wording_of("I don't know", 1) != wording_of("I do not know", 1)
    assert wording_of("yes plaese", 1) != wording_of("yes please", 1)


def test_one_letter_in_41_and_one_character_in_17_are_at_the_usual_threshold() -> None:
    text = "abcde fghij klmno pqrst uvwxy zabcd efghi"
    assert len(text) == 41
    assert jaccard(grams(text, "spaced"), grams(text.replace("r", "?"), "spaced")) == 40 / 50
    assert (
        jaccard(
            grams("一二三四五六七八九十百千万亿天地人", "unspaced"), grams("一二三四五六七八九年百千万亿天地人", "unspaced")
        )
        == 16 / 20
    )
