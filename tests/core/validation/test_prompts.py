"""A step's prompt with other words of the user."""

from __future__ import annotations

from datetime import datetime

import pytest

from core.commands import Dialect
from core.prompts.context import Line, PromptContext
from core.prompts.recorded import RecordedCalls
from core.prompts.segments import SegmentCache
from core.prompts.template import PromptTemplate, make_template
from core.validation.prompts import StepPrompt, step_prompt

HEAD = "`start flow x`|{{ current_flow }}|"


def template(body: str) -> PromptTemplate:
    return make_template(HEAD + body, name="own", dialect=Dialect.V2)


PLAIN = template("{{ current_conversation }}|{{ user_message }}")


def prompt(*history: Line, own: PromptTemplate = PLAIN, **variables: object) -> StepPrompt:
    said = [line.text for line in history if line.speaker == "USER"][-1]
    found = step_prompt(own, PromptContext({"current_flow": None, **variables}, history, said), SegmentCache())
    assert isinstance(found, StepPrompt)
    return found


HISTORIES = [
    (Line("USER", "yes"),),
    (Line("AI", "yes?"), Line("USER", "yes")),
    (Line("USER", "yes"), Line("AI", "USER: yes"), Line("USER", "yes")),
    (Line("USER", "yes"), Line("AI", "said after it")),
]


@pytest.mark.parametrize("history", HISTORIES)
@pytest.mark.parametrize("own", [PLAIN, template("{{ user_message }}|{{ current_conversation | upper }}")])
def test_it_is_what_the_template_renders_for_the_other_words(history: tuple[Line, ...], own: PromptTemplate) -> None:
    """Only the last USER line is replaced, however often its words stand elsewhere."""
    found = prompt(*history, own=own)
    assert found.with_text("yes") == own.render(found.context)
    last = max(place for place, line in enumerate(history) if line.speaker == "USER")
    lines = [*history[:last], Line("USER", "no thanks"), *history[last + 1 :]]
    assert found.with_text("no\nthanks") == own.render(PromptContext(found.context.variables, tuple(lines), "no thanks"))
    assert found.history == history[:last]


def test_a_message_that_is_not_the_last_user_line_cannot_be_replaced() -> None:
    context = PromptContext({}, (Line("USER", "hello"),), "something else")
    assert step_prompt(PLAIN, context, SegmentCache()) == "the last USER line of the prompt's conversation is not its message"
    context = PromptContext({}, (Line("AI", "hello"),), "hello")
    assert step_prompt(PLAIN, context, SegmentCache()) == "the prompt's conversation has no USER line"


def test_the_state_is_read_off_the_variables() -> None:
    found = prompt(Line("USER", "yes"), current_flow="pay", current_slot="amount")
    assert (found.flow, found.asked) == ("pay", "amount")
    assert (prompt(Line("USER", "yes")).flow, prompt(Line("USER", "yes")).asked) == (None, None)


def test_the_clock_is_the_prompts() -> None:
    now = datetime(2026, 11, 21, 9, 30)
    assert prompt(Line("USER", "yes"), current_datetime=now).now == now
    shown = RecordedCalls({("strftime", ("%H:%M:%S",)): "09:30:00", ("strftime", ("%d %B, %Y",)): "21 November, 2026"})
    assert prompt(Line("USER", "yes"), current_datetime=shown).now == datetime(2026, 11, 21)
    assert prompt(Line("USER", "yes"), current_datetime=RecordedCalls({("strftime", ("%A",)): "Saturday"})).now is None
    assert prompt(Line("USER", "yes")).now is None
