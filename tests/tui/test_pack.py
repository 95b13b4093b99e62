"""The app on the project of a hand-out: it speaks of the answers and their way back, not of a team or of stages."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from core.user import User
from review.decisions import DecisionLog
from review.models import Decision
from review.pack.answers import write_hand_in
from review.pack.opening import OpenedPack, open_pack
from tests.review.pack.laptops import clone, hand_out
from tests.tui.apps import press, running, screen_of, shown, toasts
from tui.screens.review import ReviewScreen
from tui.screens.stages import StagesScreen
from tui.screens.team import TeamScreen

ANN = User("ann")


@pytest.fixture
def pack(tmp_path: Path) -> OpenedPack:
    """Ann's of five records, of which she has answered two."""
    hand_out(clone(tmp_path / "home"), tmp_path)
    opened = open_pack(Path(shutil.move(tmp_path / "round-1.jsonl", tmp_path / "home")), "ann")
    _answer(opened, 2)
    return opened


def _answer(pack: OpenedPack, count: int) -> None:
    with closing(pack.project.open()) as connection:
        ids = [id_ for (id_,) in connection.execute("SELECT id FROM rephrasing ORDER BY id LIMIT ?", (count,))]
        DecisionLog(connection, "ann", "app").decide(ids, Decision.ACCEPT)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_overview_speaks_of_the_hand_out_alone(pack: OpenedPack, size: tuple[int, int]) -> None:
    async with running(pack.project, user=ANN, size=size) as (app, pilot):
        text = " ".join(shown(app).split())
        assert "Answer 3 of the 5 records of round-1" in text
        assert "round-1 of library, answered by ann" in text
        assert "round-1-ann.answers.jsonl written when you leave" in text
        for elsewhere in ("Annotate", "Rephrase", "Validate", "Coverage never", "nothing handed out", "Exported"):
            assert elsewhere not in text
        await press(app, pilot, "enter")
        assert len(screen_of(app, ReviewScreen).rows.queue) == 5


async def test_when_all_is_answered_the_overview_says_what_to_send(pack: OpenedPack) -> None:
    _answer(pack, 5)
    async with running(pack.project, user=ANN) as (app, pilot):
        assert "All of round-1 is answered (5 records): send back round-1-ann.answers.jsonl" in shown(app)
        await press(app, pilot, "enter")
        assert "workbench review answers ../round-1.jsonl" in toasts(app)[0][1]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_team_screen_says_how_far_it_is_and_where_the_hand_in_is(pack: OpenedPack, size: tuple[int, int]) -> None:
    async with running(pack.project, "team", user=ANN, size=size) as (app, pilot):
        text = " ".join(shown(app).split())
        assert "2 of 5 answered" in text
        assert "Not written yet: leaving `workbench review open` does" in text
        for elsewhere in ("server", "ARGILLA", "review pack", "Push", "Pull"):
            assert elsewhere not in text
        write_hand_in(pack)
        await press(app, pilot, "ctrl+r")
        assert "round-1-ann.answers.jsonl" in shown(app).replace("\n", "").replace(" ", "")
        assert "Written" in shown(app)
        await press(app, pilot, "p", "s", "enter")
        assert screen_of(app, ReviewScreen).scope.filter_text == "state:open"
        assert toasts(app) == []


async def test_no_stage_is_started_there(pack: OpenedPack) -> None:
    async with running(pack.project, user=ANN) as (app, pilot):
        await press(app, pilot, "v")
        assert toasts(app) == []
        await press(app, pilot, "f6", "v")
        screen_of(app, StagesScreen)
        assert "nothing is validated here: this is what ann answers the hand-out round-1.jsonl in" in toasts(app)[0][1]


async def test_elsewhere_the_team_screen_is_that_of_the_team(tmp_path: Path) -> None:
    async with running(clone(tmp_path / "home"), "team") as (app, _):
        assert screen_of(app, TeamScreen).meter.display
        assert "no server is set up" in shown(app)
