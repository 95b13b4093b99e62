"""Writes E2E tests, annotated conversations and rephrasings in the recipe's formats.

The bytes depend on the records only. Whatever a YAML 1.1 or 1.2 loader could take for something else than text is
quoted; reading a written file again gives the same records.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from core.conversations.models import AnnotatedConversation, TestFile, Turn, TurnKind, Verdict
from core.errors import InputError
from core.yaml.scalars import quoted, scalar

_LONGEST_KEY = 1000  # YAML reads no further for the colon of a simple key than 1,024 characters


def yaml_of_tests(tests: TestFile) -> bytes:
    """An E2E or dialogue-understanding test file; what users and bots say is double-quoted."""
    lines: list[str] = []
    for name, value in tests.preamble.items():
        lines += _entry(scalar(name), value, "")
    lines.append("test_cases:" if tests.cases else "test_cases: []")
    for case in tests.cases:
        lines.append(f"- test_case: {scalar(case.name)}")
        for name, value in case.extra.items():
            lines += _entry(scalar(name), value, "  ")
        lines.append("  steps:" if case.turns else "  steps: []")
        for turn in case.turns:
            lines += _turn(turn, quoted)
            if turn.commands is not None:
                lines += _entry("commands", turn.commands, "    ")
    return _encoded(lines)


def yaml_of_annotations(conversations: Iterable[AnnotatedConversation]) -> bytes:
    """A file of `1_command_annotations`."""
    return _conversations(conversations, with_rephrasings=False)


def yaml_of_rephrasings(conversations: Iterable[AnnotatedConversation]) -> bytes:
    """A file of `2_rephrasings`. It knows two verdicts: whatever is not `same` is written as failing."""
    return _conversations(conversations, with_rephrasings=True)


def yaml_of_data(data: Mapping[str, Any]) -> bytes:
    """Plain data: mappings, lists, texts, numbers, booleans and nulls, to any depth."""
    return _encoded([line for name, value in data.items() for line in _entry(scalar(name), value, "")])


def _conversations(conversations: Iterable[AnnotatedConversation], *, with_rephrasings: bool) -> bytes:
    lines: list[str] = []
    for conversation in conversations:
        lines.append(f"- original_test_case: {scalar(f'{conversation.file}::{conversation.name}')}")
        lines.append("  steps:" if conversation.turns else "  steps: []")
        for turn in conversation.turns:
            lines += _turn(turn, scalar)
            if turn.commands is not None:
                lines += _entry("llm_commands", turn.commands, "    ")
            if with_rephrasings and (turn.commands is not None or turn.rephrasings):
                passing = [item.text for item in turn.rephrasings if item.verdict is Verdict.SAME]
                failing = [item.text for item in turn.rephrasings if item.verdict is not Verdict.SAME]
                lines += _entry("passing_rephrasings", passing, "    ")
                lines += _entry("failing_rephrasings", failing, "    ")
    return _encoded(["conversations:" if lines else "conversations: []", *lines])


def _turn(turn: Turn, spoken: Callable[[str], str]) -> Iterator[str]:
    """The lines of a turn, less its commands and rephrasings, as an item two spaces in."""
    extra = turn.extra
    if turn.kind in (TurnKind.SLOT_WAS_SET, TurnKind.SLOT_WAS_NOT_SET):
        first, *rest = _entry(turn.kind.value, extra.get(turn.kind.value, []), "    ")
        yield f"  - {first[4:]}"
        yield from rest
        extra = {name: value for name, value in extra.items() if name != turn.kind.value}
    else:
        written = scalar(turn.text) if turn.kind is TurnKind.UTTER else spoken(turn.text)
        yield f"  - {turn.kind.value}: {written}"
    for name, value in extra.items():
        yield from _entry(scalar(name), value, "    ")


def _entry(key: str, value: Any, indent: str) -> list[str]:
    """The lines of one key of a mapping and its value. A list stands as far in as its key."""
    if len(key) > _LONGEST_KEY:
        return [f"{indent}? {key}", *_after(f"{indent}:", value, indent)]
    return _after(f"{indent}{key}:", value, indent)


def _after(opening: str, value: Any, indent: str) -> list[str]:
    if isinstance(value, dict) and value:
        return [opening, *(line for key, item in value.items() for line in _entry(_key(key), item, f"{indent}  "))]
    if isinstance(value, list | tuple) and value:
        return [opening, *(line for item in value for line in _item(item, indent))]
    return [f"{opening} {_inline(value)}"]


def _item(value: Any, indent: str) -> list[str]:
    """The lines of one item of a list; the first key of a mapping stands beside its dash."""
    if isinstance(value, dict) and value:
        lines = [line for key, item in value.items() for line in _entry(_key(key), item, f"{indent}  ")]
    elif isinstance(value, list | tuple) and value:
        lines = [line for item in value for line in _item(item, f"{indent}  ")]
    else:
        return [f"{indent}- {_inline(value)}"]
    lines[0] = f"{indent}- {lines[0][len(indent) + 2 :]}"
    return lines


def _key(key: Any) -> str:
    return scalar(key) if isinstance(key, str) else _inline(key)


def _inline(value: Any) -> str:
    if isinstance(value, str):
        return scalar(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, dict):
        return "{}"
    return "[]" if isinstance(value, list | tuple) else str(value)


def _float(value: float) -> str:
    if not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    mantissa, _, exponent = repr(value).partition("e")
    # YAML 1.1 reads a float only with a point before the exponent and a sign in it.
    if not exponent:
        return mantissa
    point = "" if "." in mantissa else ".0"
    return f"{mantissa}{point}e{exponent}"


def _encoded(lines: list[str]) -> bytes:
    try:
        return ("\n".join(lines) + "\n").encode("utf-8")
    except UnicodeEncodeError as error:
        text = str(error.object)[max(0, error.start - 20) : error.start]
        what = f"A text holds half of a character (a lone surrogate), after: {text!r}."
        raise InputError(what, remedy="Remove it from the text.") from error
