"""Write `docs/images/*.svg`: every screen on a fresh copy of the sample project.

python -m tests.tui.make_screenshots
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import closing
from pathlib import Path

from core.annotation.stage import prepare_annotate
from core.coverage.run import run_coverage
from core.dataset.build import build
from core.dataset.models import DatasetOptions
from core.dataset.quality.stored import quality_of
from core.pipeline.ingest import ingest
from core.project import Project
from core.sample import copy_sample
from core.testing.run_setup import RunOptions
from review.decisions import DecisionLog
from review.models import Decision
from review.queue import load
from tests.tui.screenshots import render
from tests.tui.stage_pictures import annotated_sample, ended, running
from tests.tui.team_pictures import label

REACHED_BY = tuple(f"e2e_tests/{name}.yml" for name in ("loans", "rooms", "membership", "fines_and_cards", "small_talk"))
"""A part of the tests, so that there is something left to reach."""
HELD_OUT = DatasetOptions(holdout_frac=0.1)
IMAGES = Path(__file__).parent.parent.parent / "docs" / "images"


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        project = copy_sample(Path(folder) / "harbour")
        connection = project.open()
        ingest(project, connection, [project.root], reviewer="maria")
        _decide_some(DecisionLog(connection, "maria", "app"), load(connection).ids.tolist())
        connection.close()
        reached_by = tuple(str(project.root / name) for name in REACHED_BY)
        run_coverage(RunOptions(paths=reached_by), folder=project.root, project=project)
        versions = [build(project, options, reviewer="maria") for options in (DatasetOptions(strategy="recipe"), HELD_OUT)]
        for version in versions:
            quality_of(version)
        with closing(project.open()) as connection:  # the same picture each time
            connection.execute("UPDATE coverage_run SET at = '2026-01-12T09:30:00.000Z'")
            connection.execute("UPDATE dataset SET at = '2026-01-12T09:30:00.000Z'")
        pictures = {
            "overview": render(project, "overview"),
            "conversations": render(project, "conversations", keys=["slash", *"flow:pay_fine", "enter"]),
            "review": render(project, "review", keys=["n", "j"]),
            "review-light": render(project, "review", theme="textual-light", keys=["n", "j"]),
            "settings": render(project, "settings"),
            "coverage": render(project, "coverage", keys=["n", "n", "n"]),
            "estimate": render(project, "overview", keys=["r"]),
            "dataset": render(project, "dataset"),
            "dataset-diversity": render(project, "dataset", keys=["3"]),
            "dataset-build": render(project, "dataset", keys=["b", "j", "l"]),
        } | _stages(Path(folder) / "annotated", project)
        pictures |= _team(Path(folder) / "labelled", project)
        for name, picture in pictures.items():
            (IMAGES / f"{name}.svg").write_text(asyncio.run(picture), encoding="utf-8")


def _stages(folder: Path, labelled: Project) -> dict[str, Coroutine[None, None, str]]:
    project, report = annotated_sample(folder, labelled)
    estimate = prepare_annotate(Project(project.root), reviewer="maria", again=True).estimate()
    return {
        "stage-failures": render(project, "stages", keys=["G", "k", "k"], arrange=lambda app: ended(app, estimate, report)),
        "stage-running": render(project, "stages", arrange=lambda app: running(app, estimate)),
    }


def _team(folder: Path, reviewed: Project) -> dict[str, Coroutine[None, None, str]]:
    """The same project when two rounds have been out: one is settled but for what waits here, one is half done."""
    shutil.copytree(reviewed.root, folder / reviewed.root.name)
    project = Project(folder / reviewed.root.name)
    with project.config_path.open("a", encoding="utf-8") as file:
        file.write('\n[argilla]\nurl = "https://labels.example.org"\n')
    label(project)
    decide = ["slash", *"team:disagree", "enter", "j", "j"]
    return {
        "team": render(project, "team"),
        "team-push": render(project, "team", keys=["p"]),
        "team-disagree": render(project, "review", keys=decide),
        "team-side-by-side": render(project, "review", keys=[*decide, "1", "2"]),
    }


def _decide_some(log: DecisionLog, ids: list[int]) -> None:
    """A morning's work, so that the screens have something to show."""
    for number, id_ in enumerate(ids[:146]):
        log.decide([id_], Decision.REJECT if number % 5 == 3 else Decision.ACCEPT)
    log.decide(ids[9:11], Decision.FLAG)


if __name__ == "__main__":
    main()
