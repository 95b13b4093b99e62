"""`workbench prompt show`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui.cli.output import narrate, print_json
from tui.cli.state import project_if_any

if TYPE_CHECKING:
    from core.project import Project
    from core.prompts.template import PromptTemplate


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="The prompts that the command generator is sent.", no_args_is_help=True)
    group.command()(show)
    group.callback()(_group)  # without one, Typer takes a group of one command for that command
    app.add_typer(group, name="prompt")


def _group() -> None:
    pass


def show(
    context: typer.Context,
    test: Annotated[str, typer.Argument(metavar="TEST", help="`file::test name`, or a file with one test.")],
    step: Annotated[int, typer.Argument(metavar="STEP", help="Which of its user steps, from 1.")],
    template: Annotated[Path | None, typer.Option(metavar="FILE", help="A Jinja template instead of the project's.")] = None,
    commands: Annotated[
        list[str] | None, typer.Option(help="Where the commands of earlier steps come from, as in `workbench test`.")
    ] = None,
    assistant: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The assistant's folder; default: the project's, or the test's.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON: the prompt, its tokens and its variables.")] = False,
) -> None:
    """Print the prompt of a user step; on stderr, how many tokens it has.

    The conversation is played up to the step as `workbench test` plays it.
    """
    from core.errors import UsageError
    from core.prompts.tokens import token_counter
    from core.testing.run_setup import RECORDED, RunOptions, prepare_run
    from core.testing.step_prompt import step_prompt

    project = project_if_any(context)
    options = RunOptions(paths=(test,), commands=tuple(commands or (RECORDED,)), assistant=assistant)
    prepared = prepare_run(options, folder=Path.cwd(), project=project)
    if len(prepared.tests) != 1:
        names = "; ".join(one.case.name for one in prepared.tests[:5])
        raise UsageError(f"{test} holds {len(prepared.tests)} tests: {names}", remedy="Name one as `file::test name`.")
    found = step_prompt(prepared.runner, prepared.tests[0], step)
    chosen = _template(project, template)
    prompt = chosen.render(found.context)
    tokenizer = project.settings.project.tokenizer if project is not None else None
    tokens = token_counter(project.root / tokenizer if project is not None and tokenizer else None)(prompt)
    if as_json:
        variables = found.context.template_variables()
        counted = {"count": tokens.count, "exact": tokens.exact}
        about = {"template": chosen.name, "dialect": chosen.dialect.value, "is_button": found.is_button}
        print_json({"prompt": prompt, "tokens": counted, **about, "variables": variables, "warnings": found.warnings})
    else:
        print(prompt)
    narrate(f"{tokens}, {len(prompt):,} characters, template {chosen.name}")
    if found.is_button:
        narrate("the message is a button's payload: no command generator is asked")
    for warning in found.warnings:
        narrate(f"warning: {warning}")


def _template(project: Project | None, path: Path | None) -> PromptTemplate:
    from contextlib import closing

    from core.pipeline.known_prompts import project_dialect, project_template
    from core.prompts.template import load_template

    if path is not None or project is None:
        return load_template(path)
    with closing(project.open()) as connection:
        return project_template(project, project_dialect(project, connection))
