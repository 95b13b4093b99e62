"""The stage `validate`: the annotator reads every rephrasing in the place of its step's message, and what it finds is judged
against what it should have found. Nothing else but ingest sets verdicts."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from core.commands import Mode
from core.errors import ProjectError
from core.llm.models import Askers, Request, Role
from core.llm.roles import RoleSettings
from core.project import Project
from core.stages.models import Estimate, Progress, StageName, StageReport
from core.stages.words import counted
from core.store.verdicts import Wording, to_be_judged, wordings
from core.user import current_user
from core.validation.opinion import COMPLETION_TOKENS as OPINION_TOKENS
from core.validation.opinion import PROMPT_TOKENS as OPINION_PROMPT_TOKENS
from core.validation.plan import StepWork, ground

_ANSWER_TOKENS = 20
"""About as many as a list of commands has."""
_ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rephrasings: a condition on `rephrasing r`, and whether those too that have a verdict."""

    again: bool = False
    where: str = "1"
    parameters: tuple[str | int, ...] = ()

    def ids(self, connection: sqlite3.Connection) -> array[int]:
        return to_be_judged(connection, again=self.again, where=self.where, parameters=self.parameters)

    def why_nothing(self, connection: sqlite3.Connection) -> str:
        """Why there is nothing to be judged, and what helps."""
        judged = len(to_be_judged(connection, again=True, where=self.where, parameters=self.parameters))
        if judged:
            have = "1 rephrasing has" if judged == 1 else f"{judged:,} rephrasings have"
            return f"{have} a verdict already, whatever the mode and models behind it: `--all` judges anew."
        if connection.execute("SELECT EXISTS (SELECT 1 FROM rephrasing WHERE active = 1)").fetchone()[0]:
            return "No rephrasing that could be judged is chosen: others are removed, outside the filter, or of failing tests."
        return "There are no rephrasings yet: run `workbench rephrase`, or ingest files that have them."


def prepare_validate(
    project: Project,
    *,
    reviewer: str | None = None,
    again: bool = False,
    mode: Mode | None = None,
    where: str = "1",
    parameters: Sequence[str | int] = (),
) -> ValidateStage:
    """`again`: judge those too whose verdict came from a file or an earlier run. `mode`: default is that of `[validate]`.

    Raises:
        ProjectError: a model that it asks is not configured.
    """
    settings = project.settings.validate_
    mode = Mode(settings.mode) if mode is None else mode
    asks_more = mode is not Mode.DOCUMENTED  # which knows one answer and nothing else
    stage = ValidateStage(
        project,
        current_user().reviewer if reviewer is None else reviewer,
        mode,
        Selection(again, where, tuple(parameters)),
        Role(settings.second_model) if settings.second_model and asks_more else None,
        settings.judge and asks_more,
    )
    for role in stage.roles:
        if project.settings.llm.role(role) is None:
            raise ProjectError(
                f"no model is configured as {role.value}",
                remedy=f"Add [llm.{role.value}] to workbench.toml; `workbench llm check` tries it.",
            )
    return stage


@dataclass(frozen=True, slots=True)
class ValidateStage:
    """Settled when it is made, save for which rephrasings wait: those are looked up when it is estimated and when it runs."""

    project: Project
    reviewer: str
    mode: Mode
    selection: Selection
    second: Role | None = None
    asks_judge: bool = False
    put_to_judge: set[str] = field(default_factory=set, compare=False, repr=False)
    """Keys of what the judge was asked, so that an answer that cannot be read is asked for anew in another run only: a run
    in batches runs the same stage until nothing is missing."""

    @property
    def name(self) -> StageName:
        return StageName.VALIDATE

    @property
    def roles(self) -> tuple[Role, ...]:
        second = () if self.second is None else (self.second,)
        return tuple(dict.fromkeys((Role.ANNOTATOR, *second, *((Role.JUDGE,) if self.asks_judge else ()))))

    def settings_of(self, role: Role) -> RoleSettings:
        settings = self.project.settings.llm.role(role)
        assert settings is not None, "checked when the stage was prepared"
        return settings

    def estimate(self) -> Estimate:
        """First answers are counted exactly; votes come on top, and are only known once the first answers are."""
        from core.llm.estimate import estimate_calls, guess_calls

        shared = ground(self.project)
        steps: set[int] = set()
        judged: set[int] = set()
        with closing(self.project.open()) as connection:
            selected = self.selection.ids(connection)
            nothing = "" if selected else self.selection.why_nothing(connection)

            def requests(role: Role) -> Iterator[Request]:
                settings = self.settings_of(role)
                for one in pages(connection, selected):
                    work = shared.step(connection, one.step_id)
                    if isinstance(work, StepWork):
                        steps.add(one.step_id)
                        judged.add(one.id)
                        yield shared.question(work, one, settings)

            asked = [role for role in (Role.ANNOTATOR, self.second) if role is not None]
            calls = [
                estimate_calls(self.project, role, requests(role), connection, completion_tokens=_ANSWER_TOKENS)
                for role in asked
            ]
        if self.asks_judge:
            calls.append(guess_calls(self.project, Role.JUDGE, len(judged), OPINION_PROMPT_TOKENS, OPINION_TOKENS))
        items = f"{counted(len(judged), 'rephrasing')} of {counted(len(steps), 'user step')}"
        return Estimate(
            self.name, items, tuple(calls), tuple(self._notes(len(judged), len(selected) - len(judged), nothing or shared.note))
        )

    def _notes(self, judged: int, left_out: int, note: str) -> Iterator[str]:
        votes = self.project.settings.validate_.votes
        if left_out:
            yield f"{counted(left_out, 'rephrasing')} cannot be judged: see the report of a run for each step's reason"
        if judged and votes > 1 and self.mode is not Mode.DOCUMENTED:
            yield f"up to {votes - 1} further answers for each rephrasing whose first answer is not clear"
        if judged and self.asks_judge:
            yield "the judge is asked only about those that are the same otherwise"
        if note:
            yield note

    async def run(self, askers: Askers, progress: Progress) -> StageReport:
        """See `core.stages.models.Stage`."""
        from core.validation.run import Run

        return await Run(self, askers, progress).run()

    def as_parameters(self) -> Mapping[str, Any]:
        """What the run's row says of it."""
        settings = self.project.settings.validate_
        return {
            "mode": self.mode.value,
            "again": self.selection.again,
            "votes": settings.votes,
            "unanimous": settings.unanimous,
            "model": self.settings_of(Role.ANNOTATOR).model,
            "second_model": None if self.second is None else self.settings_of(self.second).model,
            "judge": self.settings_of(Role.JUDGE).model if self.asks_judge else None,
        }


def pages(connection: sqlite3.Connection, ids: array[int]) -> Iterator[Wording]:
    """The rephrasings of these ids, read a few hundred at a time."""
    for start in range(0, len(ids), _ROWS_AT_ONCE):
        yield from wordings(connection, ids[start : start + _ROWS_AT_ONCE])
