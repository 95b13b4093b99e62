"""What verdicts need to know of the assistant: the words of its files, and what each slot holds."""

from __future__ import annotations

from collections.abc import Iterator

from core.assistant.builtin import RESPONSES as BUILT_IN_RESPONSES
from core.assistant.graph import all_steps
from core.assistant.models import Assistant, Collect
from core.commands.compare import SlotKind
from core.validation.models import SlotFacts
from core.validation.words import is_unspaced, read


def vocabulary_of(assistant: Assistant) -> frozenset[str]:
    """The words, in lower case, of the flows' names and descriptions, of slots and their values, and of responses.

    Patterns do not count: they speak of conversations, not of the assistant's matter. Chinese and other texts without
    blanks give their characters in pairs.
    """
    words: set[str] = set()
    for text in _texts(assistant):
        found = read(text.replace("_", " "))
        words.update(word.plain for word in found.words if not word.is_function and not is_unspaced(word.plain))
        words.update(found.pairs)
    return frozenset(words)


def slot_facts(assistant: Assistant) -> dict[str, SlotFacts]:
    """Each slot's kind and allowed values; which one was asked for is the matter of the step."""
    return {name: SlotFacts(SlotKind(slot.type.value), slot.values) for name, slot in assistant.slots.items()}


def _texts(assistant: Assistant) -> Iterator[str]:
    for flow in assistant.flows.values():
        if not flow.is_pattern:
            yield from (flow.id.replace("-", " "), flow.name or "", flow.description)
            yield from (step.description or "" for step in all_steps(flow.steps) if isinstance(step, Collect))
    for name, slot in assistant.slots.items():
        yield from (name, *slot.values)
    for name, response in assistant.responses.items():
        if name not in BUILT_IN_RESPONSES:
            for variation in response.variations:
                yield variation.text or ""
                yield from (button.title for button in variation.buttons)
