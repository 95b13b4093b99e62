"""The rephrasing's pane with the ambiguity score and with what the team said, and the lines that say so elsewhere."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest

from core.pipeline.status import project_status
from core.project import Project
from core.store.connection import transaction
from review.models import TeamAnswer, TeamView
from review.team.models import NewAnswer, Outcome, Say, Status, Surface
from review.team.recording import record_answers
from review.team.resolution import Rule
from review.team.resolving import resolve
from review.team.rounds import records_of
from tests.tui.apps import press, running, screen_of, shown
from tests.tui.review_app import ReviewApp, settle
from tests.tui.team_project import AT, answer, half_done, hand_out
from tui.screens.overview_text import pipeline
from tui.screens.review import ReviewScreen
from tui.team_live import Link, TeamLive
from tui.widgets.team_answers import OUTCOMES, TeamBlock

ANN = TeamAnswer("ann", Status.SUBMITTED, Say.ACCEPT, None, None, None, "2026-01-12T09:10:00.000Z")
BOB = TeamAnswer(
    "bob", Status.SUBMITTED, Say.REJECT, "renew the book", ("start flow other", "set slot a b"), "[/b] another\nbook",
    "2026-01-12T09:11:00.000Z",
)  # fmt: skip
CEM = TeamAnswer("cem", Status.DISCARDED, None, None, None, None, "2026-01-12T09:12:00.000Z")


def view(outcome: Outcome, *answers: TeamAnswer, detail: str = "") -> TeamBlock:
    return TeamBlock(TeamView("round-1", Surface.ARGILLA, outcome, detail, 2, answers), "renew my book")


def text(block: TeamBlock, width: int) -> list[str]:
    return [line.plain.rstrip() for line in block.lines(width)]


def test_answers_stand_side_by_side_where_there_is_room() -> None:
    lines = text(view(Outcome.DISAGREE, ANN, BOB), 80)
    assert lines[0] == "team      no agreement: decide here"
    assert lines[1].strip() == "no majority"
    assert lines[2].split() == ["ann", "│", "bob"]
    assert lines[3].split() == ["✓", "accept", "│", "✗", "reject"]
    column = lines[2].index("│")
    assert all(line[column] == "│" for line in lines[3:])
    assert "renew {the} book" in lines[4]
    assert "start flow other" in " ".join(lines)


@pytest.mark.parametrize("width", [20, 28, 38, 48])
def test_else_one_below_the_other_and_nothing_is_wider_than_the_pane(width: int) -> None:
    block = view(Outcome.DISAGREE, ANN, BOB, CEM)
    lines = block.lines(width)
    assert max(line.cell_length for line in lines) <= width
    joined = " ".join(" ".join(text(block, width)).split())
    for words in ("✓ ann", "✗ bob", "- cem", "set", "slot", "“[/b]", "another"):
        assert words in joined
    assert "│" not in joined


@pytest.mark.parametrize("width", [60, 100, 200])
def test_columns_fit_the_pane_too(width: int) -> None:
    lines = view(Outcome.DISAGREE, ANN, BOB, CEM).lines(width)
    assert max(line.cell_length for line in lines) <= width


def test_every_outcome_has_words_and_those_that_answers_do_not_explain_say_how_it_came() -> None:
    assert set(OUTCOMES) == set(Outcome)
    for outcome, detail, cause in (
        (Outcome.CONFLICT, "the team: reject (2 reject: ann, bob); here: accept by maria", "here: accept by maria"),
        (Outcome.DISAGREE, "2 accept: ann, bob; texts differ: ann as it is, bob “renew the book”", "texts differ"),
        (Outcome.DISAGREE, "1 accept, 1 reject; commands differ from the expected: bob would have: x", "commands differ"),
        (Outcome.DISAGREE, "1 accept, 1 discarded: ann; cem discarded: one vote is too few", "one vote is too few"),
        (Outcome.DISAGREE, "1 accept, 1 reject: ann against bob", "no majority"),
    ):
        lines = text(view(outcome, ANN, BOB, detail=detail), 90)
        assert lines[1].strip() == cause  # and nothing of what the answers below say


LONG = replace(BOB, annotator="dan", text="renew " + "very " * 60 + "much", comment="It is wrong because. " * 40)


@pytest.mark.parametrize("width", [28, 38])
def test_a_long_comment_leaves_every_vote_and_wording_in_sight(width: int) -> None:
    lines = text(view(Outcome.DISAGREE, LONG, ANN, BOB, CEM, detail="texts differ"), width)
    assert "texts differ ✗ dan ✓ ann ✗ bob - cem" in " ".join(" ".join(lines[:5]).split())
    assert len(lines) <= 16
    order = [next(n for n, line in enumerate(lines) if words in line) for words in ("{very", "start flow", "“It is", "“[/b]")]
    assert order == sorted(order)
    assert "J shows all of it" in "\n".join(lines)
    whole = [line.plain for line in TeamBlock(view(Outcome.DISAGREE, LONG, ANN).view, "renew", in_full=True).lines(width)]
    assert " ".join(" ".join(whole).split()).count("wrong because.") == 40
    assert "J shows" not in " ".join(whole)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_all_answers_are_in_sight_without_scrolling_and_scrolling_shows_them_whole(
    library: Project, size: tuple[int, int]
) -> None:
    round_ = hand_out(library, "round-1", 1, overlap=3)
    with closing(library.open()) as connection, transaction(connection):
        record = records_of(connection, round_.id)[0]
        said = [("ann", Say.REJECT, "because it is another thing altogether " * 20), ("bob", Say.ACCEPT, None)]
        answers = [
            NewAnswer(record.external_id, name, Status.SUBMITTED, say, AT.format(10), comment=comment)
            for name, say, comment in (*said, ("cem", Say.UNSURE, "hm"))
        ]
        record_answers(connection, round_, answers)
        resolve(connection, round_, Rule())
    async with running(library, "review", size=size) as (app, pilot):
        await press(app, pilot, "slash", *"team:disagree", "enter")
        seen = " ".join(shown(app).split())
        assert "no agreement: decide here" in seen
        assert "✗ ann ✓ bob ? cem" in seen
        assert "because it is" in seen
        assert "“hm”" in seen
        assert ("hide panes" in seen) is (size[0] > 80)  # three columns need more
        await press(app, pilot, "J")
        assert shown(app).count("altogether") > 3
        await press(app, pilot, "1", "2")
        assert ("│ bob" in shown(app)) is (size[0] > 80)


def test_a_team_that_has_not_answered_yet() -> None:
    assert text(view(Outcome.WAITING, detail="0 of 2 answered"), 60) == [
        "team      waits for answers",
        "          0 of 2 answered",
    ]


async def test_the_pane_shows_score_and_answers(library: Project) -> None:
    half_done(library)
    app = ReviewApp(library, "team:disagree")
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        assert screen.item is not None
        assert screen.item.ambiguity is not None
        pane = screen.item_pane.text
        assert f"ambiguity {screen.item.ambiguity.score:.2f}" in pane
        assert "no agreement: decide here" in pane
        assert "{Please renew} the book" in pane
        await pilot.press("j")
        assert "the value is another one" in screen.item_pane.text


async def test_moving_over_what_the_team_answered_is_one_paint(library: Project) -> None:
    half_done(library)
    app = ReviewApp(library, "team:sent")
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        for key in ("j", "j", "k", "a"):
            before = app.paints
            await pilot.press(key)
            await pilot.pause(0.1)
            assert app.paints - before == 1


async def test_answers_that_come_in_are_shown_on_the_row_under_the_cursor(library: Project) -> None:
    round_ = hand_out(library, "round-1", 1)
    async with running(library, "review") as (app, pilot):
        review = screen_of(app, ReviewScreen)
        await press(app, pilot, "slash", *"team:sent", "enter")
        assert "waits for answers" in review.item_pane.text
        answer(library, round_, "ann", [Say.ACCEPT])
        answer(library, round_, "bob", [Say.REJECT])
        review.poll()
        assert "no agreement: decide here" in review.item_pane.text


# -- elsewhere ----------------------------------------------------------------------------------------------------


def test_the_overview_counts_what_is_out_and_what_came_back(library: Project) -> None:
    with closing(library.open()) as connection:
        assert "nothing handed out yet: F8" in pipeline(project_status(connection), 76).plain
    half_done(library)
    with closing(library.open()) as connection:
        words = " ".join(pipeline(project_status(connection), 76).plain.split())
    assert "66 % of 6 1 round, 9 answers" in words
    assert "2 settled 2 waiting 2 disagree 0 conflict 0 outdated" in words


async def test_the_overview_proposes_to_decide_disagreements(library: Project) -> None:
    half_done(library)
    async with running(library) as (app, pilot):
        assert "Decide 2 rephrasings that the team disagrees on" in shown(app)
        await press(app, pilot, "enter")
        assert screen_of(app, ReviewScreen).scope.filter_text == "team:disagree"


async def test_records_that_were_not_sent_lead_to_the_team(library: Project) -> None:
    hand_out(library, "round-1", 3, sent=1)
    async with running(library) as (app, pilot):
        lines = shown(app).splitlines()
        row = next(number for number, line in enumerate(lines) if "did not reach the team yet" in line)
        await pilot.click(offset=(10, row))
        await pilot.pause()
        assert app.current_mode == "team"


@pytest.mark.parametrize("width", [60, 80, 100, 120, 160])
async def test_the_title_line_names_every_screen_and_what_runs(library: Project, width: int) -> None:
    async with running(library, size=(width, 24)) as (app, pilot):
        for live, link, words in (
            (None, Link("connected"), "local ✓"),
            (None, Link("unreachable"), "team ✗"),
            (TeamLive("pull", "reading", 40, 200), Link("connected"), "pull"),
        ):
            app.link, app.sync._live = link, live
            app._tell_team()
            await pilot.pause()
            line = shown(app).splitlines()[0]
            if width >= 80:
                assert all(name in line for name in ("Overview", "Conversations", "Dataset", "Team"))
                assert words in line
        app.sync._live = None


def test_a_block_of_text_survives_what_looks_like_markup() -> None:
    lines = view(Outcome.DISAGREE, BOB).lines(60)
    assert any("[/b] another" in line.plain for line in lines)
