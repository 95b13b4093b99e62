"""What commands cannot see of a rephrasing: its language, whether it repeats another text, details that no slot holds."""

from __future__ import annotations

from collections.abc import Sequence

from core.commands import SetSlot
from core.validation.details import changed_details
from core.validation.duplicates import near_duplicate
from core.validation.language import comparable, is_language_of, language_switch
from core.validation.models import Reason, ReasonCode, StepFacts


def check_text(
    facts: StepFacts,
    text: str,
    siblings: Sequence[str] = (),
    *,
    earlier: int | None = None,
    intended_language: str | None = None,
) -> list[Reason]:
    """Reasons to doubt that `text` says what the step's original says, none if nothing was found.

    `siblings`: the step's other rephrasings, the first `earlier` of them (None: all) stand before this one and can make it
    a duplicate. Words cannot be compared across languages: where another language is intended or found, details are left alone.
    """
    values = [command.value for command in facts.commands if isinstance(command, SetSlot) and command.value]
    around = (*siblings, *(line.text for line in facts.history))
    switch = language_switch(text, facts.original, around, intended_language, values)
    if switch is not None:
        return [Reason(ReasonCode.LANGUAGE_SWITCH, switch)]
    reasons = []
    twin = next((other for other in (facts.original, *siblings[:earlier]) if near_duplicate(text, other)), None)
    if twin is not None:
        reasons.append(Reason(ReasonCode.NEAR_DUPLICATE, twin))
    if intended_language is None or is_language_of(facts.original, intended_language):
        reasons += changed_details(facts, text, comparable(facts.original, siblings))
    return reasons
