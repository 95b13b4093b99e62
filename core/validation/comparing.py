"""How one answer relates to the label of its step.

The commands as parsed and those that the engine carries out are both compared (as the reference does), and either agreement
counts: an answer that names a flow already active does the same as the label. Agreement of what is carried out does not count
where there is nothing to carry out, and not where the answers differ in more than the flows they start: a detail that one of
them has in a slot is in one of the texts and not in the other, whether the engine drops it or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.commands import Command, Difference, Mode, SetSlot, StartFlow, difference
from core.validation.models import SlotFacts, StepFacts, Vote
from core.validation.values import Likeness, compare_values

_NO_FACTS = SlotFacts()


class Relation(StrEnum):
    """EQUAL and EQUIVALENT (other wordings of the same values) agree with the label."""

    EQUAL = "equal"
    EQUIVALENT = "equivalent"
    NEAR = "near"
    CHANGED = "changed"  # the same commands with another value
    OTHER = "other"
    NONE = "none"  # no commands at all

    @property
    def agrees(self) -> bool:
        return self in (Relation.EQUAL, Relation.EQUIVALENT)


@dataclass(frozen=True, slots=True)
class Compared:
    """`detail`: for people, what differs: `amount: 50 → 60`, or the lines of the two answers."""

    relation: Relation
    detail: str = ""


def compare_answer(facts: StepFacts, vote: Vote, mode: Mode = Mode.STRICT) -> Compared:
    """The answer against the label, by the better of its two forms."""
    parsed = compare_commands(facts.commands, vote.commands, facts, mode)
    if parsed.relation.agrees or not facts.processed or not vote.processed:
        return parsed
    if parsed.relation in (Relation.NEAR, Relation.CHANGED) or (mode is Mode.STRICT and not _differ_in_starts(facts, vote)):
        return parsed
    processed = compare_commands(facts.processed, vote.processed, facts, mode)
    return processed if processed.relation.agrees else parsed


def compare_commands(
    expected: Sequence[Command], got: Sequence[Command], facts: StepFacts, mode: Mode = Mode.STRICT
) -> Compared:
    """Two lists of commands; in any order, `documented` by slot names alone."""
    kinds = {name: slot.kind for name, slot in facts.slots.items()}
    left = difference(expected, got, mode, kinds)
    if not left:
        return Compared(Relation.EQUAL)
    if not got:
        return Compared(Relation.NONE)
    pairs = _pairs_by_slot(left)
    if pairs is None:
        return Compared(Relation.OTHER, "; ".join(left.lines()))
    worst = max(_likeness(one, other, facts) for one, other in pairs)
    detail = ", ".join(f"{one.name}: {_shown(one)} → {_shown(other)}" for one, other in pairs)
    relation = {Likeness.NEAR: Relation.NEAR, Likeness.DIFFERENT: Relation.CHANGED}.get(worst, Relation.EQUIVALENT)
    return Compared(relation, detail)


def same_answer(first: Vote, second: Vote, facts: StepFacts) -> bool:
    """Whether two answers say the same, other wordings of a value included."""
    return compare_commands(first.commands, second.commands, facts).relation.agrees


def _likeness(one: SetSlot, other: SetSlot, facts: StepFacts) -> Likeness:
    return compare_values(one.value, other.value, facts.slots.get(one.name, _NO_FACTS), facts.now)


def _pairs_by_slot(left: Difference) -> list[tuple[SetSlot, SetSlot]] | None:
    """The differing values slot by slot; None if more than values differs."""
    unexpected = list(left.unexpected)
    pairs: list[tuple[SetSlot, SetSlot]] = []
    for missing in left.missing:
        if not isinstance(missing, SetSlot):
            return None
        partner = next((c for c in unexpected if isinstance(c, SetSlot) and c.name == missing.name), None)
        if partner is None:
            return None
        unexpected.remove(partner)
        pairs.append((missing, partner))
    return None if unexpected or not pairs else pairs


def _differ_in_starts(facts: StepFacts, vote: Vote) -> bool:
    """Whether the answers are the same but for flows they start."""
    ours, theirs = ([c for c in commands if not isinstance(c, StartFlow)] for commands in (facts.commands, vote.commands))
    return compare_commands(ours, theirs, facts).relation.agrees


def _shown(command: SetSlot) -> str:
    return "nothing" if command.value is None else command.value
