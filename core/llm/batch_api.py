"""OpenAI's Batch API: upload the questions, start the batch, wait, fetch the answers. Azure and some proxies speak it too."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

import httpx2
import openai
from openai.types import Batch

from core.errors import ProjectError
from core.llm.batch_jobs import Job, url_of
from core.llm.connecting import connect
from core.llm.control import Control
from core.llm.masking import masked, password_of
from core.llm.outcomes import from_exception
from core.llm.roles import RoleSettings

_MOST_BYTES: Final = 2_000_000_000
_ENDED: Final = frozenset({"completed", "expired", "cancelled", "failed"})
_ADOPTABLE: Final = frozenset({"validating", "in_progress", "finalizing", "completed"})
_NAP: Final = 0.1


class BatchEndedError(Exception):
    """A batch that brings no answers, or nobody waits for any longer: why."""


class BatchApi:
    """Batches of one role at its endpoint."""

    def __init__(self, settings: RoleSettings, key: str | None, control: Control, poll_seconds: float) -> None:
        self._settings, self._control, self._poll_seconds = settings, control, poll_seconds
        self._secrets = (key, password_of(settings.base_url))
        sdk = connect(settings, key, model=settings.model, most_bytes=_MOST_BYTES).sdk
        self._sdk = sdk.with_options(timeout=httpx2.Timeout(600, connect=10), max_retries=3)

    async def close(self) -> None:
        await self._sdk.close()

    async def send(self, job: Job) -> Job:
        """Start the job's batch, or find it where it was started before the program ended.

        Raises:
            ProjectError: the endpoint does not take it.
        """
        if job.id:
            return job
        try:
            found = await self._started_before(job)
            if found is not None:
                return job.remember(id=found.id, file_id=found.input_file_id)
            if not job.file_id:
                with job.input.open("rb") as lines:
                    uploaded = await self._sdk.files.create(file=(f"{job.name}.jsonl", lines), purpose="batch")
                job = job.remember(file_id=uploaded.id)
            # Once: a second try after a cut connection could start a second batch. The next run finds the first.
            started = await self._sdk.with_options(max_retries=0).batches.create(
                input_file_id=job.file_id,
                endpoint=url_of(self._settings),  # type: ignore[arg-type]  # Azure's is none of OpenAI's
                completion_window="24h",
                metadata={"workbench": job.name},
            )
        except (openai.OpenAIError, OSError) as error:
            raise self._error(error) from error
        return job.remember(id=started.id)

    async def wait(self, job: Job, report: Callable[[int, int], None]) -> None:
        """Until its answers are there, as `job.output`. `report` gets questions done, and how many there are.

        Raises:
            BatchEndedError: it was refused, is gone, or the run was stopped; `job` is forgotten where nothing can come.
            ProjectError: the endpoint cannot be asked.
        """
        silent_since: float | None = None
        while True:
            try:
                batch = await self._sdk.batches.retrieve(job.id)
                silent_since = None
            except openai.NotFoundError as error:
                job.forget()
                raise BatchEndedError(
                    f"the endpoint knows no batch {job.id} any more; its questions are asked again"
                ) from error
            except (openai.APIConnectionError, openai.InternalServerError, openai.RateLimitError) as error:
                silent_since = silent_since or time.monotonic()
                if time.monotonic() - silent_since > self._settings.retry_for:
                    raise self._error(error) from error
            except openai.OpenAIError as error:
                raise self._error(error) from error
            else:
                counts = batch.request_counts
                report(counts.completed + counts.failed if counts else 0, job.calls)
                if batch.status in _ENDED:
                    await self._fetch(job, batch)
                    return
            await self._sleep(job)

    async def _fetch(self, job: Job, batch: Batch) -> None:
        if batch.status == "failed" and not batch.output_file_id and not batch.error_file_id:
            job.forget()
            errors = (batch.errors.data if batch.errors else None) or []
            said = "; ".join(dict.fromkeys(error.message or error.code or "" for error in errors[:3])) or "no reason given"
            raise BatchEndedError(f"the endpoint refused the batch {batch.id}: {masked(said, *self._secrets)}")
        beside = job.output.with_suffix(".part")
        try:
            with beside.open("wb") as file:
                for name in (batch.output_file_id, batch.error_file_id):
                    if name:
                        content: Any = await self._sdk.files.content(name)
                        file.write(content.content.rstrip(b"\n") + b"\n")
            beside.replace(job.output)
        except (openai.OpenAIError, OSError) as error:
            raise self._error(error) from error

    async def _started_before(self, job: Job) -> Batch | None:
        """A batch of that name: the program may have ended between its start and the answer to that."""
        if not job.file_id:
            return None
        try:
            page = await self._sdk.batches.list(limit=100)
        except openai.APIStatusError:
            return None  # not every endpoint has a list
        named = [one for one in page.data if (one.metadata or {}).get("workbench") == job.name]
        return next((one for one in named if one.input_file_id == job.file_id and one.status in _ADOPTABLE), None)

    async def _sleep(self, job: Job) -> None:
        until = time.monotonic() + self._poll_seconds
        while time.monotonic() < until:
            if self._control.stopped:
                raise BatchEndedError(
                    f"{self._control.stopped}; the batch {job.id} goes on at the endpoint: run this again with --batch to "
                    "fetch its answers"
                )
            await asyncio.sleep(min(_NAP, self._poll_seconds))

    def _error(self, error: Exception) -> ProjectError:
        miss = from_exception(error, self._settings)
        remedy = miss.remedy or "Run it again: what was sent is found again."
        return ProjectError(f"the batch: {masked(miss.what, *self._secrets)}", remedy=masked(remedy, *self._secrets))
