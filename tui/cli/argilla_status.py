"""What `workbench argilla status` shows: the rounds as they stand here, and what the server says of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tui.cli.output import print_json, print_lines, print_table

if TYPE_CHECKING:
    from core.errors import WorkbenchError
    from core.project import Project
    from review.argilla.looking import RoundThere
    from review.team.overview import RoundSummary, TeamSummary


@dataclass(frozen=True, slots=True)
class ServerState:
    """`role`: of the key's owner. `rounds`: by name."""

    url: str
    version: str
    user: str
    role: str
    rounds: Mapping[str, RoundThere] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TeamStatus:
    """`trouble`: why the server says nothing."""

    summary: TeamSummary
    server: ServerState | None = None
    trouble: WorkbenchError | None = None


def read_status(project: Project) -> TeamStatus:
    """What stands here is told even if the server does not answer."""
    from core.errors import WorkbenchError
    from review.argilla.connection import connect
    from review.argilla.looking import look
    from review.team.models import Surface
    from review.team.overview import team_summary

    with closing(project.open()) as connection:
        summary = team_summary(connection)
    rounds = [one.round for one in summary.rounds if one.round.surface is Surface.ARGILLA]
    try:
        with closing(connect(project)) as server:
            there = {one.name: one for one in look(server, rounds)}
            state = ServerState(server.url, server.version, server.user, server.role, there)
    except WorkbenchError as error:
        return TeamStatus(summary, trouble=error)
    return TeamStatus(summary, state)


def print_status(status: TeamStatus, as_json: bool) -> None:
    if as_json:
        print_json(_as_data(status))
        return
    print_lines(_server_lines(status))
    if status.summary.rounds:
        print_lines([""])
        headers = ("round", "records", "sent", "answered", "answers", "of", "discards", "outcomes", "on the server")
        print_table(headers, [_round_row(one, status) for one in status.summary.rounds])
    if status.summary.annotators:
        print_lines([""])
        print_table(
            ("annotator", "answers", "unsure", "discards", "as the outcome", "of", "latest"),
            [
                (one.name, one.answers, one.unsure, one.discards, one.agreeing, one.compared, one.last_answer[:16])
                for one in status.summary.annotators
            ],
        )
    print_lines(_missing_people(status))
    if status.summary.needs_a_person:
        print_lines(["", f"to be decided here: {status.summary.needs_a_person:,} (`workbench review`)"])


def _server_lines(status: TeamStatus) -> Iterator[str]:
    if status.server is not None:
        server = status.server
        yield f"{server.url}: reachable, Argilla {server.version}, as {server.user} ({server.role})"
    elif status.trouble is not None:
        yield f"no server: {status.trouble.what}"
        if status.trouble.remedy:
            yield f"  → {status.trouble.remedy}"


def _missing_people(status: TeamStatus) -> Iterator[str]:
    from review.argilla.people import too_few

    for one in status.summary.rounds:
        there = status.server.rounds.get(one.round.name) if status.server is not None else None
        if there is not None and there.is_published and there.pending:
            words = too_few(there.members, one.round)
            if words is not None:
                yield words


def _round_row(one: RoundSummary, status: TeamStatus) -> tuple[Any, ...]:
    outcomes = ", ".join(f"{count:,} {outcome.value}" for outcome, count in one.outcomes.items())
    return (
        one.round.name, one.records, one.pushed, one.answered, one.answers, one.wanted, one.discards, outcomes,
        _there(one, status),
    )  # fmt: skip


def _there(one: RoundSummary, status: TeamStatus) -> str:
    there = status.server.rounds.get(one.round.name) if status.server is not None else None
    if there is None:
        return "" if one.round.surface.value == "argilla" else "a pack"
    if not there.is_there:
        return "not there"
    if not there.is_published:
        return "not published"
    drafts = sum(person.drafts for person in there.people)
    parts = [f"{there.pending:,} of {there.records:,} pending"]
    if drafts:
        parts.append(f"{drafts:,} drafts")
    parts.append("answers to pull" if there.has_news else "up to date")
    return ", ".join(parts)


def _as_data(status: TeamStatus) -> dict[str, Any]:
    from dataclasses import asdict

    server, trouble, summary = status.server, status.trouble, status.summary
    there = {} if server is None else server.rounds
    return {
        "reachable": server is not None,
        "trouble": None if trouble is None else trouble.what,
        "server": None
        if server is None
        else {"url": server.url, "version": server.version, "user": server.user, "role": server.role},
        "rounds": [
            {
                "name": one.round.name,
                "surface": one.round.surface.value,
                "overlap": one.round.overlap,
                "records": one.records,
                "sent": one.pushed,
                "answered": one.answered,
                "answers": one.answers,
                "wanted": one.wanted,
                "discards": one.discards,
                "outcomes": {outcome.value: count for outcome, count in one.outcomes.items()},
                "pulled_at": one.round.pulled_at,
                "on_server": asdict(there[one.round.name]) if one.round.name in there else None,
            }
            for one in summary.rounds
        ],
        "annotators": [asdict(one) for one in summary.annotators],
        "needs_a_person": summary.needs_a_person,
        "conflicts": summary.conflicts,
    }
