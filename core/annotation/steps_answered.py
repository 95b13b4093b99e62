"""How far a run of the stage is: tests are played side by side, so that it is their user steps that tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock

from core.annotation.outcome import Annotated
from core.testing.cases import LoadedTest, TestKey


class StepsAnswered:
    """Of the user steps that a model has to answer: `done` of `total`. Safe for several threads."""

    def __init__(self, tests: Sequence[LoadedTest], questions: Callable[[LoadedTest], int]) -> None:
        """`questions`: how many steps of a test are to be answered."""
        self._wanted = {test.key: questions(test) for test in tests}
        self.total = sum(self._wanted.values())
        self.done = 0
        self._of_test: dict[TestKey, int] = {}
        self._lock = Lock()

    def answered(self, test: LoadedTest, step: int) -> None:
        """One more step of a test has its answer."""
        with self._lock:
            self._count(test.key, 1)

    def ended(self, one: Annotated) -> None:
        """A conversation that broke off will not ask for its other steps; one without an answer waits for the next run."""
        key = one.test.key
        with self._lock:
            if one.call is None:
                self._count(key, self._wanted.get(key, 0))
            self._of_test.pop(key, None)

    def _count(self, key: TestKey, more: int) -> None:
        before = self._of_test.get(key, 0)
        now = min(before + more, self._wanted.get(key, 0))
        self._of_test[key] = now
        self.done += now - before
