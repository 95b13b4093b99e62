"""What commands cannot see, put together."""

from __future__ import annotations

from core.commands import SetSlot, StartFlow
from core.validation.models import StepFacts
from core.validation.text_checks import check_text

FACTS = StepFacts("I want to book a berth for two nights", (StartFlow("book"),))
SIBLINGS = (
    "could I get a berth for two nights?",
    "a berth for two nights, please",
    "I'd like to reserve a berth, two nights",
    "is there a berth free for 2 nights",
    "two nights in a berth please",
)


def found(text: str, **options: object) -> list[str]:
    return [str(reason) for reason in check_text(FACTS, text, SIBLINGS, **options)]  # type: ignore[arg-type]


def test_a_rephrasing_in_other_words_has_nothing_to_doubt() -> None:
    assert found("can you put me down for a berth? two nights") == []


def test_a_copy_of_the_original_or_of_an_earlier_sibling_is_named() -> None:
    assert found("I want to book a berth for two nights!") == ["near_duplicate: I want to book a berth for two nights"]
    assert found("Could I get a berth for two nights") == ["near_duplicate: could I get a berth for two nights?"]


def test_a_later_sibling_makes_no_duplicate() -> None:
    assert found("Could I get a berth for two nights", earlier=0) == []


def test_in_another_language_details_are_not_compared() -> None:
    assert found("Ich möchte einen Liegeplatz für drei Nächte") == ["language_switch: German, not English"]
    assert found("Ich möchte einen Liegeplatz für 3 Nächte", intended_language="German") == []
    assert found("a berth for 3 nights in Porto", intended_language="English") != []


def test_siblings_in_another_language_do_not_hide_what_the_others_keep() -> None:
    german = "ich möchte bitte zwei Nächte buchen"
    facts = StepFacts("book my sailing boat a berth", (StartFlow("book"),))
    siblings = ("a berth for my sailing boat", "my sailing boat needs a berth", "berth for the sailing boat?",
                "can my sailing boat get a berth", german)  # fmt: skip
    assert [str(reason) for reason in check_text(facts, "can my boat get a berth please", siblings)] == [
        "dropped_detail: sailing"
    ]


def test_a_slot_value_in_another_language_is_no_switch() -> None:
    facts = StepFacts("to La Paz please", (SetSlot("city", "La Paz"),))
    assert check_text(facts, "la paz", ()) == []
