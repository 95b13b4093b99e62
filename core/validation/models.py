"""What the verdict on a rephrasing is made from, and the verdict with its reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.commands import Command
from core.commands.compare import SlotKind
from core.conversations.models import Verdict
from core.prompts.context import Line


class ReasonCode(StrEnum):
    """Machine-readable; stored as `code` or `code: detail`. Reviewers filter by the code."""

    # different
    VALUE_CHANGED = "value_changed"
    COMMANDS_DIFFER = "commands_differ"
    NO_COMMANDS = "no_commands"
    # ambiguous
    VOTES_DISAGREE = "votes_disagree"
    MODELS_DISAGREE = "models_disagree"
    NOT_UNDERSTOOD = "not_understood"  # the answer holds lines that are no command
    VALUE_NEAR = "value_near"
    VALUE_NOT_GROUNDED = "value_not_grounded"
    LANGUAGE_SWITCH = "language_switch"
    ADDED_DETAIL = "added_detail"
    DROPPED_DETAIL = "dropped_detail"
    CHANGED_DETAIL = "changed_detail"
    NEAR_DUPLICATE = "near_duplicate"
    JUDGE_DOUBTS = "judge_doubts"
    # same, and yet worth knowing
    OUTVOTED = "outvoted"  # a lone vote against all others
    VALUE_EQUIVALENT = "value_equivalent"  # another wording of the same value


@dataclass(frozen=True, slots=True)
class Reason:
    code: ReasonCode
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.code.value}: {self.detail}" if self.detail else self.code.value


@dataclass(frozen=True, slots=True)
class SlotFacts:
    """`values`: those a categorical slot allows. `asked`: the question just put to the user is for this slot."""

    kind: SlotKind = SlotKind.ANY
    values: tuple[str, ...] = ()
    asked: bool = False


@dataclass(frozen=True, slots=True)
class StepFacts:
    """A user step as far as verdicts go.

    `commands`: its label; `processed`: what the engine carries out of them, None where the engine cannot run the step.
    `history`: what was said before the message. `now`: the prompt's clock. `vocabulary`: words of the assistant's own files
    (flow names and descriptions, slot names, values), lower case. `flow`: the active flow.
    """

    original: str
    commands: tuple[Command, ...]
    processed: tuple[Command, ...] | None = None
    history: tuple[Line, ...] = ()
    now: datetime | None = None
    slots: Mapping[str, SlotFacts] = field(default_factory=dict)
    vocabulary: frozenset[str] = frozenset()
    flow: str | None = None


@dataclass(frozen=True, slots=True)
class Vote:
    """One answer to the rephrased prompt. `leftovers`: lines that are no command. `processed`: as in `StepFacts`."""

    commands: tuple[Command, ...]
    processed: tuple[Command, ...] | None = None
    leftovers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JudgeOpinion:
    """What a judging model says of the two texts. `doubt`: why they may not mean the same, empty if they do."""

    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """`commands`: what the answers agree on, the label of the rephrasing if a person accepts it; None if they do not agree."""

    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    commands: tuple[Command, ...] | None = None
