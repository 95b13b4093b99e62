"""Runs matching instructions over a rendered prompt: depth first, with undo, within a budget of steps.

The stack of choices is explicit, so a long list of flows cannot exhaust Python's own; the budget keeps hostile text
from running forever.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from core.prompts.inversion_facts import Facts
from core.prompts.inversion_program import (
    Accept,
    Branch,
    Capture,
    Codec,
    Counter,
    Enter,
    Instruction,
    Jump,
    Key,
    Literal,
    Path,
    Question,
    Repeat,
)

_decode = json.JSONDecoder().raw_decode
_SOLUTION_COST = 500  # steps: the caller renders each solution to check it


class BudgetSpentError(Exception):
    """The text can be read in too many ways."""


@dataclass(frozen=True, slots=True)
class _Turn:
    """One turn of a running loop: its list, the number of the turn, where its text began."""

    items: Key
    index: int
    item: Key
    begin: int


_Turns = tuple[_Turn, ...]
# place in the program, position in the prompt, running loops, number of facts, where a capture is tried to end next
_Choice = tuple[int, int, _Turns, int, int]


class Machine:
    """Finds the ways in which a prompt can have come from a template, shortest captures first.

    `strict` demands that names, types and values look as they nearly always do, which settles most prompts at once.
    """

    def __init__(self, program: Sequence[Instruction], prompt: str, *, strict: bool, budget: int) -> None:
        self.program = program
        self.prompt = prompt
        self.strict = strict
        self.budget = budget
        self.facts = Facts()
        self.furthest = (0, 0, 0)  # first character that did not fit, the instruction, how much of its literal fitted
        self._choices: list[_Choice] = []
        self._at = 0
        self._position = 0
        self._turns: _Turns = ()

    def solutions(self) -> Iterator[Facts]:
        """Yields the facts of every match; they are undone once the next one is asked for."""
        while True:
            self.budget -= 1
            if self.budget < 0:
                raise BudgetSpentError
            instruction = self.program[self._at]
            if isinstance(instruction, Accept):
                if self._position == len(self.prompt):
                    yield self.facts
                    self.budget -= _SOLUTION_COST
                fits = False
            else:
                fits = self._step(instruction)
            if not fits and not self._retreat():
                return

    def _step(self, instruction: Instruction) -> bool:
        match instruction:
            case Literal(text=text):
                return self._literal(text)
            case Capture():
                return self._capture(instruction)
            case Branch():
                return self._branch(instruction)
            case Enter():
                return self._enter(instruction)
            case Repeat():
                return self._repeat(instruction)
            case Jump(target=target):
                self._at = target
                return True
            case Counter(loop=loop, start=start):
                return self._literal(str(self._turns[loop].index + start))
        raise AssertionError(instruction)

    def _literal(self, text: str) -> bool:
        if self.prompt.startswith(text, self._position):
            self._position += len(text)
            self._at += 1
            return True
        if self._position + len(text) > self.furthest[0]:
            fitted = 0
            for wanted, found in zip(text, self.prompt[self._position : self._position + len(text)], strict=False):
                if wanted != found:
                    break
                fitted += 1
            if self._position + fitted >= self.furthest[0]:
                self.furthest = (self._position + fitted, self._at, fitted)
        return False

    def _key(self, path: Path) -> Key:
        return path.attributes if path.loop < 0 else self._turns[path.loop].item + path.attributes

    def _choose_later(self, attempt: int = 0) -> None:
        self._choices.append((self._at, self._position, self._turns, len(self.facts.trail), attempt))

    def _capture(self, capture: Capture) -> bool:
        key = self._key(capture.path)
        facts = self.facts
        if key in facts.counts:
            return False
        if capture.codec is not Codec.PLAIN:
            return self._capture_json(capture, key)
        if key in facts.values:
            return self._literal(str(facts.values[key]))
        if facts.none.get(key):
            return self._literal("None")
        return self._capture_until(capture, key, self._position)

    def _capture_json(self, capture: Capture, key: Key) -> bool:
        facts = self.facts
        try:
            value, end = _decode(self.prompt, self._position)
            text = json.dumps(value, ensure_ascii=False)
        except (ValueError, RecursionError):
            return False
        if capture.codec is Codec.JSON and text != self.prompt[self._position : end]:
            return False
        if key in facts.values and facts.values[key] != value:
            return False
        if facts.truth.get(key, bool(value)) != bool(value) or facts.none.get(key, value is None) != (value is None):
            return False
        facts.note(facts.values, key, value)
        self._position = end
        self._at += 1
        return True

    def _capture_until(self, capture: Capture, key: Key, search_from: int) -> bool:
        """Ends the captured text at the next place where what follows it can stand."""
        prompt, begin = self.prompt, self._position
        line_end = len(prompt)
        if self.strict and capture.single_line:
            line_end = prompt.find("\n", begin)
            line_end = len(prompt) if line_end < 0 else line_end
        while search_from <= line_end:
            if isinstance(capture.stop, str):
                end = prompt.find(capture.stop, search_from)
            else:
                found = capture.stop.search(prompt, search_from)
                end = found.start() if found else -1
            if end < 0 or end > line_end:
                if search_from == begin >= self.furthest[0]:
                    self.furthest = (begin, self._at, 0)
                return False
            text = prompt[begin:end]
            search_from = end + 1
            self.budget -= 1 + len(text) // 1024
            if self.budget < 0:
                raise BudgetSpentError
            if not text and self.facts.truth.get(key):
                continue
            if self.strict and capture.shape is not None and not capture.shape.fullmatch(text):
                continue
            self._choose_later(search_from)
            self.facts.note(self.facts.values, key, text)
            self._position = end
            self._at += 1
            return True
        return False

    def _branch(self, branch: Branch) -> bool:
        key = self._subject(branch)
        answer = key[-1] == 0 if branch.question is Question.FIRST else self.facts.answer(branch, key)
        if answer is None:
            self._choose_later()
            self.facts.assume(branch, key, True)
            answer = True
        self._at = branch.on_true if answer else branch.on_false
        return True

    def _enter(self, enter: Enter) -> bool:
        key = self._key(enter.path)
        if key in self.facts.values:
            return False
        filled = self.facts.is_true(key)
        if filled is None:
            self._choose_later()
            self.facts.note(self.facts.truth, key, True)
        if filled is False:
            return self._enter_empty(enter, key)
        self._turns = (*self._turns[: enter.depth], _Turn(key, 0, (*key, 0), self._position))
        self._at += 1
        return True

    def _enter_empty(self, enter: Enter, key: Key) -> bool:
        self.facts.note(self.facts.counts, key, 0)
        self._at = enter.empty
        return True

    def _repeat(self, repeat: Repeat) -> bool:
        turn = self._turns[repeat.depth]
        count = self.facts.counts.get(turn.items)
        last = turn.index + 1 == count if count is not None else self.facts.last.get(turn.item)
        if self._position == turn.begin and count is None:
            return False  # an item that prints nothing: there could be any number of them
        if last is None:
            self._choose_later()
            self.facts.note(self.facts.last, turn.item, False)
        if last:
            return self._leave(repeat, turn)
        index = turn.index + 1
        self._turns = (*self._turns[: repeat.depth], _Turn(turn.items, index, (*turn.items, index), self._position))
        self._at = repeat.body
        return True

    def _leave(self, repeat: Repeat, turn: _Turn) -> bool:
        self.facts.note(self.facts.last, turn.item, True)
        self.facts.note(self.facts.counts, turn.items, turn.index + 1)
        self._turns = self._turns[: repeat.depth]
        self._at += 1
        return True

    def _retreat(self) -> bool:
        """Goes back to the newest choice that has another way to go."""
        while self._choices:
            self._at, self._position, self._turns, mark, attempt = self._choices.pop()
            self.facts.undo_to(mark)
            instruction: Any = self.program[self._at]
            match instruction:
                case Capture():
                    done = self._capture_until(instruction, self._key(instruction.path), attempt)
                case Branch():
                    done = self._other_way(instruction)
                case Enter():
                    done = self._enter_empty(instruction, self._key(instruction.path))
                case _:
                    done = self._leave(instruction, self._turns[instruction.depth])
            if done:
                return True
        return False

    def _other_way(self, branch: Branch) -> bool:
        self.facts.assume(branch, self._subject(branch), False)
        self._at = branch.on_false
        return True

    def _subject(self, branch: Branch) -> Key:
        """What a condition asks about: a variable, or the running turn of a loop."""
        if branch.question in (Question.FIRST, Question.LAST):
            return self._turns[branch.path.loop].item
        return self._key(branch.path)
