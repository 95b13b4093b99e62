"""`workbench preflight`."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui.cli.output import narrate, print_json, print_lines, print_table, progress_bar
from tui.cli.state import opened, project_of

if TYPE_CHECKING:
    from core.preflight.models import Finding, Preflight


class FormChoice(StrEnum):
    AUTO = "auto"
    CHAT = "chat"
    PLAIN = "plain"


class CutSide(StrEnum):
    END = "end"
    START = "start"


def register(app: typer.Typer) -> None:
    app.command()(preflight)


def preflight(
    context: typer.Context,
    dataset: Annotated[
        str, typer.Argument(metavar="[DATASET]", help="The beginning of its name; default: the latest.")
    ] = "latest",
    model: Annotated[
        str, typer.Option("--model", "-m", metavar="FOLDER|NAME", help="The model to train: a folder, or a name on the hub.")
    ] = "",
    max_length: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Tokens a row is cut at; default: what the longest row needs.")
    ] = None,
    cut_side: Annotated[CutSide, typer.Option(help="Which end is cut (TRL cuts the end).")] = CutSide.END,
    form: Annotated[
        FormChoice,
        typer.Option(help="Train on messages (chat) or on joined texts (plain); auto: chat if the model has a template."),
    ] = FormChoice.AUTO,
    recipe: Annotated[
        str | None,
        typer.Option(
            metavar="RECIPE",
            help="Training to estimate: unsloth (default) or trl, and what differs: 'trl batch=4 epochs=1'.",
        ),
    ] = None,
    price: Annotated[
        list[str] | None, typer.Option(metavar="GPU=PRICE", help="What an hour of a GPU type costs you. Repeatable.")
    ] = None,
    pad_token: Annotated[str | None, typer.Option(metavar="TOKEN", help="The token the trainer will pad with.")] = None,
    eos_token: Annotated[str | None, typer.Option(metavar="TOKEN", help="The token the trainer will end answers with.")] = None,
    template_option: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE", help="For the chat template in training and serving; VALUE is JSON or text. Repeatable."
        ),
    ] = None,
    waive: Annotated[
        list[str] | None, typer.Option(metavar="CHECK", help="This check need not pass; it is recorded. Repeatable.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole report as JSON.")] = False,
) -> None:
    """Check that a dataset survives training and serving with a model, before a GPU is rented.

    Every row of train and val is rendered with the model's own tokenizer and chat template, as TRL trains it and as vLLM serves
    it. Nothing is trained, and no torch is needed. The report is kept with the dataset; exit code 1 if a check fails that is
    not waived.
    """
    from core.errors import UsageError
    from core.preflight.names import known_checks
    from core.preflight.options import PreflightOptions
    from core.preflight.run import preflight as run
    from core.preflight.stored import blocking, save_preflight
    from core.store.datasets import find_dataset

    if not model:
        raise UsageError("no model is named", remedy="Name the one to train with --model: a folder, or a name on the hub.")
    project = project_of(context)
    options = PreflightOptions(
        model=model,
        max_length=max_length,
        cut_side=cut_side.value,
        form=form.value,
        pad_token=pad_token,
        eos_token=eos_token,
        template_options=template_options_of(template_option or []),
        waived=known_checks(waive or ()),
        recipe=recipe,
        prices=prices_of(price or []),
    )
    with opened(context) as connection:
        version = find_dataset(project, connection, dataset)
        with progress_bar() as progress:
            report = run(version, options, progress=progress)
        save_preflight(connection, version.id, report)
    stopping = blocking(report, options.waived)
    if as_json:
        print_json(report.as_data() | {"passed": not stopping})
    else:
        _print(report, stopping, options.waived)
    if stopping:
        raise typer.Exit(1)


def _print(report: Preflight, stopping: tuple[Finding, ...], waived: tuple[str, ...]) -> None:
    from core.preflight import text

    print_lines(text.heading(report))
    print("\nTokens")
    print_table(("", "min", "p50", "p95", "p99", "max", "mean"), text.spread_rows(report.lengths))
    print_lines(text.histogram(report.lengths))
    print_lines([text.length_line(report)])
    print("\nRows that are cut")
    headers = ("trainer", "length", "what it does", "label lost", "label cut", "prompt cut", "learned tokens cut")
    print_table(headers, text.cut_rows(report.cuts))
    _print_gpus(report)
    print("\nRows with each command")
    print_table(("", "train", "val"), text.command_rows(report))
    if report.rows.get("val"):
        print_lines([text.val_line(report)])
    print("\nWhat is learned (between ⟦ ⟧)")
    print_lines(text.probe_line(probe) for probe in report.probes)
    print("\nChecks")
    for finding in report.findings:
        print_lines(text.finding_lines(finding, waived))
    print_lines([text.passed_line(report)])
    print(f"\n{text.verdict(report, stopping)}")
    if stopping:
        narrate("Mend them, or waive a check by name: --waive CHECK. It is recorded.")


def _print_gpus(report: Preflight) -> None:
    from core.preflight import text

    print(f"\nGPU types for {report.parameters['recipe'] or 'unsloth'}")
    if report.gpu_note:
        print_lines([report.gpu_note])
        return
    headers = ("", "peak of GiB", "minutes", "s/step", "cost", "")
    print_table(headers, text.gpu_rows(report))
    print_lines(text.gpu_notes(report))


def prices_of(given: list[str]) -> dict[str, float]:
    """GPU=PRICE pairs, by the name of the type.

    Raises:
        UsageError: a type is not known, or a price is no number.
    """
    from core.errors import UsageError
    from core.preflight.cost import gpu_named

    found: dict[str, float] = {}
    for one in given:
        name, _, value = one.partition("=")
        gpu = gpu_named(name)
        try:
            found[gpu.name] = float(value)
        except ValueError as error:
            raise UsageError(f"`{one}` names no price", remedy="For instance --price 'A100 80GB=1.80'.") from error
    return found


def template_options_of(given: list[str]) -> dict[str, Any]:
    """NAME=VALUE pairs; a value that is no JSON is text.

    Raises:
        UsageError: one has no `=`.
    """
    from core.errors import UsageError

    found: dict[str, Any] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name.isidentifier():
            raise UsageError(f"`{one}` is no NAME=VALUE", remedy="For instance --template-option enable_thinking=false.")
        try:
            found[name] = json.loads(value)
        except ValueError:
            found[name] = value
    return found
