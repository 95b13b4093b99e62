"""The grammar for command lines: what it allows reads back whole, and only names what the prompt lists."""

from __future__ import annotations

import json
import random
import re
from functools import cache
from typing import Any

import pytest

from core.commands import Clarify, Dialect, SetSlot, StartFlow, describe, parse
from core.commands.grammar import MOST_COMMANDS, command_grammar

VARIABLES: dict[str, Any] = {
    "available_flows": [
        {
            "name": "send_parcel",
            "slots": [
                {"name": "weight", "allowed_values": None},
                {"name": "shop", "allowed_values": ["hill", "the harbour", 'so-called "old" town, west (2)']},
            ],
        },
        {"name": "find-parcel", "slots": [{"name": "number"}, {"name": "weight"}]},
        {"name": "пошта", "slots": []},
    ],
    "flow_slots": [{"name": "insured", "allowed_values": [True, False]}],
    "current_flow": "send_parcel",
    "is_repeat_command_enabled": True,
}
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\[(?:[^\]\\]|\\.)*\]|\{\d+,\d+\}|[\w-]+|[|()]')
_CHARACTERS = [chr(code) for code in (*range(0x20, 0x180), *range(0x4E00, 0x4E20), *range(0x2010, 0x2030), 0x1F600, 9, 10)]


@cache
def allowed_by(character_class: str) -> list[str]:
    return [character for character in _CHARACTERS if re.fullmatch(character_class, character)]


class Sampler:
    """Random texts of a GBNF grammar, as far as ours uses GBNF."""

    def __init__(self, grammar: str, seed: int) -> None:
        rules = (line.split(" ::= ", 1) for line in grammar.strip().split("\n"))
        self._rules = {name: _TOKEN.findall(body) for name, body in rules}
        self._random = random.Random(seed)

    def text(self, rule: str = "root") -> str:
        return self._choice(list(self._rules[rule]))

    def _choice(self, tokens: list[str]) -> str:
        alternatives: list[list[str]] = [[]]
        depth = 0
        for token in tokens:
            depth += (token == "(") - (token == ")")
            if token == "|" and depth == 0:
                alternatives.append([])
            else:
                alternatives[-1].append(token)
        return self._sequence(self._random.choice(alternatives))

    def _sequence(self, tokens: list[str]) -> str:
        said = ""
        while tokens:
            item, tokens = self._item(tokens)
            least, most = 1, 1
            if tokens and tokens[0].startswith("{"):
                least, most = map(int, tokens.pop(0)[1:-1].split(","))
            said += "".join(self._one(item) for _ in range(self._random.randint(least, min(most, least + 12))))
        return said

    def _item(self, tokens: list[str]) -> tuple[list[str], list[str]]:
        if tokens[0] != "(":
            return [tokens[0]], tokens[1:]
        depth = 0
        for place, token in enumerate(tokens):
            depth += (token == "(") - (token == ")")
            if depth == 0:
                return tokens[1:place], tokens[place + 1 :]
        raise AssertionError(f"a parenthesis is never closed: {tokens}")

    def _one(self, item: list[str]) -> str:
        if len(item) != 1:
            return self._choice(item)
        (token,) = item
        if token.startswith('"'):
            return str(json.loads(token))
        if token.startswith("["):
            return self._random.choice(allowed_by(token))
        return self.text(token)


@pytest.mark.parametrize("dialect", list(Dialect))
def test_whatever_it_allows_reads_back_whole_and_names_only_what_is_listed(dialect: Dialect) -> None:
    sampler = Sampler(command_grammar(VARIABLES, dialect), seed=1)
    kinds = set()
    for _ in range(400):
        text = sampler.text()
        result = parse(text, dialect)
        assert result.complete, (text, result.leftovers)
        assert len(result.found) == text.count("\n") + 1 <= MOST_COMMANDS, text
        for command in result.found:
            kinds.add(type(command).__name__)
            if isinstance(command, StartFlow):
                assert command.flow in {"send_parcel", "find-parcel", "пошта"}
            if isinstance(command, SetSlot) and command.name == "shop":
                assert command.value in {"hill", "the harbour", 'so-called "old" town, west (2)'}
            if isinstance(command, SetSlot) and command.name == "insured":
                assert command.value in {"True", "False"}
    assert {"StartFlow", "SetSlot", "CancelFlow", "KnowledgeAnswer", "RepeatLastBotMessages", "Clarify"} <= kinds


def allows(variables: dict[str, Any], line: str) -> bool:
    """Whether a line is a fixed text of the grammar."""
    return f'"{line}"' in command_grammar(variables, Dialect.V2)


def test_commands_that_can_mean_nothing_are_left_out() -> None:
    idle = {**VARIABLES, "current_flow": None, "is_repeat_command_enabled": None}
    assert allows(VARIABLES, "cancel flow")
    assert allows(VARIABLES, "repeat message")
    assert not allows(idle, "cancel flow")
    assert not allows(idle, "repeat message")
    assert not allows(VARIABLES, "continue agent")


def test_a_single_flow_is_never_clarified() -> None:
    one = {**VARIABLES, "available_flows": VARIABLES["available_flows"][:1]}
    sampler = Sampler(command_grammar(one, Dialect.V2), seed=2)
    found = [command for _ in range(200) for command in parse(sampler.text(), Dialect.V2).found]
    assert not any(isinstance(command, Clarify) for command in found), list(map(describe, found))


def test_a_prompt_without_flows_still_has_answers() -> None:
    assert parse(Sampler(command_grammar({}, Dialect.V3), seed=3).text(), Dialect.V3).complete


def test_names_that_cannot_be_commands_are_left_out() -> None:
    odd = {"available_flows": [{"name": "no name", "slots": [{"name": "a=b"}]}, {"name": None}]}
    assert "no name" not in command_grammar(odd, Dialect.V2)
    assert "a=b" not in command_grammar(odd, Dialect.V2)
