"""What `annotate`, `rephrase` and `validate` share: the estimate, the question before spending, the meter, the report."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tui.cli.output import narrate, print_json, print_lines, print_table

if TYPE_CHECKING:
    from core.llm.control import Control
    from core.llm.meter import MeterReading
    from core.project import Project
    from core.stages.models import Estimate, ItemFailure, Progress, Stage, StageReport

MaxCost = Annotated[
    float | None,
    typer.Option("--max-cost", metavar="AMOUNT", help="Stop before more than this is spent, in the prices' currency."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Start without asking, whatever it will cost.")]
Batch = Annotated[
    str | None,
    typer.Option("--batch", metavar="api|DIR", help="By the endpoint's Batch API (api), or by files in DIR (vLLM run-batch)."),
]
DryRun = Annotated[bool, typer.Option("--estimate", help="Print what it would ask and cost, and ask nothing.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]

_LISTED = 20
INTERRUPTED = 130


def carry_out(
    context: typer.Context,
    project: Project,
    stage: Stage,
    *,
    yes: bool = False,
    max_cost: float | None = None,
    batch: str | None = None,
    as_json: bool = False,
    estimate_only: bool = False,
) -> None:
    """Estimates, asks where much is to be spent, runs, reports. Exit code 1 if something is left to do again.

    Raises:
        UsageError: a yes is needed and there is no terminal to give it.
    """
    check_limit(max_cost)
    if estimate_only:
        print_estimate(stage.estimate(), as_json=as_json)
        return
    report, is_interrupted = run_estimated(project, stage, stage.estimate(), yes=yes, max_cost=max_cost, batch=batch)
    if as_json:
        print_json(report.as_data())
    else:
        print_report(report)
    if is_interrupted:
        raise typer.Exit(INTERRUPTED)
    if not report.complete:
        raise typer.Exit(1)


def run_estimated(
    project: Project,
    stage: Stage,
    estimate: Estimate,
    *,
    yes: bool = False,
    max_cost: float | None = None,
    batch: str | None = None,
) -> tuple[StageReport, bool]:
    """Tells what will be asked, asks where much is to be spent, and runs; the report, and whether Ctrl-C ended it.

    Raises:
        UsageError: a yes is needed and there is no terminal to give it.
    """
    for line in estimate_lines(estimate):
        narrate(line)
    if batch is None:
        _tell_of_batches(project, stage)
    if not yes:
        _confirm(project, estimate, max_cost)
    return run_untold(project, stage, max_cost, batch)


def estimate_lines(estimate: Estimate) -> Iterator[str]:
    """For people: one line for what is worked on, one for each model."""
    yield f"{estimate.stage.value}: {estimate.items}"
    for one in estimate.calls:
        stored = f", {one.stored:,} stored" if one.stored else ""
        about = "" if one.exact else "about "
        calls = "1 call" if one.calls == 1 else f"{one.calls:,} calls"
        cost = "no price set" if one.cost is None else f"{about}{one.cost:,.4f} {one.currency}" if one.cost else "no cost"
        yield (
            f"  {one.role.value} ({one.model}): {calls}{stored}, {about}{one.prompt_tokens:,} prompt tokens,"
            f" about {one.completion_tokens:,} in answers, {cost}"
        )
    for note in estimate.notes:
        yield f"  {note}"


def print_estimate(estimate: Estimate, *, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        print_json({**asdict(estimate), "missing": estimate.missing, "cost": estimate.cost})
    else:
        print_lines(estimate_lines(estimate))


def check_limit(max_cost: float | None) -> None:
    """Raises UsageError for a limit that is none."""
    from core.errors import UsageError

    if max_cost is not None and not max_cost >= 0:
        raise UsageError(f"--max-cost is {max_cost:g}", remedy="Give an amount of money: 0 or more.")


def _confirm(project: Project, estimate: Estimate, max_cost: float | None) -> None:
    """A limit that lies below the amount that needs a yes is a yes: no more than that is spent."""
    from core.errors import UsageError

    limits = project.settings.llm
    cost = estimate.cost
    if cost is not None and max_cost is not None:
        cost = min(cost, max_cost)
    is_much = cost > limits.confirm_cost if cost is not None else estimate.missing > limits.confirm_calls
    if not is_much:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(
            "this asks more than may be spent without a yes",
            remedy="Say --yes, or raise confirm_cost or confirm_calls in [llm] of workbench.toml. --estimate has figures.",
        )
    if not typer.confirm("Start?", err=True):
        narrate("Nothing was asked.")
        raise typer.Exit(1)


def run_untold(
    project: Project, stage: Stage, max_cost: float | None = None, batch: str | None = None
) -> tuple[StageReport, bool]:
    """Runs without a question; the report, and whether Ctrl-C ended it."""
    from core.llm.control import Control
    from core.stages.running import run_stage

    control = Control()
    with _meter_line() as (on_reading, progress):

        async def main() -> StageReport:
            with _interrupts(control):
                if batch is not None:
                    return await _in_batches(project, stage, control, progress, batch, max_cost)
                return await run_stage(
                    project,
                    stage,
                    control=control,
                    max_cost=max_cost,
                    on_reading=on_reading,
                    progress=progress,
                    narrate=narrate,
                )

        try:
            report = asyncio.run(main())
        except asyncio.CancelledError:
            narrate("Interrupted: what was answered before is stored; run it again to go on.")
            raise typer.Exit(INTERRUPTED) from None
    return report, control.stopped == _INTERRUPTED


_INTERRUPTED = "interrupted"


@contextmanager
def _interrupts(control: Control) -> Iterator[None]:
    """The first Ctrl-C waits for what is on its way and stores it; the second gives it up."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()

    def interrupt() -> None:
        if control.stopped:
            if task is not None:
                task.cancel()
            return
        control.stop(_INTERRUPTED)
        narrate("\nStopping: waiting for answers that are on their way. Ctrl-C again gives them up.")

    for name in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError, ValueError, RuntimeError):  # not in the main thread: nothing to catch
            loop.add_signal_handler(name, interrupt)
    try:
        yield
    finally:
        for name in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError, ValueError, RuntimeError):
                loop.remove_signal_handler(name)


@contextmanager
def _meter_line() -> Iterator[tuple[Callable[[MeterReading], None], Progress]]:
    """A bar with the figures of the run on stderr if that is a terminal, silence otherwise."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield (lambda reading: None), (lambda what, done, total: None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[figures]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None, figures="")

        def on_reading(reading: MeterReading) -> None:
            bar.update(task, figures=figures_of(reading))

        def progress(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total or None)

        yield on_reading, progress


def figures_of(reading: MeterReading) -> str:
    """`41.2/s · 20 in flight · 1.2M tokens · 0.12 USD · 429: waits 3 s`"""
    parts = [f"{reading.rate:,.1f}/s", f"{reading.in_flight:,} in flight"]
    tokens = reading.prompt_tokens + reading.completion_tokens
    if tokens:
        parts.append(f"{tokens:,} tokens")
    if reading.cost is not None:
        parts.append(f"{reading.cost:,.4f} {reading.currency}")
    if reading.failed:
        parts.append(f"{reading.failed:,} failed")
    if reading.waiting:
        parts.append(reading.waiting)
    return " · ".join(parts)


def print_report(report: StageReport) -> None:
    """Counts on stdout; what was left out and what failed below, the first of each with its reason."""
    print_table((report.stage.value, ""), list(report.counts.items()))
    _print_items("Left out", report.left_out)
    _print_items("Failing, and annotated all the same", report.kept)
    _print_items("Failed, and asked again by the same call", report.failures)
    for note in report.notes:
        narrate(note)
    if report.stopped:
        narrate(f"Stopped before the end: {report.stopped.rstrip('.')}. What was answered is stored; run it again to go on.")


def _print_items(title: str, items: tuple[ItemFailure, ...]) -> None:
    if not items:
        return
    print(f"\n{title}")
    for one in items[:_LISTED]:
        print_lines([f"  {one.item}"])
        print_lines(f"      {line}" for line in one.what.splitlines())
        if one.remedy:
            print_lines([f"      → {one.remedy}"])
        if one.call:
            print(f"      workbench llm show {one.call[:12]}")
    if len(items) > _LISTED:
        print(f"  … and {len(items) - _LISTED:,} more (`--json` lists all)")


async def _in_batches(
    project: Project, stage: Stage, control: Control, progress: Progress, batch: str, max_cost: float | None
) -> StageReport:
    from pathlib import Path

    from core.llm.batch import run_in_batches

    where: Literal["api"] | Path = "api" if batch == "api" else Path(batch)
    return await run_in_batches(project, stage, control=control, progress=progress, where=where, max_cost=max_cost)


def _tell_of_batches(project: Project, stage: Stage) -> None:
    """What a batch was asked already would be asked, and paid, again."""
    from core.llm.batch import waiting_batches

    for name, place in waiting_batches(project):
        if name == stage.name.value:
            narrate(f"warning: a batch of this stage still waits for its answers ({place}); go on with it by --batch.")
