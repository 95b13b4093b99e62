"""What the answers to one record come to. Pure: the same answers, in any order, come to the same.

Whose answers count: those of people who submitted one are votes, for *accept*, for *reject*, or *unsure*: for neither side. Who
discarded the record has passed it over: no vote, but nobody waits for that person any longer.

When: as soon as an expert has voted; as soon as the answers that are missing can no longer change a majority; else when
`overlap` people have answered or discarded. Answers beyond that count too, whenever they come.

| rule       | accept or reject                                                                                      |
| ---------- | ----------------------------------------------------------------------------------------------------- |
| (experts)  | what all experts with a vote say, whatever the others say and whatever the rule                       |
| unanimous  | all votes are for it; one *unsure* stands against that                                                |
| majority   | more than half of all votes, *unsure* among them, are for it, and it is `margin` ahead of its opposite |
| adjudicate | never: each record is decided here                                                                    |

Anything else is a disagreement, to be decided here. So is a record of which more than one vote was wanted and only one came,
the others having discarded it: what goes to the team is not for one person alone.

An acceptance also says with which wording and commands. Those who accept must want the same wording, or else they disagree. The
commands of a step belong to all its rephrasings: where someone who accepts would have others, a person decides here; also where
what was written for commands cannot be read, for it says that the expected ones are wrong. A wording with line breaks in it, or
far longer than the one that was handed out, is not taken without a person having seen it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.commands import Dialect
from core.store.stored_commands import to_display
from core.team_settings import TeamSection
from review.team.models import Answer, Outcome, Say, Status

_UNUSUALLY_LONG: Final = 300
_TIMES_LONGER: Final = 4


class RuleName(StrEnum):
    UNANIMOUS = "unanimous"
    MAJORITY = "majority"
    ADJUDICATE = "adjudicate"


@dataclass(frozen=True, slots=True)
class Rule:
    """`margin`: votes that a majority must be ahead. `experts`: annotators whose vote decides."""

    name: RuleName = RuleName.MAJORITY
    margin: int = 1
    experts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Settled:
    """`detail`: how it came about, in words. `text`: the wording that an acceptance asks for, None: as it is."""

    outcome: Outcome
    detail: str
    text: str | None = None


def rule_of(section: TeamSection) -> Rule:
    return Rule(RuleName(section.rule), section.margin, frozenset(section.experts))


def outcome_of(
    answers: Sequence[Answer], *, overlap: int, rule: Rule, dialect: Dialect = Dialect.V2, text: str | None = None
) -> Settled:
    """`answers`: those in force, one of each annotator. `dialect`: commands are shown in it. `text`: the wording that was
    handed out, None: not known, and no length is too long.
    """
    settled = _settle(answers, overlap=overlap, rule=rule, dialect=dialect)
    odd = None if settled.text is None else what_is_unusual(settled.text, text)
    return settled if odd is None else Settled(Outcome.DISAGREE, f"{settled.detail}; unusual text ({odd})")


def what_is_unusual(wording: str, handed_out: str | None) -> str | None:
    """Why nobody should take this wording for that one without having seen it."""
    lines, before = len(wording.splitlines()), (len(handed_out.splitlines()) if handed_out else 1)
    if lines > 1 and lines > before:
        return f"{lines:,} lines"
    if handed_out is not None and len(wording) > max(_UNUSUALLY_LONG, _TIMES_LONGER * len(handed_out)):
        return f"{len(wording):,} characters for {len(handed_out):,}"
    return None


def _settle(answers: Sequence[Answer], *, overlap: int, rule: Rule, dialect: Dialect) -> Settled:
    answers = sorted((one for one in answers if one.status is not Status.WITHDRAWN), key=lambda one: one.annotator)
    votes = [one for one in answers if one.status is Status.SUBMITTED and one.decision is not None]
    detail = _tally(answers)
    expert_votes = [one for one in votes if one.annotator in rule.experts]
    if expert_votes:
        return _by_experts(expert_votes, detail, dialect)
    missing = max(0, overlap - len(answers))
    side = _majority(votes, rule.margin, missing) if rule.name is RuleName.MAJORITY else None
    if missing and side is None:
        return Settled(Outcome.WAITING, f"{len(answers)} of {overlap} answered" + (f": {detail}" if answers else ""))
    if rule.name is RuleName.UNANIMOUS and len({one.decision for one in votes}) == 1:
        side = votes[0].decision
    if overlap > 1 and len(votes) == 1:
        return Settled(Outcome.DISAGREE, f"{detail}: one vote is too few")
    if side is None or side is Say.UNSURE:
        return Settled(Outcome.DISAGREE, detail)
    return _for(side, votes, detail, dialect)


def _by_experts(votes: Sequence[Answer], detail: str, dialect: Dialect) -> Settled:
    """One who is unsure leaves it to the other experts, and to a person here if there is none."""
    sides = [side for side in (Say.ACCEPT, Say.REJECT) if any(one.decision is side for one in votes)]
    words = f"{detail}; expert: {_names(votes)}"
    return _for(sides[0], votes, words, dialect) if len(sides) == 1 else Settled(Outcome.DISAGREE, words)


def _majority(votes: Sequence[Answer], margin: int, missing: int) -> Say | None:
    """The side that wins even if all who are missing vote against it."""
    for side, other in ((Say.ACCEPT, Say.REJECT), (Say.REJECT, Say.ACCEPT)):
        count, against = (sum(one.decision is which for one in votes) for which in (side, other))
        if 2 * count > len(votes) + missing and count - against - missing >= margin:
            return side
    return None


def _for(side: Say, votes: Iterable[Answer], detail: str, dialect: Dialect) -> Settled:
    """What those who are for this side say beyond that."""
    if side is Say.REJECT:
        return Settled(Outcome.REJECT, detail)
    accepting = [one for one in votes if one.decision is side]
    others = [one for one in accepting if one.wants_other_commands]
    if others:
        wanted = "; ".join(f"{one.annotator} would have: {_commands(one, dialect)}" for one in others)
        return Settled(Outcome.DISAGREE, f"{detail}; commands differ from the expected: {wanted}")
    if len({plain_text(one.text) for one in accepting}) > 1:
        texts = ", ".join(f"{one.annotator} “{one.text}”" if one.text else f"{one.annotator} as it is" for one in accepting)
        return Settled(Outcome.DISAGREE, f"{detail}; texts differ: {texts}")
    return Settled(Outcome.ACCEPT, detail, accepting[0].text)


def same_text(first: str | None, second: str | None) -> bool:
    """Whether `plain_text` of both is the same."""
    return plain_text(first) == plain_text(second)


def plain_text(text: str | None) -> str | None:
    """Without differences in white space and in the Unicode form (a letter with its accent, or the two after each other)."""
    return None if text is None else " ".join(unicodedata.normalize("NFC", text).split())


def _commands(answer: Answer, dialect: Dialect) -> str:
    if answer.unread_commands is not None:
        return f"{', '.join(answer.unread_commands.splitlines())} (cannot be read)"
    return ", ".join(to_display(answer.commands, dialect)) or "no commands"


def _tally(answers: Sequence[Answer]) -> str:
    """`2 accept, 1 reject: ann, bob against cem`; `1 accept, 1 unsure, 1 discarded: ann; bob unsure; cem discarded`."""
    accept, reject, unsure = ([one for one in answers if one.status is Status.SUBMITTED and one.decision is say] for say in Say)
    discarded = [one for one in answers if one.status is Status.DISCARDED or one.decision is None]
    sides = ((accept, "accept"), (reject, "reject"), (unsure, "unsure"), (discarded, "discarded"))
    counts = ", ".join(f"{len(group)} {word}" for group, word in sides if group)
    people = [" against ".join(_names(group) for group in sorted((accept, reject), key=len, reverse=True) if group)]
    people += [f"{_names(group)} {word}" for group, word in sides[2:] if group]
    return f"{counts}: {'; '.join(filter(None, people))}" if counts else "nobody answered"


def _names(answers: Iterable[Answer]) -> str:
    return ", ".join(one.annotator for one in answers)
