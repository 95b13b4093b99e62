"""Rephrases one conversation: asks for all its messages, takes what is usable, asks again for what is missing.

The questions depend on what is stored of the conversation and on the answers before them, on nothing else: a run that was
cut off asks the same again, and its answers are there. What came of a conversation is stored once all its questions are
answered; a later run asks for further samples where the same question would come up again, so that no useless answer blocks
a step for ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from core.errors import TemplateError
from core.llm.keys import call_key
from core.llm.models import Answer, Asker, CallFailure, FailureKind, Request
from core.llm.roles import RoleSettings
from core.rephrasing.checks import Dropped, Kept, Sieve
from core.rephrasing.plan import ConversationPlan, StepNeed
from core.rephrasing.prompt import RephrasePrompt, Wanted, longest_text, make_request, response_format
from core.rephrasing.read_answer import read_answer
from core.rephrasing.settings import RephraseSection
from core.rephrasing.styles import Style, StyleMix

_OF_ONE_ANSWER: Final = frozenset({FailureKind.CONTENT_FILTER, FailureKind.EMPTY, FailureKind.INVALID})
"""Failures that another answer to the same question may not have."""
_OF_ONE_MESSAGE: Final = _OF_ONE_ANSWER | {FailureKind.CONTEXT, FailureKind.TOO_LARGE}
"""Failures that one message of several may have brought about: each is asked for alone then."""
_SCHEMA: Final = "response_format"


@dataclass(slots=True)
class Manner:
    """How the questions of a run are put. `structured`: turned off by the first server that refuses a schema."""

    prompt: RephrasePrompt
    settings: RephraseSection
    mix: StyleMix
    role: RoleSettings
    structured: bool
    """Whether the answer's schema is sent along."""
    bounded: bool = False
    """Whether the schema says how long a text may get: the embedded server keeps to it, OpenAI's refuses it."""

    def request(self, plan: ConversationPlan, wanted: Sequence[Wanted], sample: int, used: Collection[str]) -> Request:
        """The question in its first sample from `sample` on whose key is not one of `used`.

        Raises TemplateError if the template cannot be rendered.
        """
        form = {_SCHEMA: response_format(wanted, bounded=self.bounded)} if self.structured else {}
        request = make_request(self.prompt, plan, wanted, sample=sample, parameters=self._parameters(sample, form))
        while used and call_key(self.role, request) in used:
            sample += 1
            request = replace(request, sample=sample, parameters=self._parameters(sample, form))
        return request

    def _parameters(self, sample: int, form: dict[str, Any]) -> dict[str, Any]:
        return {**({"temperature": self.role.vote_temperature} if sample else {}), **form}


@dataclass(frozen=True, slots=True)
class StepResult:
    """`failure`: the last call that failed for this step, if it ended with too few."""

    need: StepNeed
    kept: tuple[Kept, ...]
    dropped: tuple[Dropped, ...]
    failure: CallFailure | None = None

    @property
    def short(self) -> int:
        """How many wordings are still missing."""
        return len(self.need.slots) - len(self.kept)

    @property
    def is_answered(self) -> bool:
        """Whether its last question was, even if nothing could be read from the answer."""
        return self.failure is None or any(one.call == self.failure.key for one in self.dropped)


@dataclass(frozen=True, slots=True)
class ConversationResult:
    plan: ConversationPlan
    steps: tuple[StepResult, ...]
    ended_by: CallFailure | None = None
    """The failure after which no other question will fare better."""

    @property
    def asked_out(self) -> dict[int, StepResult]:
        """Steps, by id, that got too few though every question was answered; none if the run ended."""
        if self.ended_by is not None:
            return {}
        return {step.need.step_id: step for step in self.steps if step.short and step.is_answered}

    @property
    def is_pending(self) -> bool:
        """Answers are still to come from a batch. Stored as it is, it would ask for something else the next time."""
        return any(step.failure is not None and step.failure.kind is FailureKind.PENDING for step in self.steps)


@dataclass(slots=True)
class _Step:
    need: StepNeed
    sieve: Sieve
    styles: dict[int, Style]
    failure: CallFailure | None = None
    given_up: bool = False

    @property
    def missing(self) -> list[int]:
        done = {kept.slot for kept in self.sieve.kept}
        return [slot for slot in self.need.slots if slot not in done]

    def wanted(self) -> Wanted:
        taken = (*(text for _, text in self.need.stored), *(kept.text for kept in self.sieve.kept))
        return Wanted(self.need, tuple((slot, self.styles[slot]) for slot in self.missing), taken)


@dataclass(slots=True)
class _Conversation:
    plan: ConversationPlan
    asker: Asker
    manner: Manner
    steps: list[_Step] = field(default_factory=list)
    ended_by: CallFailure | None = None
    used: set[str] = field(default_factory=set)
    """Keys of the answers that are not to be asked for again, those of this run included."""

    async def ask(self, batch: Sequence[_Step], sample: int) -> None:
        """One call for these steps; what comes back goes through their sieves."""
        wanted = [step.wanted() for step in batch]
        reply = await self._reply(wanted, sample)
        if isinstance(reply, CallFailure):
            for step in batch:
                step.failure = reply
                step.given_up = reply.kind not in (_OF_ONE_MESSAGE if len(batch) > 1 else _OF_ONE_ANSWER)
            if reply.ends_run:
                self.ended_by = reply
            return
        self.used.add(reply.key)
        texts = read_answer(reply.text, wanted)
        for step, one in zip(batch, wanted, strict=True):
            step.failure = None
            if one.id not in texts:
                step.failure = _unreadable(reply)
                step.sieve.note_unreadable(reply.key)
            free = [slot for slot, _ in one.styles]
            for number, text in texts.get(one.id, ()):
                slot = one.styles[number - 1][0] if 0 < number <= len(one.styles) else free[0] if free else None
                if slot not in free:
                    slot = free[0] if free else None
                if slot is not None and step.sieve.offer(text, slot, step.styles[slot], reply.key):
                    free.remove(slot)

    async def _reply(self, wanted: Sequence[Wanted], sample: int) -> Answer | CallFailure:
        """A server that refuses the schema is asked without."""
        try:
            request = self.manner.request(self.plan, wanted, sample, self.used)
        except TemplateError as error:
            return CallFailure("", FailureKind.REFUSED, error.what, f"{error.where}: {error.remedy}")
        reply = await self.asker.ask(request)
        if not (isinstance(reply, CallFailure) and reply.kind is FailureKind.REFUSED and _SCHEMA in request.parameters):
            return reply
        self.manner.structured = False
        plain = await self.asker.ask(self.manner.request(self.plan, wanted, sample, self.used))
        if isinstance(plain, CallFailure) and plain.kind is FailureKind.REFUSED:
            self.manner.structured = True  # it was not the schema
        return plain


async def rephrase_conversation(plan: ConversationPlan, asker: Asker, manner: Manner) -> ConversationResult:
    """Asks for the whole conversation, then for what is missing, step by step, in up to `rounds` further rounds."""
    conversation = _Conversation(plan, asker, manner, used=set(plan.used))
    answers = [said.text for said in plan.said if said.speaker == "AI"]
    for need in plan.steps:
        styles = {slot: _style(manner, need, slot) for slot in need.slots}
        sieve = Sieve(
            need.text,
            need.stored,
            manner.settings.near_duplicate,
            instructions=(style.words for style in styles.values()),
            answers=answers,
            longest=longest_text(need.text) if manner.structured and manner.bounded else None,
        )
        conversation.steps.append(_Step(need, sieve, styles))
    for sample in range(manner.settings.rounds + 1):
        open_ = [step for step in conversation.steps if step.missing and not step.given_up]
        if not open_ or conversation.ended_by is not None:
            break
        batches = batched(open_, manner.settings.per_call) if sample == 0 else [[step] for step in open_]
        await asyncio.gather(*(conversation.ask(batch, sample) for batch in batches))
    return ConversationResult(
        plan,
        tuple(
            StepResult(step.need, tuple(step.sieve.kept), tuple(step.sieve.dropped), step.failure if step.missing else None)
            for step in conversation.steps
        ),
        conversation.ended_by,
    )


def first_requests(plan: ConversationPlan, manner: Manner) -> list[list[Wanted]]:
    """What the first round asks for, call by call."""
    steps = [
        _Step(need, Sieve(need.text, (), 1.0), {slot: _style(manner, need, slot) for slot in need.slots}) for need in plan.steps
    ]
    return [[step.wanted() for step in batch] for batch in batched(steps, manner.settings.per_call)]


def batched(steps: Sequence[_Step], most: int) -> list[list[_Step]]:
    """Steps for one call each: together at most `most` wordings, if a single step does not want more."""
    batches: list[list[_Step]] = []
    size = most
    for step in steps:
        wordings = len(step.missing)
        if size + wordings > most:
            batches.append([])
            size = 0
        batches[-1].append(step)
        size += wordings
    return batches


def _unreadable(answer: Answer) -> CallFailure:
    if answer.is_cut_off:
        what, remedy = (
            "the answer was cut off before a rephrasing of it",
            "Raise `max_tokens`, or lower `per_call` in [rephrase].",
        )
    else:
        what = "no rephrasing of it could be read in the answer"
        remedy = "Look at the answer: a wrong chat template and a refusal look like this. The next run asks for another one."
    return CallFailure(answer.key, FailureKind.INVALID, what, remedy)


def _style(manner: Manner, need: StepNeed, slot: int) -> Style:
    """A template that does not print the styles gets none."""
    return manner.mix.style(need.key, slot) if manner.prompt.lists_wordings else Style()
