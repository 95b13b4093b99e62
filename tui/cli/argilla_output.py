"""What `workbench argilla push` and `pull` print."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tui.cli.output import narrate, print_json, print_lines, print_table

if TYPE_CHECKING:
    from review.argilla.adopting import Adopted
    from review.argilla.choosing import Planned
    from review.argilla.pull import Pulled
    from review.argilla.push import Pushed
    from review.team.overview import TeamSummary

_SHOWN_IDS = 5


def print_planned(planned: Planned, as_json: bool, workspace: str, workspace_is_there: bool | None) -> None:
    from core.stages.words import counted

    if as_json:
        print_json(
            {
                "round": planned.round_name,
                "new": planned.is_new,
                "overlap": planned.overlap,
                "to_send": planned.records,
                "records": planned.in_all,
                "reasons": dict(planned.reasons),
                "workspace": workspace,
                "workspace_is_there": workspace_is_there,
            }
        )
        return
    if not planned.records:
        narrate(_nothing(planned.unmatched))
        return
    kind = "a new round" if planned.is_new else "goes on"
    print_lines(
        [f"{planned.round_name} ({kind}): {counted(planned.records, 'record')}, {planned.overlap} answers wanted of each"]
    )
    print_table(("why", "records"), list(planned.reasons.items()))
    if workspace_is_there is False:
        print_lines([f"the workspace `{workspace}` is not on the server, or not yours: it would be made"])


def _nothing(unmatched: int) -> str:
    if unmatched:
        return f"Nothing is to be sent: none of the {unmatched:,} that wait match the filter."
    return "Nothing is to be sent: all that is uncertain is decided or with the team."


def print_pushed(pushed: Pushed, as_json: bool) -> None:
    from core.stages.words import counted

    if as_json:
        print_json(
            {
                "round": None if pushed.round is None else pushed.round.name,
                "new": pushed.is_new,
                "overlap": None if pushed.round is None else pushed.round.overlap,
                "sent": pushed.sent,
                "known": pushed.known,
                "records": pushed.records,
                "page": pushed.page or None,
                "stopped": pushed.stopped,
                "notes": list(pushed.notes),
            }
        )
        return
    if pushed.round is None:
        narrate("Stopped." if pushed.stopped else _nothing(pushed.unmatched))
        return
    known = f", {pushed.known:,} were there already" if pushed.known else ""
    print_lines(
        [
            f"{pushed.round.name}: {counted(pushed.sent, 'record')} sent{known}, {pushed.records:,} in all",
            pushed.page,
            *pushed.notes,
        ]
    )
    if pushed.stopped:
        narrate("Stopped before the end; `workbench argilla push` goes on.")


def print_pulled(pulled: Pulled, team: TeamSummary, as_json: bool) -> None:
    """`team`: as it stands after the pull."""
    from dataclasses import asdict

    waits = team.needs_a_person
    if as_json:
        print_json(asdict(pulled) | {"needs_a_person": waits})
        return
    if pulled.adopted is not None:
        print_lines(_adopted(pulled.adopted))
    headers = ("round", "records", "new", "changed", "taken back", "known", "drafts")
    rows = [
        (one.name, one.records, one.added, one.changed, one.withdrawn, one.known, one.drafts)
        for one in pulled.rounds
        if one.read
    ]
    if rows:
        print_table(headers, rows)
    if not pulled.rounds:
        narrate("No round is on Argilla yet: `workbench argilla push` makes one.")
    elif not rows and not any(one.note for one in pulled.rounds):
        narrate("Nothing new on the server.")
    print_lines(_remarks(pulled))
    for count, words in (
        (pulled.decided, "decided by the team"),
        (pulled.taken_back, "decisions of the team taken back"),
        (pulled.conflicts, "new conflicts with what was decided here"),
    ):
        if count:
            print_lines([f"{count:,} {words}"])
    if waits:
        conflicts = f", {team.conflicts:,} of them conflicts (team:conflict)" if team.conflicts else ""
        narrate(f"To be decided here: {waits:,}{conflicts}. `workbench review next --filter team:disagree`, or F3 in the app.")


def _adopted(adopted: Adopted) -> Iterator[str]:
    from core.stages.words import counted

    yield f"{adopted.round}: {counted(adopted.new, 'record')} taken over, {adopted.records:,} in all"
    if adopted.unknown:
        more = ", …" if len(adopted.unknown) > _SHOWN_IDS else ""
        ids = ", ".join(adopted.unknown[:_SHOWN_IDS])
        unknown = counted(len(adopted.unknown), "record")
        yield f"{adopted.round}: of no rephrasing here as it is worded now: {unknown} ({ids}{more})"


def _remarks(pulled: Pulled) -> Iterator[str]:
    from core.stages.words import counted

    for one in pulled.rounds:
        if one.note:
            yield f"{one.name}: {one.note}"
        if one.unknown:
            records, answers = counted(one.unknown, "record"), counted(one.unknown_answers, "answer")
            yield f"{one.name}: left alone what this project did not hand out there: {records} with {answers}"
        if one.gone:
            yield (
                f"{one.name}: deleted on the server: {counted(one.gone, 'record')};"
                f" `workbench argilla push --round {one.name}` sends them again"
            )
        if one.kept:
            yield f"{one.name}: kept, though record or annotator is gone from the server: {counted(one.kept, 'answer')}"
