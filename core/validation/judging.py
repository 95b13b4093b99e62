"""The verdict on a rephrasing, from the answers to its prompt and its text. Pure: the same facts give the same verdict.

1. The answers settle on commands, or they do not (`votes_disagree`, `not_understood`).
2. Those commands are compared with the step's label: other commands or another value are `different`, a nearly equal value
   is ambiguous.
3. Where they agree, what commands cannot see is looked for: values that nobody said, another language, near-duplicates,
   details added, dropped or changed, a judge's doubt. Any of them makes the rephrasing ambiguous.

`documented` mode is the reference's rule and nothing else: the first answer, compared with SetSlot by slot name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.commands import Command, Mode, describe
from core.conversations.models import Verdict
from core.validation.comparing import Relation, compare_answer, same_answer
from core.validation.grounding import ungrounded
from core.validation.language import is_language_of
from core.validation.models import Judged, JudgeOpinion, Reason, ReasonCode, StepFacts, Vote
from core.validation.text_checks import check_text

_DIFFERENT = {
    Relation.CHANGED: ReasonCode.VALUE_CHANGED,
    Relation.OTHER: ReasonCode.COMMANDS_DIFFER,
    Relation.NONE: ReasonCode.NO_COMMANDS,
}


def needs_votes(facts: StepFacts, text: str, first: Vote, mode: Mode = Mode.STRICT) -> bool:
    """Whether one answer is not clear: it does not agree with the label, or holds lines that are no command.

    Never in `documented` mode, which knows one answer only.
    """
    if mode is Mode.DOCUMENTED:
        return False
    return bool(first.leftovers) or not compare_answer(facts, first).relation.agrees


def judge(
    facts: StepFacts,
    text: str,
    votes: Sequence[Vote],
    *,
    mode: Mode = Mode.STRICT,
    siblings: Sequence[str] = (),
    earlier: int | None = None,
    second: Sequence[Vote] = (),
    opinion: JudgeOpinion | None = None,
    intended_language: str | None = None,
    unanimous: bool = False,
) -> Judged:
    """The verdict on `text`.

    `votes`: the answers of the annotator in the order they were asked for, at least one. `siblings`: the other rephrasings
    of the step, those before it first; `earlier`: how many of them stand before it (None: all), for only these can make it
    a duplicate. `second`: a second model's answers. `intended_language`: the one asked for, None for the original's.
    `unanimous`: a lone vote against all others is not outvoted but makes the rephrasing ambiguous.

    Raises:
        ValueError: there is no vote.
    """
    if not votes:
        raise ValueError("a verdict needs at least one answer")
    if mode is Mode.DOCUMENTED:
        return _as_documented(facts, votes[0])
    settled = _settle(facts, votes, unanimous=unanimous)
    if settled.commands is None:
        return Judged(Verdict.AMBIGUOUS, settled.reasons)
    if second and not _second_agrees(facts, settled, second, unanimous=unanimous):
        return Judged(Verdict.AMBIGUOUS, (*settled.reasons, Reason(ReasonCode.MODELS_DISAGREE)))
    compared = compare_answer(facts, settled.vote)
    if (code := _DIFFERENT.get(compared.relation)) is not None:
        return Judged(Verdict.DIFFERENT, (Reason(code, compared.detail), *settled.reasons), settled.commands)
    translated = intended_language is not None and not is_language_of(facts.original, intended_language)
    doubts = []
    if compared.relation is Relation.NEAR:
        doubts.append(Reason(ReasonCode.VALUE_NEAR, compared.detail))
    doubts += [
        Reason(ReasonCode.VALUE_NOT_GROUNDED, f"{command.name}: {command.value}")
        for command in ungrounded(settled.commands, facts, text, translated=translated)
    ]
    doubts += check_text(facts, text, siblings, earlier=earlier, intended_language=intended_language)
    if opinion is not None and opinion.doubt:
        doubts.append(Reason(ReasonCode.JUDGE_DOUBTS, opinion.doubt))
    if doubts:
        return Judged(Verdict.AMBIGUOUS, (*doubts, *settled.reasons), settled.commands)
    notes = settled.reasons
    if compared.relation is Relation.EQUIVALENT:
        notes = (*notes, Reason(ReasonCode.VALUE_EQUIVALENT, compared.detail))
    return Judged(Verdict.SAME, notes, settled.commands)


@dataclass(frozen=True, slots=True)
class _Settled:
    """What the answers agree on, by one of them; no commands if they do not."""

    vote: Vote
    reasons: tuple[Reason, ...] = ()
    commands: tuple[Command, ...] | None = None


def _settle(facts: StepFacts, votes: Sequence[Vote], *, unanimous: bool) -> _Settled:
    clean = [vote for vote in votes if not vote.leftovers]
    unread = next((vote for vote in votes if vote.leftovers), None)
    # An answer that was not understood is settled by two that were.
    if not clean or (unread is not None and len(clean) < 2):
        assert unread is not None
        return _Settled(unread, (Reason(ReasonCode.NOT_UNDERSTOOD, unread.leftovers[0]),))
    first, *others = clean
    if all(_alike(facts, first, other) for other in others):
        if unread is None:
            return _Settled(first, (), first.commands)
        if unanimous:
            return _Settled(unread, (Reason(ReasonCode.NOT_UNDERSTOOD, unread.leftovers[0]),))
        return _Settled(first, (Reason(ReasonCode.OUTVOTED, unread.leftovers[0]),), first.commands)
    if not unanimous and unread is None and len(others) >= 2 and _all_agree(facts, others):
        return _Settled(others[0], (Reason(ReasonCode.OUTVOTED, _shown(first)),), others[0].commands)
    return _Settled(first, (Reason(ReasonCode.VOTES_DISAGREE, _tally(facts, clean)),))


def _all_agree(facts: StepFacts, votes: Sequence[Vote]) -> bool:
    return all(compare_answer(facts, vote).relation.agrees for vote in votes)


def _second_agrees(facts: StepFacts, settled: _Settled, second: Sequence[Vote], *, unanimous: bool) -> bool:
    other = _settle(facts, second, unanimous=unanimous)
    if other.commands is None:
        return False
    return _alike(facts, settled.vote, other.vote)


def _alike(facts: StepFacts, first: Vote, second: Vote) -> bool:
    """Whether two answers say the same, or both what the label says (if in other commands of the same effect)."""
    return same_answer(first, second, facts) or _all_agree(facts, (first, second))


def _as_documented(facts: StepFacts, vote: Vote) -> Judged:
    compared = compare_answer(facts, vote, Mode.DOCUMENTED)
    if compared.relation.agrees:
        return Judged(Verdict.SAME, (), vote.commands)
    code = ReasonCode.NO_COMMANDS if compared.relation is Relation.NONE else ReasonCode.COMMANDS_DIFFER
    return Judged(Verdict.DIFFERENT, (Reason(code, compared.detail),), vote.commands)


def _tally(facts: StepFacts, votes: Sequence[Vote]) -> str:
    """`2 with the label, 1 against`."""
    with_label = sum(compare_answer(facts, vote).relation.agrees for vote in votes)
    return f"{with_label} with the label, {len(votes) - with_label} against"


def _shown(vote: Vote) -> str:
    return "; ".join(describe(command) for command in vote.commands) or "no command"
