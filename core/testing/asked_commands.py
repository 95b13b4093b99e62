"""Commands that a language model is asked for, step by step, in the state the conversation is in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from hashlib import blake2b
from threading import Lock
from typing import TYPE_CHECKING

from core.commands import Command, parse
from core.dialogue.engine import Conversation, Engine
from core.dialogue.prompt import PromptBuilder
from core.llm.models import Answer, CallFailure, Request
from core.prompts.context import PromptContext
from core.prompts.question import command_question
from core.prompts.segments import SegmentCache
from core.prompts.template import PromptTemplate
from core.testing.cases import LoadedTest, TestKey
from core.testing.command_sources import Readiness, RecordedCommands, known_lines
from core.testing.expectations import UserTurn

if TYPE_CHECKING:
    from core.llm.roles import RoleSettings

Ask = Callable[[Request], Answer | CallFailure]
"""Asks one model and waits for the answer; called from any number of threads at once."""


class NotAnsweredError(Exception):
    """A step has no commands since its question has no answer: its test cannot be run this time."""

    def __init__(self, user_step: int, failure: CallFailure) -> None:
        super().__init__(f"user step {user_step}: {failure}")
        self.failure = failure


@dataclass(frozen=True, slots=True)
class StepAnswer:
    """What was answered at a user step. `call`: key of the call. `leftovers`: lines of `text` that are no command."""

    call: str
    text: str
    commands: tuple[Command, ...]
    leftovers: tuple[str, ...] = ()
    is_cut_off: bool = False

    def remark(self) -> str:
        """What is odd about it, empty if nothing is."""
        found = []
        if self.leftovers:
            what = "holds what is no command" if self.commands else "was no command"
            found.append(f"the model's answer {what}: {_in_short(self.leftovers)}")
        elif not self.commands:
            found.append("the model's answer holds no command")
        if self.is_cut_off:
            found.append("the model's answer was cut off: raise `max_tokens` of its role")
        return "; ".join(found)

    def __str__(self) -> str:
        """For people: the remark on it, or its commands."""
        return self.remark() or f"the model answered: {_in_short(self.text.split(chr(10)))}"


_MOST_SHOWN = 240
"""Characters of an answer; `workbench llm show` has the rest."""


def _in_short(lines: Iterable[str]) -> str:
    text = " | ".join(stripped for line in lines if (stripped := line.strip()))
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


OnAnswer = Callable[[LoadedTest, int], None]
"""Told of each user step (1-based) that has got its answer, once; called from the test's thread."""


@dataclass(slots=True)
class _OfTest:
    answers: dict[int, StepAnswer] = field(default_factory=dict)
    failure: CallFailure | None = None


class AskedCommands:
    """Asks for every step that `recorded` does not know; commands that stand in a test itself are never asked for.

    A prompt is asked once, however often a test is played. Safe for several threads; each test is one thread's.
    """

    def __init__(
        self,
        engine: Engine,
        template: PromptTemplate,
        settings: RoleSettings,
        ask: Ask,
        *,
        stage: str,
        recorded: RecordedCommands | None = None,
    ) -> None:
        """`settings`: of the model that `ask` asks. `stage`: what its calls are counted under in the ledger."""
        self._prompts = PromptBuilder(engine)
        self._engine = engine
        self._template, self._settings, self._ask, self._stage = template, settings, ask, stage
        self._recorded = recorded or RecordedCommands(())
        self._segments, self._lock = SegmentCache(), Lock()
        self._by_prompt: dict[bytes, StepAnswer] = {}
        self._of_test: dict[TestKey, _OfTest] = {}
        self._on_answer: OnAnswer = lambda test, step: None

    def asking(
        self, ask: Ask, template: PromptTemplate | None = None, on_answer: OnAnswer = lambda test, step: None
    ) -> AskedCommands:
        """The same questions, put to somebody else; in another template if one is given."""
        other = copy(self)
        other._on_answer = on_answer
        other._ask, other._by_prompt, other._of_test = ask, {}, {}
        other._template = template or self._template
        return other

    def readiness(self, test: LoadedTest) -> Readiness:
        """Only commands that stand in the test and cannot be read keep it from being run."""
        for turn in test.script.turns:
            if turn.commands is not None and not self._engine.is_button(turn.text):
                known = known_lines(turn.commands)
                if known.commands is None:
                    return Readiness(f"no commands for user step {turn.ordinal} ({test.file}:{turn.line}): {known.reason}")
        return Readiness()

    def asks_for(self, test: LoadedTest, turn: UserTurn) -> bool:
        """Whether a step's commands will be asked for, as far as is known before."""
        return not self._engine.is_button(turn.text) and self._is_message(turn.text) and self._known(test, turn) is None

    def commands(self, test: LoadedTest, turn: UserTurn, conversation: Conversation) -> tuple[Command, ...]:
        """As `CommandSource`.

        Raises:
            NotAnsweredError: the call failed.
        """
        known = self._known(test, turn)
        if known is not None:
            return known
        if not self._is_message(turn.text):
            return ()
        context = self._prompts.context(conversation.state(turn.text))
        answer = self._answer(context, test, turn)
        answers = self._of_test.setdefault(test.key, _OfTest()).answers
        if turn.ordinal not in answers:
            self._on_answer(test, turn.ordinal)
        answers[turn.ordinal] = answer
        return answer.commands

    def answers(self, test: LoadedTest) -> Mapping[int, StepAnswer]:
        """The answers that the test's steps got when it was played last, by step (1-based)."""
        found = self._of_test.get(test.key)
        return found.answers if found is not None else {}

    def failure(self, test: LoadedTest) -> CallFailure | None:
        """The call that kept the test from being run."""
        found = self._of_test.get(test.key)
        return None if found is None else found.failure

    def remarks(self, test: LoadedTest) -> tuple[str, ...]:
        """What was odd about the answers to a test that was played, for people."""
        answers = sorted(self.answers(test).items())
        return tuple(f"user step {step}: {remark}" for step, answer in answers if (remark := answer.remark()))

    def forget(self, test: LoadedTest) -> None:
        """Once it is done with, so that memory does not grow with the number of tests."""
        self._of_test.pop(test.key, None)

    def request(self, context: PromptContext, item: str) -> Request:
        """The question for a message in its context."""
        with self._lock:  # the cache is not made for several threads
            segmented = self._segments.get(self._template, context)
        texts = context.template_variables()
        prompt = segmented.render(texts["current_conversation"], texts["user_message"])
        return command_question(prompt, context.variables, self._template.dialect, self._settings, stage=self._stage, item=item)

    def _known(self, test: LoadedTest, turn: UserTurn) -> tuple[Command, ...] | None:
        if turn.commands is not None:
            return known_lines(turn.commands).commands
        known = self._recorded.known(test, turn)
        return None if known is None or known.is_doubtful else known.commands

    def _is_message(self, text: str) -> bool:
        """One that is empty or too long never reaches a command generator."""
        return bool(text.strip()) and len(text) <= self._engine.assistant.generator.max_characters

    def _answer(self, context: PromptContext, test: LoadedTest, turn: UserTurn) -> StepAnswer:
        item = f"{test.file}::{test.case.name} step {turn.ordinal}"
        request = self.request(context, item)
        key = blake2b(request.messages[0].content.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        found = self._by_prompt.get(key)
        if found is None:
            answered = self._ask(request)
            if isinstance(answered, CallFailure):
                self._of_test.setdefault(test.key, _OfTest()).failure = answered
                raise NotAnsweredError(turn.ordinal, answered)
            parsed = parse(answered.text, self._template.dialect)
            leftovers = tuple(leftover.text for leftover in parsed.leftovers)
            found = self._by_prompt[key] = StepAnswer(answered.key, answered.text, parsed.found, leftovers, answered.is_cut_off)
        return found
