"""What has been learnt about a template's variables while its output is being matched, with undo."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from core.prompts.inversion_program import Branch, Key, Question


@dataclass(slots=True)
class Facts:
    """Each fact is added once and never changed; `undo_to` takes back the newest ones.

    `values`: what was printed. `truth`, `none`, `defined`: how conditions came out. `counts`: lengths of the lists that
    loops ran over. `last`: whether a turn of a loop, named by its list and index, is the last.
    """

    values: dict[Key, Any] = field(default_factory=dict)
    truth: dict[Key, bool] = field(default_factory=dict)
    none: dict[Key, bool] = field(default_factory=dict)
    defined: dict[Key, bool] = field(default_factory=dict)
    counts: dict[Key, int] = field(default_factory=dict)
    last: dict[Key, bool] = field(default_factory=dict)
    trail: list[tuple[dict[Key, Any], Key]] = field(default_factory=list)

    def note(self, about: dict[Key, Any], key: Key, fact: Any) -> None:
        if key not in about:
            about[key] = fact
            self.trail.append((about, key))

    def undo_to(self, mark: int) -> None:
        while len(self.trail) > mark:
            about, key = self.trail.pop()
            del about[key]

    def is_true(self, key: Key) -> bool | None:
        if key in self.counts:
            return self.counts[key] > 0
        if key in self.values:
            return bool(self.values[key])
        if key in self.truth:
            return self.truth[key]
        if self.none.get(key) or self.defined.get(key) is False:
            return False
        return None

    def is_none(self, key: Key) -> bool | None:
        if key in self.values:
            value = self.values[key]
            return None if value == "None" else value is None  # printed plainly, None and "None" look alike
        if key in self.none:
            return self.none[key]
        if self.counts.get(key) is not None or self.truth.get(key):
            return False
        return None

    def answer(self, branch: Branch, key: Key) -> bool | None:
        """What is known about a condition; None if the matcher has to try both."""
        match branch.question:
            case Question.TRUE | Question.FILLED:
                return self.is_true(key)
            case Question.NONE:
                return self.is_none(key)
            case Question.LAST:
                return self.last.get(key)
            case Question.DEFINED:
                known = key in self.values or key in self.counts or self.truth.get(key) or self.none.get(key) is False
                return True if known else self.defined.get(key)
            case Question.EQUAL if key in self.values:
                equal = bool(self.values[key] == branch.constant)
                return equal or (None if str(self.values[key]) == str(branch.constant) else False)
        return None

    def assume(self, branch: Branch, key: Key, outcome: bool) -> None:
        match branch.question:
            case Question.FILLED if not outcome:
                self.note(self.counts, key, 0)
            case Question.TRUE | Question.FILLED:
                self.note(self.truth, key, outcome)
            case Question.NONE:
                self.note(self.none, key, outcome)
            case Question.LAST:
                self.note(self.last, key, outcome)
            case Question.DEFINED:
                self.note(self.defined, key, outcome)
            case Question.EQUAL if outcome:
                self.note(self.values, key, branch.constant)
