"""`workbench llm check|ledger|show|failures`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui.cli.output import narrate, print_json, print_lines, print_table
from tui.cli.state import opened, project_of

if TYPE_CHECKING:
    from core.llm.check import RoleCheck
    from core.llm.ledger import LedgerLine
    from core.store.llm_calls import CallRow, FoundCall

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_KEY_SHOWN = 12
"""Digits of a call's key: enough among millions."""


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        help="The language models: test them, and see what was asked, answered and spent.", no_args_is_help=True
    )
    group.command()(check)
    group.command()(ledger)
    group.command()(show)
    group.command()(failures)
    app.add_typer(group, name="llm")


def check(context: typer.Context, as_json: AsJson = False) -> None:
    """Ask each configured model a small question, and say what is wrong if it does not answer. Exit code 1 if one does not."""
    import asyncio

    from core.llm.check import check_roles

    found = asyncio.run(check_roles(project_of(context), narrate=narrate))
    if as_json:
        print_json([one.as_data() for one in found])
    else:
        for one in found:
            print_lines(_check_lines(one))
    if not all(one.is_good for one in found):
        raise typer.Exit(1)


def _check_lines(one: RoleCheck) -> list[str]:
    asked = f"{one.role.value}: {one.model or 'no model'} at {one.address}"
    if one.is_good:
        length = f", context {one.context:,} tokens" if one.context else ""
        lines = [f"{asked}: answers in {one.seconds:.1f} s{length}"]
    else:
        lines = [f"{asked}: {one.what}", *([f"  → {one.remedy}"] if one.remedy else [])]
    return [*lines, *(f"  {note}" for note in one.notes)]


def ledger(context: typer.Context, as_json: AsJson = False) -> None:
    """Tokens, money and latency of all calls, by stage, role and model."""
    from core.llm.ledger import read_ledger

    with opened(context) as connection:
        found = read_ledger(connection)
    if as_json:
        print_json(found.as_data())
        return
    if not found.lines:
        narrate("Nothing was asked yet.")
        return
    headers = ("stage", "role", "model", "answered", "failed", "prompt", "cached", "completion", "cost", "p50 s", "p95 s")
    print_table(headers, [_ledger_row(line) for line in (*found.lines, *found.totals)])
    unpriced = sum(line.unpriced for line in found.totals)
    if unpriced:
        narrate(f"{unpriced:,} answers have no price: set `price_input` and `price_output` of their role.")
    if not all(line.exact for line in found.totals):
        narrate("Tokens marked with ~ are partly estimates: the server did not count them.")


def _ledger_row(line: LedgerLine) -> tuple[object, ...]:
    about = "" if line.exact else "~"
    tokens = (f"{about}{line.prompt_tokens:,}", f"{line.cached_tokens:,}", f"{about}{line.completion_tokens:,}")
    cost = "" if line.cost is None else f"{line.cost:,.4f} {line.currency}"
    latency = tuple("" if value is None else f"{value:.2f}" for value in (line.p50, line.p95))
    return (line.stage or "total", line.role, line.model, line.answered, line.failed, *tokens, cost, *latency)


def show(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="Key of a call, or as many of its first digits as tell it from others.")],
    as_json: AsJson = False,
) -> None:
    """The raw question and answer of one call."""
    from core.errors import UsageError
    from core.store.llm_calls import find_call

    with opened(context) as connection:
        found = find_call(connection, key.lower())
    if found is None:
        raise UsageError(f"no call begins with `{key}`", remedy="`workbench llm failures` lists those that failed.")
    if as_json:
        print_json({**_call_data(found.row), "request": found.request, "response": found.response})
        return
    print_lines(_call_lines(found))


def _call_lines(found: FoundCall) -> list[str]:
    row = found.row
    times = "once" if row.attempts == 1 else f"{row.attempts:,} times"
    about = "" if row.exact_tokens else "about "
    lines = [
        f"key: {row.key}",
        f"for: {row.stage}, {row.item or 'no item'}, sample {row.sample}",
        f"asked: {row.role}, {row.model} at {row.base_url}, {times}, {row.at}",
        f"tokens: {about}{row.prompt_tokens:,} prompt, {row.completion_tokens:,} completion; {row.seconds:.2f} s",
        f"failed: {row.failure_text}" if row.failure else f"answered: {row.finish_reason}",
    ]
    for title, data in (("request", found.request), ("response", found.response)):
        text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False, indent=2)
        lines += ["", f"{title}:", *("none came" if data is None else text).splitlines()]
    return lines


def failures(
    context: typer.Context,
    stage: Annotated[str | None, typer.Option("--stage", help="Only those of one stage.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Calls without an answer, the newest first. The next run of their stage asks them again."""
    from core.store.llm_calls import failed_calls

    with opened(context) as connection:
        found = failed_calls(connection, stage=stage, limit=limit + 1)
    shown = found[:limit]
    if as_json:
        print_json([_call_data(row) for row in shown])
    else:
        for row in shown:
            said = json.loads(row.failure or "{}")
            print_lines([f"{row.key[:_KEY_SHOWN]}  {row.at}  {row.stage}, {row.item or 'no item'}: {row.failure_text}"])
            print_lines([f"  → {said['remedy']}"] if said.get("remedy") else [])
        if not shown:
            narrate("No call has failed.")
    if len(found) > limit:
        narrate(f"There are more; shown are the newest {limit:,}.")


def _call_data(row: CallRow) -> dict[str, Any]:
    from dataclasses import asdict

    data = asdict(row)
    for name in ("request", "response"):
        del data[name]
    return {**data, "failure": json.loads(row.failure) if row.failure else None}
