"""A step's prompt, to be rendered again with other words of the user: by its template, from typed fields.

The last USER line of the conversation and `user_message` are replaced where the context holds them; no text is ever
searched for in a rendered prompt.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.prompts.context import Line, PromptContext, conversation_text, one_line
from core.prompts.invert import Inverted, invert_prompt
from core.prompts.recorded import RecordedCalls
from core.prompts.segments import SegmentCache, SegmentedPrompt
from core.prompts.template import PromptTemplate


@dataclass(frozen=True, slots=True)
class StepPrompt:
    """`before` and `after`: the conversation around the words of the current message."""

    context: PromptContext
    _segmented: SegmentedPrompt
    _before: str
    _after: str

    def with_text(self, text: str) -> str:
        """The prompt as it is if the user says this instead."""
        said = one_line(text)
        return self._segmented.render(f"{self._before}{said}{self._after}", said)

    @property
    def history(self) -> tuple[Line, ...]:
        """What was said before the message."""
        return self.context.history[: _last_user_line(self.context.history)]

    @property
    def asked(self) -> str | None:
        """The slot that the last question was for."""
        return _name(self.context.variables.get("current_slot"))

    @property
    def flow(self) -> str | None:
        return _name(self.context.variables.get("current_flow"))

    @property
    def now(self) -> datetime | None:
        """The prompt's clock, as far as the prompt shows it."""
        shown = self.context.variables.get("current_datetime")
        return _read_clock(shown) if isinstance(shown, RecordedCalls) else shown if isinstance(shown, datetime) else None


def step_prompt(template: PromptTemplate, context: PromptContext, cache: SegmentCache) -> StepPrompt | str:
    """The prompt of a step, or why other words cannot be put into it.

    Raises:
        TemplateError: the context cannot be rendered with the template.
    """
    last = _last_user_line(context.history)
    if last < 0:
        return "the prompt's conversation has no USER line"
    if one_line(context.history[last].text) != one_line(context.user_message):
        return "the last USER line of the prompt's conversation is not its message"
    # What stands before the words is what a conversation that ends with none ends in, the line's USER and colon included.
    until = [*context.history[:last], Line("USER", "")]
    after = "".join(f"\n{line.speaker}: {line.text}" for line in context.history[last + 1 :])
    before = conversation_text(until)
    if after:
        before = before.removeprefix("\n")  # only a conversation of a single line begins with one
    return StepPrompt(context, cache.get(template, context), before, after)


def stored_prompt(template: PromptTemplate, stored: str, cache: SegmentCache) -> StepPrompt | str:
    """The same for a prompt that was read as text, taken apart with the template."""
    found = invert_prompt(template, stored)
    if not isinstance(found, Inverted):
        return f"the prompt could not be taken apart with the template {template.name}: {found.reason}"
    return step_prompt(found.template, found.context, cache)


def _last_user_line(history: tuple[Line, ...]) -> int:
    return next((index for index in range(len(history) - 1, -1, -1) if history[index].speaker == "USER"), -1)


def _name(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _read_clock(shown: RecordedCalls) -> datetime | None:
    """The moment that a rendered prompt shows, from the formats its template printed it in."""
    for (method, arguments), text in shown.answers.items():
        if method == "strftime" and len(arguments) == 1 and any(code in str(arguments[0]) for code in _DAY_CODES):
            try:
                return datetime.strptime(text, str(arguments[0]))
            except ValueError:
                continue
    return None


_DAY_CODES = ("%d", "%x", "%c", "%j")
