"""`workbench assistant check|show`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui.cli.output import narrate, print_json, print_lines, print_table
from tui.cli.state import State

if TYPE_CHECKING:
    from core.assistant.models import Assistant
    from core.assistant.reading import ReadAssistant


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Check and read the assistant: its flows, slots and responses.", no_args_is_help=True)
    group.command()(check)
    group.command()(show)
    app.add_typer(group, name="assistant")


def check(
    context: typer.Context,
    path: Annotated[Path | None, typer.Argument(help="The assistant's folder; default: the project's, or this one.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Every problem of the assistant in one pass, with its place and its remedy. Exit code 1 if there is an error."""
    from core.assistant.check import check_read

    read = _read(context, path)
    findings = check_read(read)
    errors = sum(finding.level == "error" for finding in findings)
    warnings = len(findings) - errors
    counts = _counts(read.assistant)
    if as_json:
        found = [finding.as_data() for finding in findings]
        print_json({"root": read.assistant.root, **counts, "errors": errors, "warnings": warnings, "findings": found})
    else:
        print_lines(f"{finding.level}: {finding.problem} [{finding.rule}]" for finding in findings)
        read_parts = ", ".join(f"{count:,} {name}" for name, count in counts.items())
        narrate(f"{errors:,} errors, {warnings:,} warnings in {read_parts} of {read.assistant.root}")
    for other in read.others if read.others and not as_json else ():
        narrate(f"not checked, an assistant of its own: {other}")
    if errors:
        raise typer.Exit(1)


def show(
    context: typer.Context,
    flow: Annotated[str | None, typer.Argument(help="Id of a flow; default: a list of all.")] = None,
    path: Annotated[
        Path | None, typer.Option("--path", help="The assistant's folder; default: the project's, or this one.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """The flows as a list, or one as an outline of its steps and branches."""
    from core.assistant.graph import all_steps
    from core.assistant.models import Collect
    from core.assistant.outline import flow_data, flow_lines

    read = _read(context, path)
    assistant = read.assistant
    for problem in read.problems:
        narrate(f"error: {problem}")
    if flow is not None:
        found = assistant.flows.get(flow)
        if found is None:
            raise _unknown_flow(flow, assistant)
        if as_json:
            print_json(flow_data(found))
        else:
            print_lines(flow_lines(found, assistant))
    elif as_json:
        print_json([flow_data(one) for one in assistant.flows.values()])
    else:
        rows = []
        for one in assistant.flows.values():
            steps = list(all_steps(one.steps))
            slots = dict.fromkeys(step.slot for step in steps if isinstance(step, Collect))
            rows.append((one.id, one.display_name, len(steps), ", ".join(slots), str(one.where)))
        print_table(("flow", "name", "steps", "asks for", "place"), rows)


def _read(context: typer.Context, path: Path | None) -> ReadAssistant:
    from core.assistant.reading import read_assistant
    from core.errors import ProjectError
    from core.project import find_project

    state = context.obj
    assert isinstance(state, State)
    if path is None:
        try:
            path = find_project(state.folder).root
        except ProjectError:
            path = state.folder
    here = Path.cwd()
    return read_assistant(path, base=here if path.resolve().is_relative_to(here) else None)


def _counts(assistant: Assistant) -> dict[str, int]:
    return {"flows": len(assistant.flows), "slots": len(assistant.slots), "responses": len(assistant.responses)}


def _unknown_flow(name: str, assistant: Assistant) -> Exception:
    from core.errors import UsageError
    from core.yaml.findings import did_you_mean

    return UsageError(f"no flow `{name}` in {assistant.root}", remedy=did_you_mean(name, assistant.flows))
