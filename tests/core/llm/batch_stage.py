"""A stage for tests of batches: some questions, and for each answer one further question."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from core.llm.models import Answer, Askers, CallFailure, Message, Request, Role
from core.stages.models import Estimate, ItemFailure, Progress, StageName, StageReport


class TwoWaves:
    """`answers`: of the last pass, by item. With `second_wave`, each answer is asked about once more."""

    name = StageName.ANNOTATE
    roles = (Role.ANNOTATOR,)

    def __init__(self, questions: Sequence[str], *, second_wave: bool = False) -> None:
        self.passes = 0
        self.answers: dict[str, str] = {}
        self._questions, self._second_wave = questions, second_wave

    def estimate(self) -> Estimate:
        return Estimate(self.name, "questions", ())

    async def run(self, askers: Askers, progress: Progress) -> StageReport:
        self.passes += 1
        self.answers = {}
        failures = [
            failure for failures in await asyncio.gather(*map(self._one(askers), self._questions)) for failure in failures
        ]
        return StageReport(self.name, {"answered": len(self.answers)}, failures=tuple(failures))

    def _one(self, askers: Askers) -> Callable[[str], Awaitable[list[ItemFailure]]]:
        async def ask(question: str) -> list[ItemFailure]:
            found = await self._ask(askers, question, question)
            if isinstance(found, CallFailure):
                return [ItemFailure(question, str(found), call=found.key)]
            if self._second_wave:
                again = await self._ask(askers, f"{question} again", f"Is {found.text} right?")
                if isinstance(again, CallFailure):
                    return [ItemFailure(f"{question} again", str(again), call=again.key)]
            return []

        return ask

    async def _ask(self, askers: Askers, item: str, question: str) -> Answer | CallFailure:
        found = await askers(Role.ANNOTATOR).ask(Request("annotate", (Message("user", question),), item=item))
        if isinstance(found, Answer):
            self.answers[item] = found.text
        return found
