"""The filter line of the queue and of the conversation list: `flow:renew_loan -state:accept "due date"`.

Terms are combined with *and*; a leading `-` or `!` negates one. Keys: `text` (the default), `flow`, `command`, `file`,
`test`, `state` (undecided, accept, reject, skip, flag, stale, open = undecided or stale), `verdict` (same, different,
ambiguous, none), `by` (reviewer of the decision in force), `edited` (yes, no), `ambiguity` (the score: `>0.6`, `<0.2`, also
`>=` and `<=`; none), `team` (sent: at any time; open: answers are missing; disagree, conflict: to be decided here; resolved;
none: never sent). Text matches anywhere, ignoring case. What looks like another key is an error; a web address (`http://x`)
and a time (`10:30`) are text.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass

from core.errors import UsageError
from core.store.states import State
from core.store.team_standing import NEEDS_A_PERSON, OUTCOME, PUT_OFF_HERE

KEYS = ("text", "flow", "command", "file", "test", "state", "verdict", "by", "edited", "ambiguity", "team")
VERDICTS = ("same", "different", "ambiguous", "none")
TEAM_OUTCOMES = {
    "open": ("waiting",),
    "disagree": ("disagree",),
    "conflict": ("conflict",),
    "resolved": ("accept", "reject", "adjudicated"),
}
"""What a record's answers came to (review.team.models.Outcome), by the word of the filter."""
CHOICES = {
    "state": (*(state.label for state in State), "open"),
    "verdict": VERDICTS,
    "edited": ("yes", "no"),
    "team": ("sent", "none", *TEAM_OUTCOMES),
}
"""What these keys take; the beginning of a word is enough."""

MOST_TERMS, MOST_CHARACTERS = 100, 4_000
"""SQLite takes patterns of 50,000 bytes and conditions nested a thousand deep at most."""

_COLON = re.compile("([:\uff1a])")
"""A Chinese keyboard types the wide one."""

_SCORE = re.compile(r"(<=|>=|<|>)([0-9]+(?:\.[0-9]*)?|\.[0-9]+)")

_NEVER_STORED = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Term:
    key: str
    value: str
    negated: bool = False


_Sql = tuple[str, list[str | int]]
_WAITING = (
    "(r.state IN (0, 5) OR r.id IN (SELECT t.rephrasing_id FROM team_record t JOIN rephrasing r ON r.id = t.rephrasing_id"
    f" WHERE {NEEDS_A_PERSON} AND NOT {PUT_OFF_HERE}))"
)
_Condition = Callable[[Term], _Sql]


@dataclass(frozen=True, slots=True)
class Filter:
    """`waiting`: of rephrasings only those that wait for a person: open ones, and those where the team disagrees, with itself
    or with a decision that was made here.
    """

    terms: tuple[Term, ...] = ()
    waiting: bool = False

    def __bool__(self) -> bool:
        return bool(self.terms) or self.waiting

    @property
    def needs_scores(self) -> bool:
        """Whether it rests on ambiguity scores, which are to be brought up to date first (review/scores.py)."""
        return any(term.key == "ambiguity" for term in self.terms)

    def for_rephrasings(self) -> _Sql:
        """A condition on `rephrasing r` and its parameters."""
        sql, parameters = self._compile(_rephrasing_condition)
        return (f"{sql} AND {_WAITING}" if self.waiting else sql), parameters

    def for_conversations(self) -> _Sql:
        """A condition on `conversation c` and its parameters."""
        return self._compile(_conversation_condition)

    def _compile(self, condition: _Condition) -> _Sql:
        parts, parameters = ["1"], list[str | int]()
        for term in self.terms:
            sql, values = condition(term)
            # not NOT: a condition on something that is missing (no verdict, no decision) is neither true nor false
            parts.append(f"({sql}) IS NOT TRUE" if term.negated else f"({sql})")
            parameters += values
        return " AND ".join(parts), parameters


def parse_filter(text: str) -> Filter:
    """Parse a filter line.

    Raises:
        UsageError: an open quote, an unknown key, state or verdict, or far too long; the message names it and lists
            what is known.
    """
    lexer = shlex.shlex(_NEVER_STORED.sub("\ufffd", text), posix=True)
    lexer.whitespace_split, lexer.commenters, lexer.escape, lexer.quotes = True, "", "", '"'
    try:
        words = list(lexer)
    except ValueError as error:
        raise UsageError(f"the filter `{text}` has an open quote", remedy='Close it with `"`.') from error
    if len(words) > MOST_TERMS or len(text) > MOST_CHARACTERS:
        raise UsageError("the filter is too long", remedy=f"Use at most {MOST_TERMS} terms.")
    return Filter(tuple(_term(word) for word in words))


def _term(word: str) -> Term:
    negated = len(word) > 1 and word[0] in "-!"
    if negated:
        word = word[1:]
    typed, colon, value = _COLON.split(word, 1) if _COLON.search(word) else (word, "", "")
    key = {"cmd": "command", "reviewer": "by"}.get(typed.lower(), typed.lower())
    if colon and value and key not in KEYS and typed.isascii() and typed.isalpha() and not value.startswith("//"):
        raise UsageError(
            f"unknown key `{typed}:` in the filter", remedy=f"Known: {', '.join(KEYS)}; `text:{word}` looks for the words."
        )
    if not colon or key not in KEYS:
        return Term("text", word, negated)
    if key == "ambiguity" and value.lower() != "none" and not _SCORE.fullmatch(value):
        raise UsageError(
            f"unknown ambiguity `{value}` in the filter", remedy="Write `ambiguity:>0.6`, `ambiguity:<0.2` or none."
        )
    known = CHOICES.get(key)
    if known is not None:
        wanted = value.lower()
        matches = [name for name in known if name == wanted] or [name for name in known if wanted and name.startswith(wanted)]
        if len(matches) != 1:
            raise UsageError(f"unknown {key} `{value}` in the filter", remedy=f"Known: {', '.join(known)}.")
        value = matches[0]
    return Term(key, value, negated)


_ESC = r"ESCAPE '\'"
_SHOWN = "coalesce(r.edited_text, r.text)"
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def _literal(value: str) -> str:
    return value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _contains(column: str, value: str) -> _Sql:
    """`value` stands somewhere in `column`. SQLite ignores the case of ASCII letters only; other alphabets are looked
    for as typed, in lower and upper case, and capitalised."""
    patterns = [f"%{_literal(value)}%"]
    if not value.isascii():
        variants = (value, value.lower(), value.upper(), value.capitalize(), value.title())
        patterns = list(dict.fromkeys(f"%{_literal(variant)}%" for variant in variants))
    return " OR ".join([f"{column} LIKE ? {_ESC}"] * len(patterns)), list(patterns)


def _command_pattern(value: str) -> str:
    """`StartFlow`, `start flow` and `start_flow` all find the command; anything else is looked for in its arguments."""
    words = _CAMEL.sub(" ", value).replace("_", " ").split()
    return "%" + "%".join(_literal(word) for word in words) + "%"


def _step_condition(term: Term) -> _Sql | None:
    """Conditions on `user_step s`."""
    if term.key == "flow":
        sql, values = _contains("flow", term.value)
        return f"s.id IN (SELECT step_id FROM step_flow WHERE {sql})", values
    if term.key == "command":
        return f"s.commands LIKE ? {_ESC}", [_command_pattern(term.value)]
    return None


def _state_condition(term: Term) -> _Sql | None:
    """Conditions on `rephrasing r` alone."""
    if term.key == "state":
        if term.value == "open":
            return "r.state IN (0, 5)", []
        return "r.state = ?", [int(State[term.value.upper()])]
    if term.key == "verdict":
        return ("r.verdict IS NULL", []) if term.value == "none" else ("r.verdict = ?", [term.value])
    if term.key == "by":
        sql, values = _contains("reviewer", term.value)
        return f"r.decision_id IN (SELECT id FROM decision WHERE {sql})", values
    if term.key == "edited":
        return f"r.edited_text IS {'NOT ' if term.value == 'yes' else ''}NULL", []
    if term.key == "ambiguity":
        return _ambiguity_condition(term.value)
    return _team_condition(term.value) if term.key == "team" else None


def _ambiguity_condition(value: str) -> _Sql:
    found = _SCORE.fullmatch(value)
    if found is None:
        return "r.id NOT IN (SELECT rephrasing_id FROM ambiguity)", []
    return f"r.id IN (SELECT rephrasing_id FROM ambiguity WHERE score {found[1]} CAST(? AS REAL))", [found[2]]


def _team_condition(value: str) -> _Sql:
    outcomes = TEAM_OUTCOMES.get(value)
    if outcomes is None:
        return f"r.id {'NOT ' if value == 'none' else ''}IN (SELECT rephrasing_id FROM team_record)", []
    wanted = ", ".join("?" * len(outcomes))
    return (
        f"r.id IN (SELECT t.rephrasing_id FROM team_record t JOIN rephrasing r ON r.id = t.rephrasing_id"
        f" WHERE {OUTCOME} IN ({wanted}))",
        list(outcomes),
    )


def _file_condition(term: Term) -> _Sql | None:
    """Conditions on `conversation c`."""
    if term.key in ("file", "test"):
        return _contains("c.file" if term.key == "file" else "c.name", term.value)
    return None


def _rephrasing_condition(term: Term) -> _Sql:
    if (own := _state_condition(term)) is not None:
        return own
    if (step := _step_condition(term)) is not None:
        return f"r.step_id IN (SELECT s.id FROM user_step s WHERE {step[0]})", step[1]
    if (file := _file_condition(term)) is not None:
        return f"r.conversation_id IN (SELECT c.id FROM conversation c WHERE {file[0]})", file[1]
    (own_sql, own_values), (step_sql, step_values) = _contains(_SHOWN, term.value), _contains("text", term.value)
    return f"{own_sql} OR r.step_id IN (SELECT id FROM user_step WHERE {step_sql})", own_values + step_values


def _conversation_condition(term: Term) -> _Sql:
    if (own := _state_condition(term)) is not None:
        return f"c.id IN (SELECT r.conversation_id FROM rephrasing r WHERE r.active = 1 AND {own[0]})", own[1]
    if (step := _step_condition(term)) is not None:
        return f"c.id IN (SELECT s.conversation_id FROM user_step s WHERE s.active = 1 AND {step[0]})", step[1]
    if (file := _file_condition(term)) is not None:
        return file
    name, name_values = _contains("c.name", term.value)
    turn, turn_values = _contains("json_extract(t.value, '$.text')", term.value)
    own_sql, own_values = _contains(_SHOWN, term.value)
    return (
        f"{name} OR EXISTS (SELECT 1 FROM json_each(c.transcript) t WHERE {turn})"
        f" OR c.id IN (SELECT r.conversation_id FROM rephrasing r WHERE r.active = 1 AND ({own_sql}))",
        name_values + turn_values + own_values,
    )
