"""Hand-ins come home: what they come to, and that one wrong line changes nothing."""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from core.commands import from_json
from core.commands.models import StartFlow
from core.errors import InputError, UsageError
from core.project import Project
from core.store import derive
from review.decisions import DecisionLog
from review.models import Decision
from review.pack.answers import write_hand_in
from review.pack.opening import open_pack
from tests.review.pack.laptops import (
    answer_in_app,
    answer_line,
    answers_in,
    at_work,
    everything,
    fill_in,
    hand_in_of,
    hand_out,
    ids_of,
    outcomes,
    take_in,
    take_in_whole,
    two_people_answer,
)
from tests.review.small import start, stored

AT = "2026-05-01T10:00:00Z"
ACCEPT, REJECT, FLAG, SKIP = Decision.ACCEPT, Decision.REJECT, Decision.FLAG, Decision.SKIP


def test_what_two_people_answer_comes_to_decisions_and_disagreements(home: Project, pack: Path, tmp_path: Path) -> None:
    merged = take_in(home, *two_people_answer(pack, tmp_path))
    (of_round,) = merged.rounds
    assert [dict(file.annotators) for file in merged.files] == [{"ann": 4}, {"bob": 4}]
    assert (of_round.recording.added, of_round.recording.changed, of_round.recording.known) == (8, 0, 0)
    assert outcomes(home) == {
        "please renew my book": "accept", "return my book": "reject", "again?": "disagree", "harbour birds": "disagree",
        "renew the book I have": "waiting",
    }  # fmt: skip
    with closing(home.open()) as connection:
        decided = dict(connection.execute("SELECT text, state FROM rephrasing WHERE state <> 0").fetchall())
        assert decided == {"please renew my book": 1, "return my book": 2}
        rows = connection.execute("SELECT DISTINCT reviewer, surface FROM decision ORDER BY 1").fetchall()
        assert rows == [("ann", "pack"), ("bob", "pack"), ("team", "pack")]
        before = stored(connection)
        derive.rephrasings(connection, [id_ for (id_,) in connection.execute("SELECT id FROM rephrasing").fetchall()])
        assert stored(connection) == before


def test_the_same_files_again_change_nothing(home: Project, pack: Path, tmp_path: Path) -> None:
    files = two_people_answer(pack, tmp_path)
    take_in(home, *files)
    before = everything(home)
    again = take_in(home, *files, files[0])
    assert again.rounds[0].recording.known == 8
    assert len(again.files) == 2
    assert everything(home) == before


def test_one_after_the_other_comes_to_the_same_as_both_at_once(home: Project, pack: Path, tmp_path: Path) -> None:
    ann, bob = two_people_answer(pack, tmp_path)
    take_in(home, bob)
    assert set(outcomes(home).values()) == {"waiting"}
    take_in(home, ann)
    assert outcomes(home)["please renew my book"] == "accept"


def test_edited_text_comments_and_corrected_commands_arrive(home: Project, pack: Path) -> None:
    opened = open_pack(pack, "ann")
    with at_work(opened) as (log, ids):
        log.edit(ids["again?"], "renew it again")
        log.decide([ids["return my book"]], REJECT, "meaning changed")
        (step,) = log._connection.execute("SELECT step_id FROM rephrasing WHERE text = 'harbour birds'").fetchone()
        log.correct(step, start("search"))
        log.decide([ids["harbour birds"]], ACCEPT)
    take_in(home, write_hand_in(opened).path)
    assert {row[1:] for row in answers_in(home)} == {
        ("harbour birds", "accept", None, None), ("return my book", "reject", None, "meaning changed"),
        ("again?", "accept", "renew it again", None),
    }  # fmt: skip
    with closing(home.open()) as connection:
        found = connection.execute("SELECT commands FROM team_answer WHERE commands IS NOT NULL").fetchall()
        assert [from_json(commands) for (commands,) in found] == [(StartFlow("search"),)]


def test_an_answer_that_was_taken_back_later_is_withdrawn_here_too(home: Project, pack: Path) -> None:
    hand_in = answer_in_app(pack, "ann", {"again?": REJECT}).path
    first = shutil.copy(hand_in, hand_in.with_name("first.jsonl"))
    take_in(home, hand_in)
    opened = open_pack(pack, "ann")
    with at_work(opened) as (log, _):
        log.undo()
    write_hand_in(opened)
    assert take_in(home, Path(first), hand_in).rounds[0].recording.withdrawn == 1
    assert [row[2] for row in answers_in(home)] == ["withdrawn"]
    before = everything(home)
    take_in(home, Path(first))  # the older file once more
    assert everything(home) == before


def test_a_decision_made_here_is_not_overwritten_but_a_conflict(home: Project, pack: Path, tmp_path: Path) -> None:
    with closing(home.open()) as connection:
        (id_,) = connection.execute("SELECT id FROM rephrasing WHERE text = 'return my book'").fetchone()
        DecisionLog(connection, "maker", "app").decide([id_], ACCEPT)
    take_in(home, *two_people_answer(pack, tmp_path))
    assert outcomes(home)["return my book"] == "conflict"
    with closing(home.open()) as connection:
        assert connection.execute("SELECT state FROM rephrasing WHERE id = ?", (id_,)).fetchone() == (1,)


# -- filled in by hand ----------------------------------------------------------------------------------------------


def test_a_hand_out_that_was_filled_in_with_an_editor_is_as_good(home: Project, pack: Path) -> None:
    fill_in(
        pack,
        {
            "please renew my book": {"decision": " Accepted "},
            "return my book": {"decision": "NO", "comment": "  meaning changed "},
            "again?": {"decision": "yes", "text": "renew it again", "commands": "start flow renew_loan"},
            "harbour birds": {"decision": "skip"},
            "renew the book I have": {"decision": "?", "commands": ["start flow extend_loan"]},
        },
    )
    take_in(home, pack, by="ann")
    assert {row[1]: row[2:] for row in answers_in(home)} == {
        "please renew my book": ("accept", None, None),
        "return my book": ("reject", None, "meaning changed"),
        "again?": ("accept", "renew it again", None),
        "harbour birds": ("discarded", None, None),
        "renew the book I have": ("unsure", None, None),
    }
    with closing(home.open()) as connection:  # those expected are no correction
        assert connection.execute("SELECT count(*) FROM team_answer WHERE commands IS NOT NULL").fetchone() == (1,)


def test_no_commands_at_all_is_an_answer_too(home: Project, pack: Path) -> None:
    fill_in(
        pack, {"again?": {"decision": "unsure", "commands": []}, "harbour birds": {"decision": "u", "commands": "No commands"}}
    )
    take_in(home, pack, by="ann")
    with closing(home.open()) as connection:
        assert connection.execute("SELECT commands FROM team_answer").fetchall() == [("[]",), ("[]",)]


def test_a_byte_order_mark_and_windows_line_ends_make_no_difference(home: Project, pack: Path) -> None:
    fill_in(pack, {"again?": {"decision": "reject"}})
    pack.write_bytes(b"\xef\xbb\xbf" + pack.read_bytes().replace(b"\n", b"\r\n") + b"\r\n")
    take_in(home, pack, by="ann")
    assert answers_in(home) == [("ann", "again?", "reject", None, None)]
    assert open_pack(pack, "bob").records == 5


def test_a_copy_of_the_same_file_is_no_new_answer_and_a_changed_one_counts_from_when_it_was_changed(
    home: Project, pack: Path
) -> None:
    fill_in(pack, {"again?": {"decision": "reject"}})
    os.utime(pack, (1_700_000_000, 1_700_000_000))
    take_in(home, pack, by="ann")
    before = everything(home)
    copy = Path(shutil.copyfile(pack, pack.with_name("copy.jsonl")))
    assert take_in(home, copy, by="ann").rounds[0].recording.known == 1
    assert everything(home) == before
    fill_in(copy, {"again?": {"decision": "accept"}})
    assert take_in(home, copy, by="ann").rounds[0].recording.changed == 1
    assert answers_in(home) == [("ann", "again?", "accept", None, None)]
    take_in(home, pack, by="ann")  # the old file is older
    assert answers_in(home) == [("ann", "again?", "accept", None, None)]


def test_a_share_says_itself_whose_it_is(home: Project, tmp_path: Path) -> None:
    hand_out(home, tmp_path, people=("ann", "bob"))
    share = fill_in(tmp_path / "round-1-ann.jsonl", {"again?": {"decision": "reject"}})
    take_in(home, share)
    assert [row[0] for row in answers_in(home)] == ["ann"]
    assert take_in(home, share, by="ann").rounds[0].recording.known == 1


def test_one_file_cannot_count_astwo_people_answer(home: Project, tmp_path: Path) -> None:
    hand_out(home, tmp_path, people=("ann", "bob"))
    share = fill_in(tmp_path / "round-1-ann.jsonl", {"again?": {"decision": "reject"}})
    take_in(home, share)
    with pytest.raises(InputError, match=r"this file is ann's, as its first line says, and --by says `bob`.*as `for`"):
        take_in_whole(home, share, by="bob")
    hand_in = answer_in_app(tmp_path / "round-1-bob.jsonl", "bob", {"again?": REJECT}).path
    with pytest.raises(InputError, match=r"this file is bob's, as its first line says, and --by says `ann`.*as `annotator`"):
        take_in_whole(home, hand_in, by="ann")


def test_two_people_with_the_same_login_are_not_taken_for_one(home: Project, tmp_path: Path) -> None:
    hand_out(home, tmp_path, people=("ann", "bob"))
    ann, bob = (
        answer_in_app(tmp_path / f"round-1-{name}.jsonl", "user", {"again?": decision}).path
        for name, decision in (("ann", ACCEPT), ("bob", REJECT))
    )
    problem = r"was for bob and that of .*round-1-ann-user.answers.jsonl for ann, but both are answered by `user`"
    with pytest.raises(InputError, match=problem):
        take_in_whole(home, ann, bob)
    assert take_in(home, ann).files[0].handed_to == "ann"
    with pytest.raises(InputError, match="was for bob and that of a file that was merged before for ann"):
        take_in_whole(home, bob)
    assert take_in(home, ann).rounds[0].recording.known == 1


def test_a_file_that_does_not_say_whose_it_is_needs_by(home: Project, pack: Path) -> None:
    fill_in(pack, {"again?": {"decision": "reject"}})
    with pytest.raises(InputError, match=r"whose answers these are is not said.*Add --by NAME"):
        take_in_whole(home, pack)
    with pytest.raises(UsageError, match="the team's outcomes"):
        take_in(home, pack, by="team")


# -- several answers of one person ----------------------------------------------------------------------------------


def test_of_two_answers_of_one_person_in_two_files_the_latest_counts(home: Project, pack: Path) -> None:
    id_ = ids_of(pack)["again?"]
    early = hand_in_of(pack, "ann", [answer_line(id_, "accept", answered_at=AT)], pack.with_name("1.jsonl"))
    later = answer_line(id_, "reject", answered_at="2026-05-01T12:30:00+02:00")
    late = hand_in_of(pack, "ann", [later], pack.with_name("2.jsonl"))
    merged = take_in(home, late, early)
    assert merged.rounds[0].overtaken == 1
    assert answers_in(home) == [("ann", "again?", "reject", None, None)]
    take_in(home, early)
    assert answers_in(home) == [("ann", "again?", "reject", None, None)]


def test_two_different_answers_of_the_same_time_are_refused_with_both_places(home: Project, pack: Path) -> None:
    id_, at = ids_of(pack)["again?"], AT
    one = hand_in_of(pack, "ann", [answer_line(id_, "accept", answered_at=at)], pack.with_name("1.jsonl"))
    two = hand_in_of(pack, "ann", [answer_line(id_, "reject", answered_at=at)], pack.with_name("2.jsonl"))
    with pytest.raises(
        InputError, match=r"2\.jsonl:2:8: another answer of ann to this record, of the same time, than in .*1\.jsonl:2"
    ):
        take_in_whole(home, one, two)


def test_a_row_may_say_who_answered_it(home: Project, pack: Path) -> None:
    id_, at = ids_of(pack)["again?"], AT
    rows = [answer_line(id_, "accept", answered_at=at, annotator="bob"), answer_line(id_, "reject", answered_at=at)]
    take_in(home, hand_in_of(pack, "ann", rows, pack.with_name("in.jsonl")))
    assert {row[0]: row[2] for row in answers_in(home)} == {"ann": "reject", "bob": "accept"}
