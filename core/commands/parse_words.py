"""Reading V2 and V3: commands in words, one to a line.

Rules: a command stands at the start of a line, after any blanks, punctuation and digits (the pattern that the Rasa page
"Customise the command generator" shows), or follows another command of its line. A slot value runs to the end of the
line or to a comma before the next command; a value in quotes may hold anything. Ids may stand in quotes. Upper and
lower case of the words does not matter, as models like to begin a line with a capital.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from core.commands.dialects import BARE_COMMANDS
from core.commands.models import NAME_PATTERN, Clarify, Command, Dialect, RestartAgent, SetSlot, StartFlow
from core.commands.result import ParsedCommand
from core.commands.values import QUOTED, QUOTES, read_value

# Possessive quantifiers (`*+`): a hostile line, such as a hundred thousand quotes, must not take quadratic time.
_WRAPPING: Final = "\"'`*“”‘’"  # marks that models put around a command
_AFTER_VALUE: Final = ",;，；、"
_AFTER_COMMAND: Final = f"{_WRAPPING}{_AFTER_VALUE}.。"
_BLANK: Final = r"[^\S\n]"
_LEAD: Final = re.compile(r"(?:[^\w\n]|\d)*+")
_OPENING: Final = re.compile(r"[\"'`*“‘]+\Z")
_CLOSING: Final = str.maketrans("“‘", "”’")
_BLANKS: Final = re.compile(rf"{_BLANK}*+")
_BETWEEN: Final = re.compile(rf"(?:{_BLANK}|[{_AFTER_COMMAND}])*+")
_ID: Final = re.compile(rf"{NAME_PATTERN}|\"{NAME_PATTERN}\"|'{NAME_PATTERN}'|`{NAME_PATTERN}`")
_ID_GAP: Final = re.compile(rf"(?:{_BLANK}|,)++")
_WITH_ARGUMENT: Final = {
    "start": rf"start{_BLANK}+flow",
    "set": rf"set{_BLANK}+slot",
    "clarify": rf"disambiguate{_BLANK}+flows?",
    "restart": rf"restart{_BLANK}+agent",
}


@dataclass(frozen=True, slots=True)
class _Grammar:
    """The compiled patterns of one dialect.

    `verb` is the words a command begins with, `next_command` the comma between a value and the next command,
    `value_end` what may follow a value in quotes. `bare` holds the commands without arguments by group of `verb`.
    """

    verb: re.Pattern[str]
    next_command: re.Pattern[str]
    value_end: re.Pattern[str]
    bare: Mapping[str, Command]


def parse_words(text: str, dialect: Dialect) -> list[ParsedCommand]:
    """The commands of a V2 or V3 text in their order. Never raises."""
    grammar = _grammar(dialect)
    commands: list[ParsedCommand] = []
    start, length = 0, len(text)
    while start < length:
        newline = text.find("\n", start)
        stop = length if newline < 0 else newline
        _read_line(text, start, stop, grammar, commands)
        start = stop + 1
    return commands


def _read_line(text: str, start: int, stop: int, grammar: _Grammar, commands: list[ParsedCommand]) -> None:
    begin = _skip(_LEAD, text, start, stop)
    verb = grammar.verb.match(text, begin, stop)
    if verb is None:
        return
    # Quotes and asterisks before the first command close after the last one, so they cannot belong to a value.
    opening = _OPENING.search(text, max(start, begin - 8), begin) if begin > start else None
    closing = opening[0][::-1].translate(_CLOSING) if opening else ""
    while verb is not None:
        found = _read_command(text, verb, stop, grammar, closing)
        resume = verb.end()
        verb = None
        if found is not None:
            commands.append(found)
            resume = found.end
            verb = grammar.verb.match(text, _skip(_BETWEEN, text, resume, stop), stop)
        if verb is None and resume < stop:
            comma = grammar.next_command.search(text, resume, stop)
            verb = grammar.verb.match(text, comma.end(), stop) if comma else None


def _read_command(text: str, verb: re.Match[str], stop: int, grammar: _Grammar, closing: str) -> ParsedCommand | None:
    kind, begin, end = str(verb.lastgroup), verb.start(), verb.end()
    if kind in grammar.bare:
        return ParsedCommand(grammar.bare[kind], begin, end)
    if kind == "clarify":
        flows, end = _read_ids(text, end, stop, grammar)
        return ParsedCommand(Clarify(flows), begin, end)
    argument = _ID.match(text, _skip(_BLANKS, text, end, stop), stop)
    if argument is None or argument.start() == end:
        return None
    name, end = argument[0].strip(QUOTES), argument.end()
    if kind == "start":
        return ParsedCommand(StartFlow(name), begin, end)
    if kind == "restart":
        return ParsedCommand(RestartAgent(name), begin, end)
    value_start = _skip(_BLANKS, text, end, stop)
    value_end = _value_end(text, value_start, stop, grammar, closing)
    if value_start == end or value_end == value_start:
        return None
    return ParsedCommand(SetSlot(name, read_value(text[value_start:value_end])), begin, value_end)


def _read_ids(text: str, end: int, stop: int, grammar: _Grammar) -> tuple[tuple[str, ...], int]:
    """Ids separated by blanks or commas, up to what is no id or begins the next command."""
    names: list[str] = []
    while gap := _ID_GAP.match(text, end, stop):
        name = _ID.match(text, gap.end(), stop)
        if name is None or grammar.verb.match(text, gap.end(), stop):
            break
        names.append(name[0].strip(QUOTES))
        end = name.end()
    return tuple(names), end


def _value_end(text: str, start: int, stop: int, grammar: _Grammar, closing: str) -> int:
    if start < stop and text[start] in QUOTES:
        quoted = QUOTED.match(text, start, stop)
        if quoted is not None and grammar.value_end.match(text, quoted.end(), stop):
            return quoted.end()
    comma = grammar.next_command.search(text, start, stop)
    end = comma.start() if comma else stop
    if closing:
        tail = end
        while tail > start and (text[tail - 1] in _AFTER_COMMAND or text[tail - 1].isspace()):
            tail -= 1
        place = text.rfind(closing, tail, end)
        end = place if place >= 0 else end
    while end > start and (text[end - 1] in _AFTER_VALUE or text[end - 1].isspace()):
        end -= 1
    return end


def _skip(pattern: re.Pattern[str], text: str, start: int, stop: int) -> int:
    """Where a pattern that may match nothing ends."""
    match = pattern.match(text, start, stop)
    return match.end() if match else start


@cache
def _grammar(dialect: Dialect) -> _Grammar:
    bare = {f"bare{number}": command for number, command in enumerate(BARE_COMMANDS[dialect])}
    phrases = [words.replace(" ", rf"{_BLANK}+") for words in BARE_COMMANDS[dialect].values()]
    groups = {**_WITH_ARGUMENT, **dict(zip(bare, phrases, strict=True))}
    verb = "|".join(f"(?P<{kind}>{words})" for kind, words in groups.items())
    # Inside a value words count as the next command only in full: `hand over` and its like are ordinary language.
    complete = "|".join(rf"{words}{_BLANK}+[\w{_WRAPPING}]" for words in _WITH_ARGUMENT.values())
    complete += rf"|(?:{'|'.join(phrases)})(?={_BLANK}*+(?:[{_AFTER_COMMAND}]|\Z))"
    separator = rf"[{_AFTER_VALUE}](?:{_BLANK}|[{_WRAPPING}])*+(?={complete})"
    return _Grammar(
        verb=re.compile(rf"(?:{verb})\b", re.IGNORECASE),
        next_command=re.compile(separator, re.IGNORECASE),
        value_end=re.compile(rf"(?:{_BLANK}|[{_WRAPPING}])*+(?:{separator}|[{_AFTER_VALUE}.。]*+{_BLANK}*+\Z)", re.IGNORECASE),
        bare=bare,
    )
