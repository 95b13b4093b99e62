"""Batches on their way, as folders `.workbench/batches/NAME/`: what was asked, and where. They survive any end of the program.

job.json      of which stage and role, at which endpoint or in which folder, and the endpoint's number for it
input.jsonl   the questions in OpenAI's batch format; `custom_id` is the key of the call
calls.jsonl   what each is for, and where it stands in input.jsonl
output.jsonl  the answers, once they are fetched
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Final

from core.errors import Location, StoreError
from core.llm.models import Message, Request, Role
from core.llm.roles import RoleSettings
from core.llm.wire import request_body
from core.project import Project
from core.store.connection import utc_now

MOST_LINES: Final = 50_000
MOST_BYTES: Final = 190_000_000
"""Of one batch; OpenAI takes 50,000 questions and 200 MB."""


@dataclass(frozen=True, slots=True)
class Job:
    """`place`: `api`, or the folder for files. `id`: of the endpoint, empty until it has said one."""

    folder: Path
    stage: str
    role: Role
    model: str
    base_url: str
    place: str
    calls: int
    at: str
    file_id: str = ""
    id: str = ""

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def input(self) -> Path:
        return self.folder / "input.jsonl"

    @property
    def output(self) -> Path:
        return self.folder / "output.jsonl"

    def remember(self, **changes: str) -> Job:
        """Write down what has become known. Raises StoreError if the disk does not take it."""
        job = replace(self, **changes)  # type: ignore[arg-type]
        data = {**asdict(job), "role": job.role.value}
        del data["folder"]
        with writing(self.folder):
            _write(self.folder / "job.json", json.dumps(data, indent=2))
        return job

    def forget(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class BatchedCall:
    """A question of a job. `body`: as it was sent."""

    key: str
    request: Request
    body: bytes


def new_jobs(
    project: Project, stage: str, role: Role, settings: RoleSettings, base_url: str, place: str, requests: Mapping[str, Request]
) -> list[Job]:
    """Written to disk, so that nothing is paid for twice if the program ends from here on. Large ones become several.

    Raises:
        StoreError: the disk does not take them.
    """
    jobs = []
    entries = iter(requests.items())
    while (first := next(entries, None)) is not None:
        folder = _batches(project) / f".new-{os.getpid()}"
        with writing(folder):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            count, digest = _write_calls(folder, settings, place, first, entries)
            target = folder.with_name(digest)
            shutil.rmtree(target, ignore_errors=True)
            os.replace(folder, target)
        job = Job(target, stage, role, settings.model, base_url, place, count, utc_now())
        jobs.append(job.remember())
    return jobs


def open_jobs(project: Project, stage: str | None = None) -> list[Job]:
    """Those whose answers are still to come, the oldest first; of one stage, or of all."""
    jobs = []
    for path in sorted(_batches(project).glob("*/job.json")):
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            jobs.append(Job(**{**data, "folder": path.parent, "role": Role(data["role"])}))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise StoreError(
                f"cannot be read ({error})", where=Location(str(path)), remedy="Remove its folder: its answers are asked again."
            ) from error
    return sorted((job for job in jobs if stage is None or job.stage == stage), key=lambda job: job.at)


class Calls:
    """The questions of a job by key. The file of them is read only where one is looked up."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._places: dict[str, tuple[int, int, str, int]] = {}
        with (job.folder / "calls.jsonl").open(encoding="utf-8") as lines:
            for line in lines:
                key, start, length, item, sample = json.loads(line)
                self._places[key] = (start, length, item, sample)
        self._file = job.input.open("rb")

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def __getitem__(self, key: str) -> BatchedCall:
        start, length, item, sample = self._places[key]
        self._file.seek(start)
        body = json.loads(self._file.read(length))["body"]
        messages = tuple(Message(one["role"], one["content"]) for one in body.get("messages", ()))
        asked = messages or (Message("user", body.get("prompt", "")),)
        return BatchedCall(
            key, Request(self._job.stage, asked, sample, item=item), json.dumps(body, ensure_ascii=False).encode()
        )

    def keys(self) -> Iterator[str]:
        return iter(self._places)

    def close(self) -> None:
        self._file.close()


def url_of(settings: RoleSettings) -> str:
    """The path that lines and batches name."""
    path = "/chat/completions" if settings.api == "chat" else "/completions"
    return path if settings.provider == "azure" else f"/v1{path}"


def _write_calls(
    folder: Path, settings: RoleSettings, place: str, first: tuple[str, Request], entries: Iterator[tuple[str, Request]]
) -> tuple[int, str]:
    """Up to the limits of one batch. Returns how many, and a name made of their keys and the place."""
    start = count = 0
    digest = sha256(place.encode())
    url = url_of(settings)
    with (folder / "input.jsonl").open("wb") as lines, (folder / "calls.jsonl").open("w", encoding="utf-8") as calls:
        entry: tuple[str, Request] | None = first
        while entry is not None:
            key, request = entry
            head = json.dumps({"custom_id": key, "method": "POST", "url": url})
            line = b'%s, "body": %s}\n' % (head[:-1].encode(), request_body(settings, request))
            lines.write(line)
            calls.write(json.dumps([key, start, len(line), request.item, request.sample], ensure_ascii=False) + "\n")
            start, count = start + len(line), count + 1
            digest.update(key.encode())
            entry = next(entries, None) if count < MOST_LINES and start < MOST_BYTES else None
    return count, digest.hexdigest()[:16]


def _batches(project: Project) -> Path:
    return project.state_folder / "batches"


def _write(path: Path, text: str) -> None:
    """All of it or nothing."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, path)


@contextmanager
def writing(where: Path) -> Iterator[None]:
    """Raises StoreError for what the disk says while something of a batch is written."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"a batch cannot be written: {error.strerror or error}",
            where=Location(str(where)),
            remedy="Check the disk's space and permissions.",
        ) from error
