"""Hand-ins to rounds of other clones, which count theirs from `round-1` too, and to several rounds at once."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from core.errors import InputError, UsageError
from core.project import Project
from core.store.connection import transaction
from review.models import Decision
from review.pack.answers import write_hand_in
from review.pack.keys import name_in_files
from review.pack.opening import open_pack
from review.team.models import Surface
from review.team.rounds import all_rounds, create_round, find_round
from tests.review.pack.laptops import (
    answer_in_app,
    answers_in,
    clone,
    everything,
    fill_in,
    hand_in_of,
    hand_out,
    hand_out_again,
    lines_of,
    outcomes,
    take_in,
    take_in_whole,
    two_people_answer,
    write_lines,
)

ACCEPT, REJECT = Decision.ACCEPT, Decision.REJECT


def test_a_file_of_another_project_is_refused_with_its_name(home: Project, pack: Path, tmp_path: Path) -> None:
    hand_in = answer_in_app(pack, "ann", {"again?": REJECT}).path
    other = clone(tmp_path / "other")
    with closing(other.open()) as connection, transaction(connection):
        connection.execute("UPDATE conversation SET file = 'e2e_tests/other.yml'")
    with pytest.raises(
        InputError, match="not of this project: there is no round `round-1` here, and 1 of its 1 answers are to no rephrasing"
    ):
        take_in_whole(other, hand_in)
    with closing(other.open()) as connection, transaction(connection):
        create_round(connection, "round-1", Surface.PACK, reviewer="maker", overlap=2)
    with pytest.raises(
        InputError, match=r"`round-1` is another round here, made by maker at .*handed out in the project `library`"
    ):
        take_in_whole(other, hand_in)


def test_another_clone_takes_in_a_round_that_it_never_made(home: Project, pack: Path, tmp_path: Path) -> None:
    files = two_people_answer(pack, tmp_path)
    other = clone(tmp_path / "other", others_first=True)
    merged = take_in(other, *files)
    assert merged.rounds[0].adopted
    take_in(home, *files)
    there = outcomes(other)
    assert there == {text: outcome for text, outcome in outcomes(home).items() if text in there}
    assert len(there) == 4  # nobody answered the fifth
    assert sorted(answers_in(other)) == sorted(answers_in(home))
    before = everything(other)
    assert not take_in(other, *files).rounds[0].adopted
    assert everything(other) == before


def test_two_clones_may_both_have_a_first_round(home: Project, pack: Path, tmp_path: Path) -> None:
    """They have the same name, and even records in common."""
    hand_in = answer_in_app(pack, "ann", {"again?": REJECT}).path
    other = clone(tmp_path / "other")
    other.config_path.write_text(other.config_path.read_text().replace("library", "p3"))
    (tmp_path / "theirs").mkdir()
    theirs = answer_in_app(next(iter(hand_out(other, tmp_path / "theirs").files)), "bob", {"again?": REJECT}).path
    merged = take_in(other, hand_in, theirs)
    assert [(one.round.name, name_in_files(one.round), one.adopted) for one in merged.rounds] == [
        ("round-1 (library)", "round-1", True), ("round-1", "round-1", False),
    ]  # fmt: skip
    assert [file.round_name for file in merged.files] == ["round-1 (library)", "round-1"]
    before = everything(other)
    assert [one.adopted for one in take_in(other, hand_in, theirs).rounds] == [False, False]
    assert everything(other) == before
    take_in(home, theirs)
    with closing(home.open()) as connection:
        assert [one.name for one in all_rounds(connection)] == ["round-1", "round-1 (p3)"]


def test_a_name_that_is_taken_by_a_clone_of_the_same_name_or_by_argilla_gets_a_number(
    home: Project, pack: Path, tmp_path: Path
) -> None:
    hand_in = answer_in_app(pack, "ann", {"again?": REJECT}).path
    other = clone(tmp_path / "other")
    with closing(other.open()) as connection, transaction(connection):
        create_round(connection, "round-1", Surface.ARGILLA, reviewer="maker", overlap=2)
    assert take_in(other, hand_in).rounds[0].round.name == "round-1 (2)"


def test_a_round_of_another_clone_grows_with_what_comes_later(home: Project, pack: Path, tmp_path: Path) -> None:
    ann = answer_in_app(pack, "ann", {"again?": REJECT}).path
    bob = answer_in_app(pack, "bob", {"again?": REJECT, "harbour birds": ACCEPT}).path
    other = clone(tmp_path / "other", others_first=True)
    take_in(other, ann)
    assert take_in(other, bob).rounds[0].recording.added == 2
    assert set(outcomes(other)) == {"again?", "harbour birds"}


def test_a_round_of_another_clone_that_is_handed_out_again_is_still_that_round(
    home: Project, pack: Path, tmp_path: Path
) -> None:
    other = clone(tmp_path / "other")
    hand_out(other, tmp_path)
    take_in(other, answer_in_app(pack, "ann", {"again?": REJECT}).path)
    again = tmp_path / "again.jsonl"
    hand_out_again(other, again, "round-1 (2)")
    fill_in(again, {"again?": {"decision": "accept"}})
    assert take_in(home, again, by="bob").rounds[0].round.name == "round-1"


def test_a_round_that_is_called_otherwise_than_it_was_handed_out_is_reported_once(home: Project, pack: Path) -> None:
    hand_in = answer_in_app(pack, "ann", {"again?": REJECT, "harbour birds": ACCEPT}).path
    rows = lines_of(hand_in)
    write_lines(hand_in, [{**rows[0], "round": "round-9"}, *rows[1:]])
    with pytest.raises(InputError, match=r"^[^\n]*:1:1: by its key this is .* of the round `round-1`, and not of `round-9`"):
        take_in_whole(home, hand_in)


def test_nothing_is_merged_into_what_somebody_answers_a_hand_out_in(pack: Path) -> None:
    opened = open_pack(pack, "ann")
    with pytest.raises(UsageError, match="nothing is merged here: this is what ann answers the hand-out"):
        take_in(opened.project, write_hand_in(opened).path)


def test_files_of_two_rounds_can_be_given_at_once(home: Project, tmp_path: Path) -> None:
    hand_out(home, tmp_path, limit=2)
    hand_out(home, tmp_path)
    paths = []
    for name in ("round-1", "round-2"):
        path = tmp_path / f"{name}.jsonl"
        fill_in(path, {row["rephrasing"]: {"decision": "accept"} for row in lines_of(path)[1:]})
        paths.append(path)
    merged = take_in(home, *paths, by="ann")
    assert [(one.round.name, one.recording.added) for one in merged.rounds] == [("round-1", 2), ("round-2", 3)]


def test_a_hand_in_without_answers_is_no_error(home: Project, pack: Path) -> None:
    merged = take_in(home, hand_in_of(pack, "ann", [], pack.with_name("in.jsonl")))
    assert merged.rounds[0].recording.added == 0
    with closing(home.open()) as connection:
        round_ = find_round(connection, "round-1")
        assert round_ is not None
        assert round_.pulled_at is None
