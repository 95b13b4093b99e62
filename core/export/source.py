"""The rows of a dataset version as bytes, checked against the digest the build wrote beside them.

Formats put the two texts of a row into another envelope and never look inside: what is escaped in the version's file stays
escaped as it is, so a million rows cost little more than reading them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from core.dataset.folder import about, lineage_name, rows_name
from core.dataset.holdout import open_holdout
from core.dataset.models import DatasetVersion, Part
from core.errors import ProjectError
from core.project import Project

_HEAD, _MIDDLE, _TAIL = b'{"prompt": "', b'", "completion": "', b'"}\n'
_BLOCK_BYTES = 1 << 20


class Source:
    """The parts of a version that an export writes: train, val, and the holdout if a purpose is given for opening it.

    Raises (also from its methods):
        ProjectError: the version's files are gone or not as they were written.
        UsageError: the holdout is asked for and there is none.
    """

    def __init__(self, project: Project, version: DatasetVersion, *, holdout_purpose: str | None, reviewer: str) -> None:
        self.version = version
        self.parts = tuple(part for part in (Part.TRAIN, Part.VAL) if version.points.get(part))
        if holdout_purpose is not None:
            open_holdout(project, version, reviewer=reviewer, purpose=holdout_purpose)  # records it; its bytes are read below
            self.parts = (*self.parts, Part.HOLDOUT)
        self._files: Mapping[str, Any] = about(version).get("files", {})

    @property
    def rows(self) -> int:
        return sum(self.version.points[part] for part in self.parts)

    def digest(self, part: Part) -> str:
        """SHA-256 of the part's file as the build wrote it, in hex."""
        name = rows_name(part)
        try:
            return str(self._files[name]["sha256"])
        except (KeyError, TypeError) as error:
            raise self.damaged(f"dataset.json has no digest of {name}") from error

    def blocks(self, part: Part) -> Iterator[bytes]:
        """The part's file as it is, a mebibyte at a time."""
        expected, found = self.digest(part), sha256()
        with self._open(rows_name(part)) as file:
            while block := file.read(_BLOCK_BYTES):
                found.update(block)
                yield block
        self._check(part, expected, found.hexdigest())

    def texts(self, part: Part) -> Iterator[tuple[bytes, bytes]]:
        """Prompt and completion of each row, as the inside of a JSON string in UTF-8.

        A quote inside is escaped, so the envelope between the two can occur nowhere else.
        """
        expected, found = self.digest(part), sha256()
        with self._open(rows_name(part)) as file:
            for number, line in enumerate(file, 1):
                found.update(line)
                prompt, middle, rest = line.partition(_MIDDLE)
                if not (middle and prompt.startswith(_HEAD) and rest.endswith(_TAIL)):
                    raise self.damaged(f"{rows_name(part)}:{number} is no row")
                yield prompt[len(_HEAD) :], rest[: -len(_TAIL)]
        self._check(part, expected, found.hexdigest())

    def lineage_lines(self) -> Iterator[bytes]:
        """The lineage of the parts that are exported, as the build wrote it."""
        for name in dict.fromkeys(map(lineage_name, self.parts)):
            expected, found = self._files.get(name, {}).get("sha256"), sha256()
            with self._open(name) as file:
                for line in file:
                    found.update(line)
                    yield line
            if expected != found.hexdigest():
                raise self.damaged(f"{name} is not what was written (its SHA-256 differs from dataset.json)")

    def path(self, *names: str) -> Path:
        return self.version.folder.joinpath(*names)

    def _open(self, name: str) -> Any:
        try:
            return self.path(name).open("rb")
        except OSError as error:
            raise self.damaged(f"it has lost its file {name}: {error.strerror or error}") from error

    def _check(self, part: Part, expected: str, found: str) -> None:
        if expected != found:
            raise self.damaged(f"{rows_name(part)} is not what was written (its SHA-256 differs from dataset.json)")

    def damaged(self, what: str) -> ProjectError:
        return ProjectError(
            f"the dataset {self.version.name} is damaged: {what}",
            remedy="Build it again: `workbench dataset build` with the same options gives the same rows if nothing changed.",
        )
