"""Whole stages against a local server: rendering, asking, judging and storing beside the bare SDK, and the recipe's example.

Throughput: the sample's tests and rephrasings, several times over, so that texts are as people write them. Schedule: the
example of the recipe, 46 tests of 4 user steps, 10 rephrasings each; 184 annotations, then 1,840 validations.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from bench.llm_load import bare_rate
from bench.measure import Figure
from core.annotation.stage import prepare_annotate
from core.conversations.models import TestFile, TurnKind
from core.conversations.reading import read_file
from core.pipeline.ingest import ingest
from core.project import Project, create_project
from core.stages.models import Stage, StageReport
from core.stages.running import run_stage
from core.validation.stage import prepare_validate
from tests.llm_server import server_process

FILE: Final = "e2e_tests/all.yml"
SAMPLE: Final = Path(__file__).parents[1] / "examples" / "harbour"
TESTS, STEPS = 46, 4
LEAST_SHARE: Final = 0.8
SLACK: Final = 1.1
ANSWER: Final = "provide info"
"""A command that the sample takes at any time, so that every test passes."""


def run(*, quick: bool) -> list[Figure]:
    return [*_throughput(quick=quick), *_schedule(quick=quick)]


def _throughput(*, quick: bool) -> list[Figure]:
    """Medians of interleaved runs; each validates all anew in a project of its own."""
    at_once, copies, runs = (64, 1, 1) if quick else (64, 8, 3)
    tests, rows, rephrasings = _sample(copies)
    bare, ours = [], []
    with server_process(latency_ms=50, text=ANSWER) as server:
        for _ in range(runs):
            bare.append(asyncio.run(bare_rate(server.base_url, at_once, rephrasings)))
            with _project(server.base_url, at_once, tests, rows) as project:
                _carry_out(project, prepare_annotate(project, reviewer="bench"))
                before = server.counts()["requests"]
                seconds = _timed(lambda project=project: _carry_out(project, prepare_validate(project)))  # type: ignore[misc]
                ours.append((server.counts()["requests"] - before) / seconds)
    ratio = statistics.median(bare) / statistics.median(ours)
    told = f"{rephrasings:,} rephrasings, {at_once} in flight, 50 ms each"
    return [
        Figure(f"the bare SDK's requests/s as a share of `validate`'s, {told}", ratio, "×", 1 / LEAST_SHARE, "asyncio.gather"),
        Figure("`validate` with its start, requests/s", statistics.median(ours), "/s"),
        Figure("the bare SDK, requests/s", statistics.median(bare), "/s"),
    ]


def _sample(copies: int) -> tuple[str, str, int]:
    """The user's side of the sample's tests, its rephrasings, and how many these are.

    Nothing is expected of the assistant, so that every test passes. Each copy begins with words of its own, so that no
    prompt is like another.
    """
    rows = [
        json.loads(line)
        for path in sorted((SAMPLE / "rephrasings").glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    said: dict[str, list[str]] = {}
    for path in sorted((SAMPLE / "e2e_tests").rglob("*.yml")):
        content = read_file(path, f"e2e_tests/{path.name}").content
        assert isinstance(content, TestFile)
        for case in content.cases:
            said[f"{path.name} {case.name}"] = [turn.text for turn in case.turns if turn.kind is TurnKind.USER]
    tests, labels, count = [], [], 0
    for copy in range(copies):
        tests += [
            {"test_case": f"{name} {copy}", "steps": [{"user": text} for text in (f"good day, this is call {copy}", *texts)]}
            for name, texts in said.items()
        ]
        for row in rows:
            name = f"{Path(row['file']).name} {row['test_case']}"
            if name in said and said[name][row["user_step"] - 1] == row["text"]:
                texts = [{"text": one["text"]} for one in row["rephrasings"]]
                step = row["user_step"] + 1
                labels.append(
                    {"file": FILE, "test_case": f"{name} {copy}", "user_step": step, "text": row["text"], "rephrasings": texts}
                )
                count += len(texts)
    return json.dumps({"test_cases": tests}), "".join(json.dumps(row) + "\n" for row in labels), count


def _schedule(*, quick: bool) -> list[Figure]:
    seconds_each, at_once, rephrasings = (0.1, 20, 4) if quick else (1.5, 20, 10)
    with (
        server_process(latency_ms=seconds_each * 1000, text=ANSWER) as server,
        _project(server.base_url, at_once, _tests(), _rephrasings(rephrasings)) as project,
    ):
        annotating = _timed(lambda: _carry_out(project, prepare_annotate(project, reviewer="bench")))
        validating = _timed(lambda: _carry_out(project, prepare_validate(project)))
        counts = server.counts()
    asked = TESTS * STEPS * (1 + rephrasings)
    assert counts["requests"] == asked, counts
    least = asked * seconds_each / at_once
    steps = TESTS * STEPS
    told = f"{steps:,} annotations and {steps * rephrasings:,} validations, {seconds_each} s each, {at_once} in flight"
    return [
        Figure(told, (annotating + validating) / least, "×", SLACK, "the arithmetic minimum"),
        Figure("of these the annotations", annotating, "s"),
        Figure("of these the validations", validating, "s"),
    ]


@contextmanager
def _project(base_url: str, at_once: int, tests: str, rephrasings: str) -> Iterator[Project]:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name in ("data", "domain", "config.yml", "endpoints.yml"):
            source = SAMPLE / name
            if source.is_dir():
                shutil.copytree(source, folder / name)
            else:
                shutil.copy(source, folder / name)
        roles = f'[llm.annotator]\nmodel = "test-model"\nbase_url = "{base_url}"\nmax_in_flight = {at_once}\n'
        (folder / "workbench.toml").write_text(roles, encoding="utf-8")
        (folder / "e2e_tests").mkdir()
        (folder / FILE).write_text(tests, encoding="utf-8")
        (folder / "rephrasings.jsonl").write_text(rephrasings, encoding="utf-8")
        project = create_project(folder)[0]
        with closing(project.open(create=True)) as connection:
            ingest(project, connection, [folder / "e2e_tests", folder / "rephrasings.jsonl"], reviewer="bench")
        yield project


def _text(test: int, step: int) -> str:
    return f"when does the branch number {test} open for group {step}"


def _tests() -> str:
    cases = (
        f"- test_case: test {test}\n  steps:\n" + "".join(f"  - user: {_text(test, step)}\n" for step in range(STEPS))
        for test in range(TESTS)
    )
    return "test_cases:\n" + "".join(cases)


def _rephrasings(count: int) -> str:
    rows = (
        {
            "file": FILE,
            "test_case": f"test {test}",
            "user_step": step + 1,
            "text": _text(test, step),
            "rephrasings": [{"text": f"{_text(test, step)}, please, asked in way {way}"} for way in range(count)],
        }
        for test in range(TESTS)
        for step in range(STEPS)
    )
    return "".join(json.dumps(row) + "\n" for row in rows)


def _carry_out(project: Project, stage: Stage) -> StageReport:
    report = asyncio.run(run_stage(project, stage))
    assert report.complete, report
    return report


def _timed(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start
