"""The hand-made labels of outside data: a project for each assistant, and the answers of a model that knows them."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

from core.commands import Dialect, parse_any, to_lines
from core.project import Project, create_project
from core.store.verdicts import to_be_judged
from core.validation.plan import StepWork, ground
from core.validation.stage import pages
from tests.core.pipeline.small import jsonl, read_rows, take


def gold_rows(test_data: Path, name: str, assistant: str) -> list[dict[str, Any]]:
    return [row for row in read_rows(test_data / "gold" / name) if row["assistant"] == assistant]


def gold_assistants(test_data: Path) -> list[str]:
    return sorted({row["assistant"] for row in read_rows(test_data / "gold" / "rephrasings.jsonl")})


def gold_project(test_data: Path, assistant: str, folder: Path) -> Project:
    """The assistant with its tests and their commands; its rephrasings without verdicts and answers."""
    shutil.copytree(test_data / "data" / assistant, folder / assistant, ignore=shutil.ignore_patterns("output"))
    project, _ = create_project(folder)
    bare = [
        {**row, "rephrasings": [{"text": one["text"]} for one in row["rephrasings"]]}
        for row in gold_rows(test_data, "rephrasings.jsonl", assistant)
    ]
    for name, rows in (("commands", gold_rows(test_data, "gold_commands.jsonl", assistant)), ("rephrasings", bare)):
        (folder / f"{name}.jsonl").write_text(jsonl(rows), encoding="utf-8")
    report = take(project)
    assert (report.problems, report.left_out) == ([], [])
    return project


def answers(project: Project, rows: list[dict[str, Any]], dialect: Dialect) -> dict[str, str]:
    """What the labels say to each prompt that the stage will ask."""
    labels = {
        (row["test_case"], row["user_step"], one["text"]): to_lines(parse_any("\n".join(one["commands"])).found, dialect)
        for row in rows
        for one in row["rephrasings"]
    }
    shared = ground(project)
    found: dict[str, str] = {}
    with closing(project.open()) as connection:
        for one in pages(connection, to_be_judged(connection, again=True)):
            work = shared.step(connection, one.step_id)
            assert isinstance(work, StepWork), work
            found[work.prompt.with_text(one.text)] = labels[work.key[1], work.ordinal, one.text]
    return found
