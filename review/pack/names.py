"""Names of files, made from names of rounds and people, which may hold anything."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import Final

from core.errors import UsageError

_LONGEST: Final = 90
"""Bytes in UTF-8. A file system takes 255: two such names and their endings fit."""

LONGEST_PERSON: Final = 100


def safe_name(name: str) -> str:
    """`name` as part of a file's name: letters, digits, `-` and `_`, points inside.

    What had to be changed gets four digits of a digest: `a/b` and `a_b` stay two names.
    """
    kept = "".join(character if character.isalnum() or character in "-_." else "_" for character in name)
    kept = kept.strip(".").encode()[:_LONGEST].decode(errors="ignore").rstrip(".")
    if kept == name != "":
        return name
    mark = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=2).hexdigest()
    return f"{kept or 'name'}-{mark}"


def checked_person(name: str) -> str:
    """A name as answers are recorded under.

    Raises:
        UsageError: it is empty, too long, not printable, or that of the team's outcomes.
    """
    name = name.strip()
    why = what_is_wrong(name)
    if why is not None:
        raise UsageError(f"{why}: {name[:LONGEST_PERSON]!r}", remedy="Give another name.")
    return name


def what_is_wrong(name: str) -> str | None:
    """Why nobody can be called that; None if they can."""
    from core.user import TEAM

    if not name:
        return "a name of a person is empty"
    if len(name) > LONGEST_PERSON:
        return f"a name of a person is longer than {LONGEST_PERSON} characters"
    if not name.isprintable():
        return "a name of a person holds a character that cannot be printed"
    return "this name is kept for the team's outcomes" if name.casefold() == TEAM else None


def own_path(pack: Path, person: str) -> Path:
    """The hand-in of a person, beside the hand-out: `round-1-ann.answers.jsonl`, be that `round-1.jsonl`, for everybody, or
    `round-1-ann.jsonl`."""
    return pack.with_name(f"{_stem_of(pack, person)}.answers.jsonl")


def own_folder(pack: Path, person: str) -> Path:
    """The folder that the app works in: `round-1-ann.workbench`, so that two people may share a folder."""
    return pack.with_name(f"{_stem_of(pack, person)}.workbench")


def path_for(out: Path, person: str) -> Path:
    """The hand-out of one person, where each gets one: `round-1-ann.jsonl`."""
    return out.with_name(f"{_stem(out)}-{safe_name(person)}.jsonl")


def _stem_of(pack: Path, person: str) -> str:
    """With the person's name in it, once."""
    stem, name = _stem(pack), f"-{safe_name(person)}"
    return stem if stem.endswith(name) else f"{stem}{name}"


def _stem(path: Path) -> str:
    return path.name.removesuffix(".jsonl")
