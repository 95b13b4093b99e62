"""Records of the team's work that cross to its users. Plain and frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Surface(StrEnum):
    """Where a round is answered; the surface of its answers in the decision log."""

    ARGILLA = "argilla"
    PACK = "pack"


class Status(StrEnum):
    """DISCARDED: the annotator passed the record over. WITHDRAWN: an answer that was taken back."""

    SUBMITTED = "submitted"
    DISCARDED = "discarded"
    WITHDRAWN = "withdrawn"


class Say(StrEnum):
    """What an annotator decides."""

    ACCEPT = "accept"
    REJECT = "reject"
    UNSURE = "unsure"


class Outcome(StrEnum):
    """What the answers to a record come to."""

    WAITING = "waiting"  # answers are missing, and those there do not decide yet
    ACCEPT = "accept"
    REJECT = "reject"
    DISAGREE = "disagree"  # to be decided here: the rule does not settle it
    CONFLICT = "conflict"  # the rule settles it against a decision that was made here without knowing the answers
    ADJUDICATED = "adjudicated"  # decided here, with all answers known
    OUTDATED = "outdated"  # the wording or the step's commands have changed since it was handed out

    @property
    def needs_a_person(self) -> bool:
        """Waits for a decision in the Review screen."""
        return self in (Outcome.DISAGREE, Outcome.CONFLICT)


@dataclass(frozen=True, slots=True)
class Round:
    """`overlap`: answers wanted of each record. `place`: where it is: `url`, `workspace`, `dataset`, `dataset_id`, or `file`.

    `parameters`: how its records were chosen. `pulled_at`: when answers were last asked for (ISO 8601, UTC), None never.
    """

    id: int
    name: str
    surface: Surface
    at: str
    reviewer: str
    overlap: int
    place: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    pulled_at: str | None = None
    last_activity: str | None = None


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A rephrasing to be handed out. `external_id`: ours, and unlike for another wording or other commands."""

    rephrasing_id: int
    external_id: str
    text: str
    basis: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One rephrasing of a round. `pushed_at`: when its place confirmed that it has it, None: not yet."""

    id: int
    round_id: int
    rephrasing_id: int
    external_id: str
    text: str
    basis: str
    score: float | None
    server_id: str | None
    pushed_at: str | None
    outcome: Outcome
    detail: str
    decided_group: int | None


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """An answer as it comes in.

    `text`: the wording that the annotator would have, None: as it is. `commands`: canonical JSON of the commands the annotator
    would have, None: as expected; `unread_commands`: what was written for them and cannot be read. `answered_at`: ISO 8601
    in UTC, when it was last changed by the annotator.
    """

    external_id: str
    annotator: str
    status: Status
    decision: Say | None
    answered_at: str
    text: str | None = None
    commands: str | None = None
    comment: str | None = None
    unread_commands: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it is kept: `decision_id` is its row in the decision log."""

    decision_id: int
    record_id: int
    annotator: str
    status: Status
    decision: Say | None
    text: str | None
    commands: str | None
    comment: str | None
    answered_at: str
    in_force: bool
    unread_commands: str | None = None

    @property
    def wants_other_commands(self) -> bool:
        return self.commands is not None or self.unread_commands is not None


@dataclass(frozen=True, slots=True)
class Recording:
    """What came of answers that came in. `unknown`: external ids that are not of the round."""

    added: int = 0
    changed: int = 0
    withdrawn: int = 0
    known: int = 0
    unknown: tuple[str, ...] = ()
    records: tuple[int, ...] = ()
    """Ids of the records whose answers changed."""
