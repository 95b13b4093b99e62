"""`workbench review pack | open | answers | merge`: rounds without a server, as files that go to people and come back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui.cli.output import narrate, print_json, print_table, progress_bar
from tui.cli.state import opened, project_of

if TYPE_CHECKING:
    from review.pack.answers import HandIn
    from review.pack.hand_out import HandedOut
    from review.pack.merging import Merged, MergedRound
    from review.pack.opening import OpenedPack

_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_PACK = Annotated[Path, typer.Argument(metavar="PACK", help="A hand-out, as `workbench review pack` wrote it.")]


def register(group: typer.Typer) -> None:
    group.command()(pack)
    group.command("open")(open_pack)
    group.command()(answers)
    group.command()(merge)


def pack(
    context: typer.Context,
    out: Annotated[
        Path | None, typer.Argument(metavar="[OUT]", help="The file, or a folder for it; default: ROUND.jsonl here.")
    ] = None,
    round_name: Annotated[
        str | None,
        typer.Option("--round", help="Name of the round; of one that there is: its files again. Default: a new one."),
    ] = None,
    filter_text: Annotated[str | None, typer.Option("--filter", "-f", help="Only these, e.g. `flow:renew_loan`.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="At most so many, most uncertain first.")] = None,
    overlap: Annotated[
        int | None, typer.Option("--overlap", min=1, max=20, help="Answers wanted of each; default: that of workbench.toml, 2.")
    ] = None,
    blind: Annotated[
        bool | None, typer.Option("--blind/--not-blind", help="Without the machine's verdict, reasons and score.")
    ] = None,
    split: Annotated[
        str | None,
        typer.Option("--split", metavar="NAMES", help="`ann,bob,cem`: one file each, each record to `overlap` of them."),
    ] = None,
    as_json: _JSON = False,
) -> None:
    """Hand a round out as a file, for people without a server: what is ambiguous, flagged, or scored over the threshold.

    They answer in the app (`workbench review open`) or in any text editor; `workbench review merge` takes the answers in.
    """
    from core.user import current_user
    from review.pack.hand_out import Wanted, write_pack

    people = None if split is None else tuple(name.strip() for name in split.split(","))
    wanted = Wanted(round_name, filter_text, limit, overlap, blind, people)
    project = project_of(context)
    with opened(context) as connection, progress_bar() as progress:
        found = write_pack(project, connection, out, wanted, reviewer=current_user().reviewer, progress=progress)
    if as_json:
        print_json(_handed_out_as_data(found))
    elif found is not None:
        _print_handed_out(found)
    if found is None:
        narrate("Nothing is for the team now: nothing new is ambiguous, flagged, or scored over [team] threshold.")


def open_pack(context: typer.Context, path: _PACK) -> None:
    """Answer a hand-out in the app, on any machine: no project is needed. Opened again it goes on where you were.

    Leaving the app writes your answers beside it: ROUND-NAME.answers.jsonl, to be sent back. Skipped is passed over, flagged
    is unsure. NAME is the reviewer you set (WORKBENCH_REVIEWER or configuration), else whom the hand-out is for.
    """
    from core.user import current_user
    from review.pack.opening import GUIDELINES_NAME
    from review.pack.opening import open_pack as open_
    from tui.cli.launch import has_terminal, open_app

    user = current_user()
    opened_pack = open_(path, user.reviewer, is_login=user.is_login)
    reviewer = opened_pack.reviewer
    _narrate_who(opened_pack, is_login=user.is_login)
    if opened_pack.filled_in:
        narrate(f"{opened_pack.filled_in:,} lines of {path} are filled in by hand: the app does not show them; merge it too.")
    narrate(f"What to decide and how: {opened_pack.project.root / GUIDELINES_NAME}")
    if not has_terminal():
        records = _n(opened_pack.records, "record")
        print(f"{opened_pack.header.round}, {records}, is ready for {reviewer} in {opened_pack.project.root}.")
        print("No terminal is attached, so nothing was opened. Work on it headless:")
        print(f"  workbench -C {opened_pack.project.root} review next")
        print(f"  workbench review answers {path}")
        return
    try:
        open_app(opened_pack.project, start="review")
    finally:
        _write_answers(opened_pack, as_json=False)


def answers(context: typer.Context, path: _PACK, as_json: _JSON = False) -> None:
    """Write your answers to a hand-out that you opened, as they stand: the file to be sent back."""
    from core.user import current_user
    from review.pack.opening import open_pack as open_

    user = current_user()
    _write_answers(open_(path, user.reviewer, is_login=user.is_login, make=False), as_json=as_json)


def _narrate_who(opened_pack: OpenedPack, *, is_login: bool) -> None:
    """Whose answers they will be, unless both sides have named the same person."""
    reviewer, handed_to = opened_pack.reviewer, opened_pack.header.handed_to
    if is_login:
        why = "your login name" if handed_to is None else "whom this hand-out is for"
        narrate(f"Your answers count as those of {reviewer}, {why}. WORKBENCH_REVIEWER=NAME makes them somebody else's.")
    elif handed_to is not None and handed_to != reviewer:
        narrate(f"This hand-out is for {handed_to}, but you are set as {reviewer}: your answers count as those of {reviewer}.")


def _write_answers(opened_pack: OpenedPack, *, as_json: bool) -> None:
    from review.pack.answers import write_hand_in

    found = write_hand_in(opened_pack)
    if as_json:
        print_json(
            {
                "file": str(found.path) if found.written else None,
                "answers": found.answers,
                "left": found.left,
                "by": opened_pack.reviewer,
            }
        )
    elif found.written:
        left = f"{found.left:,} left" if found.left else "none left"
        print(f"{found.path}: {_n(found.answers, 'answer')} by {opened_pack.reviewer}, {left}")
    _narrate_hand_in(found)


def _narrate_hand_in(found: HandIn) -> None:
    if not found.written:
        narrate("Nothing was decided, so nothing was written.")
    elif found.by_hand:
        narrate(f"{_n(found.by_hand, 'rephrasing')} added by hand: of no record, so not among the answers.")


def merge(
    context: typer.Context,
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Hand-ins, or hand-outs that were filled in by hand; of several people too."),
    ],
    by: Annotated[
        str | None, typer.Option("--by", metavar="NAME", help="Whose answers are in the files that do not say so.")
    ] = None,
    as_json: _JSON = False,
) -> None:
    """Take in what people answered, all files or none: one wrong line, and nothing is changed. Twice is as good as once."""
    from core.user import current_user
    from review.pack.merging import merge as run

    project = project_of(context)
    with opened(context) as connection:
        merged = run(project, connection, paths, by=by, reviewer=current_user().reviewer)
    if as_json:
        print_json(_merged_as_data(merged))
    else:
        _print_merged(merged)


def _print_handed_out(found: HandedOut) -> None:
    for path, count in found.files.items():
        unchanged = "  (unchanged)" if path in found.unchanged else ""
        print(f"{path}: {_n(count, 'record')}{unchanged}")
    again = "" if found.is_new else " again"
    wanted = _n(found.round.overlap, "answer")
    narrate(f"`{found.round.name}`{again}: {_n(found.records, 'record')}, {wanted} wanted of each.")
    if found.outdated:
        narrate(f"{_n(found.outdated, 'record')} left out: their steps have other commands now, or are gone.")
    narrate("Next: send it; `workbench review open FILE` answers it, `workbench review merge FILE...` takes the answers in.")


def _print_merged(merged: Merged) -> None:
    from review.pack.keys import name_in_files

    for file in merged.files:
        who = ", ".join(f"{count:,} by {name}" for name, count in file.annotators.items())
        others = file.handed_to is not None and any(name != file.handed_to for name in file.annotators)
        print(f"{file.path}: {who or 'no answers'}{f'  (handed out to {file.handed_to})' if others else ''}")
    for one in merged.rounds:
        came = one.recording
        counts = {
            "added": came.added,
            "changed": came.changed,
            "withdrawn": came.withdrawn,
            "known": came.known,
            "overtaken by a later one in these files": one.overtaken,
        }
        print(f"{one.round.name}: {', '.join(f'{count:,} {what}' for what, count in counts.items() if count) or 'no answers'}")
        if one.adopted:
            narrate(_adopted(name_in_files(one.round), one.round.name))
        print_table(("outcome", "records"), list(_outcomes(one).items()))
        for outcome, count in one.resolved.outcomes.items():
            if outcome.needs_a_person and count:
                found = f"{_n(count, 'record')} to be decided here"
                narrate(f"{outcome.value}: {found}; in Review the filter `team:{outcome.value}` shows them.")


def _adopted(there: str, here: str) -> str:
    called = "" if here == there else f", called `{here}` here, since there is another `{there}`"
    return f"`{there}` was handed out in another clone; it is a round of this project too now{called}."


def _outcomes(one: MergedRound) -> Mapping[str, int]:
    return {outcome.value: count for outcome, count in sorted(one.resolved.outcomes.items()) if count}


def _handed_out_as_data(found: HandedOut | None) -> dict[str, Any]:
    if found is None:
        return {"round": None, "new": False, "overlap": None, "records": 0, "outdated": 0, "files": []}
    return {
        "round": found.round.name,
        "new": found.is_new,
        "overlap": found.round.overlap,
        "records": found.records,
        "outdated": found.outdated,
        "files": [
            {"path": str(path), "records": count, "unchanged": path in found.unchanged} for path, count in found.files.items()
        ],
    }


def _merged_as_data(merged: Merged) -> dict[str, Any]:
    from review.pack.keys import name_in_files

    return {
        "files": [
            {"path": str(file.path), "round": file.round_name, "answers": dict(file.annotators), "for": file.handed_to}
            for file in merged.files
        ],
        "rounds": [
            {
                "round": one.round.name,
                "name_in_files": name_in_files(one.round),
                "adopted": one.adopted,
                "added": one.recording.added,
                "changed": one.recording.changed,
                "withdrawn": one.recording.withdrawn,
                "known": one.recording.known,
                "overtaken": one.overtaken,
                "decided": one.resolved.decided,
                "taken_back": one.resolved.taken_back,
                "conflicts": one.resolved.conflicts,
                "outcomes": dict(_outcomes(one)),
            }
            for one in merged.rounds
        ],
    }


def _n(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")
