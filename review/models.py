"""Records that cross from the review store to its users (app, command line). Plain and frozen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.store.states import State
from review.team.models import Outcome, Say, Status, Surface


class Decision(StrEnum):
    """What a person can say of a rephrasing with one key."""

    ACCEPT = "accept"
    REJECT = "reject"
    SKIP = "skip"
    FLAG = "flag"


REJECT_REASONS = (
    ("m", "meaning changed"),
    ("v", "value changed"),
    ("i", "detail lost"),
    ("d", "near-duplicate"),
    ("l", "wrong language or style"),
    ("u", "unnatural"),
)
"""Key and wording of the reasons a rejection can carry; any other text is fine too."""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """What one line of the queue shows."""

    id: int
    text: str
    original: str
    state: State
    verdict: str | None
    edited: bool
    user_step: int
    conversation_id: int
    step_id: int


@dataclass(frozen=True, slots=True)
class Sibling:
    """Another rephrasing of the same step."""

    id: int
    text: str
    state: State
    verdict: str | None


@dataclass(frozen=True, slots=True)
class TranscriptTurn:
    """`kind`: user, bot, utter, slot_was_set, slot_was_not_set. `step_id` only for user turns."""

    kind: str
    text: str
    line: int | None
    step_id: int | None = None


@dataclass(frozen=True, slots=True)
class ShownScore:
    """The ambiguity score as it is stored (review/scores.py): between 0 and 1, with its reasons in words."""

    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TeamAnswer:
    """`decision`: None for one who discarded the record. `text`: the wording that the annotator would have, None: as it is;
    `commands`: the commands, as lines, None: as expected; `commands_read`: False where they are what was written for commands
    and cannot be read. `at`: when it was answered (ISO 8601, UTC)."""

    annotator: str
    status: Status
    decision: Say | None
    text: str | None
    commands: tuple[str, ...] | None
    comment: str | None
    at: str
    commands_read: bool = True


@dataclass(frozen=True, slots=True)
class TeamView:
    """The latest round that the rephrasing is in, or the one that is to be decided here. `detail`: how the outcome came about,
    in words. `answers`: those in force."""

    round: str
    surface: Surface
    outcome: Outcome
    detail: str
    overlap: int
    answers: tuple[TeamAnswer, ...]


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """All one screen of the review loop shows of a rephrasing.

    `text` is the rephrasing as ingested or added, `edited_text` what a person made of it. `commands` are the step's
    expected ones (canonical lines in the project's dialect); `predicted` those the machine found for `text`, None if
    unknown. `verdict_stale`: the step's commands changed since the verdict was made, `predicted` did not.
    `verdict_on_other_words`: the wording was edited since, so the verdict says nothing of it. `ambiguity`: None where it was
    not scored yet. `team`: None where it was not handed to the team.
    """

    id: int
    step_id: int
    conversation_id: int
    file: str
    test: str
    occurrence: int
    line: int | None
    user_step: int
    original: str
    text: str
    edited_text: str | None
    by_hand: bool
    state: State
    reason: str | None
    decided_by: str | None
    decided_at: str | None
    verdict: str | None
    verdict_stale: bool
    verdict_on_other_words: bool
    reasons: tuple[str, ...]
    commands: tuple[str, ...]
    unparsed: tuple[str, ...]
    corrected: bool
    predicted: tuple[str, ...] | None
    siblings: tuple[Sibling, ...]
    ambiguity: ShownScore | None = None
    team: TeamView | None = None

    @property
    def shown_text(self) -> str:
        return self.edited_text if self.edited_text is not None else self.text


@dataclass(frozen=True, slots=True)
class Settlement:
    """A decision that was made elsewhere: accept or reject, with the wording it asks for (None: as it is) and the reason."""

    rephrasing_id: int
    decision: Decision
    reason: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class LoggedAnswer:
    """What an entry that is an annotator's answer says beyond that. `answered_at`: when it was given; the entry's `at` is when
    it came in. `corrected_text`, `commands`, `commands_read`: as of `TeamAnswer`.
    """

    round: str
    status: Status
    answered_at: str
    corrected_text: str | None
    commands: tuple[str, ...] | None
    commands_read: bool = True


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One row of the decision log, newest first in listings. `answer`: of an annotator's answer."""

    id: int
    group_id: int
    at: str
    reviewer: str
    surface: str
    kind: str
    rephrasing_id: int | None
    step_id: int | None
    text: str
    reason: str | None
    in_force: bool
    count: int = 1
    answer: LoggedAnswer | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What one action changed. `states`: new state of every rephrasing touched (may be none).

    `what` names the action in words, for the status line: "reject", "undo of reject ×12".
    """

    group_id: int
    at: str
    what: str
    states: dict[int, State]
    step_id: int | None = None
    rephrasing_id: int | None = None
