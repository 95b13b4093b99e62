"""`--batch`: a stage's questions all at once, answered within a day for less money, or on a machine of one's own.

The stage runs in passes. What a pass cannot answer from what is stored goes out as one batch; its answers become the same
rows that single calls become, and the next pass finds them. It ends when a pass misses nothing.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

from core.errors import Location, ProjectError, UsageError
from core.llm.batch_api import BatchApi, BatchEndedError
from core.llm.batch_asker import BatchAskers, batch_settings
from core.llm.batch_files import check_folder, outputs, set_aside, write_inputs
from core.llm.batch_jobs import Calls, Job, new_jobs, open_jobs
from core.llm.batch_results import Asked, Imported, import_output
from core.llm.budget import cost_of, has_price
from core.llm.control import Control
from core.llm.keys import public_url
from core.llm.models import CallFailure, Request, Role, Usage
from core.llm.secrets import api_key
from core.project import Project
from core.prompts.tokens import estimate
from core.stages.lock import stage_lock
from core.stages.models import Progress, Stage, StageReport

_TRIES: Final = 3
"""Batches in which a question is asked that was throttled or not worked on."""
_ANSWER: Final = 512
"""Tokens that an answer is taken to have where `max_tokens` is not set."""


async def run_in_batches(
    project: Project,
    stage: Stage,
    control: Control,
    progress: Progress,
    where: Literal["api"] | Path,
    *,
    max_cost: float | None = None,
    poll_seconds: float = 20.0,
) -> StageReport:
    """Run `stage` by the endpoints' Batch API, or by files in the folder `where`.

    With files it returns when there is something to answer: the report's `stopped` says what to run. Call it again then.
    With the API it waits, as long as a day; if the program ends meanwhile, the next call goes on waiting for the same batch.

    Raises:
        UsageError: another stage runs in this project; a cost limit without a price; `where` is a file.
        ProjectError: a role is not configured or has no batches, its key is missing, or its endpoint cannot be asked.
        InputError: a file of answers cannot be read.
        StoreError: the disk or the database does not take what came.
    """
    with stage_lock(project, f"{stage.name.value} in batches"), closing(project.open()) as connection:
        run = _Run(project, stage, control, progress, connection, max_cost, poll_seconds)
        place = "api" if where == "api" else str(Path(where).absolute())
        if where != "api":
            check_folder(Path(place))
        return await (run.by_api() if place == "api" else run.by_files(Path(place)))


def waiting_batches(project: Project) -> tuple[tuple[str, str], ...]:
    """Stage, and number or folder, of each batch whose answers are still to come: a run without `--batch` would ask again."""
    return tuple((job.stage, (job.id or "not started") if job.place == "api" else job.place) for job in open_jobs(project))


class _Run:
    def __init__(
        self,
        project: Project,
        stage: Stage,
        control: Control,
        progress: Progress,
        connection: sqlite3.Connection,
        max_cost: float | None,
        poll_seconds: float,
    ) -> None:
        self._project, self._stage, self._control, self._progress = project, stage, control, progress
        self._connection, self._max_cost, self._poll_seconds = connection, max_cost, poll_seconds
        self._tries: dict[str, int] = {}
        self._failed: dict[str, CallFailure] = {}
        self._spent = 0.0
        self._notes: list[str] = []

    async def by_api(self) -> StageReport:
        try:
            # Those of an earlier run first: they are paid for already.
            await self._settle(self._own_jobs("api"))
        except BatchEndedError as ended:
            self._notes.append(str(ended))
        while True:
            report, missing = await self._pass()
            if not missing:
                return self._noted(report)
            if self._control.stopped:
                return self._noted(report, self._control.stopped)
            try:
                self._check_cost(missing)
                brought = await self._settle(await self._jobs(missing, "api"))
            except BatchEndedError as ended:
                return self._noted(report, str(ended))
            if not brought:
                return self._noted(report, "a batch brought neither answers nor errors")

    async def by_files(self, folder: Path) -> StageReport:
        strange = await asyncio.to_thread(self._import_files, folder)
        report, missing = await self._pass()
        if missing and strange:
            raise ProjectError(
                "none of its lines answers a question of this stage that waits",
                where=Location(str(strange[0])),
                remedy="Remove it, or name the project and the folder it belongs to.",
            )
        for job in self._own_jobs(str(folder)):
            job.forget()
        if not missing:
            self._notes += [f"left alone: {output}, which answers no question that waits" for output in strange]
            return self._noted(report)
        jobs = await self._jobs(missing, str(folder))
        commands = write_inputs(
            folder, self._stage.name.value, [(job, batch_settings(self._project, job.role)) for job in jobs]
        )
        count = sum(job.calls for job in jobs)
        said = f"{count:,} questions wait to be answered in {folder}: run `{'` and `'.join(commands)}`, then this again"
        return self._noted(report, said)

    async def _pass(self) -> tuple[StageReport, dict[Role, dict[str, Request]]]:
        askers = BatchAskers(self._project, self._connection, self._failed)
        report = await self._stage.run(askers, self._progress)
        return report, {role: requests for role, requests in askers.missing.items() if requests}

    def _noted(self, report: StageReport, stopped: str = "") -> StageReport:
        return replace(report, notes=(*report.notes, *self._notes), stopped=report.stopped or stopped)

    def _own_jobs(self, place: str) -> list[Job]:
        """Open ones of this stage whose role still goes to the endpoint they were sent to."""
        own = []
        for job in open_jobs(self._project, self._stage.name.value):
            if job.place != place:
                continue
            settings = self._project.settings.llm.role(job.role)
            if settings is None or public_url(settings) != job.base_url:
                self._notes.append(
                    f"left alone: a batch of the role `{job.role.value}` at {job.base_url}, {job.id or job.place}"
                )
            else:
                own.append(job)
        return own

    async def _jobs(self, missing: Mapping[Role, Mapping[str, Request]], place: str) -> list[Job]:
        jobs = []
        for role, requests in missing.items():
            settings = batch_settings(self._project, role)
            jobs += await asyncio.to_thread(
                new_jobs, self._project, self._stage.name.value, role, settings, public_url(settings), place, requests
            )
        return jobs

    async def _settle(self, jobs: list[Job]) -> int:
        """Send, wait for and import all of `jobs`. Returns how many lines came."""
        apis: dict[Role, BatchApi] = {}
        try:
            sent = []
            for job in jobs:
                if job.role not in apis:
                    settings = batch_settings(self._project, job.role)
                    key = api_key(self._project, settings, job.role)
                    apis[job.role] = BatchApi(settings, key, self._control, self._poll_seconds)
                sent.append(await apis[job.role].send(job))
            brought, done, total = 0, 0, sum(job.calls for job in sent)
            for job in sent:
                if not job.output.is_file():
                    await apis[job.role].wait(job, lambda now, _, done=done: self._progress("the batch", done + now, total))  # type: ignore[misc]
                brought += await asyncio.to_thread(self._import, job.output, [job])
                job.forget()
                done += job.calls
            return brought
        finally:
            await asyncio.gather(*(api.close() for api in apis.values()))

    def _import_files(self, folder: Path) -> list[Path]:
        """Returns the files that answer none of the questions that wait."""
        jobs, strange = self._own_jobs(str(folder)), []
        for output in outputs(folder, self._stage.name.value):
            if self._import(output, jobs):
                set_aside(output)
            else:
                strange.append(output)
        return strange

    def _import(self, output: Path, jobs: list[Job]) -> int:
        with ExitStack() as stack:
            asked = []
            for job in jobs:
                calls = Calls(job)
                stack.callback(calls.close)
                asked.append(Asked(job, calls, batch_settings(self._project, job.role)))
            # A connection of its own: this runs in a thread, and a large batch takes seconds.
            found = import_output(stack.enter_context(closing(self._project.open())), output, asked)
        self._learn(found)
        return found.answered + len(found.failed)

    def _learn(self, found: Imported) -> None:
        if found.unknown and (found.answered or found.failed):
            self._notes.append(f"{found.unknown:,} answers of a batch are to no question of this project")
        self._spent += found.cost
        for key, failure in found.failed.items():
            self._tries[key] = self._tries.get(key, 0) + 1
            if key not in found.again or self._tries[key] >= _TRIES:
                self._failed[key] = failure

    def _check_cost(self, missing: Mapping[Role, Mapping[str, Request]]) -> None:
        """A batch cannot be stopped at a sum: it is sent if the whole of it is within the limit."""
        if self._max_cost is None:
            return
        expected, currency = 0.0, ""
        for role, requests in missing.items():
            settings = batch_settings(self._project, role)
            if not has_price(settings):
                remedy = f"Set `price_input` and `price_output` in [llm.{role.value}], or leave --max-cost away."
                raise UsageError(f"a cost limit needs a price, and the role `{role.value}` has none", remedy=remedy)
            prompts = sum(estimate(message.content).count for request in requests.values() for message in request.messages)
            usage = Usage(prompts, (settings.max_tokens or _ANSWER) * len(requests))
            expected += (cost_of(settings, usage) or 0.0) * (1 - settings.batch_discount)
            currency = settings.currency
        if self._spent + expected > self._max_cost:
            raise BatchEndedError(
                f"the next batch may cost {expected:,.4f} {currency} beside the {self._spent:,.4f} spent, which is more than "
                f"{self._max_cost:g}; run it again with a higher --max-cost"
            )
