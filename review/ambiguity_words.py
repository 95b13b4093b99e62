"""The reasons of a score in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from core.validation.models import ReasonCode

_WORDS: Final[Mapping[str, str]] = {
    "same": "the verdict is same",
    "same_by_one_answer": "the verdict is same, by a file or one answer",
    "different": "the verdict is different",
    "different_by_one_answer": "the verdict is different, by a file or one answer",
    "ambiguous": "the verdict is ambiguous",
    "no_verdict": "there is no verdict yet",
    "verdict_on_other_words": "the verdict is on other words",
    "verdict_on_other_commands": "the verdict is on other commands: the step's were changed since",
    ReasonCode.VALUE_CHANGED: "another value was understood",
    ReasonCode.COMMANDS_DIFFER: "other commands were understood",
    ReasonCode.NO_COMMANDS: "no command was understood",
    ReasonCode.VOTES_DISAGREE: "the answers disagree",
    ReasonCode.MODELS_DISAGREE: "a second model understood something else",
    ReasonCode.NOT_UNDERSTOOD: "an answer was no command",
    ReasonCode.VALUE_NEAR: "a nearly equal value",
    ReasonCode.VALUE_NOT_GROUNDED: "a value that nobody said",
    ReasonCode.LANGUAGE_SWITCH: "another language",
    ReasonCode.ADDED_DETAIL: "a detail was added",
    ReasonCode.DROPPED_DETAIL: "a detail was dropped",
    ReasonCode.CHANGED_DETAIL: "a detail was changed",
    ReasonCode.NEAR_DUPLICATE: "nearly the same words as",
    ReasonCode.JUDGE_DOUBTS: "the judge doubts it",
    ReasonCode.OUTVOTED: "one answer was outvoted",
    ReasonCode.VALUE_EQUIVALENT: "the same value in other words",
    "close_copy": "few words differ from",
    "word_gone": "without a word that the other rephrasings keep",
    "mostly_new": "mostly words that no other text has",
    "cut_down": "most of the original is gone",
    "much_shorter": "less than half as long as the original",
    "shouting": "all in capitals",
    "register_switch": "another register",
    "unsure": "not sure",
    "people_disagree": "people disagree",
    "reworded": "worded by a person",
}


def in_words(code: str, detail: str = "") -> str:
    """`a detail was added: 50`."""
    return f"{_WORDS[code]}: {detail}" if detail else _WORDS[code]
