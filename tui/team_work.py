"""What the app does with the team's server, in a thread, with connections of its own to the server and to the database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from core.errors import ProjectError, WorkbenchError
from core.project import Project
from core.stages.models import Progress
from review.team.models import Round
from review.team.overview import count_needing_a_person
from tui.stage_words import count
from tui.team_live import Link, TeamOutcome

if TYPE_CHECKING:
    from core.team_settings import ArgillaSection, TeamSection
    from review.argilla.choosing import Planned, Wanted
    from review.argilla.pull import Pulled
    from review.argilla.server import ArgillaServer

Cancelled = Callable[[], bool]

NOT_SET_UP = Link(
    "absent",
    problem="no server is set up",
    remedy='Write url = "https://…" under [argilla] in workbench.toml, and the API key of an owner or admin into the variable'
    " ARGILLA_API_KEY or into .env. Without a server: `workbench review pack`.",
)


@dataclass(frozen=True, slots=True)
class PushPlan:
    """What a push would send, and what would be asked of the team with it."""

    planned: Planned
    team: TeamSection
    argilla: ArgillaSection


def is_set_up(project: Project) -> bool:
    """Whether a server stands in `workbench.toml` as it is now, read without checking it."""
    try:
        section = Project(project.root).raw_config.get("argilla")
    except ProjectError:
        return False
    return isinstance(section, dict) and bool(section.get("url"))


def settings_stamp(project: Project) -> tuple[int, ...]:
    """Changes when the files that say where the server is, and who asks it, are written; 0 for one that is not there."""
    stamps = []
    for path in (project.config_path, project.root / ".env"):
        try:
            stamps.append(path.stat().st_mtime_ns)
        except OSError:
            stamps.append(0)
    return tuple(stamps)


def has_open_round(project: Project) -> bool:
    """Whether answers of a round in Argilla are waited for. Never raises: it is asked by a timer."""
    if not is_set_up(project):
        return False
    try:
        with closing(project.open()) as connection:
            row = connection.execute(
                "SELECT 1 FROM team_round r JOIN team_record t ON t.round_id = r.id"
                " WHERE r.surface = 'argilla' AND t.outcome = 'waiting' LIMIT 1"
            ).fetchone()
    except (WorkbenchError, sqlite3.Error):
        return False
    return row is not None


def plan_push(project: Project, progress: Progress) -> PushPlan:
    """For the dialog that asks before anything is sent. Scores what has none yet: seconds on a large project.

    Raises:
        ProjectError: no server is set up, or the configuration is wrong.
        StoreError: the database cannot be opened.
    """
    from review.argilla.choosing import Wanted, plan

    if not is_set_up(project):
        raise ProjectError(NOT_SET_UP.problem, remedy=NOT_SET_UP.remedy)
    project = Project(project.root)
    with closing(project.open()) as connection:
        planned = plan(project, connection, Wanted(), progress)
    return PushPlan(planned, project.settings.team, project.settings.argilla)


def check(project: Project, progress: Progress, cancelled: Cancelled) -> TeamOutcome:
    """Ask the server who we are. Raises ProjectError or ArgillaError."""
    with _connected(Project(project.root)) as (_, link):
        return TeamOutcome(link)


def push(project: Project, wanted: Wanted, progress: Progress, cancelled: Cancelled) -> TeamOutcome:
    """Hand out a round, or what is missing of one. Raises what `review.argilla.push.push` raises."""
    from review.argilla.push import push as push_records

    project = Project(project.root)
    with _connected(project) as (server, link):
        pushed = push_records(project, server, wanted, progress=progress, cancelled=cancelled)
    if pushed.round is None:
        words = "Stopped before anything was sent." if pushed.stopped else "Nothing is left that the team should see."
        return TeamOutcome(link, words, is_good=not pushed.stopped)
    words = f"{pushed.round.name}: {count(pushed.sent, 'record')} sent"
    if pushed.stopped:
        return TeamOutcome(link, f"{words}, then stopped. p sends the rest.", is_good=False)
    return TeamOutcome(link, f"{words}. w opens it in the browser.")


def pull(project: Project, progress: Progress, cancelled: Cancelled) -> TeamOutcome:
    """Get the answers that came since the last time, and work out what they come to. Raises as `review.argilla.pull.pull`."""
    from review.argilla.pull import pull as pull_answers

    project = Project(project.root)
    with _connected(project) as (server, link):
        pulled = pull_answers(project, server, progress=progress, cancelled=cancelled)
    with closing(project.open()) as connection:
        return _pulled(pulled, link, count_needing_a_person(connection))


def _pulled(pulled: Pulled, link: Link, to_decide: int) -> TeamOutcome:
    new = pulled.total("added") + pulled.total("changed") + pulled.total("withdrawn")
    parts = [f"{count(new, 'new answer')}" if new else "No new answers"]
    parts += [f"{pulled.decided:,} settled"] if pulled.decided else []
    parts += [f"{to_decide:,} to decide here"] if to_decide else []
    sentences = [", ".join(parts) + ("; stopped before all were read" if pulled.stopped else "") + "."]
    sentences += [f"{one.name}: {one.note}." for one in pulled.rounds if one.note]
    for number, what in (
        (pulled.total("unknown_answers"), "answer to what was not handed out here: left alone"),
        (pulled.total("gone"), "record gone from the server: its answers stay"),
    ):
        first, _, rest = what.partition(" ")
        sentences += [f"{count(number, first)} {rest}."] if number else []
    is_good = not (pulled.stopped or to_decide or len(sentences) > 1)
    return TeamOutcome(link, "\n".join(sentences), is_good=is_good, is_news=new > 0)


@contextmanager
def _connected(project: Project) -> Iterator[tuple[ArgillaServer, Link]]:
    from review.argilla.connection import connect  # the SDK: 2 s of imports

    server = connect(project)
    with closing(server):
        workspace = project.settings.argilla.workspace
        yield server, Link("connected", server.url, workspace, f"{server.user} ({server.role})", server.version, now())


def now() -> str:
    return f"{datetime.now().astimezone():%H:%M}"


def open_in_browser(address: str) -> bool:
    """Whether a browser took it. May wait for seconds: to be called in a thread.

    One that runs in the terminal (lynx, w3m) is none: it would draw over the app.
    """
    import webbrowser

    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    if type(browser) is webbrowser.GenericBrowser:
        return False
    return browser.open(address)


def web_address(project: Project, round_: Round | None) -> str:
    """The page where a round is answered, None: the latest's. Raises UsageError where none is on the server yet."""
    from review.argilla.looking import page_of_round

    with closing(project.open()) as connection:
        return page_of_round(connection, None if round_ is None else round_.name)
