"""How likely a person would not take a rephrasing, from what is known of it."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from core.commands import StartFlow
from core.conversations.models import Verdict
from core.team_settings import DEFAULT_THRESHOLD
from core.validation.models import ReasonCode, StepFacts
from review.ambiguity import (
    BIAS,
    WEIGHTS,
    Ambiguity,
    Evidence,
    Judgement,
    Opinion,
    Standing,
    Voice,
    assess,
)
from review.ambiguity_signs import Sign
from review.ambiguity_words import in_words

FACTS = StepFacts("I want to book a berth for two nights", (StartFlow("book"),))
SIBLINGS = (
    "could I get a berth for two nights?",
    "a berth for two nights, please",
    "I'd like to reserve a berth, two nights",
    "is there a berth free for 2 nights",
    "two nights in a berth please",
)
PLAIN = Evidence(FACTS, "can you put me down for a berth? two nights", siblings=SIBLINGS, earlier=5)


def judged(verdict: str, *reasons: str, by_stage: bool = True, text: str = PLAIN.text) -> Ambiguity:
    return assess(replace(PLAIN, text=text, judgement=Judgement(Verdict(verdict), reasons, by_stage)))


def codes(found: Ambiguity) -> list[str]:
    return [reason.code for reason in found.reasons]


def test_the_score_is_the_bias_and_the_weights_of_its_reasons() -> None:
    found = judged("ambiguous", "dropped_detail: berth", "outvoted: start flow moor")
    log_odds = BIAS + sum(reason.weight for reason in found.reasons)
    assert found.score == pytest.approx(1 / (1 + math.exp(-log_odds)))
    assert [(reason.code, reason.weight) for reason in found.reasons] == [
        ("ambiguous", WEIGHTS["ambiguous"]),
        ("dropped_detail", WEIGHTS["dropped_detail"]),
        ("outvoted", WEIGHTS["outvoted"]),
    ]


def test_reasons_are_in_words_with_their_details() -> None:
    found = judged("ambiguous", "added_detail: Porto", "not_understood")
    assert [reason.words for reason in found.reasons] == [
        "the verdict is ambiguous",
        "a detail was added: Porto",
        "an answer was no command",
    ]


def test_same_is_low_and_different_is_high_with_ambiguous_between_them() -> None:
    same, unsure, different = (judged(verdict).score for verdict in ("same", "ambiguous", "different"))
    assert same < DEFAULT_THRESHOLD < unsure < different
    assert same < 0.1
    assert different > 0.9


def test_a_clear_different_stands_above_an_ambiguous_one_with_any_one_reason() -> None:
    different = judged("different", "commands_differ: start flow moor").score
    assert all(different > judged("ambiguous", code.value).score for code in ReasonCode)


@pytest.mark.parametrize("code", [code for code in ReasonCode if WEIGHTS.get(code, 0) > 0 and code != "votes_disagree"])
def test_each_finding_of_validation_raises_the_score(code: ReasonCode) -> None:
    assert judged("ambiguous", f"{code.value}: something").score > judged("ambiguous").score


def test_votes_count_most_where_none_is_with_the_label() -> None:
    none = judged("ambiguous", "votes_disagree: 0 with the label, 3 against")
    some = judged("ambiguous", "votes_disagree: 1 with the label, 2 against")
    assert none.score > some.score
    assert "the answers disagree: 1 with the label, 2 against" in [reason.words for reason in some.reasons]


def test_what_a_file_says_in_its_own_words_is_passed_over() -> None:
    found = judged("same", "2 of 3 samples agree", "fine: by me", by_stage=False)
    assert codes(found) == ["same_by_one_answer"]


def test_a_verdict_of_a_file_or_of_one_answer_is_less_sure_than_one_of_the_stage() -> None:
    assert judged("same").score < judged("same", by_stage=False).score < DEFAULT_THRESHOLD
    assert DEFAULT_THRESHOLD < judged("different", by_stage=False).score < judged("different").score


GERMAN = "Ich möchte bitte einen Liegeplatz für zwei Nächte"


def test_texts_of_other_verdicts_than_the_stages_are_checked_when_scored() -> None:
    assert "language_switch" in codes(judged("same", by_stage=False, text=GERMAN))
    assert judged("same", by_stage=False, text=GERMAN).score > DEFAULT_THRESHOLD
    assert "language_switch" in codes(assess(replace(PLAIN, text=GERMAN)))


def test_the_language_that_was_asked_for_is_no_switch() -> None:
    found = assess(replace(PLAIN, text=GERMAN, language="German"))
    assert "language_switch" not in codes(found)


def test_texts_that_the_stage_has_looked_at_are_not_checked_again() -> None:
    assert "language_switch" not in codes(judged("same", text=GERMAN))


def test_texts_are_left_alone_where_the_answers_are_clearly_different() -> None:
    found = judged("different", "value_changed: nights: 2 → 3", text="I want to book a berth for three nights")
    assert codes(found) == ["different", "value_changed"]
    assert codes(judged("different", text=GERMAN)) == ["different"]


@pytest.mark.parametrize("reason", ["votes_disagree: 1 with the label, 2 against", "models_disagree", "not_understood: hm"])
def test_texts_are_checked_where_the_answers_settled_nothing(reason: str) -> None:
    assert "language_switch" in codes(judged("ambiguous", reason, text=GERMAN))


def test_without_a_verdict_the_text_speaks() -> None:
    plain, copied = assess(PLAIN), assess(replace(PLAIN, text="I want to book a berth for three nights"))
    assert codes(plain) == ["no_verdict"]
    assert plain.score < DEFAULT_THRESHOLD < copied.score


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_verdict_on_other_words_or_commands_counts_as_none(verdict: Verdict) -> None:
    judgement = Judgement(verdict, ("added_detail: Porto",))
    words = assess(replace(PLAIN, judgement=replace(judgement, on_other_words=True)))
    commands = assess(replace(PLAIN, judgement=replace(judgement, on_other_commands=True)))
    assert codes(words) == ["verdict_on_other_words"]
    assert codes(commands) == ["verdict_on_other_commands"]
    assert assess(PLAIN).score == words.score < commands.score < DEFAULT_THRESHOLD


def test_a_sign_in_the_text_says_nothing_beside_the_finding_that_sees_the_same() -> None:
    copy = "I want to book a berth for three nights"
    assert codes(judged("same", text=copy)) == ["same", "close_copy"]
    found = judged("ambiguous", "changed_detail: two → three", text=copy)
    assert codes(found) == ["ambiguous", "changed_detail"]


def test_a_strong_sign_takes_a_rephrasing_called_same_to_people_and_a_weak_one_does_not() -> None:
    by_sign = {sign: BIAS + WEIGHTS["same"] + WEIGHTS[sign] for sign in Sign}
    at_threshold = math.log(DEFAULT_THRESHOLD / (1 - DEFAULT_THRESHOLD))
    assert [sign for sign, log_odds in by_sign.items() if log_odds >= at_threshold] == [Sign.CLOSE_COPY, Sign.CUT_DOWN]


def test_somebody_who_is_not_sure_raises_the_score() -> None:
    flagged = assess(replace(PLAIN, opinions=(Opinion("bo", "flag"), Opinion("anna", "flag"))))
    assert flagged.score > assess(PLAIN).score
    assert "not sure: anna, bo" in [reason.words for reason in flagged.reasons]


def test_people_who_disagree_raise_the_score() -> None:
    found = assess(replace(PLAIN, opinions=(Opinion("bo", "reject"), Opinion("anna", "accept"))))
    assert found.score > DEFAULT_THRESHOLD
    assert "people disagree: anna would take it, bo would not" in [reason.words for reason in found.reasons]


@pytest.mark.parametrize("decision", ["accept", "reject", "skip"])
def test_what_people_agree_on_is_left_out_so_that_scores_can_be_checked_against_it(decision: str) -> None:
    opinions = (Opinion("bo", decision), Opinion("anna", decision))
    assert assess(replace(PLAIN, opinions=opinions)) == assess(PLAIN)


def test_words_of_a_person_are_trusted_more() -> None:
    found = assess(replace(PLAIN, reworded=True))
    assert found.score < assess(PLAIN).score
    assert "reworded" in codes(found)


def test_every_reason_has_words_and_every_weight_a_reason() -> None:
    known = {*ReasonCode, *Sign, *Voice, *Standing}
    assert all(in_words(code) for code in known)
    assert set(WEIGHTS) <= known
    assert {*Sign, *Voice, *Standing} <= set(WEIGHTS)
