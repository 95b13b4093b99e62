"""What the chat template does by itself, found by rendering it: a clock, a system prompt of its own, its control tokens."""

from __future__ import annotations

from collections.abc import Iterator

from core.preflight.checks.row_checks import shown
from core.preflight.models import Finding, Severity
from core.preflight.target import Message, ModelError, Target

_FIRST, _ANSWER, _SECOND = "First text.", "Answer text.", "Second text."
_STOPPED_CLOCK = "{%% macro strftime_now(format) %%}%s{%% endmacro %%}"
"""Put before a template it stands in the place of the clock that transformers and vLLM give every template."""


def template_findings(target: Target) -> Iterator[Finding]:
    """`clock` and `system-prompt`."""
    asked: list[Message] = [{"role": "user", "content": _FIRST}]
    clocks = (_STOPPED_CLOCK % "one day", _STOPPED_CLOCK % "another")
    ones, others = (target.render([asked], opened=True, chat_template=clock + target.template)[0] for clock in clocks)
    if ones != others:
        around = target.render([asked], opened=True)[0]
        yield Finding(
            "clock",
            Severity.FAIL,
            f"the template writes the date of the day it is rendered on: {shown(_differing(ones, others, around), 90)}; what is"
            " trained today is not what is served tomorrow",
            "Fix the date in both, if the template takes one (`--template-option 'date_string=26 Jul 2024'`), or take"
            " the line out"
            " of the template that you train and serve with.",
        )
    if preamble := _preamble(target, asked):
        tokens = len(target.encode([preamble], special=False)[0])
        yield Finding(
            "system-prompt",
            Severity.WARN,
            f"the template adds a system prompt of its own, {tokens} tokens in every row: {shown(preamble, 90)}",
            "TRL and vLLM both render it. Trainers with templates of their own (Axolotl, LLaMA-Factory) may not: have them use"
            " the tokenizer's (`chat_template: tokenizer_default`), or give the same system message everywhere.",
        )


def control_tokens(target: Target, form: str) -> int:
    """How many control tokens a rendered row has by itself."""
    if form == "chat":
        conversation: list[Message] = [{"role": "user", "content": _FIRST}, {"role": "assistant", "content": _ANSWER}]
        tokens = target.encode(target.render([conversation], opened=False), special=False)[0]
    else:
        tokens = target.encode([_FIRST + _ANSWER + target.tokenizer.eos_token], special=True)[0]
    special = target.special
    return sum(one in special for one in tokens)


def opens_answers(target: Target, form: str) -> bool:
    """Whether asking for the beginning of an answer changes the rendering: a template that has no generation prompt does not
    open answers, though their text may follow the question directly, as in Mistral's. True without a template."""
    if form != "chat":
        return True
    asked: list[Message] = [{"role": "user", "content": _FIRST}]
    try:
        return target.render([asked], opened=True) != target.render([asked], opened=False)
    except ModelError:  # a template that refuses a question without its answer knows the difference
        return True


def _preamble(target: Target, asked: list[Message]) -> str:
    """What stands before the first message and not before the second; "" if that is control tokens alone."""
    longer: list[Message] = [*asked, {"role": "assistant", "content": _ANSWER}, {"role": "user", "content": _SECOND}]
    try:
        text = target.render([longer], opened=True)[0]
    except ModelError:  # a template for one turn: no second message to compare with
        return ""
    before = text.partition(_FIRST)[0]
    between = text.partition(_ANSWER)[2].partition(_SECOND)[0]
    header = _shared(before[::-1], between[::-1])[::-1]
    preamble = before.removesuffix(header).removeprefix(target.tokenizer.bos_token or "")
    bare = preamble
    for token in target.tokenizer.added_tokens_decoder.values():
        bare = bare.replace(token.content, " ")
    return preamble.strip() if len(bare.split()) > 1 else ""


def _shared(one: str, other: str) -> str:
    """The beginning that two texts have in common."""
    length = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[:length]


def _differing(one: str, other: str, real: str) -> str:
    """The line of the real rendering where the two clocks differ."""
    at = len(_shared(one, other))
    start = one.rfind("\n", 0, at) + 1
    return real[start:].partition("\n")[0]
