"""Takes a rendered prompt apart with the template it came from.

What is recovered counts only if rendering it again gives the same prompt, byte for byte, and if the message is the
conversation's last USER line; among several readings the first that passes both is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from core.errors import TemplateError
from core.prompts.context import PromptContext, one_line, parse_conversation
from core.prompts.environment import environment
from core.prompts.inversion_compile import compile_program
from core.prompts.inversion_facts import Facts
from core.prompts.inversion_machine import BudgetSpentError, Machine
from core.prompts.inversion_program import Capture, Instruction, Literal, UnsupportedError
from core.prompts.inversion_values import ContradictionError, build_variables, lift
from core.prompts.template import PromptTemplate, make_template


@dataclass(frozen=True, slots=True)
class Inverted:
    """`template.render(context)` is the prompt.

    The template is the one given, or its copy with runs of blanks reduced to one where the prompt went through
    something that does so (a web page).
    """

    context: PromptContext
    template: PromptTemplate


@dataclass(frozen=True, slots=True)
class NotInvertible:
    reason: str


def invert_prompt(template: PromptTemplate, prompt: str, *, step_limit: int | None = None) -> Inverted | NotInvertible:
    """The variables of a prompt. `step_limit` bounds the search; by default it grows with the prompt's length."""
    limit = step_limit if step_limit is not None else 20_000 + 10 * len(prompt)
    first = _invert_exactly(template, prompt, limit)
    if isinstance(first, Inverted) or "  " in prompt:
        return first
    collapsed = collapse_blanks(template)
    if collapsed.source == template.source:
        return first
    second = _invert_exactly(collapsed, prompt, limit)
    return second if isinstance(second, Inverted) else first


@cache
def collapse_blanks(template: PromptTemplate) -> PromptTemplate:
    """The template with every run of blanks outside its tags reduced to one blank, as web pages print it."""
    parts: list[str] = []
    for _, kind, text in environment().lex(template.source):
        if kind == "data":
            while "  " in text:
                text = text.replace("  ", " ")
        parts.append(text)
    return make_template("".join(parts), name=template.name, dialect=template.dialect)


def _invert_exactly(template: PromptTemplate, prompt: str, limit: int) -> Inverted | NotInvertible:
    try:
        program = compile_program(template.source)
    except UnsupportedError as error:
        return NotInvertible(str(error))
    rejected: list[str] = []
    reasons: list[str] = []
    for strict in (True, False):
        machine = Machine(program, prompt, strict=strict, budget=limit)
        try:
            for facts in machine.solutions():
                found = _check(template, prompt, facts)
                if isinstance(found, PromptContext):
                    return Inverted(found, template)
                rejected.append(found)
            reasons.append(_difference(machine, prompt))
        except BudgetSpentError:
            reasons.append(f"it can be read in too many ways ({limit} steps tried)")
        if not _has_fixed_texts(program, prompt):
            break  # no reading can succeed, so the long search is not worth starting
    return NotInvertible((rejected or reasons)[0])


def _has_fixed_texts(program: Sequence[Instruction], prompt: str) -> bool:
    """Whether the texts that the template always prints stand in the prompt, in their order."""
    position = 0
    for instruction in program:
        if isinstance(instruction, Literal) and instruction.always:
            position = prompt.find(instruction.text, position)
            if position < 0:
                return False
            position += len(instruction.text)
    return True


def _check(template: PromptTemplate, prompt: str, facts: Facts) -> PromptContext | str:
    """The context, or why this reading does not count."""
    try:
        variables = build_variables(facts)
    except ContradictionError:
        return "its parts contradict each other"
    conversation = variables.pop("current_conversation", None)
    message = variables.pop("user_message", None)
    if not isinstance(message, str):
        return "the template does not print user_message in this state"
    if not isinstance(conversation, str):
        return "the template does not print the conversation in this state"
    history = parse_conversation(conversation)
    if history is None:
        return "its conversation is not made of USER: and AI: lines"
    last = next((line.text for line in reversed(history) if line.speaker == "USER"), None)
    if last is None or one_line(last) != one_line(message):
        return "its message is not the last USER line of its conversation"
    context = PromptContext(lift(variables), history, message)
    for candidate in (context, replace(context, variables=variables)):
        try:
            if template.render(candidate) == prompt:
                return candidate
        except TemplateError:
            continue
    return "rendering what was recovered gives another text"


def _difference(machine: Machine, prompt: str) -> str:
    """Where the prompt left the template in the reading that came furthest."""
    position, at, fitted = machine.furthest
    literal = machine.program[at]
    if isinstance(literal, Capture):
        name = ".".join(str(part) for part in literal.path.attributes)
        return f"nothing that can follow {name} (template line {literal.line}) comes after character {position}"
    if not isinstance(literal, Literal):
        return "it is not what this template prints"
    line = literal.line + literal.text.count("\n", 0, fitted)
    expected, found = literal.text[fitted : fitted + 30], prompt[position : position + 30]
    return f"it differs from template line {line} at character {position}: expected {expected!r}, found {found!r}"
