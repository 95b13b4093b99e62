"""The Team screen: what is out, what came back, what waits here, and the work with the server."""

from __future__ import annotations

import webbrowser
from contextlib import closing

import pytest

from core.errors import ProjectError
from core.project import Project
from core.store.connection import transaction
from review.argilla.faults import ArgillaError, Fault
from review.decisions import DecisionLog
from review.models import Decision
from review.team.models import Say, Surface
from tests.tui.apps import calm, press, running, screen_of, shown, toasts, until
from tests.tui.fake_team import CONNECTED, FakeTeam, team
from tests.tui.team_project import answer, configure, half_done, hand_out
from tui.screens.dialogs.push_round import PushDialog
from tui.screens.help import help_content
from tui.screens.review import ReviewScreen
from tui.screens.team import TeamScreen
from tui.team_live import TeamOutcome
from tui.team_work import open_in_browser

__all__ = ["team"]
DOWN = ArgillaError(Fault.UNREACHABLE, "the server at https://labels.example.org cannot be reached", remedy="Start it.")


async def test_t_and_f8_go_there_from_the_other_screens(library: Project) -> None:
    async with running(library) as (app, pilot):
        for away, key in (("f1", "t"), ("f3", "t"), ("f2", "f8"), ("f5", "ctrl+8")):
            await press(app, pilot, away, key)
            screen_of(app, TeamScreen)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_without_server_and_rounds_it_says_what_this_is_for_and_what_to_do(
    library: Project, size: tuple[int, int]
) -> None:
    async with running(library, "team", size=size) as (app, pilot):
        text = " ".join(shown(app).split())
        assert "no server is set up" in text
        assert "[argilla]" in text
        assert "Nothing was handed out yet." in text
        assert "ARGILLA_API_KEY" in text
        assert "workbench review pack" in text.partition("The team ")[0]
        await press(app, pilot, "p")
        assert "no server is set up" in " ".join(shown(app).split())
        assert toasts(app) == []


async def test_asking_for_answers_without_a_server_is_no_failure_and_settings_are_seen_when_they_are_there(
    library: Project, team: FakeTeam, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.screens.team.LOOK_EVERY", 0.05)
    async with running(library, "team") as (app, pilot):
        await press(app, pilot, "s")
        assert app.link.state == "absent"
        assert "team ✗" not in shown(app).splitlines()[0]
        assert toasts(app)[0][0] == "Pull: no server is set up"
        team.check_error = ProjectError("no key for Argilla", remedy="Export it.")
        configure(library)
        await until(lambda: app.link.is_broken, pilot)
        assert "no key for Argilla" in shown(app)
        team.check_error = None
        (library.root / ".env").write_text("ARGILLA_API_KEY=x\n", encoding="utf-8")
        await until(lambda: app.link == CONNECTED, pilot)


async def test_a_server_that_was_down_is_asked_again_when_the_screen_is_opened(library: Project, team: FakeTeam) -> None:
    configure(library)
    half_done(library)
    team.check_error = DOWN
    async with running(library, "team") as (app, pilot):
        await until(lambda: app.link.is_broken, pilot)
        assert "The last try failed; it is tried again in" in " ".join(shown(app).split())
        team.check_error = None
        await press(app, pilot, "f1", "f8")
        await until(lambda: app.link == CONNECTED, pilot)
        assert "fetched by themselves, next in" in " ".join(shown(app).split())


async def test_a_without_anything_handed_out_changes_nothing_and_says_so(library: Project, team: FakeTeam) -> None:
    configure(library)
    async with running(library, "team") as (app, pilot):
        await press(app, pilot, "a")
        assert app.pulls_automatically
        assert toasts(app) == [("Auto", "No answers are waited for: there is nothing to fetch.")]


async def test_while_nothing_came_back_nothing_is_settled(library: Project, team: FakeTeam) -> None:
    hand_out(library, "round-1", 2)
    async with running(library, "team") as (app, _):
        assert "nothing yet: no answers have come back" in shown(app)


async def test_where_two_rounds_wait_a_line_says_that_both_are_shown(library: Project, team: FakeTeam) -> None:
    half_done(library)
    async with running(library, "team") as (app, pilot):
        assert "of all rounds" not in shown(app)
        other = hand_out(library, "round-2", 1)
        answer(library, other, "ann", [Say.ACCEPT])
        answer(library, other, "bob", [Say.REJECT])
        await press(app, pilot, "ctrl+r")
        assert shown(app).count("⏎ shows those of all rounds") == 2


def test_the_help_names_no_group_twice() -> None:
    for scope in ("team", "review", "stages"):
        lines = [line for line in help_content(scope, {}, 90).plain.splitlines() if line and not line.startswith(" ")]
        assert len(lines) == len(set(lines))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_rounds_annotators_and_what_waits(library: Project, team: FakeTeam, size: tuple[int, int]) -> None:
    configure(library)
    half_done(library)
    async with running(library, "team", size=size) as (app, pilot):
        await until(lambda: app.link == CONNECTED, pilot)
        text = " ".join(shown(app).split())
        assert "connected https://labels.example.org" in text
        assert "as maria (owner) Argilla 2.8.0" in text
        assert "2 disagreements, to be decided in Review" in text
        assert "4 of 6 answered or passed over by 2" in text
        assert "6 sent 9 answers 2 settled 2 disagree 0 conflicts" in text
        assert "ann 5 0 1 100 % of 2" in text
        assert "bob 4 0 0 100 % of 2" in text
        assert "Krippendorff's alpha" in text


async def test_enter_on_disagreements_decides_them_and_the_screen_counts_again(library: Project, team: FakeTeam) -> None:
    half_done(library)
    async with running(library, "team") as (app, pilot):
        await press(app, pilot, "enter")
        review = screen_of(app, ReviewScreen)
        assert (review.scope.filter_text, len(review.rows.queue)) == ("team:disagree", 2)
        await press(app, pilot, "a", "t")
        assert "1 disagreement, to be decided" in " ".join(shown(app).split())


async def test_enter_on_a_round_shows_what_of_it_waits(library: Project, team: FakeTeam) -> None:
    half_done(library)
    settled = hand_out(library, "round-2", 1)
    answer(library, settled, "ann", [Say.ACCEPT])
    answer(library, settled, "bob", [Say.ACCEPT])
    async with running(library, "team") as (app, pilot):
        await press(app, pilot, "j", "enter")  # the newest round stands first
        assert ("round-2", "Nothing of it waits here.") in toasts(app)
        await press(app, pilot, "j", "enter")
        assert screen_of(app, ReviewScreen).scope.filter_text == "team:disagree"


async def test_a_conflict_leads_to_review(library: Project, team: FakeTeam) -> None:
    round_ = hand_out(library, "round-1", 1)
    with closing(library.open()) as connection:
        (id_,) = connection.execute("SELECT rephrasing_id FROM team_record").fetchone()
        DecisionLog(connection, "tester", "app").decide([id_], Decision.ACCEPT)
    answer(library, round_, "ann", [Say.REJECT])
    answer(library, round_, "bob", [Say.REJECT])
    async with running(library, "team") as (app, pilot):
        assert "1 conflict: the team says otherwise than was decided here" in " ".join(shown(app).split())
        await press(app, pilot, "enter")
        review = screen_of(app, ReviewScreen)
        assert review.scope.filter_text == "team:conflict"
        assert "conflict: the team says otherwise" in review.item_pane.text
        await press(app, pilot, "x", "t")
        assert "nothing: all that came back is settled" in shown(app)


async def test_answers_of_another_process_are_counted(
    library: Project, team: FakeTeam, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.screens.team.LOOK_EVERY", 0.05)
    round_ = hand_out(library, "round-1", 2)
    async with running(library, "team") as (app, pilot):
        assert "nobody has answered yet" in shown(app)
        answer(library, round_, "cem", [Say.ACCEPT, None])
        await until(lambda: "cem" in shown(app), pilot)


async def test_a_pack_says_so_and_a_round_that_is_not_all_sent_too(library: Project, team: FakeTeam) -> None:
    hand_out(library, "by-file", 2, surface=Surface.PACK)
    hand_out(library, "cut-off", 3, sent=1)
    async with running(library, "team") as (app, _):
        text = " ".join(shown(app).split())
        assert "a pack" in text
        assert "1 of 3 sent" in text


# -- the server ---------------------------------------------------------------------------------------------------


async def test_a_server_that_does_not_answer_stays_said_with_the_next_step(library: Project, team: FakeTeam) -> None:
    configure(library)
    team.check_error = DOWN
    async with running(library, "team") as (app, pilot):
        await until(lambda: app.link.is_broken, pilot)
        text = shown(app)
        assert "not connected since" in text
        assert "cannot be reached" in text
        assert "Start it." in text
        assert "team ✗" in text.splitlines()[0]
        assert toasts(app) == []
        team.check_error = None
        await press(app, pilot, "ctrl+r")
        await until(lambda: app.link == CONNECTED, pilot)
        assert "team ✗" not in shown(app).splitlines()[0]


async def test_keys_are_answered_while_a_pull_runs_and_it_goes_on_on_other_screens(library: Project, team: FakeTeam) -> None:
    configure(library)
    half_done(library)
    team.closed = True
    async with running(library, "team") as (app, pilot):
        await until(lambda: app.link == CONNECTED, pilot)
        await press(app, pilot, "s")
        await until(lambda: "40 / 200   20 %" in shown(app), pilot)
        assert "reading round-1" in shown(app)
        await press(app, pilot, "f3", "a", "a")
        with closing(library.open()) as connection:
            assert connection.execute("SELECT count(*) FROM decision WHERE reviewer = 'tester'").fetchone() == (2,)
        assert "pull 40/200" in shown(app).splitlines()[0]
        assert team.told == ["pull begins in team pull"]  # it has not ended: both keys came first
        team.gate.set()
        await until(lambda: not app.sync.is_running, pilot)
        await calm(app, pilot)
        assert team.told[-1] == "pull ends"
        assert toasts(app) == []  # it would lie over the queue
        assert screen_of(app, ReviewScreen).hint.text == "Pull: 3 new answers."
        assert "pull" not in shown(app).splitlines()[0]


async def test_x_stops_it(library: Project, team: FakeTeam) -> None:
    configure(library)
    team.closed = True
    team.outcome = TeamOutcome(CONNECTED, "No new answers; stopped before all were read.", is_good=False)
    async with running(library, "team") as (app, pilot):
        await until(lambda: app.link == CONNECTED, pilot)
        await press(app, pilot, "s")
        await until(lambda: team.told, pilot)
        await press(app, pilot, "s")  # one at a time; the key does nothing meanwhile
        await press(app, pilot, "x")
        await until(lambda: not app.sync.is_running, pilot)
        await calm(app, pilot)
        assert team.told == ["pull begins in team pull", "pull stopped"]
        assert "stopped before all were read" in toasts(app)[-1][1]


async def test_a_failure_is_told_with_the_next_step_and_logged(library: Project, team: FakeTeam) -> None:
    configure(library)
    team.error = DOWN
    async with running(library, "team") as (app, pilot):
        await until(lambda: app.link == CONNECTED, pilot)
        await press(app, pilot, "s")
        await until(lambda: app.link.is_broken, pilot)
        await calm(app, pilot)
        assert toasts(app) == [("Argilla", f"{DOWN.what}\nStart it.")]
        assert DOWN.what in (library.state_folder / "app.log").read_text(encoding="utf-8")


async def test_what_went_wrong_here_says_nothing_of_the_server(library: Project, team: FakeTeam) -> None:
    configure(library)
    team.error = OSError("no space left on device")
    async with running(library, "team") as (app, pilot):
        await until(lambda: app.link == CONNECTED, pilot)
        await press(app, pilot, "s")
        await until(lambda: not app.sync.is_running, pilot)
        await calm(app, pilot)
        assert app.link == CONNECTED
        assert "no space left" in toasts(app)[-1][1]


async def test_leaving_does_not_wait_for_a_server(library: Project, team: FakeTeam, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.app_team.WAIT_AT_EXIT", 0.1)
    configure(library)
    team.closed = True
    async with running(library, "team") as (app, pilot):
        await until(lambda: app.link == CONNECTED, pilot)
        await press(app, pilot, "s")
        await until(lambda: team.told, pilot)
        await pilot.press("q")
    assert app.return_code == 0
    assert team.told[-1] == "pull stopped"


# -- by itself ----------------------------------------------------------------------------------------------------


async def test_answers_are_fetched_by_themselves_while_a_round_is_out(library: Project, team: FakeTeam) -> None:
    configure(library)
    half_done(library)
    async with running(library) as (app, pilot):
        app._pull_if_due()
        assert team.told == []  # not at once: the first keys come first
        app._pull_at = 0.0
        app._pull_if_due()
        await until(lambda: "pull ends" in team.told, pilot)
        await calm(app, pilot)
        assert ("Pull", "3 new answers.") in toasts(app)
        app._pull_if_due()
        assert team.told.count("pull ends") == 1
        assert app.team.next_pull == "5 min"


async def test_nothing_is_fetched_without_a_round_or_when_it_is_switched_off(library: Project, team: FakeTeam) -> None:
    configure(library)
    async with running(library, "team") as (app, pilot):
        await until(lambda: app.link == CONNECTED, pilot)
        app._pull_at = 0.0
        app._pull_if_due()
        assert "No answers are waited for." in shown(app)
        half_done(library)
        await press(app, pilot, "ctrl+r", "a")
        assert "when you press s" in " ".join(shown(app).split())
        app._pull_at = 0.0
        app._pull_if_due()
        assert team.told == []
        await press(app, pilot, "a")
        app._pull_if_due()
        await until(lambda: "pull ends" in team.told, pilot)


async def test_what_nobody_asked_for_is_silent_unless_something_is_new(library: Project, team: FakeTeam) -> None:
    configure(library)
    half_done(library)
    team.outcome = TeamOutcome(CONNECTED, "No new answers.", is_news=False)
    async with running(library) as (app, pilot):
        for error, told in ((None, 0), (DOWN, 1), (DOWN, 1)):  # a failure is told when it begins
            team.error = error
            app._pull_at = 0.0
            app._pull_if_due()
            await until(lambda: not app.sync.is_running, pilot)
            await calm(app, pilot)
            assert len(toasts(app)) == told


# -- pushing ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_push_says_how_many_and_why_first(library: Project, team: FakeTeam, size: tuple[int, int]) -> None:
    configure(library)
    with closing(library.open()) as connection:
        DecisionLog(connection, "tester", "app").decide([1], Decision.FLAG)
    async with running(library, "team", size=size) as (app, pilot):
        await until(lambda: app.link == CONNECTED, pilot)
        await press(app, pilot, "p")
        plan = screen_of(app, PushDialog).plan
        assert plan is not None
        text = " ".join(shown(app).split())
        assert f"{plan.planned.records} rephrasings should be seen by more than one person" in text
        assert "1 flagged" in text
        assert "2 verdict ambiguous" in text
        for fact in ("round-1", "http://127.0.0.1:9", "Workbench's own", "majority, 1 ahead"):
            assert fact in text
        await press(app, pilot, "j", "l", "y")
        await until(lambda: "push ends" in team.told, pilot)
        assert [(one.new, one.overlap, one.limit) for one in team.wanted] == [(True, 3, None)]


async def test_nothing_is_pushed_without_a_yes(library: Project, team: FakeTeam) -> None:
    configure(library)
    async with running(library, "team") as (app, pilot):
        await until(lambda: app.link == CONNECTED, pilot)
        await press(app, pilot, "p", "n", "p", "escape")
        screen_of(app, TeamScreen)
        assert team.wanted == []


async def test_a_round_that_was_cut_off_is_completed(library: Project, team: FakeTeam) -> None:
    configure(library)
    hand_out(library, "round-1", 3, sent=1)
    async with running(library, "team") as (app, pilot):
        await until(lambda: app.link == CONNECTED, pilot)
        await press(app, pilot, "p")
        assert "2 records of round-1 did not arrive" in shown(app)
        await press(app, pilot, "y")
        await until(lambda: "push ends" in team.told, pilot)
        assert [(one.new, one.overlap, one.limit) for one in team.wanted] == [(False, None, None)]


async def test_when_nothing_is_left_it_says_what_goes_to_the_team(library: Project, team: FakeTeam) -> None:
    configure(library, '[argilla]\nurl = "http://127.0.0.1:9"\n[team]\nthreshold = 1.0\n')
    with closing(library.open()) as connection, transaction(connection):
        connection.execute("UPDATE rephrasing SET verdict = 'same' WHERE verdict = 'ambiguous'")
    async with running(library, "team") as (app, pilot):
        await until(lambda: app.link == CONNECTED, pilot)
        await press(app, pilot, "p")
        assert "Nothing is left that the team should see." in shown(app)
        await press(app, pilot, "y")
        assert team.wanted == []


async def test_w_opens_the_round_and_keeps_its_address(
    library: Project, team: FakeTeam, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(library)
    half_done(library)
    with closing(library.open()) as connection:
        place = '{"url": "https://labels.example.org", "dataset_id": "d-1"}'
        connection.execute("UPDATE team_round SET place = ?", (place,))
    address, browsers = "https://labels.example.org/dataset/d-1/annotation-mode", [True, False]
    opened: list[str] = []

    def open_in_browser(url: str) -> bool:
        opened.append(url)
        return browsers.pop(0)

    monkeypatch.setattr("tui.team_work.open_in_browser", open_in_browser)
    async with running(library, "team") as (app, pilot):
        await press(app, pilot, "w")
        assert opened == [address]
        assert app.clipboard == address
        assert toasts(app)[-1] == ("In the browser", f"{address}\nIt is in the clipboard too.")
        await press(app, pilot, "w")
        assert toasts(app)[-1] == ("No browser could be started here", f"{address}\nIt is in the clipboard.")


class Window(webbrowser.BaseBrowser):
    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
        return True


@pytest.mark.parametrize("browser", [Window("window"), webbrowser.GenericBrowser("lynx"), None])
def test_a_browser_in_the_terminal_is_none(monkeypatch: pytest.MonkeyPatch, browser: webbrowser.BaseBrowser | None) -> None:
    def get() -> webbrowser.BaseBrowser:
        if browser is None:
            raise webbrowser.Error("no browser")
        return browser

    monkeypatch.setattr(webbrowser, "get", get)
    assert open_in_browser("https://labels.example.org") is isinstance(browser, Window)
