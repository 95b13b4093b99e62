"""How many questions annotating will take, and how long they are: as far as that can be known before the answers."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from core.conversations.models import TurnKind
from core.llm.keys import call_key
from core.llm.models import Answer, CallFailure, FailureKind, Request, Usage
from core.llm.roles import RoleSettings
from core.prompts.tokens import TokenCount
from core.store.llm_calls import answered_call
from core.testing.action_sources import ActionSources
from core.testing.asked_commands import AskedCommands
from core.testing.cases import LoadedTest
from core.testing.runner import Runner

ANSWER_TOKENS = 16
"""Of an answer: one or two commands."""
_PLAYED = 300
"""Tests that are played for an estimate; of the others the same is taken to hold. One takes some milliseconds."""


@dataclass(frozen=True, slots=True)
class Foresight:
    """`stored`: answers that are there already. `calls`: missing ones; `prompt_tokens` of them, all or most of it guessed."""

    steps: int
    stored: int
    calls: int
    prompt_tokens: int
    is_sampled: bool = False


def foresee(
    connection: sqlite3.Connection | None,
    runner: Runner,
    source: AskedCommands,
    settings: RoleSettings,
    tests: Sequence[LoadedTest],
    count: Callable[[str], TokenCount],
) -> Foresight:
    """Plays the tests as far as stored answers go. The first prompt without one is counted; the later ones of its test are
    guessed from it, by what is said in between. No action server is asked.
    """
    missing: list[Request] = []

    def ask_store(request: Request) -> Answer | CallFailure:
        key = call_key(settings, request)
        row = None if connection is None else answered_call(connection, key)
        if row is not None and row.answer is not None:
            usage = Usage(row.prompt_tokens, row.completion_tokens)
            return Answer(key, row.answer, row.finish_reason or "stop", usage, None, 0.0, stored=True)
        missing.append(request)
        return CallFailure(key, FailureKind.PENDING, "not asked yet")

    asking = source.asking(ask_store)
    dry = replace(runner, commands=asking, actions=ActionSources(runner.tested.responses), judge=None)
    played = tests[:_PLAYED]
    stored = calls = tokens = steps = 0
    for test in played:
        wanted = [turn.ordinal for turn in test.script.turns if source.asks_for(test, turn)]
        steps += len(wanted)
        missing.clear()
        if wanted and not test.broken:
            dry.run_case(test)
        answered = len(asking.answers(test))
        asking.forget(test)
        stored += answered
        if missing:
            rest = wanted[answered:]
            calls += len(rest)
            first = count(missing[-1].messages[0].content)
            tokens += sum(first.count + count(_said_between(test, rest[0], ordinal)).count for ordinal in rest)
    if len(played) == len(tests):
        return Foresight(steps, stored, calls, tokens)
    share = len(tests) / len(played)
    return Foresight(round(steps * share), round(stored * share), round(calls * share), round(tokens * share), is_sampled=True)


def _said_between(test: LoadedTest, first: int, last: int) -> str:
    """What a later prompt shows and an earlier one does not, going by the test."""
    ordinal = 0
    said: list[str] = []
    for turn in test.case.turns:
        ordinal += turn.kind is TurnKind.USER
        if first < ordinal <= last and turn.kind in (TurnKind.USER, TurnKind.BOT, TurnKind.UTTER):
            said.append(turn.text)
    return "\n".join(said)
