"""The folder an export writes: built beside the target and put in its place only when it is complete."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import file_digest, sha256
from itertools import islice
from pathlib import Path
from typing import Any

from core.conversations.recognise import EXPORT_KEY
from core.errors import ProjectError, UsageError

MANIFEST = "manifest.json"
ANNOTATIONS = "1_command_annotations"
REPHRASINGS = "2_rephrasings"
ROWS = "3_llm_finetune_data/llm_ft_data.jsonl"
SPLITS = "4_train_test_split/ft_splits"
TESTS = "4_train_test_split/e2e_tests"
LINEAGE = "lineage.jsonl"


def check_out(out: Path) -> None:
    """Raises UsageError where `replaced_folder` would, before long work that ends in it."""
    _check_replaceable(Path(os.path.realpath(out)))


@contextmanager
def replaced_folder(out: Path) -> Iterator[Path]:
    """A scratch folder that becomes `out` at the end; on an error `out` stays as it was.

    Raises:
        UsageError: `out` exists and is not an earlier export, holds files the export did not write, or is the current folder.
        ProjectError: nothing can be written there.
    """
    target = Path(os.path.realpath(out))
    try:
        _check_replaceable(target)
        with _replaced(target) as scratch:
            yield scratch
    except OSError as error:
        raise ProjectError(
            f"cannot write the export to {target}: {error.strerror or error}",
            remedy="Name a folder on a disk with space that you may write with --out; nothing was changed.",
        ) from error


@contextmanager
def _replaced(target: Path) -> Iterator[Path]:
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-"))
    try:
        scratch.chmod(0o755)
        yield scratch
        old = None
        if target.exists():
            old = scratch.with_name(scratch.name + ".old")
            target.rename(old)
        try:
            scratch.rename(target)
        except OSError:
            if old is not None:
                old.rename(target)
            raise
        if old is not None:
            shutil.rmtree(old)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _check_replaceable(out: Path) -> None:
    if not out.exists():
        return
    if not out.is_dir():
        raise UsageError(f"{out} is a file", remedy="Name a folder with --out.")
    if out in (Path.cwd(), out.parent):
        raise UsageError(f"the export cannot take the place of {out}", remedy="Name a folder of its own with --out.")
    foreign = list(islice(_foreign_files(out), 4))
    if foreign:
        raise UsageError(
            f"{out} holds files that no export wrote: {', '.join(foreign[:3])}{' …' if len(foreign) > 3 else ''}",
            remedy="Name another folder with --out, or move them away; nothing was changed.",
        )


def _foreign_files(out: Path) -> Iterator[str]:
    """What an export did not write, found without searching all of what may be somebody's home."""
    written = written_files(out) or set()
    for root, folders, names in os.walk(out):
        folders.sort()
        for name in sorted(names):
            path = (Path(root) / name).relative_to(out).as_posix()
            if path not in written:
                yield path


def written_files(folder: Path) -> set[str] | None:
    """The files of the export in `folder`, as its manifest has them; None if there is no such manifest."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return {MANIFEST, *manifest[EXPORT_KEY]["files"]}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def write_file(folder: Path, name: str, blocks: Iterable[bytes]) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.writelines(blocks)


def write_manifest(folder: Path, about: dict[str, Any], known: dict[str, str]) -> str:
    """Hashes of all files (`known` ones are not read again) and what the export was made from. Returns its own digest."""
    files = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            files[name] = {"sha256": known.get(name) or _digest(path), "bytes": path.stat().st_size}
    content = json.dumps({EXPORT_KEY: {**about, "files": files}}, ensure_ascii=False, indent=2).encode() + b"\n"
    write_file(folder, MANIFEST, [content])
    return sha256(content).hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
