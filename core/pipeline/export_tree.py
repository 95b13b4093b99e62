"""The folder an export writes: built beside the target and put in its place only when it is complete."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from core.conversations.recognise import EXPORT_KEY
from core.errors import UsageError

MANIFEST = "manifest.json"
ANNOTATIONS = "1_command_annotations"
REPHRASINGS = "2_rephrasings"
ROWS = "3_llm_finetune_data/llm_ft_data.jsonl"
SPLITS = "4_train_test_split/ft_splits"
TESTS = "4_train_test_split/e2e_tests"
LINEAGE = "lineage.jsonl"


@contextmanager
def replaced_folder(out: Path) -> Iterator[Path]:
    """A scratch folder that becomes `out` at the end; on an error `out` stays as it was.

    Raises:
        UsageError: `out` exists and is not an earlier export, or holds files the export did not write.
    """
    target = out.resolve()
    _check_replaceable(target)
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
    present = {path.relative_to(out).as_posix() for path in out.rglob("*") if not path.is_dir()}
    if not present:
        return
    written: set[str] = set()
    try:
        manifest = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
        written = {MANIFEST, *manifest[EXPORT_KEY]["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        pass
    foreign = sorted(present - written)
    if foreign:
        raise UsageError(
            f"{out} holds files that no export wrote: {', '.join(foreign[:3])}{' …' if len(foreign) > 3 else ''}",
            remedy="Name another folder with --out, or move them away; nothing was changed.",
        )


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
