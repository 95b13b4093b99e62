"""Hand-labelled rephrasings (`gold/rephrasings.jsonl` of the outside data) and endpoints that answer by their labels."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from core.assistant.models import Assistant
from core.assistant.reading import read_assistant
from core.commands import Command, Dialect, parse
from core.conversations.models import TestFile, TurnKind
from core.conversations.reading import read_file
from core.prompts.context import Line
from core.validation.models import SlotFacts, StepFacts
from core.validation.vocabulary import slot_facts, vocabulary_of


@dataclass(frozen=True, slots=True)
class GoldRephrasing:
    """`commands`: what a correct annotator answers. `category`: why it is unfaithful, empty if it is not."""

    text: str
    commands: tuple[Command, ...]
    is_faithful: bool
    category: str = ""


@dataclass(frozen=True, slots=True)
class GoldStep:
    """`place`: the row's number in the file, from 0. `assistant`: its folder."""

    place: int
    facts: StepFacts
    rephrasings: tuple[GoldRephrasing, ...]
    assistant: str

    def has_other_commands(self, rephrasing: GoldRephrasing) -> bool:
        return set(rephrasing.commands) != set(self.facts.commands)


Answers = Callable[[GoldStep, int, int], tuple[Command, ...]]
"""The answer to the step's rephrasing of that number, for a sample index (0 is the first answer, votes are 1, 2, …)."""


def data_folder() -> Path | None:
    """Where the outside data lies, None without."""
    named = os.environ.get("WORKBENCH_TEST_DATA")
    return Path(named) if named else None


def gold_steps(data: Path) -> tuple[GoldStep, ...]:
    """Every row, with what its assistant's files and its test say of the step."""
    rows = (data / "gold" / "rephrasings.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(_step(data, place, json.loads(row)) for place, row in enumerate(rows))


def by_label(steps: Sequence[GoldStep], *, noise: float = 0.0, seed: int = 0) -> Answers:
    """Answers by the labels. `noise`: the share of calls, each drawn on its own, that give another row's commands instead."""

    def answer(step: GoldStep, rephrasing: int, sample: int) -> tuple[Command, ...]:
        draw = random.Random(f"{seed} {step.place} {rephrasing} {sample}")
        if draw.random() >= noise:
            return step.rephrasings[rephrasing].commands
        return draw.choice([other for other in steps if other.place != step.place]).facts.commands

    return answer


def _step(data: Path, place: int, row: dict[str, Any]) -> GoldStep:
    assistant, slots, vocabulary = _assistant(data / "data" / row["assistant"])
    history, asked = _before(data / "data" / row["assistant"], assistant, row)
    if asked in slots:
        slots = {**slots, asked: replace(slots[asked], asked=True)}
    facts = StepFacts(row["text"], _commands(row), history=history, slots=slots, vocabulary=vocabulary)
    rephrasings = tuple(
        GoldRephrasing(each["text"], _commands(each), each["faithful"], each.get("why", "").partition(":")[0])
        for each in row["rephrasings"]
    )
    return GoldStep(place, facts, rephrasings, row["assistant"])


@cache
def _assistant(folder: Path) -> tuple[Assistant, dict[str, SlotFacts], frozenset[str]]:
    assistant = read_assistant(folder).assistant
    return assistant, slot_facts(assistant), vocabulary_of(assistant)


def _before(folder: Path, assistant: Assistant, row: dict[str, Any]) -> tuple[tuple[Line, ...], str]:
    """What was said before the step, and the slot that the last response asked for."""
    tests = read_file(folder / row["file"], row["file"]).content
    assert isinstance(tests, TestFile)
    case = next(case for case in tests.cases if case.name == row["test_case"])
    lines: list[Line] = []
    asked, user_steps = "", 0
    for turn in case.turns:
        if turn.kind is TurnKind.USER:
            user_steps += 1
            if user_steps == row["user_step"]:
                break
            lines.append(Line("USER", turn.text))
        else:
            asked = turn.text.removeprefix("utter_ask_")
            response = assistant.responses.get(turn.text)
            text = response.variations[0].text if response is not None and response.variations else turn.text
            lines.append(Line("AI", text or turn.text))
    return tuple(lines), asked


def _commands(row: dict[str, Any]) -> tuple[Command, ...]:
    return parse("\n".join(row["commands"]), Dialect.V1).found
