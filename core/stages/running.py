"""Runs a prepared stage: the project's lock, the models, the stage; the same for the command line and the app."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from core.llm.control import Control
from core.llm.meter import MeterReading
from core.project import Project
from core.stages.lock import stage_lock
from core.stages.models import Progress, Stage, StageReport

READ_EVERY = 0.2
"""Seconds between two readings of the meter."""


async def run_stage(
    project: Project,
    stage: Stage,
    *,
    control: Control | None = None,
    max_cost: float | None = None,
    on_reading: Callable[[MeterReading], None] = lambda reading: None,
    progress: Progress = lambda what, done, total: None,
    narrate: Callable[[str], None] = lambda text: None,
) -> StageReport:
    """Asks what is missing, stores what comes.

    `max_cost`: no call is made beyond it, in the roles' currency. `control` pauses and stops. `on_reading` and
    `progress` are called on the running event loop; `narrate`, from any thread, is told what takes its time at the start.

    Raises:
        UsageError: another stage runs in this project.
        ProjectError: a role is not configured, or its key is missing.
        StoreError: what was answered cannot be stored; what was stored before stays.
    """
    import asyncio
    from contextlib import suppress

    from core.llm.session import llm_session

    with stage_lock(project, stage.name.value), _rare_collections():
        async with llm_session(project, control=control, max_cost=max_cost, narrate=narrate) as session:

            async def read() -> None:
                while True:
                    on_reading(session.reading())
                    await asyncio.sleep(READ_EVERY)

            reading = asyncio.create_task(read())
            try:
                report = await stage.run(session, progress)
            finally:
                reading.cancel()
                with suppress(asyncio.CancelledError):
                    await reading
                on_reading(session.reading())
    return replace(report, notes=(*report.notes, _still_missing(stage))) if report.stopped else report


@contextmanager
def _rare_collections() -> Iterator[None]:
    """An assistant and its prompts stay for the whole run, and looking over them for garbage every 700 objects took a tenth of
    the time. Cycles are few: memory stays flat.
    """
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _still_missing(stage: Stage) -> str:
    """What a run that ended early has left to ask: whoever fills up a quota wants to know by how much."""
    left = stage.estimate()
    tokens = sum(one.prompt_tokens + one.completion_tokens for one in left.calls)
    currencies = {one.currency for one in left.calls}
    cost = f", about {left.cost:,.4f} {currencies.pop()}" if left.cost and len(currencies) == 1 else ""
    return f"Still missing: {left.missing:,} calls, about {tokens:,} tokens{cost}."
