"""What stands in the files of a pack. Plain and frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from review.team.models import Say, Status

FORMAT: Final = 1
"""Version of the files. A reader refuses a newer one; whatever is added without being understood would be lost."""

MARK: Final = "workbench_pack"
"""The first key of the first line of every file; its value is the version."""


class Kind(StrEnum):
    HAND_OUT = "hand-out"
    HAND_IN = "hand-in"


@dataclass(frozen=True, slots=True)
class Header:
    """The first line of a file.

    `key`: of the round (review/pack/keys.py); `round` is its name where it was made. `handed_to`: whom the hand-out is meant
    for, None: everybody. `annotator`: in a hand-in whose answers it holds. `overlap`: answers wanted of each record.
    `made_at`: ISO 8601, UTC. `guidelines` only in hand-outs.
    """

    kind: Kind
    project: str
    round: str
    key: str
    dialect: str
    overlap: int
    made_by: str
    made_at: str
    handed_to: str | None = None
    annotator: str | None = None
    blind: bool = False
    guidelines: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """What the machine thinks of a record. `predicted`: command lines it found for the rephrasing, None: unknown."""

    verdict: str | None = None
    reasons: tuple[str, ...] = ()
    predicted: tuple[str, ...] | None = None
    ambiguity: float | None = None
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PackRecord:
    """One line of a hand-out: a rephrasing with all that is needed to decide on it.

    `turns`: kind and text of the whole conversation, in order. `user_step`: counts user turns from 1. `commands`: lines in
    the project's dialect, None: never annotated. `line`: of the original in its test file. `machine`: None in a blind pack.
    """

    external_id: str
    original: str
    rephrasing: str
    commands: tuple[str, ...] | None
    file: str
    test: str
    occurrence: int
    line: int | None
    user_step: int
    turns: tuple[tuple[str, str], ...]
    machine: Machine | None = None


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """An answer as it stands in a file. `annotator`, `answered_at`: None where the line does not say.

    `commands`: lines as they were written, None: as expected.
    """

    external_id: str
    status: Status
    decision: Say | None
    annotator: str | None
    answered_at: str | None
    text: str | None = None
    commands: tuple[str, ...] | None = None
    comment: str | None = None


READING_KEYS: Final = (
    "original", "rephrasing", "expected_commands", "conversation", "file", "line", "test", "occurrence", "step",
    "verdict", "reasons", "predicted_commands", "ambiguity", "doubts",
)  # fmt: skip
"""Of a hand-out's lines: for reading. `step` counts user steps; as `user_step` the line would pass for a file of labels."""

ANSWER_KEYS: Final = ("decision", "text", "commands", "comment")
"""To be filled in."""

QUESTIONS: Final[Mapping[str, str]] = {
    "decision": "accept, reject, unsure, or discarded if you pass it over; empty: no answer yet",
    "text": "the rephrasing as it should be worded; empty: as it is",
    "commands": "the commands as they should be, as a list of lines; empty: as expected; []: none at all",
    "comment": "why, in your own words",
}

HOW_TO: Final = (
    "Open this file with `workbench review open FILE`, or fill in `decision`, `text`, `commands` and `comment` of each line"
    " with any text editor and send it back: one line per record, in JSON; leave this first line and the ids as they are."
)
