"""What several files say of one test is brought together step by step, the newest file deciding which steps there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.conversations.merge import Label, apply_labels, join_rephrasings, merge_turns
from core.conversations.models import Rephrasing, Turn, TurnKind, Verdict


def user(text: str, *commands: str, rephrasings: Sequence[Rephrasing] = (), **extra: object) -> Turn:
    return Turn(TurnKind.USER, text, 1, 1, commands or None, tuple(rephrasings), extra)


def bot(text: str) -> Turn:
    return Turn(TurnKind.BOT, text, 2, 1)


def utter(name: str) -> Turn:
    return Turn(TurnKind.UTTER, name, 2, 1)


SLOT_CHECK = Turn(TurnKind.SLOT_WAS_SET, "", 3, 1, extra={"slot_was_set": [{"city": "Bern"}]})


def said(turns: Sequence[Turn]) -> list[tuple[str, tuple[str, ...] | None]]:
    return [(turn.text, turn.commands) for turn in turns]


def test_the_older_file_adds_commands_to_the_steps_it_shares() -> None:
    newest = [user("hi"), bot("hello"), user("a berth")]
    older = [user("hi"), bot("hello"), user("a berth", "start flow book")]
    assert said(merge_turns(newest, older)) == [("hi", None), ("hello", None), ("a berth", ("start flow book",))]


def test_the_newest_commands_win() -> None:
    merged = merge_turns([user("a berth", "start flow new")], [user("a berth", "start flow old")])
    assert said(merged) == [("a berth", ("start flow new",))]


def test_nothing_is_taken_over_from_a_changed_turn_on() -> None:
    older = [user("hi", "a"), bot("hello"), user("a berth", "b"), bot("where?"), user("north", "c")]
    changed_user = [user("hi"), bot("hello"), user("two berths"), bot("where?"), user("north")]
    assert [turn.commands for turn in merge_turns(changed_user, older) if turn.kind is TurnKind.USER] == [("a",), None, None]
    changed_bot = [user("hi"), bot("welcome"), user("a berth")]
    assert said(merge_turns(changed_bot, older)) == [("hi", ("a",)), ("welcome", None), ("a berth", None)]


def test_steps_that_only_the_older_file_has_are_gone() -> None:
    assert said(merge_turns([user("hi")], [user("hi"), user("a berth", "b")])) == [("hi", None)]


def test_white_space_around_a_bot_text_is_no_change() -> None:
    assert merge_turns([user("hi"), bot("hello\n"), user("x")], [user("hi"), bot("hello"), user("x", "c")])[2].commands == (
        "c",
    )


def test_a_response_and_its_text_are_different_turns() -> None:
    assert (
        merge_turns([user("hi"), utter("utter_hello"), user("x")], [user("hi"), bot("hello"), user("x", "c")])[2].commands
        is None
    )


def test_slot_checks_count_for_nothing_and_are_kept() -> None:
    merged = merge_turns([user("hi"), SLOT_CHECK, bot("hello"), user("x")], [user("hi"), bot("hello"), user("x", "c")])
    assert [turn.kind for turn in merged] == [TurnKind.USER, TurnKind.SLOT_WAS_SET, TurnKind.BOT, TurnKind.USER]
    assert merged[3].commands == ("c",)


def test_a_test_with_assertions_gets_the_replies_of_the_actual_run() -> None:
    newest = [user("hi", assertions=[{"bot_uttered": {}}]), user("a berth", assertions=[])]
    older = [user("hi"), bot("hello"), user("a berth", "start flow book"), bot("done")]
    merged = merge_turns(newest, older)
    assert said(merged) == [("hi", None), ("hello", None), ("a berth", ("start flow book",)), ("done", None)]
    assert merged[0].extra == {"assertions": [{"bot_uttered": {}}]}


def test_turns_before_the_first_user_message_must_agree_too() -> None:
    assert merge_turns([bot("welcome"), user("x")], [bot("hey"), user("x", "c")])[1].commands is None
    assert merge_turns([bot("welcome"), user("x")], [bot("welcome"), user("x", "c")])[1].commands == ("c",)


def test_rephrasings_of_both_are_joined_without_repeats() -> None:
    first = [Rephrasing("a", Verdict.SAME), Rephrasing("b")]
    more = [Rephrasing("b", Verdict.DIFFERENT), Rephrasing("a", Verdict.DIFFERENT), Rephrasing("c")]
    assert join_rephrasings(first, more) == (first[0], more[0], more[2])


def test_of_equal_verdicts_the_one_with_commands_is_kept() -> None:
    bare, full = Rephrasing("a", Verdict.SAME), Rephrasing("a", Verdict.SAME, commands=("cancel flow",))
    assert join_rephrasings([bare], [full]) == (full,)
    assert join_rephrasings([full], [bare]) == (full,)


def test_a_verdict_stays_bound_to_the_commands_of_its_own_file() -> None:
    newest = [user("x", "new")]
    older = [user("x", "old", rephrasings=[Rephrasing("y", Verdict.SAME), Rephrasing("z")])]
    (turn,) = merge_turns(newest, older)
    assert [one.judged_on for one in turn.rephrasings] == [("old",), None]
    (turn,) = merge_turns([turn], [user("x", "new", rephrasings=[Rephrasing("y", Verdict.DIFFERENT)])])
    assert turn.rephrasings[0] == Rephrasing("y", Verdict.DIFFERENT)


def test_labels_go_to_the_step_they_name_if_its_text_is_theirs() -> None:
    turns = [user("hi"), bot("hello"), user("north"), user("north")]
    fits, other = Label(3, "north", ("set slot pier north",)), Label(2, "south", ("set slot pier south",))
    merged, skips, unplaced = apply_labels(turns, [fits, other, Label(9, "north")])
    assert said(merged) == [("hi", None), ("hello", None), ("north", None), ("north", ("set slot pier north",))]
    assert (skips, unplaced) == ({}, [other, Label(9, "north")])


def test_labels_never_replace_commands_of_a_test_file() -> None:
    merged, _, _ = apply_labels([user("x", "theirs")], [Label(1, "x", ("ours",), (Rephrasing("y", Verdict.SAME),))])
    assert merged[0].commands == ("theirs",)
    assert merged[0].rephrasings[0].judged_on == ("ours",)


def test_several_labels_of_one_step_all_count() -> None:
    labels = [
        Label(1, "x", ("cancel flow",)),
        Label(1, "x", None, (Rephrasing("y"),)),
        Label(1, "x", None, (Rephrasing("z"), Rephrasing("y"))),
    ]
    merged, _, unplaced = apply_labels([user("x")], labels)
    assert (merged[0].commands, [one.text for one in merged[0].rephrasings], unplaced) == (("cancel flow",), ["y", "z"], [])


def test_a_reason_to_skip_is_given_by_user_step() -> None:
    assert apply_labels([user("hi"), bot("x"), user("y")], [Label(2, "y", skip="smalltalk")])[1] == {2: "smalltalk"}


def test_merging_is_idempotent() -> None:
    newest = [user("hi", "a", rephrasings=[Rephrasing("hey", Verdict.SAME)]), bot("hello"), user("x")]
    older = [user("hi"), bot("hello"), user("x", "c", rephrasings=[Rephrasing("X", Verdict.AMBIGUOUS)])]
    once = merge_turns(newest, older)
    assert merge_turns(once, older) == once
    assert merge_turns(once, [replace(turn, line=99) for turn in older]) == once
