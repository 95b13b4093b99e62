"""What annotating one test came to: a label for each user step, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from core.commands import Command
from core.dialogue.clean_up import CANNOT_HANDLE
from core.dialogue.prompt import PromptBuilder
from core.dialogue.turn import Turn
from core.llm.models import CallFailure
from core.prompts.context import PromptContext
from core.testing import results
from core.testing.asked_commands import StepAnswer
from core.testing.cases import LoadedTest
from core.testing.results import CaseResult

REMARK: Final = "remark"
"""The kind of what is listed with failures and is none: what was odd about an answer, or why a test could not be run."""

ANSWER: Final = "answer"
"""The kind of what stands before a failure: what the model had answered there."""


class Outcome(StrEnum):
    """As stored. KEPT: the test fails, and was annotated all the same."""

    ANNOTATED = "annotated"
    KEPT = "kept"
    FAILED = "failed"
    NOT_RUN = "not run"

    @property
    def has_labels(self) -> bool:
        return self in (Outcome.ANNOTATED, Outcome.KEPT)


@dataclass(frozen=True, slots=True)
class Annotated:
    """One test. `commands` and `contexts` by user step (1-based); a step without commands is not among `commands`.

    `own`: steps whose commands stand in the test itself. `failures`: plain data, one for each expectation that did not hold;
    odd answers (`kind` REMARK) before them, and before those of a step what was answered there (ANSWER), each with the key of
    its `call`. `call`: the failed call for which the test could not be run.
    """

    test: LoadedTest
    outcome: Outcome
    commands: Mapping[int, tuple[Command, ...]] = field(default_factory=dict)
    contexts: Mapping[int, PromptContext] = field(default_factory=dict)
    own: frozenset[int] = frozenset()
    turns: tuple[Turn, ...] = ()
    failures: tuple[Mapping[str, Any], ...] = ()
    call: CallFailure | None = None
    cleaned: int = 0
    """Steps of whose answer the engine kept another part than all of it."""

    @property
    def item(self) -> str:
        return f"{self.test.file}::{self.test.case.name}"

    @property
    def has_commands(self) -> bool:
        return bool(self.commands or self.own)


def annotated(
    test: LoadedTest,
    result: CaseResult,
    answers: Mapping[int, StepAnswer],
    call: CallFailure | None,
    prompts: PromptBuilder,
    *,
    keep_failing: bool,
) -> Annotated:
    """From what a run of the test showed."""
    if result.outcome is results.Outcome.NOT_RUN:
        why = {"kind": REMARK, "where": f"{test.file}:{test.case.line}", "user_step": 0, "note": result.not_run}
        return Annotated(test, Outcome.NOT_RUN, failures=(why,), call=call)
    failures = _shown_failures(test, result, answers)
    if result.failures and not keep_failing:
        return Annotated(test, Outcome.FAILED, turns=result.turns, failures=failures)
    own = frozenset(turn.ordinal for turn in test.script.turns if turn.commands is not None)
    commands: dict[int, tuple[Command, ...]] = {}
    contexts: dict[int, PromptContext] = {}
    cleaned = 0
    for ordinal, turn in enumerate(result.turns, start=1):
        if turn.is_button or (ordinal not in own and ordinal not in answers):
            continue
        contexts[ordinal] = prompts.context(turn.before)
        if ordinal in own:
            continue
        if label := label_of(turn):
            commands[ordinal] = label
        cleaned += label != turn.commands
    outcome = Outcome.KEPT if result.failures else Outcome.ANNOTATED
    return Annotated(test, outcome, commands, contexts, own, result.turns, failures, cleaned=cleaned)


def _shown_failures(test: LoadedTest, result: CaseResult, answers: Mapping[int, StepAnswer]) -> tuple[Mapping[str, Any], ...]:
    """Causes before what follows from them: odd answers, then each failure below the answer that it came of."""
    shown = {step: _answered(test, step, answer) for step, answer in sorted(answers.items()) if answer.remark()}
    found: list[Mapping[str, Any]] = list(shown.values())
    for failure in result.failures:
        step = max((step for step in answers if step <= failure.user_step), default=None)
        if step is not None and step not in shown:
            shown[step] = _answered(test, step, answers[step])
            found.append(shown[step])
        found.append({**failure.as_data(), "diff": list(failure.diff())})
    return tuple(found)


def _answered(test: LoadedTest, step: int, answer: StepAnswer) -> dict[str, Any]:
    return {
        "kind": REMARK if answer.remark() else ANSWER,
        "where": f"{test.file}:{test.script.turns[step - 1].line}",
        "user_step": step,
        "note": str(answer),
        "answer": answer.text,
        "is_command": bool(answer.commands),
        "call": answer.call,
    }


def label_of(turn: Turn) -> tuple[Command, ...]:
    """The commands a user step is annotated with: those that the engine carried out of the answer, as the reference does
    ("the response after parsing and processing"). None if the message could not be handled.

    Where the engine dropped them all and asked its question again, what was answered stays: with no commands the same
    conversation would go elsewhere.
    """
    if turn.processed:
        return turn.processed
    is_refused = any(dropped.by == CANNOT_HANDLE for dropped in turn.dropped)
    return () if is_refused else turn.commands
