"""Dataset versions made by hand from an ingested project: for what reads versions and does not care how they are built."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from core.commands import Dialect, from_json, to_lines
from core.dataset.folder import ABOUT, LINEAGE, SEALED_LINEAGE, datasets_folder, rows_name
from core.dataset.models import NAME_LENGTH, DatasetOptions, DatasetVersion, LeftOutPoint, Part
from core.project import Project
from core.store.connection import transaction
from core.store.datasets import find_dataset
from tests.core.pipeline.small import query

TEMPLATE = "prompts/own.jinja2"


@dataclass(frozen=True, slots=True)
class MadePoint:
    """A data point to be written. `commands`: the label as canonical JSON."""

    part: Part
    file: str
    test: str
    occurrence: int
    line: int | None
    user_step: int
    step: int
    variant: int
    rephrasing: int | None
    verdict: int | None
    decision: int | None
    original: str
    said: str
    commands: str

    @property
    def row(self) -> dict[str, str]:
        prompt = f"Commands of the assistant.\nUSER: {self.said}\nYour commands:"
        return {"prompt": prompt, "completion": to_lines(from_json(self.commands), Dialect.V2)}

    @property
    def lineage(self) -> dict[str, Any]:
        data = {name: getattr(self, name) for name in self.__slots__ if name != "verdict"}
        return {**data, "flows": [], "state": f"state {self.user_step}"}


@dataclass(frozen=True, slots=True)
class MadeLeftOut:
    point: MadePoint
    reason: LeftOutPoint
    twin: MadePoint | None = None


def small_version(
    project: Project,
    *,
    val: Collection[str] = (),
    holdout: Collection[str] = (),
    without: Mapping[str, LeftOutPoint] | None = None,
    options: DatasetOptions | None = None,
    template: str = TEMPLATE,
) -> DatasetVersion:
    """Every active step with commands, and each of its rephrasings found the same or accepted, as a row of its own.

    `val`, `holdout`: names of tests; the others are in train. `without`: wordings that are left out, each with the
    original text of its step as its twin.
    """
    points, left_out = [], []
    originals: dict[int, MadePoint] = {}
    for point in _points(project, val, holdout):
        if point.rephrasing is None:
            originals[point.step] = point
        reason = (without or {}).get(point.said)
        if reason is None:
            points.append(point)
        else:
            left_out.append(MadeLeftOut(point, reason, originals[point.step] if point.rephrasing else None))
    return store_version(project, points, left_out, options=options or DatasetOptions(), template=template)


def points_of(project: Project, val: Collection[str] = (), holdout: Collection[str] = ()) -> list[MadePoint]:
    """The points that `small_version` makes, to be changed and stored with `store_version`."""
    return list(_points(project, val, holdout))


def _points(project: Project, val: Collection[str], holdout: Collection[str]) -> Iterator[MadePoint]:
    rows = query(
        project,
        "SELECT c.file, c.name, c.occurrence, s.line, s.ordinal, s.id, s.text, s.commands FROM user_step s"
        " JOIN conversation c ON c.id = s.conversation_id WHERE s.active = 1 AND s.commands IS NOT NULL AND s.commands <> '[]'"
        " ORDER BY c.id, s.ordinal",
    )
    for file, test, occurrence, line, ordinal, step, text, commands in rows:
        part = Part.VAL if test in val else Part.HOLDOUT if test in holdout else Part.TRAIN
        original = MadePoint(part, file, test, occurrence, line, ordinal, step, 0, None, None, None, text, text, commands)
        yield original
        said = query(
            project,
            "SELECT id, coalesce(edited_text, text), verdict_id, decision_id FROM rephrasing WHERE step_id = ? AND active = 1"
            " AND (state = 1 OR (state = 0 AND verdict = 'same')) ORDER BY position, id",
            step,
        )
        for variant, (id_, wording, verdict, decision) in enumerate(said, 1):
            yield replace(original, variant=variant, rephrasing=id_, said=wording, verdict=verdict, decision=decision)


def store_version(
    project: Project,
    points: Sequence[MadePoint],
    left_out: Sequence[MadeLeftOut] = (),
    *,
    options: DatasetOptions | None = None,
    template: str = TEMPLATE,
    code_version: str = "0.0",
) -> DatasetVersion:
    """Writes the folder and the rows of the database."""
    by_part = {part: [point for point in points if point.part is part] for part in Part}
    files = {rows_name(part): _lines(point.row for point in of) for part, of in by_part.items() if of}
    for name, parts in ((LINEAGE, (Part.TRAIN, Part.VAL)), (SEALED_LINEAGE, (Part.HOLDOUT,))):
        if name == SEALED_LINEAGE and not by_part[Part.HOLDOUT]:
            continue
        files[name] = _lines(
            {**point.lineage, "number": number} for part in parts for number, point in enumerate(by_part[part], 1)
        )
    parameters = (options or DatasetOptions()).as_data()
    about = {
        "parameters": parameters,
        "template": {"name": template, "sha256": sha256(template.encode()).hexdigest()},
        "files": {name: {"sha256": sha256(text).hexdigest(), "bytes": len(text)} for name, text in files.items()},
    }
    address = sha256(json.dumps([about, code_version], sort_keys=True).encode()).hexdigest()
    folder = datasets_folder(project) / address[:NAME_LENGTH]
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_bytes(text)
    (folder / ABOUT).write_text(json.dumps({"address": address, **about}), encoding="utf-8")
    with closing(project.open()) as connection, transaction(connection):
        (dataset_id,) = connection.execute(
            "INSERT INTO dataset (address, at, reviewer, parameters, dialect, template, template_sha256, code_version, train,"
            " val, holdout, complete, summary) VALUES (?, '2026-11-21T20:00:00.000Z', 'tester', ?, 'v2', ?, ?, ?, ?, ?, ?, 1,"
            " ?) RETURNING id",
            (
                address, json.dumps(parameters), template, about["template"]["sha256"], code_version,
                *(len(by_part[part]) for part in Part), json.dumps(_summary(by_part, left_out)),
            ),
        ).fetchone()  # fmt: skip
        connection.executemany(
            "INSERT INTO data_point VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (dataset_id, part.value, number, point.step, point.variant, point.rephrasing, point.verdict, point.decision)
                for part, of in by_part.items()
                for number, point in enumerate(of, 1)
            ),
        )
        connection.executemany(
            "INSERT INTO left_out_point (dataset_id, number, step_id, variant, rephrasing_id, reason, twin_step_id,"
            " twin_variant) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (dataset_id, number, one.point.step, one.point.variant, one.point.rephrasing, one.reason.value,
                 one.twin and one.twin.step, one.twin and one.twin.variant)
                for number, one in enumerate(left_out, 1)
            ),
        )  # fmt: skip
    with closing(project.open()) as connection:
        return find_dataset(project, connection, address)


def rewrite(version: DatasetVersion, name: str, text: str) -> None:
    """Another content for a file of the version, as if the build had written it."""
    (version.folder / name).write_text(text, encoding="utf-8")
    about = json.loads((version.folder / ABOUT).read_text(encoding="utf-8"))
    about["files"][name] = {"sha256": sha256(text.encode()).hexdigest(), "bytes": len(text.encode())}
    (version.folder / ABOUT).write_text(json.dumps(about), encoding="utf-8")


def _lines(rows: Iterator[Mapping[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def _summary(by_part: Mapping[Part, Sequence[MadePoint]], left_out: Sequence[MadeLeftOut]) -> dict[str, Any]:
    """As `core.dataset.summary` writes it, without a split report."""
    counts = {part.value: len(of) for part, of in by_part.items()}
    return {
        "table": {"data points": {**counts, "all": sum(counts.values())}},
        "notes": {"data points left out": len(left_out)} if left_out else {},
        "left_out": dict(Counter(one.reason.value for one in left_out)),
        "steps_left_out": [],
        "split": {},
    }
