"""The whole recipe, stage by stage: what `workbench prepare-data` runs. Every stage passes over what is done already."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from tui.cli.dataset_report import print_version
from tui.cli.output import narrate, print_lines, progress_bar
from tui.cli.stages import INTERRUPTED, print_report, run_estimated, run_untold

if TYPE_CHECKING:
    from core.dataset.models import DatasetOptions, DatasetVersion
    from core.export.options import ExportOptions
    from core.project import Project
    from core.stages.models import Estimate, Stage

STAGES = ("ingest", "annotate", "rephrase", "validate", "dataset", "export")
WAITS_FOR_REVIEW = 3
"""The exit code where --review stops."""

_PROBLEMS_SHOWN = 20
_ANSWERED_WITH_COMMANDS = (
    "SELECT EXISTS (SELECT 1 FROM annotation a, json_each(a.failures) f WHERE json_extract(f.value, '$.is_command'))"
)
"""Whether an answer in a test that failed holds a command."""


@dataclass(frozen=True, slots=True)
class RecipeOptions:
    """`paths`: tests, files and folders as `workbench annotate` takes them; none: the assistant's tests."""

    paths: tuple[str, ...]
    keep_failing: bool
    rephrasings: int | None
    rephrase_config: Path | None
    dataset: DatasetOptions
    export: ExportOptions
    review: bool
    allow_incomplete: bool
    yes: bool
    max_cost: float | None
    as_json: bool


@dataclass(slots=True)
class Recipe:
    """One run. `summary`: what `--json` prints of each stage that has run."""

    project: Project
    options: RecipeOptions
    summary: dict[str, Any] = field(default_factory=dict)
    _models: ExitStack = field(default_factory=ExitStack)
    _spent_before: float = 0.0
    _version: DatasetVersion | None = None

    def run(self) -> None:
        """Raises typer.Exit where it ends early; the summary says why under `stopped`."""
        with self._models:
            self._headed(0, self._ingest)
            self._spent_before = self._spent()
            self._headed(1, self._annotate)
            self._headed(2, self._rephrase)
            self._headed(3, self._validate)
            self._count_waiting()
            self._headed(4, self._dataset)
            self._headed(5, self._export)

    def check(self) -> None:
        """What can be known of the options before anything is read in or asked.

        Raises:
            UsageError: a path or a test does not exist, or too many rephrasings are asked for.
            InputError, TemplateError: the file of --rephrase-config, or the prompt's template, cannot be used.
        """
        from core.errors import InputError
        from core.rephrasing.stage import prepare_rephrase
        from core.testing.cases import load_tests
        from core.testing.selection import parse_selector

        prepare_rephrase(self.project, count=self.options.rephrasings, config=self.options.rephrase_config)
        if self.options.paths:
            with suppress(InputError):  # what is wrong in files is told by ingest, of all of them at once
                load_tests([parse_selector(path) for path in self.options.paths], self.project.root)

    def estimate(self) -> Iterator[Estimate]:
        """Of the stages that ask, as the project is now. Nothing is read in, nothing asked."""
        yield self._annotate_stage().estimate()
        if self.project.database_path.is_file():
            for stage in (self._rephrase_stage(), self._validate_stage()):
                if stage is not None:
                    yield stage.estimate()

    def _headed(self, place: int, work: Callable[[], None]) -> None:
        from core.errors import WorkbenchError

        head = f"{place + 1}/{len(STAGES)} {STAGES[place]}"
        try:
            self._say(head)
            work()
        except KeyboardInterrupt:
            self.summary["stopped"] = f"{head}: interrupted"
            narrate(f"\nInterrupted at {head}. What was done before is stored: the same command goes on there.")
            raise typer.Exit(INTERRUPTED) from None
        except WorkbenchError as error:
            self.summary["stopped"] = f"{head}: {error.what}"
            narrate(f"Stopped at {head}. What was done is stored: once this is mended, the same command goes on.")
            raise
        except typer.Exit:
            self.summary.setdefault("stopped", head)
            raise

    def _ingest(self) -> None:
        from core.pipeline.ingest import ingest
        from core.stages.words import counted
        from core.user import current_user

        paths = list(self._paths())
        with closing(self.project.open(create=True)) as connection, progress_bar() as progress:
            report = ingest(self.project, connection, paths, reviewer=current_user().reviewer, progress=progress)
        self.summary["ingest"] = report.as_data()
        for problem in report.problems[:_PROBLEMS_SHOWN]:
            narrate(f"error: {problem}")
        if report.bad_files:
            narrate(
                f"{counted(len(report.bad_files), 'file')} with errors: nothing was asked. Mend them; the same command goes on."
            )
            raise typer.Exit(1)
        if not report.changed_anything:
            self._say(f"  {counted(report.unchanged_files, 'file')} unchanged since the last ingest")
            return
        self._say(
            f"  conversations: {report.conversations_added:,} added, {report.conversations_changed:,} changed,"
            f" {report.conversations_retired:,} retired"
        )

    def _paths(self) -> Iterator[Path]:
        from core.testing.run_setup import DEFAULT_FOLDERS
        from core.testing.selection import parse_selector

        if self.options.paths:
            yield from dict.fromkeys(parse_selector(path).path for path in self.options.paths)
            return
        yield from (folder for name in DEFAULT_FOLDERS if (folder := self.project.root / name).is_dir())

    def _annotate(self) -> None:
        from core.errors import ProjectError

        self._ask(self._annotate_stage())
        with closing(self.project.open()) as connection:
            (labelled,) = connection.execute(
                "SELECT count(*) FROM user_step WHERE active = 1 AND commands IS NOT NULL AND commands <> '[]'"
            ).fetchone()
            (answered,) = connection.execute(_ANSWERED_WITH_COMMANDS).fetchone()
        if labelled:
            return
        if not answered:
            remedy = (
                "None of the model's answers holds a command that could be used: `workbench annotate --failures` shows them."
                " Mend the prompt template, or name another model or address in workbench.toml: the same question to the"
                " same model is answered from the store."
            )
        elif self.options.keep_failing:
            remedy = "The engine dropped all that the model answered: `workbench annotate --failures` shows what and where."
        else:
            remedy = "`workbench annotate --failures` shows why tests fail; --keep-failing annotates them all the same."
        raise ProjectError("no user step has commands, so there is nothing to rephrase or to train with", remedy=remedy)

    def _annotate_stage(self) -> Stage:
        from core.annotation.stage import prepare_annotate

        return prepare_annotate(self.project, self.options.paths, keep_failing=self.options.keep_failing)

    def _rephrase(self) -> None:
        stage = self._rephrase_stage()
        if stage is None:
            self._say("  skipped: no rephrasings were asked for")
            return
        self._ask(stage)

    def _rephrase_stage(self) -> Stage | None:
        from core.rephrasing.stage import prepare_rephrase

        stage = prepare_rephrase(self.project, count=self.options.rephrasings, config=self.options.rephrase_config)
        return stage if stage.count else None

    def _validate(self) -> None:
        stage = self._validate_stage()
        if stage is None:
            self._say("  nothing to ask: no rephrasing lacks a verdict")
            return
        self._ask(stage)

    def _validate_stage(self) -> Stage | None:
        """None where nothing waits for a verdict: then no model need be configured."""
        from core.store.verdicts import to_be_judged
        from core.validation.stage import prepare_validate

        with closing(self.project.open()) as connection:
            waiting = len(to_be_judged(connection, again=False))
        return prepare_validate(self.project) if waiting else None

    def _ask(self, stage: Stage) -> None:
        """What is stored is not asked again; a stage with nothing to ask still does what its stored answers are for."""
        project: Project = getattr(stage, "project", self.project)  # with the model of --rephrase-config
        estimate = stage.estimate()
        if estimate.missing:
            self._keep_embedded(project, stage)
            report, is_interrupted = run_estimated(project, stage, estimate, yes=self.options.yes, max_cost=self._left())
        else:
            report, is_interrupted = run_untold(project, stage, self._left())
        self.summary[stage.name.value] = report.as_data()
        if not estimate.missing and report.complete:
            counts = ", ".join(f"{label} {count:,}" for label, count in report.counts.items() if count)
            self._say(f"  nothing to ask: {counts or estimate.items}")
        elif not self.options.as_json:
            print_report(report)
        if is_interrupted:
            raise typer.Exit(INTERRUPTED)
        if report.complete or self.options.allow_incomplete:
            return
        narrate(
            f"{stage.name.value} is not complete, so no dataset is built of it. The same command goes on where this one"
            " stopped; --allow-incomplete builds of what there is."
        )
        raise typer.Exit(1)

    def _keep_embedded(self, project: Project, stage: Stage) -> None:
        """The embedded model stays between the stages, with the prompts it remembers."""
        from core.llm.embedded import kept_running

        for role in stage.roles:
            settings = project.settings.llm.role(role)
            if settings is not None and settings.provider == "embedded":
                self._models.enter_context(kept_running(project, settings, narrate=narrate))

    def _spent(self) -> float:
        with closing(self.project.open()) as connection:
            (cost,) = connection.execute("SELECT coalesce(sum(cost), 0) FROM llm_call").fetchone()
        return float(cost)

    def _left(self) -> float | None:
        """Of the limit, which is one for the whole run."""
        if self.options.max_cost is None:
            return None
        return max(self.options.max_cost - (self._spent() - self._spent_before), 0.0)

    def _count_waiting(self) -> None:
        from core.pipeline.status import project_status

        with closing(self.project.open()) as connection:
            counts = project_status(connection).rephrasings
        waiting = counts.ambiguous + counts.by_state["flag"] + counts.by_state["stale"]
        self.summary["waiting_for_review"] = waiting
        if not waiting:
            return
        told = (
            f"{waiting:,} {'rephrasing waits' if waiting == 1 else 'rephrasings wait'} for a person:"
            f" {counts.ambiguous:,} ambiguous, {counts.by_state['flag']:,} flagged, {counts.by_state['stale']:,} stale"
        )
        if self.options.review:
            self.summary["stopped"] = "review"
            self._say(told)
            narrate("Decide on them in the app (`workbench`) or with `workbench review`; the same command then goes on.")
            narrate("Without --review they are left out.")
            raise typer.Exit(WAITS_FOR_REVIEW)
        self._say(f"  {told}; left out (--review stops for them)")

    def _dataset(self) -> None:
        from core.dataset.build import build
        from core.store.connection import utc_now
        from core.user import current_user

        started = utc_now()
        with progress_bar() as progress:
            version = build(self.project, self.options.dataset, reviewer=current_user().reviewer, progress=progress)
        self.summary["dataset"] = {"name": version.name, "address": version.address, **version.summary}
        if version.at < started:
            self._say(f"  dataset {version.name}, as it was built before: nothing has changed since")
        else:
            if not self.options.as_json:
                print_version(version)
            self._say(f"  dataset {version.name}")
        self._version = version

    def _export(self) -> None:
        from core.export.export import export_dataset
        from core.user import current_user

        version = self._version
        assert version is not None, "the stage before has built it"
        with progress_bar() as progress:
            report = export_dataset(
                self.project, version, self.options.export, reviewer=current_user().reviewer, progress=progress
            )
        self.summary["export"] = {
            "out": str(report.out), "format": report.format.value, "rows": report.as_data()["rows"],
            "manifest_sha256": report.manifest_sha256,
        }  # fmt: skip
        self._say(f"  written to {report.out}")
        narrate(f"Next: `workbench preflight {version.name}` checks it against the model to be trained.")

    def _say(self, line: str) -> None:
        """Progress of the whole: on stdout for people, on stderr where stdout is JSON."""
        if self.options.as_json:
            narrate(line)
        else:
            print_lines([line])
            sys.stdout.flush()
