"""How far the machine's verdicts agree with what people decided, and which threshold of the ambiguity score follows.

Each decided rephrasing counts once: what is in force of it, beside the machine's verdict on the same wording and commands. An
edit is a refusal of the wording that the machine judged. Flagged ones are counted as unsure; skipped ones, and those that
people added by hand, do not count. `ambiguous` is no judgement of the machine, so agreement and kappa are of `same` and
`different` alone. A decision on what was taken out of the files since is one on the machine's verdict all the same, and counts.

The threshold: what is below it and `same` goes into the training data unseen. For each of the thresholds 0.05, 0.10, … 0.95 the
share of refusals among the decided `same` ones whose score is below has an upper limit (Clopper and Pearson), at
1 - (1 - confidence) / 19: the highest threshold is looked for among 19, and all limits hold together so (Bonferroni), for one
look at decisions whose number was not made to depend on what they showed.

Decisions say nothing of scores that none of them has. A band (a tenth of the scores) is hardly looked at if it has fewer than 5
decisions, or less than a fifth of those that a random sample of as many would have in it; a random one seldom has. What waits
there is taken for refused, all of it: with a share g of all that is below the threshold, at most
limit + g (1 - limit) are. The highest threshold for which that is at most `error` is proposed, and of those with the same
decisions below the lowest.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from core.commands import from_json
from core.coverage.command_types import name_of
from core.dataset.selection import VERDICT_IS_STALE
from core.store.states import State
from core.store.verdicts import OF_OTHER_WORDS, WORDING
from review.agreement import cohen_interval, cohen_kappa
from review.proportions import check_confidence, check_error, clopper_pearson, enough, most_likely_share

ERROR, CONFIDENCE = 0.05, 0.95
THRESHOLDS = tuple(step / 20 for step in range(1, 20))
_SLICES = len(THRESHOLDS) + 1
_FEW_IN_A_BAND, _PART_OF_ITS_SHARE = 5, 0.2

_DECIDED = (
    f"SELECT v.verdict, CASE WHEN r.state = {int(State.FLAG)} THEN 'unsure' WHEN r.state = {int(State.REJECT)} THEN 'refused'"
    f" WHEN {OF_OTHER_WORDS} THEN 'refused' ELSE 'accepted' END, s.commands, a.score"
    " FROM rephrasing r JOIN user_step s ON s.id = r.step_id JOIN verdict v ON v.id = r.verdict_id"
    " LEFT JOIN ambiguity a ON a.rephrasing_id = r.id"
    f" WHERE r.source_id IS NOT NULL AND r.state IN ({int(State.ACCEPT)}, {int(State.REJECT)},"
    f" {int(State.FLAG)}) AND v.basis IS s.basis AND coalesce(v.judged_text, r.text) IN (r.text, {WORDING})"
)
_WAITING = (
    "SELECT a.score, count(*) FROM rephrasing r JOIN user_step s ON s.id = r.step_id JOIN verdict v ON v.id = r.verdict_id"
    " JOIN ambiguity a ON a.rephrasing_id = r.id WHERE r.active = 1 AND v.verdict = 'same'"
    f" AND r.state IN ({int(State.UNDECIDED)}, {int(State.STALE)}, {int(State.SKIP)}) AND NOT {VERDICT_IS_STALE}"
    f" AND NOT {OF_OTHER_WORDS} GROUP BY a.score"
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
        """Share of the machine's `same` that people accepted, with its interval at 95 % (Clopper and Pearson)."""
        if not self.same.decided:
            return None
        return self.same.accepted / self.same.decided, *clopper_pearson(self.same.accepted, self.same.decided)

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa of machine and people; None where one of them always says the same: it is 0 then, whatever they say."""
        machine, people = zip(*self._pairs(), strict=True) if self.judged else ((), ())
        return cohen_kappa(self._pairs()).value if len(set(machine)) == len(set(people)) == 2 else None

    @property
    def kappa_interval(self) -> tuple[float, float] | None:
        """At 95 %, by bootstrap over the rephrasings; None where that says nothing (review/agreement.py)."""
        found = None if self.kappa is None else cohen_interval(self._pairs())
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
    """`same` ones with a score below `threshold`: decided ones and those that `wait`. `limit`: upper limit of the share that
    people refuse. `unlooked`: how many of those that wait are in bands that are hardly looked at."""

    threshold: float
    decided: int
    refused: int
    limit: float
    waiting: int
    unlooked: int

    @property
    def at_most(self) -> float:
        """The limit, what was hardly looked at being taken for refused."""
        unlooked = self.unlooked / (self.decided + self.waiting) if self.unlooked else 0.0
        return self.limit + unlooked * (1 - self.limit)


@dataclass(frozen=True, slots=True)
class Band:
    """`same` ones with a score of `low` at least and below `high`."""

    low: float
    high: float
    decided: int
    refused: int
    waiting: int

    def is_hardly_looked_at(self, share: float) -> bool:
        """`share`: of all scores, what is decided; a random sample would have as much of each band."""
        expected = share * (self.decided + self.waiting)
        return self.waiting > 0 and self.decided < max(_FEW_IN_A_BAND, _PART_OF_ITS_SHARE * expected)


@dataclass(frozen=True, slots=True)
class Calibration:
    """`threshold`: that is proposed, None: too few decisions, too many refusals, or too many that wait where nobody looked.
    `scored`: decided `same` ones with a score. `bands`: of a tenth each.

    `needed`: decisions below a threshold that it takes with none refused. `needed_as_seen`: with as many refused as below the
    threshold where it takes fewest; None where too many are refused everywhere.
    """

    error: float
    confidence: float
    all: Comparison
    commands: tuple[Comparison, ...]
    below: tuple[Below, ...]
    bands: tuple[Band, ...]
    threshold: float | None
    needed: int
    needed_as_seen: int | None

    @property
    def scored(self) -> int:
        return sum(band.decided for band in self.bands)


def calibrate(connection: sqlite3.Connection, error: float = ERROR, confidence: float = CONFIDENCE) -> Calibration:
    """Raises UsageError for an `error` or a confidence that cannot be had (review/proportions.py)."""
    check_error(error)
    check_confidence(confidence)
    whole, parts = Comparison(), dict[str, Comparison]()
    slices = [_Slice() for _ in range(_SLICES)]
    for verdict, answer, commands, score in connection.execute(_DECIDED):
        whole = _one_more(whole, verdict, answer)
        for name in _names(commands):
            parts[name] = _one_more(parts.get(name) or Comparison(name), verdict, answer)
        if score is not None and verdict == "same" and answer != "unsure":
            slices[bisect_right(THRESHOLDS, score)].decide(answer == "refused")
    for score, count in connection.execute(_WAITING):
        slices[bisect_right(THRESHOLDS, score)].waiting += count
    each = 1 - (1 - confidence) / len(THRESHOLDS)
    below = tuple(_below(slices[: number + 1], each) for number in range(len(THRESHOLDS)))
    needed = [number for one in below if one.decided and (number := enough(error, each, one.refused / one.decided)) is not None]
    return Calibration(
        error, confidence, whole, tuple(sorted(parts.values(), key=lambda one: (-one.judged, one.command))), below,
        tuple(_bands(slices)), _proposed(below, error),
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


@dataclass(slots=True)
class _Slice:
    """`same` ones with a score between two neighbouring thresholds."""

    decided: int = 0
    refused: int = 0
    waiting: int = 0

    def decide(self, is_refused: bool) -> None:
        self.decided += 1
        self.refused += is_refused


def _bands(slices: Sequence[_Slice]) -> Iterator[Band]:
    """Two slices each; the last one has half of its width where their number is odd."""
    for first in range(0, len(slices), 2):
        both = slices[first : first + 2]
        yield Band(
            first / _SLICES,
            (first + len(both)) / _SLICES,
            sum(one.decided for one in both),
            sum(one.refused for one in both),
            sum(one.waiting for one in both),
        )


def _below(slices: Sequence[_Slice], confidence: float) -> Below:
    """Of the slices below a threshold."""
    bands = list(_bands(slices))
    decided, refused = sum(band.decided for band in bands), sum(band.refused for band in bands)
    waiting = sum(band.waiting for band in bands)
    share = decided / (decided + waiting) if waiting else 1.0
    unlooked = sum(band.waiting for band in bands if band.is_hardly_looked_at(share))
    return Below(len(slices) / _SLICES, decided, refused, most_likely_share(refused, decided, confidence), waiting, unlooked)


def _proposed(below: Sequence[Below], error: float) -> float | None:
    """The highest that will do; of those with the same decisions the lowest, for beyond them nobody decided."""
    proposed, decided = None, 0
    for one in below:
        if one.at_most <= error and one.decided > decided:
            proposed, decided = one.threshold, one.decided
    return proposed
