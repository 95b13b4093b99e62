"""Puts other texts into the user turns of a prompt's conversation, by their place, never by searching for a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.prompts.context import Line, PromptContext, conversation_text, one_line


@dataclass(frozen=True, slots=True)
class Substituted:
    history: tuple[Line, ...]
    message: str

    @property
    def history_text(self) -> str:
        return conversation_text(self.history)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The prompt's conversation is not the test's, so only the prompt as it stands can be used."""

    reason: str


@dataclass(frozen=True, slots=True)
class Alignment:
    """Which user step of the test each USER line of the history is; `places` maps the step to the line's index."""

    history: tuple[Line, ...]
    message: str
    current_step: int
    places: Mapping[int, int]

    def apply(self, chosen: Mapping[int, str]) -> Substituted:
        """The conversation with the chosen texts. Steps the history does not reach back to are left out silently."""
        lines = list(self.history)
        for step, text in chosen.items():
            if step in self.places:
                lines[self.places[step]] = Line("USER", one_line(text))
        if self.current_step not in chosen:
            return Substituted(tuple(lines), self.message)
        return Substituted(tuple(lines), one_line(chosen[self.current_step]))


def align(context: PromptContext, originals: Sequence[str], user_step: int) -> Alignment | Mismatch:
    """Matches the USER lines with the test's user steps from the end: the last line is step `user_step` (1-based).

    `originals` are the texts of all user steps of the test, buttons included. The history may begin later than the
    test (a restart), but every USER line it has must be the step at its place.
    """
    if not 1 <= user_step <= len(originals):
        raise ValueError(f"the test has {len(originals)} user steps, there is no step {user_step}")
    indices = [index for index, line in enumerate(context.history) if line.speaker == "USER"]
    if not indices:
        return Mismatch("the prompt's conversation has no USER line")
    if len(indices) > user_step:
        return Mismatch(f"the prompt's conversation has {len(indices)} USER lines, the test only {user_step} by then")
    places: dict[int, int] = {}
    for distance, index in enumerate(reversed(indices)):
        step = user_step - distance
        shown, original = one_line(context.history[index].text), one_line(originals[step - 1])
        if shown != original:
            return Mismatch(f"user step {step} is {original!r} in the test, but {shown!r} in the prompt's conversation")
        places[step] = index
    if one_line(context.user_message) != one_line(originals[user_step - 1]):
        return Mismatch(f"the prompt's message {context.user_message!r} is not user step {user_step} of the test")
    return Alignment(context.history, context.user_message, user_step, places)


def substitute_texts(
    context: PromptContext, originals: Sequence[str], user_step: int, chosen: Mapping[int, str]
) -> Substituted | Mismatch:
    """The context's conversation and message with the chosen texts, keyed by user step."""
    alignment = align(context, originals, user_step)
    return alignment if isinstance(alignment, Mismatch) else alignment.apply(chosen)
