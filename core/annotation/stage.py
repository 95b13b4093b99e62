"""Annotate: every test is run with a language model giving the commands; what passes becomes an annotated conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from core.annotation.foresight import ANSWER_TOKENS, foresee
from core.annotation.outcome import Annotated, annotated
from core.annotation.playing import Plays
from core.annotation.report import Tallies
from core.annotation.selection import Chosen, choose
from core.annotation.steps_answered import StepsAnswered
from core.annotation.writer import Writer
from core.dialogue.prompt import PromptBuilder
from core.errors import StoreError
from core.llm.models import Askers, CallFailure, FailureKind, Request, Role
from core.llm.roles import RoleSettings
from core.project import Project
from core.prompts.tokens import token_counter
from core.stages.models import Estimate, Progress, StageName, StageReport
from core.stages.words import counted
from core.testing.action_sources import ActionMode
from core.testing.asked_commands import AskedCommands
from core.testing.bridge import Bridge
from core.testing.cases import LoadedTest
from core.testing.llm_setup import not_configured, template_of
from core.testing.run_setup import RunOptions, prepare_run
from core.testing.runner import Runner
from core.user import current_user

_STORED_AT_ONCE = 200
_STEPS = "user steps answered"
_TOLD_EVERY = 0.2
"""Seconds between two reports of how far it is."""


def prepare_annotate(
    project: Project,
    paths: Sequence[str] = (),
    *,
    reviewer: str | None = None,
    keep_failing: bool = False,
    again: bool = False,
    actions: ActionMode = ActionMode.AUTO,
) -> AnnotateStage:
    """`paths`: tests as in `workbench test PATH...`; default: all of the assistant. `keep_failing`: failing tests are annotated
    too, and marked. `again`: those as well that have an annotation already. `reviewer` None: whoever runs this.

    Raises:
        UsageError: a path does not exist, or holds no test.
        InputError: no test can be read, with every problem.
        AssistantError: the assistant cannot be read, with every problem.
        TemplateError: the prompt template cannot be used.
        ProjectError: a model is needed, and none is configured as annotator.
    """
    prepared = prepare_run(
        RunOptions(tuple(paths), (), actions=actions), folder=project.root, with_problems=True, project=project
    )
    settings = project.settings.llm.role(Role.ANNOTATOR)
    source = AskedCommands(
        prepared.runner.tested.engine,
        template_of(project),
        settings or RoleSettings(),
        _nobody,
        stage=StageName.ANNOTATE.value,
    )
    chosen = Chosen(prepared.tests)
    if project.database_path.is_file():
        with closing(project.open()) as connection:
            chosen = choose(project, connection, prepared.tests, again=again)
    needs_model = any(source.asks_for(test, turn) for test in chosen.wanted for turn in test.script.turns)
    if needs_model and settings is None:
        raise not_configured(Role.ANNOTATOR)
    parameters = {"paths": list(paths), "keep_failing": keep_failing, "again": again, "actions": actions.value}
    problems = tuple(str(problem) for problem in (*prepared.problems, *prepared.warnings))
    name = current_user().reviewer if reviewer is None else reviewer
    return AnnotateStage(project, prepared.runner, source, chosen, name, keep_failing, needs_model, parameters, problems)


def _nobody(request: Request) -> CallFailure:
    return CallFailure("", FailureKind.STOPPED, "no model is asked yet")


@dataclass(frozen=True, slots=True)
class AnnotateStage:
    """Satisfies `core.stages.models.Stage`. `source`: knows what is to be asked, and not yet whom."""

    project: Project
    runner: Runner
    source: AskedCommands
    chosen: Chosen
    reviewer: str
    keep_failing: bool
    needs_model: bool
    parameters: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    @property
    def name(self) -> StageName:
        return StageName.ANNOTATE

    @property
    def roles(self) -> tuple[Role, ...]:
        return (Role.ANNOTATOR,) if self.needs_model else ()

    def estimate(self) -> Estimate:
        """Reads the project, asks nobody."""
        from core.llm.estimate import guess_calls

        tests = self.chosen.wanted
        steps = sum(self._questions(test) for test in tests)
        items = f"{counted(steps, 'user step')} of {counted(len(tests), 'test')}"
        if self.chosen.current:
            items += f"; {counted(self.chosen.current, 'test')} annotated already"
        settings = self.project.settings.llm.role(Role.ANNOTATOR)
        if not self.needs_model or settings is None:
            return Estimate(self.name, items, ())
        tokenizer = self.project.root / settings.tokenizer if settings.tokenizer else None
        count = token_counter(tokenizer)
        if self.project.database_path.is_file():
            with closing(self.project.open()) as connection:
                foreseen = foresee(connection, self.runner, self.source, settings, tests, count)
        else:
            foreseen = foresee(None, self.runner, self.source, settings, tests, count)
        each = -(-foreseen.prompt_tokens // foreseen.calls) if foreseen.calls else 0
        call = guess_calls(self.project, Role.ANNOTATOR, foreseen.calls, each, ANSWER_TOKENS)
        notes = ["Prompts depend on the answers before them: tokens are a guess from each conversation's first prompt."]
        if foreseen.is_sampled:
            notes.append("Counted on the first tests only.")
        return Estimate(self.name, items, (replace(call, stored=foreseen.stored),), tuple(notes))

    async def run(self, askers: Askers, progress: Progress) -> StageReport:
        """Stores each conversation as it ends; what is stored stays, however the run ends.

        Raises:
            asyncio.CancelledError: after storing what has ended.
            ProjectError: the role's key is missing.
            StoreError: the disk is full, or the database is locked.
        """
        bridge = Bridge(askers, asyncio.get_running_loop())
        ask = bridge(Role.ANNOTATOR) if self.needs_model else _nobody
        tallies = Tallies(self.chosen)
        writer = Writer(
            self.project,
            self.chosen.wanted,
            self.reviewer,
            self.parameters,
            (*self.runner.actions.notes(), *self.problems),
        )
        try:
            template = await writer.do(writer.begin)
            steps = StepsAnswered(self.chosen.wanted, self._questions)
            source = self.source.asking(ask, template, steps.answered)
            plays = Plays(self._player(source), self.chosen.wanted, self._questions)
            finish = partial(writer.finish, tallies)
            telling = asyncio.create_task(_tell(steps, progress))
            try:
                await _annotate(plays, writer, tallies, steps)
            except BaseException as error:
                tallies.stopped = "interrupted" if isinstance(error, asyncio.CancelledError) else str(error)
                with suppress(StoreError):  # the first error is the one to be told
                    await asyncio.shield(writer.do(finish))
                raise
            finally:
                telling.cancel()
                progress(_STEPS, steps.done, steps.total)
                bridge.give_up("the stage has ended")
                plays.close()
            return await writer.do(finish)
        finally:
            await asyncio.shield(writer.close())

    def _player(self, source: AskedCommands) -> Callable[[LoadedTest], Annotated]:
        runner = replace(self.runner, commands=source)
        prompts = PromptBuilder(self.runner.tested.engine)

        def play(test: LoadedTest) -> Annotated:
            result = runner.run_case(test)
            answers, call = source.answers(test), source.failure(test)
            source.forget(test)
            return annotated(test, result, answers, call, prompts, keep_failing=self.keep_failing)

        return play

    def _questions(self, test: LoadedTest) -> int:
        return sum(self.source.asks_for(test, turn) for turn in test.script.turns)


async def _annotate(plays: Plays, writer: Writer, tallies: Tallies, steps: StepsAnswered) -> None:
    while ended := await plays.next():
        for start in range(0, len(ended), _STORED_AT_ONCE):
            some = ended[start : start + _STORED_AT_ONCE]
            stored = await writer.do(partial(writer.store.put, some))
            for one in some:
                steps.ended(one)
                if one.test.key in stored.unknown:
                    tallies.add_unknown(one)
                else:
                    tallies.add(one, stands=one.test.key in stored.standing)


async def _tell(steps: StepsAnswered, progress: Progress) -> None:
    while True:
        progress(_STEPS, steps.done, steps.total)
        await asyncio.sleep(_TOLD_EVERY)
