"""What the answers to one record come to."""

from __future__ import annotations

import itertools

import pytest

from core.commands import Dialect
from core.team_settings import TeamSection
from review.team.models import Answer, Outcome, Say, Status
from review.team.resolution import Rule, RuleName, outcome_of, rule_of
from tests.review.small import start
from tests.review.team.small_round import an_answer

UNANIMOUS, ADJUDICATE = Rule(RuleName.UNANIMOUS), Rule(RuleName.ADJUDICATE)
_SAYS = {"a": Say.ACCEPT, "r": Say.REJECT, "u": Say.UNSURE, "d": None}


def answers(says: str) -> list[Answer]:
    """`aru d`: ann accepts, bob rejects, cem is unsure, nobody, eli discards."""
    names = ("ann", "bob", "cem", "dov", "eli", "fay")
    return [an_answer(name, _SAYS[say]) for name, say in zip(names, says, strict=False) if say != " "]


def majority(margin: int = 1, *experts: str) -> Rule:
    return Rule(RuleName.MAJORITY, margin, frozenset(experts))


@pytest.mark.parametrize(
    ("says", "overlap", "outcome"),
    [
        ("", 2, "waiting"),
        ("a", 2, "waiting"),
        ("aa", 2, "accept"),
        ("rr", 2, "reject"),
        ("ar", 2, "disagree"),
        ("au", 2, "disagree"),  # half is not more than half
        ("uu", 2, "disagree"),
        ("aau", 3, "accept"),
        ("aru", 3, "disagree"),
        ("aar", 3, "accept"),
        ("arr", 3, "reject"),
        ("auu", 3, "disagree"),  # ahead of reject, and a third of the votes
        ("aauu", 4, "disagree"),
        ("a", 1, "accept"),
        ("u", 1, "disagree"),
    ],
)
def test_a_majority_is_more_than_half_of_all_votes(says: str, overlap: int, outcome: str) -> None:
    assert outcome_of(answers(says), overlap=overlap, rule=majority()).outcome == outcome


@pytest.mark.parametrize(
    ("says", "margin", "outcome"),
    [("aar", 1, "accept"), ("aar", 2, "disagree"), ("aaar", 2, "accept"), ("aa", 3, "disagree"), ("aau", 2, "accept")],
)
def test_a_majority_must_be_ahead_by_the_margin(says: str, margin: int, outcome: str) -> None:
    assert outcome_of(answers(says), overlap=2, rule=majority(margin)).outcome == outcome


@pytest.mark.parametrize(
    ("says", "overlap", "margin", "outcome"),
    [
        ("aa", 3, 1, "accept"),
        ("aa", 3, 2, "waiting"),  # 2 to 1 would be ahead by 1 only
        ("aa", 4, 1, "waiting"),  # 2 to 2 is possible
        ("aaar", 5, 1, "accept"),
        ("rrr", 5, 1, "reject"),
        ("aad", 4, 1, "accept"),
        ("ar", 3, 1, "waiting"),
    ],
)
def test_what_the_missing_answers_cannot_change_is_settled_early(says: str, overlap: int, margin: int, outcome: str) -> None:
    assert outcome_of(answers(says), overlap=overlap, rule=majority(margin)).outcome == outcome


def test_a_majority_settled_early_stays_whatever_the_others_say() -> None:
    rule, settled_early = majority(), 0
    for size in range(5):
        for says in itertools.product("arud", repeat=size):
            early = outcome_of(answers("".join(says)), overlap=5, rule=rule)
            if early.outcome is Outcome.WAITING:
                continue
            settled_early += 1
            for rest in itertools.product("arud", repeat=5 - size):
                assert outcome_of(answers("".join(says + rest)), overlap=5, rule=rule).outcome is early.outcome
    assert settled_early > 10


@pytest.mark.parametrize(
    ("says", "outcome"),
    [("aa", "accept"), ("rrr", "reject"), ("ar", "disagree"), ("aau", "disagree"), ("uu", "disagree"), ("a", "waiting")],
)
def test_unanimous_means_that_all_who_vote_say_the_same(says: str, outcome: str) -> None:
    assert outcome_of(answers(says), overlap=2, rule=UNANIMOUS).outcome == outcome


def test_the_unanimous_rule_waits_for_all_even_where_they_disagree_already() -> None:
    assert outcome_of(answers("ar"), overlap=3, rule=UNANIMOUS).outcome is Outcome.WAITING


@pytest.mark.parametrize(("says", "outcome"), [("a", "waiting"), ("aa", "disagree"), ("rr", "disagree"), ("ar", "disagree")])
def test_with_adjudicate_every_record_is_decided_here(says: str, outcome: str) -> None:
    assert outcome_of(answers(says), overlap=2, rule=ADJUDICATE).outcome == outcome


@pytest.mark.parametrize("name", RuleName)
def test_who_discards_is_not_waited_for_and_has_no_vote(name: RuleName) -> None:
    rule = Rule(name)
    assert outcome_of(answers("dd"), overlap=2, rule=rule).outcome is Outcome.DISAGREE
    assert outcome_of(answers("d"), overlap=2, rule=rule).outcome is Outcome.WAITING
    both = outcome_of(answers("daa"), overlap=3, rule=rule).outcome
    assert both is (Outcome.DISAGREE if name is RuleName.ADJUDICATE else Outcome.ACCEPT)


@pytest.mark.parametrize("rule", [majority(), UNANIMOUS])
def test_one_vote_beside_discards_is_too_few(rule: Rule) -> None:
    found = outcome_of(answers("ad"), overlap=2, rule=rule)
    assert (found.outcome, found.detail) == (
        Outcome.DISAGREE,
        "1 accept, 1 discarded: ann; bob discarded: one vote is too few",
    )
    assert outcome_of(answers("a"), overlap=1, rule=rule).outcome is Outcome.ACCEPT
    assert outcome_of(answers("ada"), overlap=2, rule=rule).outcome is Outcome.ACCEPT  # a third one came late


@pytest.mark.parametrize("says", ["ra", "rau", "raa", "r", "rd"])
@pytest.mark.parametrize("name", RuleName)
def test_an_expert_decides_whatever_the_others_and_the_rule_say(says: str, name: RuleName) -> None:
    found = outcome_of(answers(says), overlap=3, rule=Rule(name, experts=frozenset({"ann"})))
    assert found.outcome is Outcome.REJECT
    assert found.detail.endswith("; expert: ann")


def test_experts_who_disagree_leave_it_to_a_person_here() -> None:
    assert outcome_of(answers("arrr"), overlap=2, rule=majority(1, "ann", "bob")).outcome is Outcome.DISAGREE


def test_an_expert_who_is_unsure_leaves_it_to_the_other_expert() -> None:
    assert outcome_of(answers("uaar"), overlap=2, rule=majority(1, "ann", "dov")).outcome is Outcome.REJECT
    assert outcome_of(answers("uaa"), overlap=2, rule=majority(1, "ann")).outcome is Outcome.DISAGREE


def test_an_expert_who_discards_leaves_it_to_the_others() -> None:
    assert outcome_of(answers("daa"), overlap=3, rule=majority(1, "ann")).outcome is Outcome.ACCEPT


def test_a_withdrawn_answer_is_none() -> None:
    given = [an_answer("ann", Say.ACCEPT), an_answer("bob", Say.ACCEPT, status=Status.WITHDRAWN)]
    assert outcome_of(given, overlap=2, rule=majority()).outcome is Outcome.WAITING


def test_answers_in_any_order_come_to_the_same() -> None:
    given = [an_answer("ann", Say.ACCEPT, text="x y"), an_answer("bob", Say.ACCEPT, text="x  y"), *answers("  ru")]
    found = {outcome_of(order, overlap=4, rule=majority(0)) for order in itertools.permutations(given)}
    assert len(found) == 1


@pytest.mark.parametrize(
    ("says", "overlap", "detail"),
    [
        ("aar", 3, "2 accept, 1 reject: ann, bob against cem"),
        ("arr", 3, "1 accept, 2 reject: bob, cem against ann"),
        ("aud", 2, "1 accept, 1 unsure, 1 discarded: ann; bob unsure; cem discarded"),
        ("uu", 2, "2 unsure: ann, bob unsure"),
        ("a", 2, "1 of 2 answered: 1 accept: ann"),
        ("", 2, "0 of 2 answered"),
    ],
)
def test_the_detail_says_who_said_what(says: str, overlap: int, detail: str) -> None:
    assert outcome_of(answers(says), overlap=overlap, rule=UNANIMOUS).detail.startswith(detail)


# -- wording and commands ---------------------------------------------------------------------------------------------


def test_a_correction_that_all_who_accept_agree_on_is_the_text() -> None:
    given = [an_answer("ann", Say.ACCEPT, text="renew it"), an_answer("bob", Say.ACCEPT, text="renew  it ")]
    assert outcome_of(given, overlap=2, rule=majority()).text == "renew it"


def test_accented_letters_typed_in_two_ways_are_the_same_text() -> None:
    given = [an_answer("ann", Say.ACCEPT, text="caf\u00e9"), an_answer("bob", Say.ACCEPT, text="cafe\u0301")]
    assert outcome_of(given, overlap=2, rule=majority()).outcome is Outcome.ACCEPT


@pytest.mark.parametrize("other", [None, "renew that"])
def test_different_texts_are_a_disagreement(other: str | None) -> None:
    given = [an_answer("ann", Say.ACCEPT, text="renew it"), an_answer("bob", Say.ACCEPT, text=other)]
    found = outcome_of(given, overlap=2, rule=majority())
    assert (found.outcome, found.text) == (Outcome.DISAGREE, None)
    words = "as it is" if other is None else "“renew that”"
    assert found.detail == f"2 accept: ann, bob; texts differ: ann “renew it”, bob {words}"


def test_the_text_of_one_who_rejects_does_not_count() -> None:
    given = [*answers("aa"), an_answer("cem", Say.REJECT, text="something else", commands="[]")]
    found = outcome_of(given, overlap=3, rule=majority())
    assert (found.outcome, found.text) == (Outcome.ACCEPT, None)


def test_other_commands_are_never_applied_by_the_team() -> None:
    given = [an_answer("ann", Say.ACCEPT, commands=start("close_account")), an_answer("bob", Say.ACCEPT)]
    found = outcome_of(given, overlap=2, rule=majority(), dialect=Dialect.V1)
    assert found.outcome is Outcome.DISAGREE
    assert found.detail.endswith("; commands differ from the expected: ann would have: StartFlow(close_account)")


def test_no_commands_at_all_are_a_wish_too() -> None:
    found = outcome_of([an_answer("ann", Say.ACCEPT, commands="[]")], overlap=1, rule=majority())
    assert found.detail.endswith("ann would have: no commands")


@pytest.mark.parametrize("rule", [Rule(), UNANIMOUS, Rule(experts=frozenset({"ann"}))])
def test_commands_that_cannot_be_read_say_that_the_expected_ones_are_wrong(rule: Rule) -> None:
    odd = "set the slot contact_value to bob"
    given = [an_answer(who, Say.ACCEPT, unread=odd) for who in ("ann", "bob")]
    found = outcome_of(given, overlap=2, rule=rule)
    assert found.outcome is Outcome.DISAGREE
    assert f"ann would have: {odd} (cannot be read)" in found.detail


def test_unreadable_commands_of_one_who_rejects_do_not_count() -> None:
    given = [an_answer(who, Say.REJECT, unread="all wrong") for who in ("ann", "bob")]
    assert outcome_of(given, overlap=2, rule=majority()).outcome is Outcome.REJECT


@pytest.mark.parametrize(
    ("text", "handed_out", "is_taken"),
    [
        ("renew it\nplease", "renew", False),
        ("renew it\u2028please", "renew", False),
        ("renew it\nplease", "renew\nit", True),
        ("x" * 300, "renew", True),
        ("x" * 301, "renew", False),
        ("x" * 400, "y" * 100, True),
        ("x" * 401, "y" * 100, False),
    ],
)
def test_a_text_that_is_unlike_what_was_handed_out_is_not_taken_unseen(text: str, handed_out: str, is_taken: bool) -> None:
    given = [an_answer(who, Say.ACCEPT, text=text) for who in ("ann", "bob")]
    found = outcome_of(given, overlap=2, rule=majority(), text=handed_out)
    assert (found.outcome is Outcome.ACCEPT, found.text is not None) == (is_taken, is_taken)
    assert ("unusual text" in found.detail) is not is_taken


def test_only_the_experts_wording_counts_where_an_expert_decides() -> None:
    given = [an_answer("ann", Say.ACCEPT, text="renew it"), an_answer("bob", Say.ACCEPT, text="other", commands="[]")]
    found = outcome_of(given, overlap=2, rule=majority(1, "ann"))
    assert (found.outcome, found.text) == (Outcome.ACCEPT, "renew it")


def test_the_rule_is_read_from_the_settings() -> None:
    section = TeamSection(rule="unanimous", margin=2, experts=("ann",))
    assert rule_of(section) == Rule(RuleName.UNANIMOUS, 2, frozenset({"ann"}))
