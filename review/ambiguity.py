"""How likely a person would not take a rephrasing: a score between 0 and 1 that ranks it, with its reasons.

score = sigmoid(BIAS + the weights of its reasons)

Reasons come from the verdict and what validation found, from the texts (`ambiguity_signs`) and from people. A weight is the
reason's log-odds, so that reasons add up and each can be shown with what it does. The verdict stays validation's: nothing here
changes it. The weights are rounded by hand after what hand-labelled rephrasings show, and they are few: what is fitted closely
to one collection is not true of the next (`bench/bench_ambiguity.py` measures both).

What a single person has decided is left out on purpose: it is known, and a score that held it could not be checked against it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.conversations.models import Verdict
from core.validation.models import ReasonCode, StepFacts
from core.validation.text_checks import check_text
from review.ambiguity_signs import Sign, signs_of
from review.ambiguity_words import in_words

RULES_VERSION: Final = 2
"""To be raised with every change of weights, checks or signs: scores by older rules are made anew."""

BIAS: Final = -1.0
"""A quarter of the hand-labelled rephrasings is unfaithful."""


class Standing(StrEnum):
    """What there is of a verdict. By one answer: by the reference's rule, or of a file that does not say how it was made."""

    SAME = "same"
    SAME_BY_ONE_ANSWER = "same_by_one_answer"
    AMBIGUOUS = "ambiguous"
    DIFFERENT = "different"
    DIFFERENT_BY_ONE_ANSWER = "different_by_one_answer"
    NONE = "no_verdict"
    ON_OTHER_WORDS = "verdict_on_other_words"
    ON_OTHER_COMMANDS = "verdict_on_other_commands"


class Voice(StrEnum):
    """What people say."""

    UNSURE = "unsure"
    DISAGREE = "people_disagree"
    REWORDED = "reworded"


WEIGHTS: Final[Mapping[str, float]] = {
    Standing.SAME: -2.0,
    Standing.SAME_BY_ONE_ANSWER: -1.0,
    Standing.AMBIGUOUS: 1.0,
    Standing.DIFFERENT: 5.0,
    Standing.DIFFERENT_BY_ONE_ANSWER: 1.5,
    Standing.NONE: -1.0,
    Standing.ON_OTHER_WORDS: -1.0,
    Standing.ON_OTHER_COMMANDS: -0.5,
    ReasonCode.VOTES_DISAGREE: 2.5,  # if none is with the label
    ReasonCode.MODELS_DISAGREE: 1.0,
    ReasonCode.NOT_UNDERSTOOD: 0.5,
    ReasonCode.VALUE_NEAR: 2.5,
    ReasonCode.VALUE_NOT_GROUNDED: 2.5,
    ReasonCode.LANGUAGE_SWITCH: 2.5,
    ReasonCode.NEAR_DUPLICATE: 2.5,
    ReasonCode.ADDED_DETAIL: 2.5,
    ReasonCode.CHANGED_DETAIL: 2.5,
    ReasonCode.DROPPED_DETAIL: 1.5,
    ReasonCode.JUDGE_DOUBTS: 2.0,
    ReasonCode.OUTVOTED: 0.5,
    ReasonCode.VALUE_EQUIVALENT: 0.5,
    Sign.CLOSE_COPY: 2.0,
    Sign.WORD_GONE: 1.5,
    Sign.MOSTLY_NEW: 1.0,
    Sign.CUT_DOWN: 2.0,
    Sign.MUCH_SHORTER: 0.5,
    Sign.SHOUTING: 0.5,
    Sign.REGISTER_SWITCH: 0.5,
    Voice.UNSURE: 1.5,
    Voice.DISAGREE: 2.0,
    Voice.REWORDED: -1.0,
}
"""Log-odds by reason; those of a `different` verdict only tell why, and weigh nothing beside it."""

_NO_VOTE_WITH_LABEL: Final = "0 with the label"
_NOT_LOOKED_AT: Final = frozenset({ReasonCode.VOTES_DISAGREE, ReasonCode.MODELS_DISAGREE, ReasonCode.NOT_UNDERSTOOD})
"""Where the answers settle on nothing, validation does not look at the text."""
_COVERED_BY: Final[Mapping[Sign, frozenset[ReasonCode]]] = {
    Sign.CLOSE_COPY: frozenset({ReasonCode.NEAR_DUPLICATE, ReasonCode.CHANGED_DETAIL, ReasonCode.ADDED_DETAIL}),
    Sign.WORD_GONE: frozenset({ReasonCode.DROPPED_DETAIL, ReasonCode.CHANGED_DETAIL, ReasonCode.LANGUAGE_SWITCH}),
    Sign.MOSTLY_NEW: frozenset({ReasonCode.ADDED_DETAIL, ReasonCode.CHANGED_DETAIL, ReasonCode.LANGUAGE_SWITCH}),
    Sign.CUT_DOWN: frozenset({ReasonCode.DROPPED_DETAIL, ReasonCode.CHANGED_DETAIL, ReasonCode.LANGUAGE_SWITCH}),
    Sign.MUCH_SHORTER: frozenset({ReasonCode.DROPPED_DETAIL}),
    Sign.REGISTER_SWITCH: frozenset({ReasonCode.LANGUAGE_SWITCH}),
}
"""Findings that a sign says nothing beside, for they are the same seen more clearly."""
_CODES: Final = {code.value: code for code in ReasonCode}


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict. `by_stage`: of the validation stage, with further votes where the first was not clear and with checks of the
    text. `on_other_words`, `on_other_commands`: the wording or the step's commands were changed since."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()
    by_stage: bool = True
    on_other_words: bool = False
    on_other_commands: bool = False

    @property
    def findings(self) -> dict[ReasonCode, str]:
        """Its reasons with their details. What a file says in words of its own is no finding."""
        parts = [reason.partition(":") for reason in self.reasons]
        return {_CODES[code]: detail.strip() for code, _, detail in parts if code in _CODES}


@dataclass(frozen=True, slots=True)
class Opinion:
    """`decision`: accept, reject, skip, or flag, which is not sure."""

    who: str
    decision: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A rephrasing as scoring sees it.

    `siblings`: the step's other wordings, of which the first `earlier` stand before it. `language`: the one the rephraser was
    asked for, if any. `reworded`: a person wrote or changed the wording. `opinions`: of people on this wording and these
    commands, one of each.
    """

    facts: StepFacts
    text: str
    judgement: Judgement | None = None
    siblings: Sequence[str] = ()
    earlier: int = 0
    language: str | None = None
    reworded: bool = False
    opinions: Sequence[Opinion] = ()


@dataclass(frozen=True, slots=True)
class ScoreReason:
    """`weight`: the log-odds that it adds. `words`: for people."""

    code: str
    words: str
    weight: float


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """`reasons`: the verdict first, then what weighs most."""

    score: float
    reasons: tuple[ScoreReason, ...]


def assess(evidence: Evidence) -> Ambiguity:
    """The score with its reasons; the same evidence gives the same."""
    standing = _standing(evidence.judgement)
    findings = _findings(evidence, standing)
    reasons = [_reason(code, detail) for code, detail in findings.items()]
    if standing is not Standing.DIFFERENT:
        seen = signs_of(evidence.facts, evidence.text, evidence.siblings, evidence.earlier)
        reasons += [_reason(sign, seen[sign]) for sign in seen if not _COVERED_BY.get(sign, set()) & findings.keys()]
    reasons += [_reason(voice, detail) for voice, detail in _voices(evidence)]
    reasons = [_reason(standing), *sorted(reasons, key=lambda reason: -abs(reason.weight))]
    log_odds = BIAS + sum(reason.weight for reason in reasons)
    return Ambiguity(1 / (1 + math.exp(-log_odds)), tuple(reasons))


def _standing(judgement: Judgement | None) -> Standing:
    if judgement is None:
        return Standing.NONE
    if judgement.on_other_words:
        return Standing.ON_OTHER_WORDS
    if judgement.on_other_commands:
        return Standing.ON_OTHER_COMMANDS
    if judgement.verdict is Verdict.AMBIGUOUS:
        return Standing.AMBIGUOUS
    if judgement.verdict is Verdict.SAME:
        return Standing.SAME if judgement.by_stage else Standing.SAME_BY_ONE_ANSWER
    return Standing.DIFFERENT if judgement.by_stage else Standing.DIFFERENT_BY_ONE_ANSWER


def _findings(evidence: Evidence, standing: Standing) -> dict[ReasonCode, str]:
    """Validation's, and those of its checks of the text where it has not made them on these words and commands."""
    judgement = evidence.judgement
    holds = standing not in (Standing.NONE, Standing.ON_OTHER_WORDS, Standing.ON_OTHER_COMMANDS)
    found = judgement.findings if judgement is not None and holds else {}
    if holds and judgement is not None and judgement.by_stage and not _NOT_LOOKED_AT & found.keys():
        return found
    checked = check_text(
        evidence.facts, evidence.text, evidence.siblings, earlier=evidence.earlier, intended_language=evidence.language
    )
    return found | {reason.code: reason.detail for reason in checked}


def _voices(evidence: Evidence) -> Iterator[tuple[Voice, str]]:
    said = {
        decision: ", ".join(sorted({opinion.who for opinion in evidence.opinions if opinion.decision == decision}))
        for decision in ("accept", "reject", "flag")
    }
    if said["flag"]:
        yield Voice.UNSURE, said["flag"]
    if said["accept"] and said["reject"]:
        yield Voice.DISAGREE, f"{said['accept']} would take it, {said['reject']} would not"
    if evidence.reworded:
        yield Voice.REWORDED, ""


def _reason(code: str, detail: str = "") -> ScoreReason:
    weight = WEIGHTS.get(code, 0.0)
    if code == ReasonCode.VOTES_DISAGREE and not detail.startswith(_NO_VOTE_WITH_LABEL):
        weight = 0.0
    return ScoreReason(str(code), in_words(code, detail), weight)
