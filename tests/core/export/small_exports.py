"""A built dataset of two tests, one on each side, small enough to write its exports out in full."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from core.dataset.models import DatasetVersion
from core.export.export import export_dataset
from core.export.options import ExportFormat, ExportOptions, Trainer
from core.project import Project
from core.store.connection import transaction
from tests.core.pipeline.small import built, contexts, conversation, take, use_template, write

GO = ("start flow buy_ticket",)
PAY = ("set slot ticket_count 2", "set slot day 周五")
Tests = Mapping[str, Sequence[tuple[str, Sequence[str], Sequence[str]]]]
"""By name: (text, commands, rephrasings) of each user step."""
TESTS: Tests = {
    "a": [('two "quick" tickets', GO, ["2 tickets, quick"]), ("周五", PAY, [])],
    "b": [("to the island\tplease", GO, [])],
}


def small_dataset(project: Project, tests: Tests = TESTS, **options: Any) -> tuple[Project, DatasetVersion]:
    """Train has test `a` (the original conversation and one with the rephrasing: four rows), val has test `b`."""
    body = "".join(conversation(name, steps) for name, steps in tests.items())
    write(project, "rephrasings/t.yml", f"conversations:\n{body}")
    write(project, "contexts.json", contexts({name: [text for text, *_ in steps] for name, steps in tests.items()}))
    project = use_template(project, "`start flow x` {{ current_conversation }}\n###\n{{ user_message }}")
    take(project)
    return project, built(project, **{"train_frac": 0.7, "strategy": "tests", "seed": 1, **options}).version


def export_as(
    project: Project, version: DatasetVersion, output_format: str, *trainers: str, to: str = "out", **options: Any
) -> Path:
    """The folder of the export, `to` in the project's."""
    out = project.root / to
    wanted = ExportOptions(out, ExportFormat(output_format), trainers=tuple(map(Trainer, trainers)), **options)
    export_dataset(project, version, wanted, reviewer="tester")
    return out


def store_preflight(project: Project, version: DatasetVersion, form: str, folder: str | None = None, **told: object) -> None:
    """One with the model `models/own`, of `folder` if that is given, which was asked with `told`."""
    report = {"lengths": {"needed": 1103, "advised": 1152}, "target": {"form": form, "folder": folder}}
    with closing(project.open()) as connection, transaction(connection):
        connection.execute(
            "INSERT INTO preflight (dataset_id, at, model, passed, parameters, report) VALUES (?, '', 'models/own', 1, ?, ?)",
            (version.id, json.dumps(told), json.dumps(report)),
        )
