"""What the Dataset screen lets be done in processes of their own: building, preflights, measuring."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.content import Content
from textual.widgets import Static

from core.dataset.models import DatasetOptions, DatasetVersion
from core.errors import WorkbenchError
from core.project import Project
from core.user import User
from tui.dataset_jobs import DatasetJobs, Job, JobEnded, JobTold
from tui.screens.base import WorkbenchScreen
from tui.screens.dataset_other_text import PreflightProblem
from tui.screens.dataset_tabs import Measuring
from tui.styles import GOOD, KEY, MUTED

if TYPE_CHECKING:
    from tui.screens.dialogs.preflight_model import PreflightAsked

BAR_CELLS = 24
_DOING = {"build": "Building a dataset", "preflight": "Preflight", "quality": "Measuring"}


class DatasetWork(WorkbenchScreen):
    """`measuring`: how far the figures of the version at the cursor are. `problem`: of the last preflight, until the next."""

    def __init__(self, project: Project, user: User) -> None:
        super().__init__(project, user)
        self.jobs = DatasetJobs(self.post_message)
        self.measures = DatasetJobs(self.post_message)
        self.measuring = Measuring()
        self.problem: PreflightProblem | None = None
        self._last: PreflightAsked | None = None
        self._wanted: DatasetVersion | None = None
        self._built: str | None = None

    @property
    def version(self) -> DatasetVersion | None:
        raise NotImplementedError

    def read(self) -> object:
        raise NotImplementedError

    def measuring_changed(self) -> None:
        raise NotImplementedError

    def problem_changed(self) -> None:
        raise NotImplementedError

    def on_unmount(self) -> None:
        self.jobs.stop()
        self.measures.stop()
        super().on_unmount()

    def take_built(self) -> str | None:
        """Name of the version that was just built, once."""
        built, self._built = self._built, None
        return built

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that start something stand in the footer only while nothing runs."""
        if action == "stop":
            return self.jobs.job is not None
        return not (action in ("build", "preflight") and self.jobs.job is not None)

    # -- build --------------------------------------------------------------------------------------------------

    def action_build(self) -> None:
        from tui.screens.dialogs.build_dataset import BuildDialog

        self.app.push_screen(BuildDialog(self.project), self._build)

    def _build(self, options: DatasetOptions | None) -> None:
        if options is not None and self.jobs.job is None:
            self._start(Job("build", {"options": options.as_data(), "reviewer": self.user.reviewer, **self._root()}))

    def _root(self) -> dict[str, str]:
        return {"root": str(self.project.root)}

    def _start(self, job: Job) -> None:
        self.jobs.start(job)
        self._show_job(JobTold(job, "starting", 0, 0))
        self.add_class("-busy")
        self.refresh_bindings()

    def action_stop(self) -> None:
        self.jobs.stop()

    # -- preflight ----------------------------------------------------------------------------------------------

    def action_preflight(self) -> None:
        version = self.version
        if version is None:
            self.workbench.warn("There is no dataset yet: b builds one.", "Preflight")
            return
        from tui.screens.dialogs.preflight_model import PreflightDialog

        self.app.push_screen(PreflightDialog(self.project, version.name, self._last), partial(self._preflight, version))

    def _preflight(self, version: DatasetVersion, asked: PreflightAsked | None) -> None:
        if asked is not None and self.jobs.job is None:
            self._last = asked
            self._set_problem(None)
            self._start(Job("preflight", {"dataset": version.address, "options": asked.options.as_data(), **self._root()}))

    def _set_problem(self, problem: PreflightProblem | None) -> None:
        self.problem = problem
        self.problem_changed()

    def _keep_problem(self, job: Job, error: Exception) -> None:
        """The toast is gone in seconds; tab 6 keeps it."""
        what, remedy = (error.what, error.remedy) if isinstance(error, WorkbenchError) else (str(error), "See the app's log.")
        self._set_problem(PreflightProblem(job.arguments["dataset"], job.arguments["options"]["model"], what, remedy))

    # -- measuring ----------------------------------------------------------------------------------------------

    def measure(self, version: DatasetVersion) -> None:
        """One after the other; what was wanted last comes next."""
        running = self.measures.job
        if running is not None:
            self._wanted = version if running.arguments["dataset"] != version.address else None
            return
        self.measures.start(Job("quality", {"dataset": version.address, **self._root()}))

    # -- told by the processes ----------------------------------------------------------------------------------

    @on(JobTold)
    def _told(self, message: JobTold) -> None:
        if message.job.what != "quality":
            if message.job is self.jobs.job:
                self._show_job(message)
        elif self.version is not None and message.job.arguments["dataset"] == self.version.address:
            self.measuring = Measuring(message.doing, message.done, message.total)
            self.measuring_changed()

    def _show_job(self, told: JobTold) -> None:
        full = min(BAR_CELLS, told.done * BAR_CELLS // told.total) if told.total else 0
        percent = f" {told.done * 100 // told.total:>3} %" if told.total else ""
        self.query_one("#job", Static).update(
            Content.assemble(
                (_DOING[told.job.what], "bold"), "  ", ("━" * full, GOOD), ("─" * (BAR_CELLS - full), MUTED), percent,
                (f"  {told.doing}", MUTED), ("   x", KEY), (" stops", MUTED),
            ),
            layout=False,
        )  # fmt: skip

    @on(JobEnded)
    def _ended(self, message: JobEnded) -> None:
        if message.job.what == "quality":
            self._measured(message)
            return
        self.remove_class("-busy")
        self.refresh_bindings()
        title = _DOING[message.job.what]
        if message.error is not None:
            self.workbench.report(message.error, message.job.what)
            if message.job.what == "preflight":
                self._keep_problem(message.job, message.error)
        elif message.outcome is None:
            self.app.notify("Stopped; nothing was stored.", title=title, severity="warning", markup=False)
        else:
            if message.job.what == "build":
                self._built = message.outcome.dataset
            said = f"{message.outcome.dataset}: {message.outcome.words}"
            self.app.notify(said, title=title, severity="information" if message.outcome.is_good else "warning", markup=False)
        self.read()

    def _measured(self, message: JobEnded) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self.measure(wanted)
        if message.error is not None:
            self.workbench.report(message.error, "measuring the dataset")
            self.measuring = Measuring(problem=str(message.error))
            self.measuring_changed()
        elif message.outcome is not None:
            self.read()
