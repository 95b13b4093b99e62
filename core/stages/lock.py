"""One of a kind at a time in a project: two stages would ask the same and pay twice, two builds would write the same rows."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from core.errors import StoreError, UsageError
from core.project import Project
from core.store.connection import utc_now

NAME = "stage.lock"


def stage_lock(project: Project, what: str) -> AbstractContextManager[None]:
    """Of the stages that ask models. Raises as `project_lock` does."""
    return project_lock(project, NAME, what, taken="a stage runs in this project already")


@contextmanager
def project_lock(project: Project, name: str, what: str, *, taken: str) -> Iterator[None]:
    """Held by the process, so that it is free again when that is killed. `taken`: what to say if another holds it.

    Raises:
        UsageError: another process holds it.
        ProjectError, StoreError: the project's folder cannot be written.
    """
    project.make_state_folder()
    path = project.state_folder / name
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
            raise UsageError(f"{taken}: {holder}", remedy="Wait for it, or stop it; both would do the same.") from error
        os.ftruncate(file, 0)
        os.pwrite(file, f"{what}, process {os.getpid()}, since {utc_now()}\n".encode(), 0)
        yield
    finally:
        os.close(file)
