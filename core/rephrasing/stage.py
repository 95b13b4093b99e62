"""The stage `rephrase`: every annotated user step gets the rephrasings it lacks."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from core.errors import UsageError
from core.llm.models import Asker, Askers, Request, Role
from core.llm.roles import RoleSettings
from core.project import Project
from core.rephrasing.config import load_config, with_rephraser
from core.rephrasing.keeping import Keeper
from core.rephrasing.plan import (
    ConversationPlan,
    Selection,
    plan_conversation,
    planned_ids,
    response_texts,
    why_nothing,
)
from core.rephrasing.prompt import RephrasePrompt, load_prompt
from core.rephrasing.report import measured
from core.rephrasing.rounds import ConversationResult, Manner, StepResult, first_requests, rephrase_conversation
from core.rephrasing.settings import RephraseSection
from core.rephrasing.styles import StyleMix
from core.rephrasing.tally import Tally
from core.stages.models import Estimate, Progress, StageName, StageReport
from core.stages.words import counted
from core.store.connection import transaction
from core.store.failing import note_on_failing
from core.store.stage_runs import begin_run, finish_run
from core.user import current_user

MOST = 49
"""Rephrasings per user step, as in the reference."""
_TOKENS_AROUND = 12
"""Of a wording in an answer, beside its text: key, quotes, comma."""
_TOKENS_PER_CHARACTER = 0.3


def prepare_rephrase(
    project: Project, *, count: int | None = None, config: Path | None = None, selection: Selection | None = None
) -> RephraseStage:
    """`count`: rephrasings per user step instead of `[rephrase] count`; 0 does nothing. `config`: the reference's YAML.

    Run it with the stage's own `project`: `config` may name another rephraser than `workbench.toml`.

    Raises:
        UsageError: `count` is not within 0 and 49.
        InputError: `config` cannot be used.
        TemplateError: the prompt's template cannot be used.
        ProjectError: `workbench.toml` is wrong.
    """
    settings = project.settings.rephrase
    wanted = settings.count if count is None else count
    if not 0 <= wanted <= MOST:
        raise UsageError(f"{wanted} rephrasings per user step", remedy=f"Ask for 0 to {MOST}; 0 skips the stage.")
    own = project.root / settings.prompt if settings.prompt is not None else None
    if config is not None:
        given = load_config(config, project)
        own = given.prompt or own
        project = with_rephraser(project, given.role) if given.role is not None else project
    return RephraseStage(project, wanted, load_prompt(own), selection or Selection())


@dataclass(frozen=True)
class RephraseStage:
    """A `core.stages.models.Stage`. `count`: rephrasings each annotated user step is to have, those it has included."""

    project: Project
    count: int
    prompt: RephrasePrompt
    selection: Selection = field(default_factory=Selection)
    _asked_out: dict[int, StepResult] = field(default_factory=dict, compare=False, repr=False)
    """User steps that stayed short although all their questions were answered, by id: once each, however often this runs. A
    run in batches runs it again until nothing is missing, and further samples would be missing for ever."""

    @property
    def name(self) -> StageName:
        return StageName.REPHRASE

    @property
    def roles(self) -> tuple[Role, ...]:
        return (Role.REPHRASER,)

    def estimate(self) -> Estimate:
        """Of the first round. Raises TemplateError if the template cannot be rendered, ProjectError without a rephraser."""
        from core.llm.estimate import estimate_calls

        if self.count == 0:
            return Estimate(StageName.REPHRASE, "nothing: 0 rephrasings were asked for", ())
        with closing(self.project.open()) as connection:
            plans = list(self._plans(connection))
            steps = [step for plan in plans for step in plan.steps]
            wordings = sum(len(step.slots) for step in steps)
            length = sum(len(step.text) * len(step.slots) for step in steps)
            tokens = round(length * _TOKENS_PER_CHARACTER + wordings * _TOKENS_AROUND)
            count = sum(len(first_requests(plan, self._manner)) for plan in plans)
            calls = estimate_calls(
                self.project,
                Role.REPHRASER,
                (request for plan in plans for request in self._requests(plan)),
                connection,
                completion_tokens=-(-tokens // max(count, 1)),
            )
        rounds = self._settings.rounds
        notes = [f"up to {rounds} further calls for each user step that repetitions leave with too few"] if rounds else []
        return Estimate(
            StageName.REPHRASE,
            f"{counted(wordings, 'rephrasing')} of {counted(len(steps), 'user step')} in {counted(len(plans), 'conversation')}",
            (calls,),
            tuple(notes if wordings else ()),
        )

    async def run(self, askers: Askers, progress: Progress) -> StageReport:
        """See `core.stages.models.Stage`. A conversation's rephrasings are stored when all its questions are answered.

        Raises:
            ProjectError: no rephraser is configured.
            StoreError: the disk is full or the database is locked.
        """
        if self.count == 0:
            return StageReport(StageName.REPHRASE, {}, notes=("0 rephrasings were asked for: nothing to do.",))
        asker = askers(Role.REPHRASER)
        with closing(self.project.open()) as connection:
            ids = planned_ids(connection, self.selection)
            with transaction(connection):
                run_id = begin_run(connection, self.name, current_user().reviewer, self._parameters())
        tally = Tally()
        async with Keeper(self.project, run_id) as keeper:
            await self._work(ids, asker, keeper, tally, progress)
        return await asyncio.to_thread(self._finish, run_id, tally, keeper)

    def _finish(self, run_id: int, tally: Tally, keeper: Keeper) -> StageReport:
        with closing(self.project.open()) as connection:
            report = tally.report(keeper.counts, measured(connection, self.selection, self.count))
            nothing = () if tally.conversations or tally.stopped else (why_nothing(connection, self.selection),)
            report = replace(report, notes=(*nothing, *report.notes, *note_on_failing(connection)))
            with transaction(connection):
                finish_run(connection, run_id, report)
            return report

    async def _work(self, ids: list[int], asker: Asker, keeper: Keeper, tally: Tally, progress: Progress) -> None:
        """As many conversations at a time as calls may be in flight; no further one after a failure that ends the run."""
        left = iter(ids)
        done = 0
        progress("rephrasing", 0, len(ids))

        async def worker() -> None:
            nonlocal done
            for conversation_id in left:
                if tally.stopped:
                    return
                plan = await keeper.read(partial(self._plan, conversation_id))
                earlier = tuple(self._asked_out[one.step_id] for one in plan.steps if one.step_id in self._asked_out)
                plan = replace(plan, steps=tuple(one for one in plan.steps if one.step_id not in self._asked_out))
                result = ConversationResult(plan, ())
                if plan.steps:
                    result = await rephrase_conversation(plan, asker, self._manner)
                    if not result.is_pending:
                        await keeper.add(result)
                        self._asked_out.update(result.asked_out)
                tally.add(replace(result, steps=(*result.steps, *earlier)))
                done += 1
                progress("rephrasing", done, len(ids))

        workers = [asyncio.create_task(worker()) for _ in range(min(self._role.max_in_flight, len(ids)))]
        try:
            await asyncio.gather(*workers)
        finally:
            for one in workers:
                one.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    def _plans(self, connection: sqlite3.Connection) -> Iterator[ConversationPlan]:
        """Of the conversations in which something is missing."""
        for id_ in planned_ids(connection, self.selection):
            plan = self._plan(id_, connection)
            if plan.steps:
                yield plan

    def _plan(self, conversation_id: int, connection: sqlite3.Connection) -> ConversationPlan:
        return plan_conversation(connection, conversation_id, self.count, self._utterances)

    def _requests(self, plan: ConversationPlan) -> Iterator[Request]:
        for wanted in first_requests(plan, self._manner):
            yield self._manner.request(plan, wanted, 0, plan.used)

    @cached_property
    def _utterances(self) -> Mapping[str, str]:
        return response_texts(self.project)

    @cached_property
    def _manner(self) -> Manner:
        return Manner(
            self.prompt,
            self._settings,
            StyleMix(self._settings.mix, self._settings.seed),
            self._role,
            structured=self._settings.structured == "auto" and self._role.api == "chat" and self.prompt.lists_wordings,
            bounded=self._role.provider == "embedded",
        )

    @property
    def _settings(self) -> RephraseSection:
        return self.project.settings.rephrase

    @property
    def _role(self) -> RoleSettings:
        """Defaults where none is configured: whoever asks for the model says so."""
        return self.project.settings.llm.role(Role.REPHRASER) or RoleSettings()

    def _parameters(self) -> dict[str, Any]:
        """As the run's row keeps them."""
        return {
            "count": self.count,
            "prompt": self.prompt.name,
            "model": self._role.model,
            "selection": [self.selection.where, *self.selection.parameters],
            **self._settings.model_dump(by_alias=True, include={"rounds", "per_call", "near_duplicate", "seed", "mix"}),
        }
