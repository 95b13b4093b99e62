"""A hand-out as a small project on a machine that has nothing else, and the hand-in that it leaves."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from core.commands import Dialect
from core.errors import InputError, ProjectError, UsageError
from core.pipeline.status import project_status
from core.project import Project
from core.store.pack_here import reviewer_in
from core.store.states import State
from core.user import User
from review import queue
from review.items import load_item, load_transcript
from review.models import Decision
from review.pack.answers import write_hand_in
from review.pack.hand_out import Wanted, write_pack
from review.pack.opening import open_pack
from review.scores import scored
from review.team.guidelines import guidelines_of
from tests.review.pack.laptops import (
    TEXTS,
    answer_in_app,
    at_work,
    fill_in,
    hand_in_of,
    hand_out,
    ids_of,
    lines_of,
    write_lines,
)
from tests.review.small import start


def test_the_app_finds_what_it_would_find_at_home(home: Project, pack: Path) -> None:
    opened = open_pack(pack, "ann")
    assert opened.project.root == pack.parent / "round-1-ann.workbench"
    assert (opened.project.name, opened.records) == ("round-1 of library", 5)
    assert opened.project.settings.team.overlap == 2
    assert guidelines_of(opened.project) == guidelines_of(home)
    with closing(opened.project.open()) as there, closing(home.open()) as here:
        ids = dict(there.execute("SELECT text, id FROM rephrasing").fetchall())
        ids_here = dict(here.execute("SELECT text, id FROM rephrasing").fetchall())
        assert set(ids) == set(TEXTS)
        assert len(queue.load(there)) == 5
        for text in TEXTS:
            found, expected = load_item(there, ids[text], Dialect.V2), load_item(here, ids_here[text], Dialect.V2)
            for name in (
                "file",
                "test",
                "occurrence",
                "line",
                "user_step",
                "original",
                "text",
                "verdict",
                "reasons",
                "commands",
            ):
                assert getattr(found, name) == getattr(expected, name), name
            assert found.state is State.UNDECIDED
            turns, turns_here = load_transcript(there, found.conversation_id), load_transcript(here, expected.conversation_id)
            assert [(turn.kind, turn.text) for turn in turns] == [(turn.kind, turn.text) for turn in turns_here]
            score, score_here = scored(there, ids[text]), scored(here, ids_here[text])
            assert score is not None
            assert score_here is not None
            assert score.score == pytest.approx(score_here.score, abs=0.001)
        assert dict(there.execute("SELECT key, basis FROM user_step").fetchall()).items() <= (
            dict(here.execute("SELECT key, basis FROM user_step").fetchall()).items()
            | {(key, basis) for key, basis in there.execute("SELECT key, basis FROM user_step WHERE commands IS NULL")}
        )


def test_a_blind_pack_shows_neither_verdict_nor_score(home: Project, tmp_path: Path) -> None:
    hand_out(home, tmp_path, blind=True)
    opened = open_pack(tmp_path / "round-1.jsonl", "ann")
    with closing(opened.project.open()) as connection:
        assert connection.execute("SELECT count(*) FROM verdict").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM ambiguity").fetchone() == (0,)


def test_opened_again_it_goes_on_where_it_was(pack: Path) -> None:
    answer_in_app(pack, "ann", {"again?": Decision.REJECT})
    before = pack.with_name("round-1-ann.answers.jsonl").read_bytes()
    assert answer_in_app(pack, "ann", {}).answers == 1
    assert pack.with_name("round-1-ann.answers.jsonl").read_bytes() == before
    assert answer_in_app(pack, "ann", {"harbour birds": Decision.ACCEPT}).answers == 2


def test_two_people_in_one_folder_do_not_see_each_other(pack: Path) -> None:
    answer_in_app(pack, "ann", {"again?": Decision.REJECT})
    assert answer_in_app(pack, "bob", {}).answers == 0
    answer_in_app(pack, "bo/b", {"again?": Decision.ACCEPT})
    names = sorted(path.name for path in pack.parent.iterdir())
    assert [name for name in names if name.startswith("round-1-ann")] == ["round-1-ann.answers.jsonl", "round-1-ann.workbench"]
    assert [name for name in names if name.startswith("round-1-bob")] == ["round-1-bob.workbench"]
    assert len([name for name in names if name.startswith("round-1-bo_b-")]) == 2


def test_who_has_only_a_login_name_answers_as_whom_the_hand_out_is_for(home: Project, tmp_path: Path) -> None:
    hand_out(home, tmp_path, people=("ann", "cem"))
    path = tmp_path / "round-1-cem.jsonl"
    opened = open_pack(path, "root", is_login=True)
    assert (opened.reviewer, opened.project.root.name) == ("cem", "round-1-cem.workbench")
    with closing(opened.project.open()) as connection:
        assert reviewer_in(connection, User("root", is_login=True)) == "cem"
        assert reviewer_in(connection, User("dee")) == "dee"
    with at_work(opened) as (log, ids):
        log.decide(list(ids.values()), Decision.ACCEPT)
    header = lines_of(write_hand_in(opened).path)[0]
    assert (header["annotator"], header["for"]) == ("cem", "cem")
    as_dee = open_pack(path, "dee")
    assert (as_dee.reviewer, as_dee.project.root.name) == ("dee", "round-1-cem-dee.workbench")


def test_a_hand_out_for_everybody_leaves_the_login_name(pack: Path) -> None:
    assert open_pack(pack, "root", is_login=True).reviewer == "root"


# -- answers --------------------------------------------------------------------------------------------------------


def _answers(path: Path) -> dict[str, dict[str, Any]]:
    texts = {id_: text for text, id_ in ids_of(path).items()}
    return {texts[row["id"]]: row for row in lines_of(path.with_name("round-1-ann.answers.jsonl"))[1:]}


def test_each_key_of_the_app_is_an_answer(pack: Path) -> None:
    opened = open_pack(pack, "ann")
    with at_work(opened) as (log, ids):
        log.decide([ids["please renew my book"]], Decision.ACCEPT)
        log.decide([ids["return my book"]], Decision.REJECT)
        log.give_reason(ids["return my book"], "meaning changed")
        log.decide([ids["again?"]], Decision.FLAG)
        log.decide([ids["harbour birds"]], Decision.SKIP)
        log.edit(ids["renew the book I have"], "renew my book please")
    found = write_hand_in(opened)
    assert (found.answers, found.left, found.by_hand) == (5, 0, 0)
    header = lines_of(found.path)[0]
    assert (header["kind"], header["annotator"], header["round"], header["project"]) == ("hand-in", "ann", "round-1", "library")
    answers = _answers(pack)
    assert {text: row["decision"] for text, row in answers.items()} == {
        "please renew my book": "accept", "return my book": "reject", "again?": "unsure", "harbour birds": "discarded",
        "renew the book I have": "accept",
    }  # fmt: skip
    assert answers["return my book"]["comment"] == "meaning changed"
    assert answers["renew the book I have"]["text"] == "renew my book please"
    assert {row["text"] for text, row in answers.items() if text != "renew the book I have"} == {None}
    assert {row["commands"] and 1 for row in answers.values()} == {None}
    assert {row["annotator"] for row in answers.values()} == {"ann"}


def test_corrected_commands_go_with_every_answer_of_the_step(pack: Path) -> None:
    opened = open_pack(pack, "ann")
    with at_work(opened) as (log, ids):
        log.decide([ids["again?"]], Decision.ACCEPT)
        (step,) = log._connection.execute("SELECT step_id FROM rephrasing WHERE id = ?", (ids["again?"],)).fetchone()
        log.correct(step, start("extend_loan"))
        log.decide([ids["please renew my book"]], Decision.ACCEPT)
        log.decide([ids["harbour birds"]], Decision.ACCEPT)
    write_hand_in(opened)
    answers = _answers(pack)
    assert answers["please renew my book"]["commands"] == ["start flow extend_loan"]
    assert answers["harbour birds"]["commands"] is None
    assert answers["again?"]["decision"] == "withdrawn"  # it was said of other commands, and stands open in the app again


def test_an_answer_that_was_taken_back_is_withdrawn_and_one_never_given_is_not_there(pack: Path) -> None:
    opened = open_pack(pack, "ann")
    with at_work(opened) as (log, ids):
        log.decide([ids["again?"]], Decision.ACCEPT)
        log.undo()
        log.decide([ids["harbour birds"]], Decision.ACCEPT)
    found = write_hand_in(opened)
    assert (found.answers, found.left) == (1, 4)
    assert {text: row["decision"] for text, row in _answers(pack).items()} == {"again?": "withdrawn", "harbour birds": "accept"}
    first = _answers(pack)["again?"]["answered_at"]
    with at_work(opened) as (log, ids):
        log.undo()
        log.redo()
    write_hand_in(opened)
    answers = _answers(pack)
    assert answers["harbour birds"]["decision"] == "accept"
    assert answers["harbour birds"]["answered_at"] > first  # it wins over what was handed in between undo and redo


def test_a_rephrasing_added_by_hand_is_counted_and_no_answer(pack: Path) -> None:
    opened = open_pack(pack, "ann")
    with at_work(opened) as (log, ids):
        (step,) = log._connection.execute("SELECT step_id FROM rephrasing WHERE id = ?", (ids["again?"],)).fetchone()
        log.add(step, "one more")
    found = write_hand_in(opened)
    assert (found.answers, found.by_hand, found.written) == (0, 1, False)


def test_something_else_in_the_place_of_the_hand_in_is_not_written_over(pack: Path) -> None:
    opened = open_pack(pack, "ann")
    place = pack.with_name("round-1-ann.answers.jsonl")
    place.write_text("my notes")
    with pytest.raises(UsageError, match="is there already, and is no hand-in of ann"):
        write_hand_in(opened)
    assert place.read_text() == "my notes"
    hand_in_of(pack, "bob", [], place)
    with pytest.raises(UsageError, match="no hand-in of ann to `round-1`"):
        write_hand_in(opened)


# -- what can be opened ---------------------------------------------------------------------------------------------


def test_a_hand_out_that_grew_and_shrank_keeps_what_was_decided(pack: Path) -> None:
    rows = lines_of(pack)
    write_lines(pack, [row for row in rows if row.get("rephrasing") != "again?"])
    answer_in_app(pack, "ann", {"harbour birds": Decision.ACCEPT})
    write_lines(pack, [row for row in rows if row.get("rephrasing") != "return my book"])
    assert answer_in_app(pack, "ann", {"again?": Decision.REJECT}).answers == 2
    write_lines(pack, rows)
    opened = open_pack(pack, "ann")
    with closing(opened.project.open()) as connection:
        assert len(queue.load(connection)) == 5
    assert write_hand_in(opened).answers == 2


def test_the_folder_may_move_with_the_hand_out(pack: Path, tmp_path: Path) -> None:
    answer_in_app(pack, "ann", {"again?": Decision.REJECT})
    shutil.move(pack.parent, tmp_path / "stick")
    assert answer_in_app(tmp_path / "stick" / pack.name, "ann", {"harbour birds": Decision.ACCEPT}).answers == 2


def test_a_folder_of_another_round_or_of_something_else_is_left_alone(home: Project, pack: Path) -> None:
    open_pack(pack, "ann")
    rows = lines_of(pack)
    write_lines(pack, [{**rows[0], "key": "0123456789abcdef"}, *rows[1:]])
    with pytest.raises(ProjectError, match="was made of another hand-out"):
        open_pack(pack, "ann")
    strange = pack.with_name("round-1-bob.workbench")
    strange.mkdir()
    (strange / "thesis.txt").write_text("precious")
    with pytest.raises(ProjectError, match="is no project of a hand-out"):
        open_pack(pack, "bob")
    assert [path.name for path in strange.iterdir()] == ["thesis.txt"]


def test_a_real_project_in_the_place_of_the_folder_is_left_alone(home: Project, pack: Path) -> None:
    home.root.rename(pack.with_name("round-1-ann.workbench"))
    with pytest.raises(ProjectError, match="was made of another hand-out"):
        open_pack(pack, "ann")


def test_a_hand_in_cannot_be_opened(pack: Path) -> None:
    path = hand_in_of(pack, "ann", [], pack.with_name("in.jsonl"))
    with pytest.raises(InputError, match=r"a hand-in, which holds answers and no texts.*review merge"):
        open_pack(path, "ann")


def test_lines_that_are_filled_in_by_hand_are_counted(pack: Path) -> None:
    fill_in(pack, {"again?": {"decision": "reject"}, "harbour birds": {"comment": "hm"}})
    assert open_pack(pack, "ann").filled_in == 2


def test_answers_are_there_only_of_who_opened_it(pack: Path) -> None:
    open_pack(pack, "ann")
    assert open_pack(pack, "ann", make=False).records == 5
    with pytest.raises(ProjectError, match="bob has not opened this hand-out here"):
        open_pack(pack, "bob", make=False)
    assert not pack.with_name("round-1-bob.workbench").exists()


def test_nobody_opens_it_under_a_name_that_answers_cannot_have(pack: Path) -> None:
    with pytest.raises(UsageError, match="the team's outcomes"):
        open_pack(pack, "team")
    assert [path.name for path in pack.parent.iterdir()] == [pack.name]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"original": "something else"}, "user step 1 of `conversation` is not the `original`"),
        ({"step": 9}, "user step 9 of `conversation` is not the `original`"),
        ({"conversation": [{"user": 7}]}, "a turn of `conversation` must be text without NUL, found `7`"),
        ({"conversation": "hi"}, "`conversation` must be a list of turns"),
        ({"conversation": [{"cat": "miau"}]}, "unknown kind of turn `cat`"),
        ({"verdict": "good"}, "unknown verdict `good`"),
        ({"ambiguity": 7}, "`ambiguity` must be a number from 0 to 1, found `7`"),
        ({"rephrasing": "a\0b"}, "`rephrasing` holds a NUL character"),
        ({"expected_commands": ["start flow other"]}, "`expected_commands` are others than in the line above"),
        ({"id": None}, "`id` is missing"),
        ({"rephrase": "x"}, "unknown key `rephrase`"),
    ],
)
def test_a_line_that_is_no_record_is_named_with_its_place_and_nothing_is_made(
    pack: Path, change: dict[str, object], problem: str
) -> None:
    rows = lines_of(pack)
    last = next(at for at in range(5, 0, -1) if rows[at]["original"] == "I want to renew my book")
    rows[last] |= change
    write_lines(pack, rows)
    with pytest.raises(InputError) as raised:
        open_pack(pack, "ann")
    assert any(problem in str(one) and f"{pack}:{last + 1}:" in str(one) for one in raised.value.problems), (
        raised.value.problems
    )
    assert [path.name for path in pack.parent.iterdir()] == [pack.name]


def test_a_record_that_stands_twice_is_named(pack: Path) -> None:
    rows = lines_of(pack)
    write_lines(pack, [*rows, rows[1], {**rows[2], "id": "r-other"}])
    with pytest.raises(InputError) as raised:
        open_pack(pack, "ann")
    found = [str(one) for one in raised.value.problems]
    assert any(":7:" in one and "a record that stands twice" in one and "line 2" in one for one in found)
    assert any(":8:" in one and "a rephrasing that stands twice" in one and "line 3" in one for one in found)


# -- what else can be done there ------------------------------------------------------------------------------------


def test_its_next_action_is_to_answer_and_then_to_send_the_answers_back(pack: Path) -> None:
    opened = open_pack(pack, "ann")
    assert _next(opened.project) == ("answer the 5 records of round-1", "workbench review open ../round-1.jsonl")
    with at_work(opened) as (log, ids):
        log.decide([ids[text] for text in TEXTS[:3]], Decision.ACCEPT)
        log.decide([ids["again?"]], Decision.FLAG)
    assert _next(opened.project)[0] == "answer 1 of the 5 records of round-1"
    with at_work(opened) as (log, ids):
        log.decide([ids["harbour birds"]], Decision.SKIP)
    assert _next(opened.project) == (
        "all of round-1 is answered (5 records): send back round-1-ann.answers.jsonl",
        "workbench review answers ../round-1.jsonl",
    )
    with closing(opened.project.open()) as connection:
        waiting = [(one.id, one.count) for one in project_status(connection, has_annotator=True).waiting]
        assert waiting == [("flagged", 1), ("skipped", 1)]


def _next(project: Project) -> tuple[str, str]:
    with closing(project.open()) as connection:
        found = project_status(connection, has_annotator=True).next_action
    return found.sentence, found.command


def test_nothing_is_handed_out_of_it(pack: Path) -> None:
    opened = open_pack(pack, "ann")
    with closing(opened.project.open()) as connection, pytest.raises(UsageError, match="nothing is handed out here"):
        write_pack(opened.project, connection, pack.parent, Wanted(), reviewer="ann")
