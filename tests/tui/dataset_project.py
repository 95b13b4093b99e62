"""Projects with dataset versions, a preflight to look at, and work on datasets without a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import IO, Any

import pytest

from core.dataset.models import DatasetVersion
from core.dataset.quality.stored import quality_of
from core.preflight.models import Bin, Cut, Finding, Lengths, Preflight, RowPlace, Severity, Spread, TargetFacts
from core.preflight.stored import save_preflight
from core.project import Project
from core.store.connection import transaction
from core.store.datasets import record_holdout_use
from tests.core.pipeline.small import built, contexts, conversation, put, use_template
from tui import dataset_process
from tui.dataset_jobs import DatasetJobs, Job, JobEnded, JobTold
from tui.dataset_process import Outcome

WORDS = ("anchor", "buoy", "cabin", "deck", "engine", "funnel", "galley", "harbour", "island", "jetty", "keel", "lantern")


def ships(project: Project, *, hostile: str = "") -> Project:
    """Twelve tests of one user message with a rephrasing each, and a test that says what another one says."""
    project = use_template(project)
    tests = {
        f"test {number}": [
            (f"tell me about the {word}{hostile}", ["start flow buy_ticket"], [f"{word}: what is that like here"])
        ]
        for number, word in enumerate(WORDS)
    }
    tests["again"] = [("tell me about the ANCHOR!", ["start flow buy_ticket"], [])]
    put(project, "rephrasings/t.yml", "conversations:\n" + "".join(conversation(name, steps) for name, steps in tests.items()))
    put(project, "contexts.yml", contexts({name: [step[0] for step in steps] for name, steps in tests.items()}))
    return project


def version_of(project: Project, **options: Any) -> DatasetVersion:
    """A version with train, val and holdout, measured already."""
    version = built(project, **{"train_frac": 0.6, "holdout_frac": 0.2, **options}).version
    quality_of(version)
    return version


def preflight_report(
    version: DatasetVersion,
    findings: Sequence[Finding] = (),
    *,
    waived: Sequence[str] = (),
    gpus: Sequence[Mapping[str, Any]] = (),
) -> Preflight:
    spread = Spread(1338, 1465, 1604, 1651, 1702, 1470.5)
    small = Spread(4, 10, 28, 42, 48, 11.2)
    bins = tuple(Bin(low, low + 200, rows) for low, rows in ((400, 12), (600, 80), (800, 55), (1000, 20), (1200, 3)))
    return Preflight(
        dataset=version.address,
        parameters={"model": "models/base", "waived": list(waived)},
        target=TargetFacts("models/base", "chat", 49152, 8192, "", "", "<|im_end|>", "<pad>", ("<|im_end|>",)),
        rows={"train": 100, "val": 20},
        lengths=Lengths(170, spread, small, spread, bins, 1702, 1728),
        cuts=(
            Cut("this run", 1728, "cuts the end", 0, 0, 0, 0, 0),
            Cut("TRL's default", 1024, "cuts the end", 23, 0, 0, 0, 0),
            Cut("Axolotl's default", 512, "leaves out the whole row", 170, 0, 0, 0, 0),
        ),
        supervised=0.0075,
        commands={},
        flows={},
        findings=tuple(findings),
        probes=(),
        gpus=tuple(gpus),
    )


def preflighted(project: Project, version: DatasetVersion, *, passed: bool = False) -> None:
    """A report in the store, as a preflight would leave it."""
    findings = (
        Finding("long-rows", Severity.FAIL, "2 rows lose their label", "Train with 1728.", 2,
                (RowPlace("train", 2, "e2e_tests/t.yml:4", "[/foo] 1,702 tokens"),)),
        Finding("balance", Severity.WARN, "one command has 3 rows", "Write tests for it."),
    )  # fmt: skip
    report = preflight_report(version, findings, waived=["long-rows"] if passed else [])
    with closing(project.open()) as connection:
        save_preflight(connection, version.id, report)
        with transaction(connection):
            connection.execute("UPDATE preflight SET at = '2026-01-12T09:30:00.000Z'")


def looked_into(project: Project, version: DatasetVersion) -> None:
    with closing(project.open()) as connection, transaction(connection):
        record_holdout_use(connection, version.id, "maria", "the last comparison")


def without_process(monkeypatch: pytest.MonkeyPatch, carry_out: Callable[..., Outcome] = dataset_process.carry_out) -> None:
    """From now on work on datasets is done in the thread that would listen to its process."""

    def listen(self: DatasetJobs, job: Job, log: IO[bytes]) -> JobEnded:
        from core.errors import WorkbenchError

        try:
            outcome = carry_out(
                {"do": job.what, **job.arguments}, lambda what, done, total: self._tell(JobTold(job, what, done, total))
            )
        except WorkbenchError as error:
            return JobEnded(job, error=error)
        return JobEnded(job, None if self._stopped else outcome)

    monkeypatch.setattr(DatasetJobs, "_listen", listen)
