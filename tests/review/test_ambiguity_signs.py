"""Signs in the texts alone."""

from __future__ import annotations

from core.commands import StartFlow
from core.prompts.context import Line
from core.validation.models import StepFacts
from review.ambiguity_signs import Sign, signs_of

FACTS = StepFacts("I want to book a berth for my sailing boat", (StartFlow("book"),), history=(Line("AI", "Which marina?"),))
SIBLINGS = (
    "a berth for my sailing boat",
    "my sailing boat needs a berth",
    "berth for the sailing boat?",
    "can my sailing boat get a berth",
)


def seen(text: str, siblings: tuple[str, ...] = SIBLINGS, earlier: int = 4, facts: StepFacts = FACTS) -> dict[Sign, str]:
    return signs_of(facts, text, siblings, earlier)


def test_nothing_is_seen_of_a_rephrasing_in_other_words_with_the_same_content() -> None:
    assert seen("do you have a berth free? it is for a sailing boat") == {}


def test_few_words_differ_from_the_original_or_an_earlier_sibling() -> None:
    assert seen("I want to sell a berth for my sailing boat")[Sign.CLOSE_COPY] == FACTS.original
    assert seen("can my sailing boat leave a berth")[Sign.CLOSE_COPY] == SIBLINGS[3]
    assert Sign.CLOSE_COPY not in seen("can my sailing boat leave a berth", earlier=3)


def test_a_text_of_three_words_is_no_close_copy() -> None:
    assert seen("book a mooring", facts=StepFacts("book a berth", (StartFlow("book"),)), siblings=(), earlier=0) == {}


def test_a_word_that_the_others_keep_is_gone() -> None:
    assert seen("can you get my boat a berth")[Sign.WORD_GONE] == "sailing"
    assert Sign.WORD_GONE not in seen("can you get my boat a berth", ("my boat needs a berth",) * 2 + SIBLINGS[:2])


def test_what_is_gone_or_new_is_not_told_by_fewer_than_four_siblings() -> None:
    assert seen("can you get my boat a berth", SIBLINGS[:3], 3) == {}


def test_siblings_in_another_script_are_no_measure() -> None:
    assert Sign.WORD_GONE not in seen("can you get my boat a berth", (*SIBLINGS[:2], "给我的帆船订个泊位", "帆船泊位"))


def test_a_text_of_mostly_new_words_is_seen_with_them() -> None:
    assert seen("a berth for my yacht, tender and dinghy")[Sign.MOSTLY_NEW] == "yacht, tender, dinghy"
    assert Sign.MOSTLY_NEW not in seen("a marina berth for the sailing boat, yacht")


def test_less_than_half_of_the_original_is_much_shorter() -> None:
    assert Sign.MUCH_SHORTER in seen("sailing boat berth")
    assert Sign.MUCH_SHORTER not in seen("berth for my sailing boat")


def test_most_of_the_original_gone_and_hardly_anything_in_its_place_is_cut_down() -> None:
    facts = StepFacts("My mooring is either silted or taken, I think I need to reserve another one", (StartFlow("book"),))
    assert seen("I need another one", facts=facts)[Sign.CUT_DOWN] == "mooring, silted, reserve"
    assert seen("another one, in Bergen", facts=facts)[Sign.CUT_DOWN]
    assert Sign.CUT_DOWN not in seen("berth full or muddy, so a new one", facts=facts)  # said in other words
    assert Sign.CUT_DOWN not in seen("mooring silted or taken, reserve another", facts=facts)
    assert Sign.CUT_DOWN not in seen("a berth", facts=StepFacts("book a berth", (StartFlow("book"),)))  # one word


def test_capitals_throughout_are_shouting_unless_the_original_shouts_too() -> None:
    assert Sign.SHOUTING in seen("I NEED A BERTH FOR MY SAILING BOAT")
    assert Sign.SHOUTING not in seen("SMS")
    loud = StepFacts("A BERTH FOR MY SAILING BOAT", (StartFlow("book"),))
    assert Sign.SHOUTING not in seen("I NEED A BERTH FOR MY SAILING BOAT", facts=loud)


def test_slang_or_a_letters_turns_of_phrase_are_another_register() -> None:
    assert seen("dude, a berth for my sailing boat")[Sign.REGISTER_SWITCH] == "dude"
    assert seen("I hereby request a berth for my sailing boat")[Sign.REGISTER_SWITCH] == "hereby"
    assert Sign.REGISTER_SWITCH not in seen("gonna need a berth for my sailing boat pls")
    easy = StepFacts("lol I need a berth for my sailing boat", (StartFlow("book"),))
    assert Sign.REGISTER_SWITCH not in seen("dude, a berth for my sailing boat", facts=easy)


def test_chinese_is_read_character_by_character() -> None:
    facts = StepFacts("我要查询订单的物流信息", (StartFlow("track"),))
    assert Sign.CLOSE_COPY in seen("我要取消订单的物流信息", (), 0, facts)
    assert seen("麻烦看看我的包裹到哪儿了", (), 0, facts) == {}
