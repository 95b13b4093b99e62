"""Verdicts, from answers and text."""

from __future__ import annotations

import pytest

from core.commands import CancelFlow, Command, Mode, SetSlot, SkipQuestion, StartFlow
from core.conversations.models import Verdict
from core.prompts.context import Line
from core.validation.judging import judge, needs_votes
from core.validation.models import Judged, JudgeOpinion, ReasonCode, StepFacts, Vote

TO_BASEL = StepFacts("to Basel", (SetSlot("city", "Basel"),), history=(Line("AI", "Where to?"),))
TEXT = "Basel is where I am going"
RIGHT = Vote((SetSlot("city", "Basel"),))
WORDED = Vote((SetSlot("city", "basel"),))
WRONG = Vote((SetSlot("city", "Bern"),))
CANCEL = Vote((CancelFlow(),))
UNREAD = Vote((SetSlot("city", "Basel"),), leftovers=("Sure!",))


def verdict(*votes: Vote, text: str = TEXT, facts: StepFacts = TO_BASEL, **options: object) -> Judged:
    return judge(facts, text, votes, **options)  # type: ignore[arg-type]


def codes(judged: Judged) -> list[ReasonCode]:
    return [reason.code for reason in judged.reasons]


def test_an_answer_that_agrees_is_clear_and_the_same() -> None:
    assert not needs_votes(TO_BASEL, TEXT, RIGHT)
    assert verdict(RIGHT) == Judged(Verdict.SAME, (), RIGHT.commands)


def test_another_wording_of_the_value_is_the_same_and_says_so() -> None:
    judged = verdict(WORDED)
    assert not needs_votes(TO_BASEL, TEXT, WORDED)
    assert (judged.verdict, codes(judged)) == (Verdict.SAME, [ReasonCode.VALUE_EQUIVALENT])
    assert judged.commands == WORDED.commands


@pytest.mark.parametrize("vote", [WRONG, CANCEL, UNREAD, Vote(())])
def test_an_answer_that_is_not_clear_needs_further_ones(vote: Vote) -> None:
    assert needs_votes(TO_BASEL, TEXT, vote)
    assert not needs_votes(TO_BASEL, TEXT, vote, Mode.DOCUMENTED)


def test_a_changed_value_is_different_and_its_commands_are_kept() -> None:
    judged = verdict(WRONG, WRONG, WRONG, text="to Bern")
    assert judged.verdict is Verdict.DIFFERENT
    assert [str(reason) for reason in judged.reasons] == ["value_changed: city: Basel → Bern"]
    assert judged.commands == WRONG.commands


def test_other_commands_and_none_are_different() -> None:
    assert codes(verdict(CANCEL, CANCEL, CANCEL)) == [ReasonCode.COMMANDS_DIFFER]
    nothing = Vote(())
    assert codes(verdict(nothing, nothing, nothing)) == [ReasonCode.NO_COMMANDS]
    assert verdict(nothing, nothing, nothing).verdict is Verdict.DIFFERENT


def test_a_nearly_equal_value_is_for_a_person_to_decide() -> None:
    near = Vote((SetSlot("city", "Basel Land"),))
    judged = verdict(near, near, near, text="to Basel Land")
    assert (judged.verdict, codes(judged)[0]) == (Verdict.AMBIGUOUS, ReasonCode.VALUE_NEAR)
    assert judged.commands == near.commands


def test_a_lone_vote_against_the_label_is_outvoted() -> None:
    judged = verdict(WRONG, RIGHT, WORDED)
    assert (judged.verdict, codes(judged)) == (Verdict.SAME, [ReasonCode.OUTVOTED])
    assert judged.commands == RIGHT.commands
    strict = verdict(WRONG, RIGHT, WORDED, unanimous=True)
    assert (strict.verdict, codes(strict)) == (Verdict.AMBIGUOUS, [ReasonCode.VOTES_DISAGREE])


@pytest.mark.parametrize(
    "votes",
    [
        (WRONG, RIGHT),  # one vote cannot outvote another
        (WRONG, WRONG, RIGHT),
        (WRONG, RIGHT, CANCEL),
        (WRONG, CANCEL, CANCEL),  # the others agree, but not with the label
        (RIGHT, WRONG, RIGHT),
        (RIGHT, WRONG, WRONG),
    ],
)
def test_any_other_disagreement_is_ambiguous(votes: tuple[Vote, ...]) -> None:
    judged = verdict(*votes)
    assert (judged.verdict, codes(judged), judged.commands) == (Verdict.AMBIGUOUS, [ReasonCode.VOTES_DISAGREE], None)


def test_an_answer_that_was_not_understood_is_settled_by_two_others() -> None:
    assert codes(verdict(UNREAD)) == [ReasonCode.NOT_UNDERSTOOD]
    assert verdict(UNREAD, RIGHT).verdict is Verdict.AMBIGUOUS
    assert verdict(UNREAD, RIGHT, RIGHT).verdict is Verdict.SAME
    assert verdict(UNREAD, RIGHT, RIGHT, unanimous=True).verdict is Verdict.AMBIGUOUS
    assert verdict(UNREAD, CANCEL, CANCEL).verdict is Verdict.DIFFERENT
    assert verdict(UNREAD, RIGHT, CANCEL).verdict is Verdict.AMBIGUOUS
    assert codes(verdict(UNREAD, UNREAD, UNREAD)) == [ReasonCode.NOT_UNDERSTOOD]


def test_answers_of_one_effect_are_one_answer() -> None:
    facts = StepFacts("to Basel", RIGHT.commands, processed=RIGHT.commands)
    longer = Vote((StartFlow("travel"), *RIGHT.commands), processed=RIGHT.commands)
    assert verdict(Vote(RIGHT.commands, RIGHT.commands), longer, facts=facts).verdict is Verdict.SAME


def test_a_second_model_has_to_agree() -> None:
    assert verdict(RIGHT, second=[WORDED]).verdict is Verdict.SAME
    judged = verdict(RIGHT, second=[WRONG])
    assert (judged.verdict, codes(judged)) == (Verdict.AMBIGUOUS, [ReasonCode.MODELS_DISAGREE])
    assert codes(verdict(CANCEL, CANCEL, CANCEL, second=[RIGHT])) == [ReasonCode.MODELS_DISAGREE]
    assert codes(verdict(CANCEL, CANCEL, CANCEL, second=[CANCEL])) == [ReasonCode.COMMANDS_DIFFER]
    assert codes(verdict(RIGHT, second=[WRONG, RIGHT, RIGHT])) == []
    assert codes(verdict(RIGHT, second=[UNREAD])) == [ReasonCode.MODELS_DISAGREE]


def test_a_value_that_the_text_does_not_say_is_ambiguous() -> None:
    judged = verdict(RIGHT, text="to Bern")
    assert judged.verdict is Verdict.AMBIGUOUS
    assert ReasonCode.VALUE_NOT_GROUNDED in codes(judged)
    assert judged.commands == RIGHT.commands


def test_what_commands_cannot_see_is_ambiguous() -> None:
    assert codes(verdict(RIGHT, text="ich möchte nach Basel")) == [ReasonCode.LANGUAGE_SWITCH]
    assert codes(verdict(RIGHT, text="To Basel!")) == [ReasonCode.NEAR_DUPLICATE]
    assert codes(verdict(RIGHT, text="to Basel with 4 friends")) == [ReasonCode.ADDED_DETAIL]
    assert codes(verdict(RIGHT, text="Basel please", siblings=("Basel, please",))) == [ReasonCode.NEAR_DUPLICATE]
    assert verdict(RIGHT, text="Basel please", siblings=("Basel, please",), earlier=0).verdict is Verdict.SAME


def test_the_text_is_not_looked_at_where_the_commands_differ_already() -> None:
    assert codes(verdict(CANCEL, CANCEL, CANCEL, text="ich möchte nach Basel")) == [ReasonCode.COMMANDS_DIFFER]


def test_the_language_that_was_asked_for_is_no_switch() -> None:
    assert verdict(RIGHT, text="ich möchte nach Basel", intended_language="German").verdict is Verdict.SAME


def test_a_judge_may_doubt_what_nothing_else_does() -> None:
    judged = verdict(RIGHT, opinion=JudgeOpinion("one way, not return"))
    assert [str(reason) for reason in judged.reasons] == ["judge_doubts: one way, not return"]
    assert judged.verdict is Verdict.AMBIGUOUS
    assert verdict(RIGHT, opinion=JudgeOpinion()).verdict is Verdict.SAME


def test_documented_mode_is_the_first_answer_by_slot_names_and_nothing_else() -> None:
    """The rule of the reference's guide: a changed value passes, and so does any text."""
    for text in ("to Bern", "To Basel!", "nach Bern bitte mit 4 Freunden"):
        assert verdict(WRONG, CANCEL, CANCEL, text=text, mode=Mode.DOCUMENTED) == Judged(Verdict.SAME, (), WRONG.commands)
    assert verdict(CANCEL, RIGHT, RIGHT, mode=Mode.DOCUMENTED).verdict is Verdict.DIFFERENT
    assert codes(verdict(Vote(()), mode=Mode.DOCUMENTED)) == [ReasonCode.NO_COMMANDS]
    assert codes(verdict(Vote((SkipQuestion(),)), mode=Mode.DOCUMENTED)) == [ReasonCode.COMMANDS_DIFFER]
    assert verdict(UNREAD, mode=Mode.DOCUMENTED).verdict is Verdict.SAME


def test_without_an_answer_there_is_no_verdict() -> None:
    with pytest.raises(ValueError, match="at least one"):
        verdict()


def test_the_tally_of_a_disagreement_is_told() -> None:
    assert str(verdict(WRONG, WRONG, RIGHT).reasons[0]) == "votes_disagree: 1 with the label, 2 against"


def test_the_commands_of_no_answer_are_shown_as_such() -> None:
    commands: tuple[Command, ...] = ()
    assert str(verdict(Vote(commands), RIGHT, RIGHT).reasons[0]) == "outvoted: no command"
