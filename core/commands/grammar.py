"""A grammar (GBNF, as llama.cpp takes it) that holds a model's answer to command lines which the assistant can carry out.

    root ::= command ("\\n" command){0,2}
    command ::= "start flow " flow | "set slot " set | "provide info" | …

Flows and slots are those that the prompt lists, values of slots that list theirs are among those; other values are free
text on one line. It guarantees form and names, never sense. Whatever it allows reads back whole (`core.commands.parse`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from core.commands.dialects import BARE_COMMANDS
from core.commands.models import (
    NAME_PATTERN,
    CancelFlow,
    Command,
    ContinueAgent,
    Dialect,
    RepeatLastBotMessages,
    SetSlot,
)
from core.commands.printing import to_text

MOST_COMMANDS: Final = 3
"""In one answer; a weak model goes on as long as it may. Three are enough for all but a few of a thousand real messages."""
MOST_CLARIFIED: Final = 3
LONGEST_VALUE: Final = 60
"""Characters of a free value."""

_NAME: Final = re.compile(NAME_PATTERN)

# A value begins with what can be neither blank, quote nor separator, and ends within its line. Quotes, parentheses and
# commas are left out altogether: quotes and parentheses would have to be closed again, a comma may begin another command.
_FIRST: Final = r"[^\x00-\x20\x7f-\xa0\u2000-\u206f\u3000\"'`*,;.:，；、。()\\]"
_REST: Final = r"[^\x00-\x1f\x7f-\x9f\u2018-\u201d\u2028\u2029\"'`*,;，；、()\\]"


def command_grammar(variables: Mapping[str, Any], dialect: Dialect) -> str:
    """For the message of a prompt with these variables (`available_flows`, `flow_slots`, `current_flow`, …)."""
    flows = _flows(variables)
    slots = _slots(variables)
    calls = dialect is Dialect.V1
    kinds: list[str] = []
    rules: list[str] = []
    if flows:
        kinds.append(_sequence("StartFlow(" if calls else "start flow ", "flow", ")" if calls else ""))
        rules.append(f"flow ::= {_any_of(flows)}")
        if len(flows) > 1:
            kinds.append("clarify")
            more = f"{{1,{MOST_CLARIFIED - 1}}}"
            between, opening, closing = (", ", "Clarify(", ")") if calls else (" ", "disambiguate flows ", "")
            rules.append(f"clarify ::= {_sequence(opening, f'flow ({_literal(between)} flow){more}', closing)}")
    for number, (name, values) in enumerate(slots.items(), start=1):
        kinds.append(f"slot{number}")
        opening, closing = (f"SetSlot({name}, ", ")") if calls else (f"set slot {name} ", "")
        texts = [to_text(SetSlot(name, value), dialect).removeprefix(opening).removesuffix(closing) for value in values]
        rules.append(f"slot{number} ::= {_sequence(opening, f'({_any_of(texts)})' if texts else 'value', closing)}")
    if not all(slots.values()):
        rules.append(f"value ::= {_FIRST} {_REST}{{0,{LONGEST_VALUE - 1}}}")
    kinds += [_literal(to_text(command, dialect)) for command in _bare(variables, dialect)]
    root = f'root ::= command ("\\n" command){{0,{MOST_COMMANDS - 1}}}'
    return "\n".join((root, f"command ::= {' | '.join(kinds)}", *rules)) + "\n"


def _bare(variables: Mapping[str, Any], dialect: Dialect) -> Iterable[Command]:
    """Commands without arguments that can mean anything here."""
    for command in BARE_COMMANDS[dialect]:
        if isinstance(command, ContinueAgent):
            continue
        if isinstance(command, CancelFlow) and not variables.get("current_flow"):
            continue
        if isinstance(command, RepeatLastBotMessages) and not variables.get("is_repeat_command_enabled"):
            continue
        yield command


def _slots(variables: Mapping[str, Any]) -> dict[str, list[str]]:
    """The slots a prompt lists, each with the values it is limited to (empty: free text)."""
    found: dict[str, list[str]] = {}
    listed = [slot for flow in variables.get("available_flows") or () for slot in flow.get("slots") or ()]
    for slot in (*listed, *(variables.get("flow_slots") or ())):
        name = slot.get("name")
        if _is_name(name):
            found.setdefault(name, [str(value) for value in slot.get("allowed_values") or ()])
    return found


def _flows(variables: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(flow["name"] for flow in variables.get("available_flows") or () if _is_name(flow.get("name"))))


def _is_name(name: object) -> bool:
    return isinstance(name, str) and _NAME.fullmatch(name) is not None


def _sequence(opening: str, rule: str, closing: str = "") -> str:
    return " ".join(part for part in (_literal(opening), rule, _literal(closing) if closing else "") if part)


def _any_of(texts: Iterable[str]) -> str:
    return " | ".join(map(_literal, texts))


def _literal(text: str) -> str:
    """GBNF quotes as JSON does, as far as texts on one line go."""
    return json.dumps(text, ensure_ascii=False)
