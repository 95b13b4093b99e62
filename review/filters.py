"""The filter line of the queue and of the conversation list: `flow:renew_loan -state:accept "due date"`.

Terms are combined with *and*; a leading `-` or `!` negates one. Keys: `text` (the default), `flow`, `command`, `file`,
`test`, `state` (undecided, accept, reject, skip, flag, stale, open = undecided or stale), `verdict` (same, different,
ambiguous, none), `by` (reviewer of the decision in force), `edited:yes`. Text matches anywhere, ignoring case.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass

from core.errors import UsageError
from core.store.states import State

KEYS = ("text", "flow", "command", "file", "test", "state", "verdict", "by", "edited")
VERDICTS = ("same", "different", "ambiguous", "none")


@dataclass(frozen=True, slots=True)
class Term:
    key: str
    value: str
    negated: bool = False


_Condition = Callable[[Term], tuple[str, list[str | int]]]


@dataclass(frozen=True, slots=True)
class Filter:
    terms: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms)

    def for_rephrasings(self) -> tuple[str, list[str | int]]:
        """A condition on `rephrasing r` and its parameters."""
        return self._compile(_rephrasing_condition)

    def for_conversations(self) -> tuple[str, list[str | int]]:
        """A condition on `conversation c` and its parameters."""
        return self._compile(_conversation_condition)

    def _compile(self, condition: _Condition) -> tuple[str, list[str | int]]:
        parts, parameters = ["1"], list[str | int]()
        for term in self.terms:
            sql, values = condition(term)
            parts.append(f"NOT ({sql})" if term.negated else f"({sql})")
            parameters += values
        return " AND ".join(parts), parameters


def parse_filter(text: str) -> Filter:
    """Parse a filter line.

    Raises:
        UsageError: an open quote, an unknown state or verdict; the message names it and lists what is known.
    """
    lexer = shlex.shlex(text, posix=True)
    lexer.whitespace_split, lexer.commenters, lexer.escape, lexer.quotes = True, "", "", '"'
    try:
        words = list(lexer)
    except ValueError as error:
        raise UsageError(f"the filter `{text}` has an open quote", remedy='Close it with `"`.') from error
    return Filter(tuple(_term(word) for word in words))


def _term(word: str) -> Term:
    negated = len(word) > 1 and word[0] in "-!"
    if negated:
        word = word[1:]
    key, colon, value = word.partition(":")
    key = {"cmd": "command", "reviewer": "by"}.get(key.lower(), key.lower())
    if not colon or key not in KEYS:
        return Term("text", word, negated)
    known = {"state": [*(s.label for s in State), "open"], "verdict": list(VERDICTS)}.get(key)
    if known is not None:
        matches = [name for name in known if name == value.lower()] or [
            n for n in known if value and n.startswith(value.lower())
        ]
        if len(matches) != 1:
            raise UsageError(f"unknown {key} `{value}` in the filter", remedy=f"Known: {', '.join(known)}.")
        value = matches[0]
    return Term(key, value, negated)


def _like(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


_ESC = r"ESCAPE '\'"


def _command_pattern(value: str) -> str:
    """`StartFlow`, `start flow` and `start_flow` all find the command; anything else is looked for in its arguments."""
    return "%" + "%".join(_like(part)[1:-1] for part in value.replace("_", " ").split()) + "%"


def _step_condition(term: Term) -> tuple[str, list[str | int]] | None:
    """Conditions on `user_step s`."""
    if term.key == "flow":
        return f"s.id IN (SELECT step_id FROM step_flow WHERE flow LIKE ? {_ESC})", [_like(term.value)]
    if term.key == "command":
        return f"s.commands LIKE ? {_ESC}", [_command_pattern(term.value)]
    return None


def _state_condition(term: Term) -> tuple[str, list[str | int]] | None:
    """Conditions on `rephrasing r` alone."""
    if term.key == "state":
        if term.value == "open":
            return "r.state IN (0, 5)", []
        return "r.state = ?", [int(State[term.value.upper()])]
    if term.key == "verdict":
        return ("r.verdict IS NULL", []) if term.value == "none" else ("r.verdict = ?", [term.value])
    if term.key == "by":
        return f"r.decision_id IN (SELECT id FROM decision WHERE reviewer LIKE ? {_ESC})", [_like(term.value)]
    if term.key == "edited":
        return "r.edited_text IS NOT NULL", []
    return None


def _file_condition(term: Term) -> tuple[str, list[str | int]] | None:
    """Conditions on `conversation c`."""
    if term.key in ("file", "test"):
        return f"c.{'file' if term.key == 'file' else 'name'} LIKE ? {_ESC}", [_like(term.value)]
    return None


def _rephrasing_condition(term: Term) -> tuple[str, list[str | int]]:
    if (own := _state_condition(term)) is not None:
        return own
    if (step := _step_condition(term)) is not None:
        return f"r.step_id IN (SELECT s.id FROM user_step s WHERE {step[0]})", step[1]
    if (file := _file_condition(term)) is not None:
        return f"r.conversation_id IN (SELECT c.id FROM conversation c WHERE {file[0]})", file[1]
    pattern = _like(term.value)
    return (
        f"coalesce(r.edited_text, r.text) LIKE ? {_ESC} OR r.step_id IN (SELECT id FROM user_step WHERE text LIKE ? {_ESC})",
        [pattern, pattern],
    )


def _conversation_condition(term: Term) -> tuple[str, list[str | int]]:
    if (own := _state_condition(term)) is not None:
        return f"c.id IN (SELECT r.conversation_id FROM rephrasing r WHERE r.active = 1 AND {own[0]})", own[1]
    if (step := _step_condition(term)) is not None:
        return f"c.id IN (SELECT s.conversation_id FROM user_step s WHERE s.active = 1 AND {step[0]})", step[1]
    if (file := _file_condition(term)) is not None:
        return file
    pattern = _like(term.value)
    return (
        f"c.name LIKE ? {_ESC} OR EXISTS (SELECT 1 FROM json_each(c.transcript) t WHERE t.value ->> '$.text' LIKE ? {_ESC})"
        f" OR c.id IN (SELECT conversation_id FROM rephrasing WHERE active = 1 AND coalesce(edited_text, text) LIKE ? {_ESC})",
        [pattern, pattern, pattern],
    )
