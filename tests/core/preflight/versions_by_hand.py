"""Dataset versions written by hand, with rows that say what a test needs and no more."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path

from core.dataset.folder import ABOUT, LINEAGE, SEALED_LINEAGE, Lineage, rows_name
from core.dataset.models import NAME_LENGTH, DatasetVersion, Part
from core.dataset.version import digest_of


@dataclass(frozen=True)
class Example:
    """A row of a test. `commands`: canonical JSON; unless given, that of starting the flow `renew_loan`."""

    prompt: str
    completion: str
    part: Part = Part.TRAIN
    said: str = ""
    state: str = ""
    commands: str = '[["start flow","renew_loan"]]'
    flows: tuple[str, ...] = ("renew_loan",)
    line: int | None = None


@dataclass
class Written:
    rows: dict[Part, list[str]] = field(default_factory=lambda: {part: [] for part in Part})
    lineage: dict[Part, list[str]] = field(default_factory=lambda: {part: [] for part in Part})


def write_version(folder: Path, examples: Iterable[Example], *, dialect: str = "v2") -> DatasetVersion:
    """A version of these rows in `folder`/datasets. A row without `said` or `state` has its own."""
    written = Written()
    for number, example in enumerate(examples, 1):
        rows = written.rows[example.part]
        rows.append(json.dumps({"prompt": example.prompt, "completion": example.completion}, ensure_ascii=False))
        said = example.said or f"message {number}"
        lineage = Lineage(
            part=example.part, number=len(rows), file="e2e_tests/loans.yml", test=f"test {number}", occurrence=0,
            line=example.line or 10 * number, user_step=1, step=number, variant=0, rephrasing=None, decision=None,
            original=said, said=said, commands=example.commands, flows=example.flows, state=example.state or f"state {number}",
        )  # fmt: skip
        written.lineage[example.part].append(json.dumps(asdict(lineage), ensure_ascii=False))
    address = sha256("".join(line for lines in written.rows.values() for line in lines).encode()).hexdigest()
    place = folder / address[:NAME_LENGTH]
    place.mkdir(parents=True)
    for part, lines in written.rows.items():
        if lines:
            (place / rows_name(part)).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    for name, parts in ((LINEAGE, (Part.TRAIN, Part.VAL)), (SEALED_LINEAGE, (Part.HOLDOUT,))):
        lines = [line for part in parts for line in written.lineage[part]]
        (place / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    write_about(place)
    points = {part: len(lines) for part, lines in written.rows.items()}
    return DatasetVersion(
        1, address, "2026-11-21T10:00:00Z", "tester", {}, dialect, "default_v2", "0" * 64, "1", points, place, {}
    )  # fmt: skip


def write_about(place: Path) -> None:
    """`dataset.json` with the digests of the files as they are now."""
    files = {path.name: {"sha256": digest_of(path)} for path in place.iterdir() if path.name != ABOUT}
    (place / ABOUT).write_text(json.dumps({"files": files}), encoding="utf-8")


def store_version(connection: sqlite3.Connection, version: DatasetVersion) -> None:
    """Into the store, as a build would."""
    connection.execute(
        "INSERT INTO dataset (id, address, at, reviewer, parameters, dialect, template, template_sha256, code_version, train,"
        " val, holdout, complete, summary) VALUES (?, ?, ?, ?, '{}', ?, ?, ?, ?, ?, ?, ?, 1, '{}')",
        (version.id, version.address, version.at, version.reviewer, version.dialect, version.template, version.template_sha256,
         version.code_version, *(version.points[part] for part in Part)),
    )  # fmt: skip
    connection.commit()


def balanced(prompt: str = "Renew book {number}, please.", completion: str = "start flow renew_loan") -> list[Example]:
    """Twelve rows of train and four of val that no check has anything against."""
    return [
        Example(prompt.format(number=number), completion, Part.TRAIN if number <= 12 else Part.VAL) for number in range(1, 17)
    ]
