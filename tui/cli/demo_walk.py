"""The whole way of `workbench demo --walk`: from a test of the sample to verdicts, by the embedded model."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import typer

from tui.cli.output import narrate, print_lines
from tui.cli.stages import carry_out

FILE = "e2e_tests/small_talk.yml"
TEST = "three quick questions"
REPHRASINGS = 2


def walk(context: typer.Context, folder: Path, *, fresh: bool) -> None:
    """Annotates, rephrases and validates in a copy of the sample of its own, and prints every answer as it is.

    What was answered before is not asked again. `fresh`: begin anew.

    Raises:
        ProjectError: the embedded model is not installed, or cannot be run.
    """
    from core.annotation.stage import prepare_annotate
    from core.llm.embedded import kept_running
    from core.llm.models import Role
    from core.pipeline.ingest import ingest
    from core.rephrasing.stage import prepare_rephrase
    from core.sample import copy_sample
    from core.user import current_user
    from core.validation.stage import prepare_validate

    project = copy_sample(folder, fresh=fresh)
    with closing(project.open(create=True)) as connection:
        ingest(project, connection, [project.root / FILE], reviewer=current_user().reviewer)
    settings = project.settings.llm.role(Role.ANNOTATOR)
    assert settings is not None, "the sample has one"
    print("From a test to verdicts with the embedded model, SmolLM2 with 135 million parameters: everything below is what it")
    print("really answers. It is far too small for the task, and is there so that this needs no key and no network.")
    with kept_running(project, settings, narrate=narrate), closing(project.open()) as connection:
        _say(f'annotate {FILE}::"{TEST}" --keep-failing')
        path = str(project.root / f"{FILE}::{TEST}")
        with suppress(typer.Exit):  # a failing test is no reason to end here
            carry_out(context, project, prepare_annotate(project, [path], keep_failing=True), yes=True)
        _say(f"rephrase -n {REPHRASINGS}")
        rephrase = prepare_rephrase(project, count=REPHRASINGS)
        with suppress(typer.Exit):
            carry_out(context, rephrase.project, rephrase, yes=True)
        _say("validate")
        with suppress(typer.Exit):
            carry_out(context, project, prepare_validate(project), yes=True)
        _print_everything(connection)


def _say(command: str) -> None:
    print(f"\n$ workbench {command}", flush=True)


def _print_everything(connection: sqlite3.Connection) -> None:
    """Every user step with the commands it got, and its rephrasings with their verdicts."""
    from core.commands import describe, from_json

    steps = connection.execute(
        "SELECT s.id, c.name, s.text, s.commands FROM user_step s JOIN conversation c ON c.id = s.conversation_id"
        " WHERE s.active = 1 AND s.commands IS NOT NULL ORDER BY c.id, s.ordinal"
    ).fetchall()
    current = None
    for step_id, name, text, commands in steps:
        if name != current:
            current = name
            print_lines(["", name])
        found = ", ".join(describe(command) for command in from_json(commands)) or "no command"
        print_lines([f"  {text}", f"      → {found}"])
        for wording, verdict, reasons in connection.execute(
            "SELECT r.text, r.verdict, v.reasons FROM rephrasing r LEFT JOIN verdict v ON v.id = r.verdict_id"
            " WHERE r.step_id = ? AND r.active = 1 ORDER BY r.position",
            (step_id,),
        ):
            print_lines([f"      {verdict or 'no verdict':<10} {wording}"])
            print_lines([f"                 {reason}" for reason in _reasons(reasons)])


def _reasons(stored: str | None) -> list[str]:
    import json

    return json.loads(stored) if stored else []
