"""One run of the stage: a bounded number of rephrasings at a time, each asked about, judged and stored by itself."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from core.commands import parse, to_json
from core.conversations.models import Verdict
from core.llm.models import Answer, Asker, Askers, CallFailure, FailureKind, Request, Role
from core.stages.models import Progress, StageReport
from core.stages.storing import BatchedStore
from core.store.connection import transaction
from core.store.failing import note_on_failing
from core.store.stage_runs import begin_run, finish_run
from core.store.verdicts import NewVerdict, Wording, append_verdicts
from core.validation.judging import judge, needs_votes
from core.validation.models import Judged, JudgeOpinion, Vote
from core.validation.opinion import opinion_request, read_opinion
from core.validation.plan import Ground, StepWork, ground, item_of
from core.validation.stage import pages
from core.validation.tally import Tally

if TYPE_CHECKING:
    from core.validation.stage import ValidateStage

_SPARE_WORKERS = 16
"""Beyond those that ask: while some judge and store, the model need not wait."""
_VERDICTS_AT_ONCE = 100
_SHOW_EVERY = 0.05
"""Seconds between two calls of the progress."""


def _record(run_id: int, connection: sqlite3.Connection, batch: Sequence[NewVerdict]) -> None:
    append_verdicts(connection, run_id, batch)


class _NoAnswerError(Exception):
    """One of a rephrasing's questions has no answer, so that it gets no verdict."""

    def __init__(self, failure: CallFailure) -> None:
        super().__init__(str(failure))
        self.failure = failure


class Run:
    def __init__(self, stage: ValidateStage, askers: Askers, progress: Progress) -> None:
        self._stage, self._progress = stage, progress
        self._settings = stage.project.settings.validate_
        self._annotator = askers(Role.ANNOTATOR)
        self._second = None if stage.second is None else askers(stage.second)
        self._judge = askers(Role.JUDGE) if stage.asks_judge else None
        self._tally = Tally()
        self._shown = 0.0

    async def run(self) -> StageReport:
        """Raises as `core.stages.models.Stage.run`."""
        project, stage, tally = self._stage.project, self._stage, self._tally
        self._progress("reading the project", 0, 0)
        shared = await asyncio.to_thread(ground, project)
        with closing(project.open()) as connection:
            selected = stage.selection.ids(connection)
            tally.total = len(selected)
            with transaction(connection):
                run_id = begin_run(connection, stage.name, stage.reviewer, stage.as_parameters())
            async with BatchedStore(project, partial(_record, run_id), at_once=_VERDICTS_AT_ONCE) as recorder:
                await self._ask_all(connection, shared, pages(connection, selected), recorder)
            note = shared.note if tally.total else stage.selection.why_nothing(connection)
            notes = ((note,) if note else ()) + note_on_failing(connection)
            report = tally.report(notes, again=stage.selection.again)
            with transaction(connection):
                finish_run(connection, run_id, report)
        return report

    async def _ask_all(
        self, connection: sqlite3.Connection, shared: Ground, waiting: Iterator[Wording], recorder: BatchedStore[NewVerdict]
    ) -> None:
        async def work_on() -> None:
            for one in waiting:
                if self._tally.stopped:
                    return
                work = shared.step(connection, one.step_id)
                if isinstance(work, StepWork):
                    await self._judge_one(shared, work, one, recorder)
                else:
                    self._tally.leave_out(one, work)
                self._show()

        at_once = self._stage.settings_of(Role.ANNOTATOR).max_in_flight + _SPARE_WORKERS
        workers = [asyncio.create_task(work_on()) for _ in range(max(min(at_once, self._tally.total), 1))]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    def _show(self) -> None:
        self._tally.done += 1
        now = time.monotonic()
        if now - self._shown > _SHOW_EVERY or self._tally.done == self._tally.total:
            self._shown = now
            self._progress("rephrasings", self._tally.done, self._tally.total)

    async def _judge_one(self, shared: Ground, work: StepWork, one: Wording, recorder: BatchedStore[NewVerdict]) -> None:
        try:
            judged, calls = await self._judged(shared, work, one)
        except _NoAnswerError as error:
            self._tally.fail(one, error.failure)
            return
        commands = None if judged.commands is None else to_json(judged.commands)
        reasons = tuple(map(str, judged.reasons))
        judged_text = None if one.text == one.own_text else one.text
        verdict = judged.verdict.value
        await recorder.add(NewVerdict(one.id, verdict, reasons, commands, work.basis, judged_text, tuple(calls)))
        self._tally.take(judged)

    async def _judged(self, shared: Ground, work: StepWork, one: Wording) -> tuple[Judged, list[str]]:
        """The verdict, and the keys of the answers behind it in the order of the questions."""
        stage, settings, facts = self._stage, self._settings, work.facts
        role = stage.settings_of(Role.ANNOTATOR)
        answered = [await self._vote(self._annotator, shared, work, shared.question(work, one, role))]
        if settings.votes > 1 and needs_votes(facts, one.text, answered[0][0], stage.mode):
            further = [shared.question(work, one, role, sample) for sample in range(1, settings.votes)]
            answered += await _all(self._vote(self._annotator, shared, work, request) for request in further)
        votes, calls = [vote for vote, _ in answered], [key for _, key in answered]
        siblings, earlier = work.siblings_of(one.id)

        def judged(second: Sequence[Vote] = (), opinion: JudgeOpinion | None = None) -> Judged:
            return judge(
                facts,
                one.text,
                votes,
                mode=stage.mode,
                siblings=siblings,
                earlier=earlier,
                second=second,
                opinion=opinion,
                unanimous=settings.unanimous,
                intended_language=one.language,
            )

        found, second = judged(), list[Vote]()
        if self._second is not None and stage.second is not None and found.verdict is not Verdict.AMBIGUOUS:
            other = shared.question(work, one, stage.settings_of(stage.second))
            vote, key = await self._vote(self._second, shared, work, other)
            second.append(vote)
            calls.append(key)
            found = judged(second)
        if self._judge is not None and found.verdict is Verdict.SAME:
            settings_of_judge = stage.settings_of(Role.JUDGE)
            asked = opinion_request(settings_of_judge, facts.original, one.text, facts.history, item_of(one))
            opinion, key = await self._opinion(self._judge, asked, settings_of_judge.vote_temperature)
            calls.append(key)
            found = judged(second, opinion)
        return found, calls

    async def _opinion(self, judge: Asker, request: Request, temperature: float) -> tuple[JudgeOpinion, str]:
        """The judge's answer and the key of its call. Where one of an earlier run cannot be read, a further sample is asked
        for."""
        ours = self._stage.put_to_judge
        while True:
            answer = await judge.ask(request)
            is_of_earlier_run = isinstance(answer, Answer) and answer.stored and answer.key not in ours
            ours.add(answer.key)
            if isinstance(answer, CallFailure):
                raise _NoAnswerError(answer)
            opinion = read_opinion(answer.text)
            if opinion is not None:
                return opinion, answer.key
            if not is_of_earlier_run:
                raise _NoAnswerError(_unreadable(answer))
            hotter = {**request.parameters, "temperature": temperature}
            request = replace(request, sample=request.sample + 1, parameters=hotter)

    async def _vote(self, asker: Asker, shared: Ground, work: StepWork, request: Request) -> tuple[Vote, str]:
        """An answer and the key of its call."""
        try:
            answer = await _answer(asker, request)
        except _NoAnswerError as error:
            if error.failure.kind is not FailureKind.EMPTY or not error.failure.what.endswith("is empty"):
                raise
            # The model finds no command: an answer like any other.
            return Vote((), shared.processed(work, ())), error.failure.key
        read = parse(answer.text, shared.dialect)
        leftovers = tuple(leftover.text for leftover in read.leftovers)
        if answer.is_cut_off:
            leftovers = (*leftovers, "(the answer is cut off)")
        return Vote(read.found, shared.processed(work, read.found), leftovers), answer.key


def _unreadable(answer: Answer) -> CallFailure:
    if answer.is_cut_off:
        what, remedy = "the judge's answer is cut off", "Raise `max_tokens` in [llm.judge]."
    else:
        what = "the judge's answer could not be read"
        remedy = "Look at the answer: a wrong chat template and a refusal look like this. The next run asks for another one."
    return CallFailure(answer.key, FailureKind.INVALID, what, remedy)


async def _answer(asker: Asker, request: Request) -> Answer:
    answer = await asker.ask(request)
    if isinstance(answer, CallFailure):
        raise _NoAnswerError(answer)
    return answer


async def _all(votes: Iterable[Coroutine[None, None, tuple[Vote, str]]]) -> list[tuple[Vote, str]]:
    """All votes; if one has no answer, its failure once all have come back: what was answered is stored all the same."""
    found = await asyncio.gather(*votes, return_exceptions=True)
    answered: list[tuple[Vote, str]] = []
    for one in found:
        if isinstance(one, BaseException):
            raise one
        answered.append(one)
    return answered
