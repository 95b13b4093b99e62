"""What a hand-out may be written over: nothing but an earlier one of the same round that nobody has written into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from core.errors import InputError, UsageError
from review.pack.keys import key_of
from review.pack.models import Kind
from review.pack.reading import read_pack
from review.pack.rows import filled_in
from review.team.models import Round


def check_targets(contents: Mapping[Path, Sequence[str]], round_: Round) -> list[Path]:
    """Returns those that are there already, byte for byte. Raises UsageError for a file that would be lost."""
    return [path for path, lines in contents.items() if (path.is_symlink() or path.exists()) and _is_same(path, lines, round_)]


def _is_same(path: Path, lines: Sequence[str], round_: Round) -> bool:
    if path.is_dir():
        raise UsageError(f"{path} is a folder", remedy="Name a file.")
    try:
        if path.is_file() and path.read_bytes() == "".join(f"{line}\n" for line in lines).encode("utf-8", "replace"):
            return True
        pack = read_pack(path)
    except (InputError, OSError):
        pack = None
    if pack is None or pack.findings.problems or (pack.header.kind, pack.header.key) != (Kind.HAND_OUT, key_of(round_)):
        raise UsageError(f"{path} is there already, and is no hand-out of `{round_.name}`", remedy="Name another file.")
    answers = filled_in(pack)
    if answers:
        by = "" if pack.header.handed_to else " --by NAME"
        raise UsageError(
            f"{path} holds answers that somebody wrote into it: {answers:,}",
            remedy=f"Take them in with `workbench review merge {path}{by}`, and name another file.",
        )
    return False
