"""What a round looks like as a file, and what it may be written over."""

from __future__ import annotations

import json
import os
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from core.errors import ProjectError, UsageError
from core.pipeline.ingest import ingest
from core.project import Project
from core.store.connection import transaction
from review.decisions import DecisionLog
from review.models import Decision
from review.pack.hand_out import Wanted, write_pack
from review.team.models import Surface
from review.team.rounds import all_rounds, create_round
from tests.review.pack.laptops import TEXTS, clone, fill_in, hand_out, hand_out_again, lines_of
from tests.review.small import start


def test_a_line_holds_all_that_is_needed_to_decide_and_empty_places_for_the_answer(home: Project, tmp_path: Path) -> None:
    found = hand_out(home, tmp_path / "out.jsonl")
    header, *rows = lines_of(tmp_path / "out.jsonl")
    assert (header["workbench_pack"], header["kind"], header["project"], header["round"]) == (
        1,
        "hand-out",
        "library",
        "round-1",
    )
    assert (header["overlap"], header["dialect"], header["made_by"]) == (2, "v2", "maker")
    assert "expected commands" in header["guidelines"]
    assert set(header["questions"]) == {"decision", "text", "commands", "comment"}
    assert found.files == {tmp_path / "out.jsonl": 5}
    assert {row["rephrasing"] for row in rows} == set(TEXTS)
    row = next(row for row in rows if row["rephrasing"] == "return my book")
    assert row["original"] == "I want to renew my book"
    assert row["expected_commands"] == ["start flow renew_loan"]
    assert (row["file"], row["line"], row["test"], row["step"]) == ("e2e_tests/loans.yml", 3, "renew a loan", 1)
    assert row["conversation"][:3] == [
        {"user": "I want to renew my book"}, {"bot": "Anything else?"}, {"user": "the one about harbour birds"},
    ]  # fmt: skip
    assert (row["decision"], row["text"], row["commands"], row["comment"]) == ("", "", None, "")
    assert row["verdict"] == "different"
    assert 0 < row["ambiguity"] <= 1
    assert row["doubts"]


def test_the_most_uncertain_stand_first(home: Project, tmp_path: Path) -> None:
    hand_out(home, tmp_path / "out.jsonl")
    scores = [row["ambiguity"] for row in lines_of(tmp_path / "out.jsonl")[1:]]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) > 1


def test_a_blind_pack_says_nothing_of_what_the_machine_thinks(home: Project, tmp_path: Path) -> None:
    hand_out(home, tmp_path / "out.jsonl", blind=True)
    for row in lines_of(tmp_path / "out.jsonl")[1:]:
        assert not row.keys() & {"verdict", "reasons", "predicted_commands", "ambiguity", "doubts"}


def test_the_same_round_again_is_the_same_file_byte_for_byte(home: Project, pack: Path, tmp_path: Path) -> None:
    again = hand_out_again(home, tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == pack.read_bytes()
    assert (again.is_new, again.unchanged) == (False, ())
    assert hand_out_again(home, pack).unchanged == (pack,)


def test_it_is_the_same_file_also_after_the_texts_were_decided_and_edited_here(
    home: Project, pack: Path, tmp_path: Path
) -> None:
    with closing(home.open()) as connection:
        log = DecisionLog(connection, "maker", "app")
        (id_,) = connection.execute("SELECT id FROM rephrasing WHERE text = 'again?'").fetchone()
        log.edit(id_, "renew it again, please")
    hand_out_again(home, tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == pack.read_bytes()


def test_records_whose_commands_were_corrected_since_are_left_out_and_counted(
    home: Project, pack: Path, tmp_path: Path
) -> None:
    with closing(home.open()) as connection:
        (step,) = connection.execute("SELECT step_id FROM rephrasing WHERE text = 'harbour birds'").fetchone()
        DecisionLog(connection, "maker", "app").correct(step, start("other"))
    again = hand_out_again(home, tmp_path / "again.jsonl")
    assert (again.records, again.outdated) == (4, 1)
    assert "harbour birds" not in {row["rephrasing"] for row in lines_of(tmp_path / "again.jsonl")[1:]}


def test_what_is_out_is_not_handed_out_again_and_an_empty_round_is_not_made(home: Project, pack: Path, tmp_path: Path) -> None:
    with closing(home.open()) as connection:
        found = write_pack(home, connection, tmp_path / "more.jsonl", Wanted(), reviewer="maker")
        assert found is None
        assert [round_.name for round_ in all_rounds(connection)] == ["round-1"]
    assert not (tmp_path / "more.jsonl").exists()


def test_limit_and_filter_choose_and_what_is_decided_here_is_not_asked(home: Project, tmp_path: Path) -> None:
    with closing(home.open()) as connection:
        (id_,) = connection.execute("SELECT id FROM rephrasing WHERE text = 'return my book'").fetchone()
        DecisionLog(connection, "maker", "app").decide([id_], Decision.REJECT)
    hand_out(home, tmp_path / "two.jsonl", filter_text="birds")
    hand_out(home, tmp_path / "one.jsonl", limit=1)
    texts = [row["rephrasing"] for name in ("one", "two") for row in lines_of(tmp_path / f"{name}.jsonl")[1:]]
    assert len(texts) == 2
    assert "return my book" not in texts
    assert texts[1] == "harbour birds"


def test_split_gives_each_person_a_file_and_each_record_to_two_of_them(home: Project, tmp_path: Path) -> None:
    found = hand_out(home, tmp_path, people=("ann", "bob", "../cem"))
    assert [path.parent for path in found.files] == [tmp_path] * 3
    assert sorted(found.files.values()) == [3, 3, 4]
    ids = Counter(row["id"] for path in found.files for row in lines_of(path)[1:])
    assert set(ids.values()) == {2}
    assert [lines_of(path)[0]["for"] for path in found.files] == ["ann", "bob", "../cem"]
    assert hand_out_again(home, tmp_path).unchanged == tuple(found.files)


@pytest.mark.parametrize(
    ("wanted", "option"),
    [
        ({"overlap": 3}, "--overlap"),
        ({"blind": True}, "--blind"),
        ({"limit": 2}, "--limit"),
        ({"people": ("a", "b")}, "--split"),
    ],
)
def test_a_round_is_not_made_anew_with_other_options(home: Project, pack: Path, wanted: dict[str, Any], option: str) -> None:
    with pytest.raises(UsageError, match=f"`round-1` was made with another {option}"):
        hand_out_again(home, pack.with_name("other.jsonl"), **wanted)
    assert not pack.with_name("other.jsonl").exists()


def test_a_round_of_argilla_is_none_of_packs(home: Project, tmp_path: Path) -> None:
    with closing(home.open()) as connection, transaction(connection):
        create_round(connection, "labels", Surface.ARGILLA, reviewer="maker", overlap=2)
    with pytest.raises(UsageError, match="`labels` is labelled in Argilla"):
        hand_out_again(home, tmp_path, "labels")


# -- what it may be written over ------------------------------------------------------------------------------------


def test_a_hand_out_that_somebody_filled_in_is_never_written_over(home: Project, pack: Path) -> None:
    fill_in(pack, {"again?": {"decision": "reject"}})
    filled = pack.read_bytes()
    with pytest.raises(UsageError, match="holds answers that somebody wrote into it: 1"):
        hand_out_again(home, pack)
    assert pack.read_bytes() == filled


@pytest.mark.parametrize("content", ["notes", '{"workbench_pack": 1}', "", '{"a": 1}\n'])
def test_another_file_of_that_name_stays(home: Project, tmp_path: Path, content: str) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text(content)
    with pytest.raises(UsageError, match="is there already"):
        hand_out(home, out)
    assert out.read_text() == content
    with closing(home.open()) as connection:
        assert all_rounds(connection) == []


def test_a_hand_out_of_a_round_of_that_name_of_another_clone_stays(home: Project, pack: Path, tmp_path: Path) -> None:
    content = pack.read_bytes()
    with pytest.raises(UsageError, match="is there already, and is no hand-out of `round-1`"):
        hand_out(clone(tmp_path / "other"), pack)
    assert pack.read_bytes() == content


def test_a_hand_in_is_not_written_over(home: Project, pack: Path) -> None:
    rows = lines_of(pack)
    pack.write_text(json.dumps({**rows[0], "kind": "hand-in", "annotator": "ann"}) + "\n")
    with pytest.raises(UsageError, match="is no hand-out"):
        hand_out_again(home, pack)


def test_a_link_in_the_place_of_the_file_does_not_lead_out_of_the_folder(home: Project, tmp_path: Path) -> None:
    target = tmp_path / "precious.txt"
    target.write_text("precious")
    out = tmp_path / "out.jsonl"
    out.symlink_to(target)
    with pytest.raises(UsageError, match="is there already"):
        hand_out(home, out)
    out.unlink()
    out.symlink_to(tmp_path / "nowhere.txt")
    with pytest.raises(UsageError, match="is there already"):
        hand_out(home, out)
    assert (target.read_text(), (tmp_path / "nowhere.txt").exists()) == ("precious", False)


def test_where_the_file_cannot_be_written_no_round_is_made(home: Project, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written: No such file or directory"):
        hand_out(home, tmp_path / "missing" / "out.jsonl")
    with closing(home.open()) as connection:
        assert all_rounds(connection) == []
    assert [name for name in os.listdir(tmp_path) if name.endswith(".part")] == []


def test_what_is_wrong_with_a_call_is_said_also_where_nothing_is_to_be_sent(home: Project, pack: Path, tmp_path: Path) -> None:
    with closing(home.open()) as connection:
        with pytest.raises(UsageError, match="cannot be written: No such file or directory"):
            write_pack(home, connection, tmp_path / "missing" / "x", Wanted(), reviewer="maker")
        with pytest.raises(UsageError, match="cannot be written: Not a directory"):
            write_pack(home, connection, pack / "x", Wanted(), reviewer="maker")
        with pytest.raises(UsageError, match="a name of a person is empty"):
            write_pack(home, connection, tmp_path, Wanted(people=("ann", "", "bob")), reviewer="maker")
        assert write_pack(home, connection, tmp_path, Wanted(people=("ann", "bob")), reviewer="maker") is None


def test_a_round_may_have_any_printable_name_and_its_file_stays_in_the_folder(home: Project, tmp_path: Path) -> None:
    found = hand_out(home, tmp_path, round_name="../../round of May")
    (path,) = found.files
    assert path.parent == tmp_path
    assert lines_of(path)[0]["round"] == "../../round of May"
    with pytest.raises(UsageError, match="cannot be called"):
        hand_out(home, tmp_path, round_name="a\nb")


# -- around it ------------------------------------------------------------------------------------------------------


def test_guidelines_are_those_of_the_project_where_it_has_some(tmp_path: Path) -> None:
    project = clone(tmp_path / "home", team='[team]\nthreshold = 0.0\nguidelines = "guide.md"\n')
    with pytest.raises(ProjectError, match="the guidelines cannot be read"):
        hand_out(project, tmp_path)
    (project.root / "guide.md").write_text("Be kind.", encoding="utf-8-sig")
    hand_out(project, tmp_path)
    assert lines_of(tmp_path / "round-1.jsonl")[0]["guidelines"] == "Be kind."


def test_a_pack_that_lies_in_the_project_is_no_data_for_ingest(home: Project) -> None:
    hand_out(home, home.root / "round-1.jsonl")
    with closing(home.open()) as connection:
        report = ingest(home, connection, [home.root], reviewer="maker")
    assert (report.bad_files, report.problems, report.warnings) == ([], [], [])


def test_ids_are_the_same_in_every_clone_though_its_rows_have_other_ids(home: Project, pack: Path, tmp_path: Path) -> None:
    other = clone(tmp_path / "other", others_first=True)
    hand_out(other, tmp_path / "other.jsonl")
    assert {row["id"] for row in lines_of(tmp_path / "other.jsonl")[1:]} == {row["id"] for row in lines_of(pack)[1:]}
    with closing(home.open()) as here, closing(other.open()) as there:
        query = "SELECT external_id, rephrasing_id FROM team_record"
        assert set(here.execute(query)).isdisjoint(there.execute(query))
