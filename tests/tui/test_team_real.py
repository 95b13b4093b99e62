"""The app against a real Argilla server: handed out, answered by two people, fetched and decided, with keys alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from review.team.models import Outcome
from tests.argilla_server import ANN, BOB, LocalArgilla
from tests.review.argilla.handed import KEY_VARIABLE, Handed, make_project
from tests.tui.apps import calm, press, running, screen_of, shown, toasts, until
from tui.app import WorkbenchApp
from tui.screens.review import ReviewScreen
from tui.screens.team import TeamScreen

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]
SECONDS = 60.0
"""A busy machine takes its time to import the SDK."""


@pytest.fixture
def handed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argilla: LocalArgilla) -> Iterator[Handed]:
    monkeypatch.setenv(KEY_VARIABLE, argilla.api_key)
    argilla.start()  # an earlier test may have killed it
    handed = Handed(argilla, make_project(tmp_path, conversations=1, url=argilla.url, workspace=argilla.workspace))
    yield handed
    handed.close()


async def done(app: WorkbenchApp, pilot: Pilot[None]) -> None:
    await until(lambda: not app.sync.is_running and not app.checks.is_running, pilot, SECONDS)
    await calm(app, pilot)


async def test_a_round_goes_out_and_a_disagreement_comes_back_to_be_decided(handed: Handed) -> None:
    async with running(handed.project, "team") as (app, pilot):
        await done(app, pilot)
        assert f"connected  {handed.stack.url}" in shown(app)
        assert "as owner (owner)" in shown(app)
        await press(app, pilot, "p")
        await press(app, pilot, "y")  # when what it would send is counted
        await done(app, pilot)
        assert toasts(app)[-1] == ("Push", "round-1: 4 records sent. w opens it in the browser.")
        assert "0 of 4 answered or passed over by 2" in shown(app)
        for who in (ANN, BOB):
            handed.says(who, 1, "accept")
        handed.says(ANN, 2, "accept")
        handed.says(BOB, 2, "reject", comment="asks for another book")
        await press(app, pilot, "s")
        await done(app, pilot)
        assert toasts(app)[-1] == ("Pull", "4 new answers, 1 settled, 1 to decide here.")
        assert "2 of 4 answered or passed over by 2" in shown(app)
        await press(app, pilot, "k", "enter")
        review = screen_of(app, ReviewScreen)
        assert review.item is not None
        assert review.item.id == 2
        assert "asks for another book" in review.item_pane.text
        await press(app, pilot, "x", "t")
        screen_of(app, TeamScreen)
        assert "nothing: all that came back is settled" in shown(app)
        handed.pull()
        assert handed.outcome(2) is Outcome.ADJUDICATED


async def test_a_server_that_goes_away_is_told_and_a_push_is_gone_on_with(handed: Handed) -> None:
    async with running(handed.project, "team") as (app, pilot):
        await done(app, pilot)
        handed.stack.kill()
        await press(app, pilot, "p")
        await press(app, pilot, "y")  # when what it would send is counted
        await done(app, pilot)
        assert app.link.is_broken
        assert "not connected since" in shown(app)
        handed.stack.start()
        await press(app, pilot, "p")
        await press(app, pilot, "y")  # when what it would send is counted
        await done(app, pilot)
        assert app.link.state == "connected"
        assert len({record["external_id"] for record in handed.on_server()}) == len(handed.on_server()) == 4
