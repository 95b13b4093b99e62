"""How far the machine's verdicts agree with what people decided, and which threshold of the ambiguity score follows.

Each decided rephrasing counts once: what is in force of it, beside the machine's verdict on the same wording and commands. An
edit is a refusal of the wording that the machine judged. Flagged ones are counted as unsure; skipped ones, and those that
people added by hand, do not count. `ambiguous` is no judgement of the machine, so agreement and kappa are of `same` and
`different` alone.

The threshold: what is below it and `same` goes into the training data unseen. For each of the thresholds 0.05, 0.10, … 0.95 the
share of refusals among the decided `same` ones whose score is below has an upper limit (Clopper and Pearson), at
1 - (1 - confidence) / 19: the highest threshold is looked for among 19, and all limits hold together so (Bonferroni). The
highest whose limit is at most `error` is proposed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache

from core.commands import from_json
from core.coverage.command_types import name_of
from core.errors import UsageError
from core.store.states import State
from core.store.verdicts import OF_OTHER_WORDS, WORDING
from review.agreement import cohen_interval, cohen_kappa
from review.proportions import enough, most_likely_share, wilson

ERROR, CONFIDENCE = 0.05, 0.95
THRESHOLDS = tuple(step / 20 for step in range(1, 20))

_DECIDED = (
    f"SELECT v.verdict, CASE WHEN r.state = {int(State.FLAG)} THEN 'unsure' WHEN r.state = {int(State.REJECT)} THEN 'refused'"
    f" WHEN {OF_OTHER_WORDS} THEN 'refused' ELSE 'accepted' END, s.commands, a.score"
    " FROM rephrasing r JOIN user_step s ON s.id = r.step_id JOIN verdict v ON v.id = r.verdict_id"
    " LEFT JOIN ambiguity a ON a.rephrasing_id = r.id"
    f" WHERE r.active = 1 AND r.source_id IS NOT NULL AND r.state IN ({int(State.ACCEPT)}, {int(State.REJECT)},"
    f" {int(State.FLAG)}) AND v.basis IS s.basis AND coalesce(v.judged_text, r.text) IN (r.text, {WORDING})"
)


@dataclass(frozen=True, slots=True)
class Said:
    """What people said of the rephrasings of one verdict."""

    accepted: int = 0
    refused: int = 0
    unsure: int = 0

    @property
    def decided(self) -> int:
        return self.accepted + self.refused

    def one_more(self, answer: str) -> Said:
        return Said(
            self.accepted + (answer == "accepted"), self.refused + (answer == "refused"), self.unsure + (answer == "unsure")
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """`command`: of the steps that it is about, empty: all. A step with several counts for each of them."""

    command: str = ""
    same: Said = field(default_factory=Said)
    different: Said = field(default_factory=Said)
    ambiguous: Said = field(default_factory=Said)

    @property
    def judged(self) -> int:
        """Decided ones that the machine called `same` or `different`."""
        return self.same.decided + self.different.decided

    @property
    def agreement(self) -> float | None:
        """Share of `judged` in which people said what the machine says; None if there are none."""
        return (self.same.accepted + self.different.refused) / self.judged if self.judged else None

    @property
    def precision(self) -> tuple[float, float, float] | None:
        """Share of the machine's `same` that people accepted, with its interval at 95 % (Wilson)."""
        if not self.same.decided:
            return None
        return self.same.accepted / self.same.decided, *wilson(self.same.accepted, self.same.decided)

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa of machine and people; None where both always say the same, so that nothing is left to agree on
        beyond chance."""
        return cohen_kappa(self._pairs()).value

    @property
    def kappa_interval(self) -> tuple[float, float] | None:
        """At 95 %, by bootstrap over the rephrasings; None where most resamples have no kappa."""
        found = cohen_interval(self._pairs())
        return None if found is None else (found.low, found.high)

    def _pairs(self) -> list[tuple[str, str]]:
        """The machine's word and the people's."""
        return (
            [("take", "take")] * self.same.accepted
            + [("take", "leave")] * self.same.refused
            + [("leave", "take")] * self.different.accepted
            + [("leave", "leave")] * self.different.refused
        )


@dataclass(frozen=True, slots=True)
class Below:
    """Decided `same` ones with a score below `threshold`. `limit`: upper limit of the share that people refuse."""

    threshold: float
    decided: int
    refused: int
    limit: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """`threshold`: that is proposed, None: too few decisions, or too many refusals. `scored`: decided `same` ones with a score.

    `needed`: decisions below a threshold that it takes with none refused. `needed_as_seen`: with as many refused as below the
    threshold where it takes fewest; None where too many are refused everywhere.
    """

    error: float
    confidence: float
    all: Comparison
    commands: tuple[Comparison, ...]
    below: tuple[Below, ...]
    threshold: float | None
    needed: int
    needed_as_seen: int | None

    @property
    def scored(self) -> int:
        return self.below[-1].decided


def calibrate(connection: sqlite3.Connection, error: float = ERROR, confidence: float = CONFIDENCE) -> Calibration:
    """Raises UsageError for an `error` that is not between 0 and 1, or such a confidence."""
    for name, value in (("an error", error), ("a confidence", confidence)):
        if not 0 < value < 1:
            raise UsageError(f"{name} of {value:g} cannot be had", remedy="Give a share such as 0.05.")
    whole, parts = Comparison(), dict[str, Comparison]()
    scores: list[tuple[float, bool]] = []
    for verdict, answer, commands, score in connection.execute(_DECIDED):
        whole = _one_more(whole, verdict, answer)
        for name in _names(commands):
            parts[name] = _one_more(parts.get(name) or Comparison(name), verdict, answer)
        if score is not None and verdict == "same" and answer != "unsure":
            scores.append((score, answer == "refused"))
    each = 1 - (1 - confidence) / len(THRESHOLDS)
    below = tuple(_below(scores, threshold, each) for threshold in THRESHOLDS)
    needed = [number for one in below if one.decided and (number := enough(error, each, one.refused / one.decided)) is not None]
    return Calibration(
        error, confidence, whole, tuple(sorted(parts.values(), key=lambda one: (-one.judged, one.command))), below,
        max((one.threshold for one in below if one.limit <= error), default=None),
        enough(error, each) or 0, min(needed, default=None),
    )  # fmt: skip


def _one_more(one: Comparison, verdict: str, answer: str) -> Comparison:
    if verdict == "same":
        return replace(one, same=one.same.one_more(answer))
    if verdict == "different":
        return replace(one, different=one.different.one_more(answer))
    return replace(one, ambiguous=one.ambiguous.one_more(answer))


@lru_cache(maxsize=65536)
def _names(commands: str | None) -> tuple[str, ...]:
    return tuple(sorted({name_of(command) for command in from_json(commands)})) if commands is not None else ()


def _below(scores: Iterable[tuple[float, bool]], threshold: float, confidence: float) -> Below:
    refused = [is_refused for score, is_refused in scores if score < threshold]
    count = sum(refused)
    return Below(threshold, len(refused), count, most_likely_share(count, len(refused), confidence))
