"""One stage at a time in a project: two would ask the same questions, and pay twice."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import StoreError, UsageError
from core.project import Project
from core.store.connection import utc_now

NAME = "stage.lock"


@contextmanager
def stage_lock(project: Project, what: str) -> Iterator[None]:
    """Held by the process, so that it is free again when that is killed.

    Raises:
        UsageError: another stage runs in this project.
        ProjectError, StoreError: the project's folder cannot be written.
    """
    project.make_state_folder()
    path = project.state_folder / NAME
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StoreError(
            f"{path} cannot be written: {error.strerror}", remedy="Ingest first, or mend the folder's permissions."
        ) from error
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(file, 200, 0).decode("utf-8", "replace").strip() or "another process"
            raise UsageError(
                f"a stage runs in this project already: {holder}", remedy="Wait for it, or stop it; both would ask the same."
            ) from error
        os.ftruncate(file, 0)
        os.pwrite(file, f"{what}, process {os.getpid()}, since {utc_now()}\n".encode(), 0)
        yield
    finally:
        os.close(file)
