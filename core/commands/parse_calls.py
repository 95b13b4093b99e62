"""Reading V1: commands written as calls, `SetSlot(name, value)`.

Rules: a call may stand anywhere in a line, as the patterns of Rasa's own demo assistant search it; ids may stand in
quotes; blanks and line breaks around arguments are allowed (Rasa changelog 3.12.17). A slot value may hold commas and
parentheses: it ends at the parenthesis that closes the call or, where the value's own parentheses do not pair up, at
the last one of the line (the pattern of Rasa's dialogue-understanding converter). A value in quotes may hold anything.
"""

from __future__ import annotations

import re
from typing import Final

from core.commands.dialects import BARE_COMMANDS
from core.commands.models import NAME_PATTERN, Clarify, Dialect, SetSlot, StartFlow
from core.commands.result import ParsedCommand
from core.commands.values import QUOTED, QUOTES, read_value

# A plain value is searched for its closing parenthesis this far, so that hostile text cannot make reading quadratic.
_LONGEST_PLAIN_VALUE: Final = 4_096

_BARE: Final = {name: command for command, name in BARE_COMMANDS[Dialect.V1].items()}
_CALL: Final = re.compile(rf"(?<!\w)(StartFlow|SetSlot|Clarify|{'|'.join(_BARE)})[ \t]*\(")
_ID: Final = rf"(?:{NAME_PATTERN}|\"{NAME_PATTERN}\"|'{NAME_PATTERN}'|`{NAME_PATTERN}`)"
_ONE_ID: Final = re.compile(rf"\s*({_ID})\s*\)")
_IDS: Final = re.compile(rf"\s*+(?:{_ID}(?:\s*+,\s*+{_ID})*+\s*+,?\s*+)?\)")
_EACH_ID: Final = re.compile(_ID)
_SLOT_NAME: Final = re.compile(rf"\s*({_ID})\s*,\s*")
_CLOSING: Final = re.compile(r"\s*\)")
_PARENTHESIS: Final = re.compile(r"[()]")
_NOTHING_MORE: Final = re.compile(r"[\s\"'`*,;.]*")


def parse_calls(text: str) -> list[ParsedCommand]:
    """The commands of a V1 text in their order. Never raises."""
    commands: list[ParsedCommand] = []
    call = _CALL.search(text)
    while call is not None:
        found = _read_call(text, call)
        if found is not None:
            commands.append(found)
        call = _CALL.search(text, call.end() if found is None else found.end)
    return commands


def _read_call(text: str, call: re.Match[str]) -> ParsedCommand | None:
    name, begin, inside = call[1], call.start(), call.end()
    if name == "StartFlow":
        match = _ONE_ID.match(text, inside)
        return ParsedCommand(StartFlow(match[1].strip(QUOTES)), begin, match.end()) if match else None
    if name == "SetSlot":
        return _read_set_slot(text, begin, inside)
    if name == "Clarify":
        match = _IDS.match(text, inside)
        if match is None:
            return None
        flows = tuple(flow.strip(QUOTES) for flow in _EACH_ID.findall(text, inside, match.end()))
        return ParsedCommand(Clarify(flows), begin, match.end())
    match = _CLOSING.match(text, inside)
    return ParsedCommand(_BARE[name], begin, match.end()) if match else None


def _read_set_slot(text: str, begin: int, inside: int) -> ParsedCommand | None:
    slot = _SLOT_NAME.match(text, inside)
    if slot is None:
        return None
    name, start = slot[1].strip(QUOTES), slot.end()
    if text[start : start + 1] in QUOTES:
        quoted = QUOTED.match(text, start)
        closing = _CLOSING.match(text, quoted.end()) if quoted else None
        if quoted and closing:
            return ParsedCommand(SetSlot(name, read_value(quoted[0])), begin, closing.end())
    end = _value_end(text, start)
    raw = text[start:end].strip() if end is not None else ""
    if end is None or not raw:
        return None
    return ParsedCommand(SetSlot(name, read_value(raw)), begin, end + 1)


def _value_end(text: str, start: int) -> int | None:
    """Where the parenthesis stands that closes the call, or None."""
    stop = _line_end(text, start, min(len(text), start + _LONGEST_PLAIN_VALUE))
    depth = 0
    for match in _PARENTHESIS.finditer(text, start, stop):
        if match[0] == "(":
            depth += 1
        elif depth == 0:
            return match.start()
        else:
            depth -= 1
    last = text.rfind(")", start, stop)
    if last < 0 or not _NOTHING_MORE.fullmatch(text, last + 1, stop) or _CALL.search(text, start, last):
        return None
    return last


def _line_end(text: str, start: int, limit: int) -> int:
    """The end of the line, past line breaks directly before a closing parenthesis."""
    end = text.find("\n", start, limit)
    while end >= 0:
        closing = _CLOSING.match(text, end, limit)
        if closing is None:
            return end
        end = text.find("\n", closing.end(), limit)
    return limit
