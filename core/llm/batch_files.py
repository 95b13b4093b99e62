"""Batches as files in a folder, for whoever works on them: `vllm run-batch` on a machine with a graphics card."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path

from core.errors import UsageError
from core.llm.batch_jobs import Job, writing
from core.llm.roles import RoleSettings


def check_folder(folder: Path) -> None:
    """Raises UsageError if there is a file in the place of `folder`, or of one that it would lie in."""
    for path in (folder, *folder.parents):
        if path.exists():
            if not path.is_dir():
                raise UsageError(
                    f"{path} is a file", remedy="Name a folder after --batch: files of questions are written there."
                )
            return


def outputs(folder: Path, stage: str) -> list[Path]:
    """Files with answers that were not imported yet."""
    return sorted(folder.glob(f"{stage}-*output.jsonl"))


def set_aside(output: Path) -> None:
    """Rename an imported file, so that the next output cannot be taken for it.

    Raises:
        StoreError: the folder cannot be written.
    """
    number = 1
    while (target := output.with_name(f"{output.stem}-imported-{number}.jsonl")).exists():
        number += 1
    with writing(output.parent):
        output.rename(target)


def write_inputs(folder: Path, stage: str, jobs: Sequence[tuple[Job, RoleSettings]]) -> tuple[str, ...]:
    """One file for each job: `STAGE-input.jsonl`, or `STAGE-ROLE-N-input.jsonl` where there are several. Returns what to run.

    Raises:
        StoreError: the folder cannot be written.
    """
    commands = []
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"{stage}-*input.jsonl"):
            old.unlink()
        for number, (job, settings) in enumerate(jobs, start=1):
            name = stage if len(jobs) == 1 else f"{stage}-{job.role.value}-{number}"
            target = folder / f"{name}-input.jsonl"
            beside = folder / f".{name}.new"
            shutil.copyfile(job.input, beside)
            os.replace(beside, target)
            output = folder / f"{name}-output.jsonl"
            commands.append(shlex.join(["vllm", "run-batch", "-i", f"{target}", "-o", f"{output}", "--model", settings.model]))
    return tuple(commands)
