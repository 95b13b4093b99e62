"""How many of the machine's `same` are wrong at most, told after every decision.

The machine calls N rephrasings `same`. W of them are wrong: a person would refuse or change them. They are looked at in a
random order, without replacement, and k of the first n turned out wrong. A reviewer looks at the bound after each decision and
stops when it is low, so it must hold at every n at once; a bound for one n fixed beforehand (Clopper and Pearson, or the rule
of three) does not.

The rule: Waudby-Smith and Ramdas 2020, "Confidence sequences for sampling without replacement" (NeurIPS; arXiv 2006.04347),
theorem 2.1: with a prior over W, the ratio of the prior to the posterior of the true W is a martingale that starts at 1, so by
Ville's inequality it ever reaches 1/alpha with a chance of alpha at most. What has not reached it is the confidence set. The
prior is beta-binomial, under which the n things seen are as likely as from a coin of unknown bias p ~ Beta(a, b):

    ratio(w) = B(a + k, b + n - k) / B(a, b) / L(w)
    L(w)     = w (w-1) … (w-k+1) * (N-w) (N-w-1) … (N-w-(n-k)+1) / (N (N-1) … (N-n+1))

L(w) is how likely what was seen is, in its order, if W = w. It has one peak, so the set is a range of w, and its upper end is
found by halving. Any prior chosen beforehand gives a bound that holds; a=1/2, b=50 (1 % wrong on average) makes it sharp where
few are wrong. With none wrong, 2 % at 95 % are reached after 187 decisions of a large set; looking once only, 149 would do.

Wrong ones that were found outside the run are no sample. They are taken out of N, not off the bound: with r of them and U' the
bound for N - r, what is wrong besides is at most U'. For w/N >= k/n, which holds at the upper end, L of (N - 1, w - 1) is L of
(N, w) times (w-k)/w * N/(N-n) >= 1: what is not ruled out for N is not ruled out for N - 1 either, so U <= U' + r,
whoever took them out by whatever they knew. Taken off the bound instead, what is found anywhere would make the rest certain.
Right ones taken out of N have no such rule, so those that left the set without being found wrong (flagged ones) stay in it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from math import lgamma

from review.proportions import check_confidence

CONFIDENCE = 0.95
PRIOR_WRONG, PRIOR_RIGHT = 0.5, 50.0
"""The prior's a and b. They are part of the rule: whoever tried several and took the lowest bound would have none."""


def most_wrong(size: int, seen: int, wrong: int, confidence: float = CONFIDENCE) -> int:
    """The most that are wrong among `size`, `wrong` of the first `seen` included; for all `seen` together at `confidence`.

    Raises:
        UsageError: `confidence` is not above 0, or above MOST_CONFIDENT.
    """
    check_confidence(confidence)
    assert 0 <= wrong <= seen <= size
    right = seen - wrong
    a, b = PRIOR_WRONG, PRIOR_RIGHT
    least_likely = _log_beta(a + wrong, b + right) - _log_beta(a, b) + math.log1p(-confidence)

    def stands(total: int) -> bool:
        """Whether `total` wrong ones have not been ruled out."""
        return _log_likelihood(size, seen, wrong, total) > least_likely

    low, high = _likeliest(size, seen, wrong), size - right  # the likeliest is never ruled out
    while low < high:
        middle = (low + high + 1) // 2
        if stands(middle):
            low = middle
        else:
            high = middle - 1
    return low


def _likeliest(size: int, seen: int, wrong: int) -> int:
    """The whole number of wrong ones under which what was seen is likeliest."""
    return wrong if not seen else min(size - (seen - wrong), max(wrong, wrong * (size + 1) // seen))


def _log_likelihood(size: int, seen: int, wrong: int, total: int) -> float:
    right = seen - wrong
    return (
        lgamma(total + 1) - lgamma(total - wrong + 1) + lgamma(size - total + 1) - lgamma(size - total - right + 1)
        - lgamma(size + 1) + lgamma(size - seen + 1)
    )  # fmt: skip


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a review stands. The accepted set is what the machine calls `same` less what people took off it, and what people
    accepted besides.

    `machine`: N, the machine's `same`. `seen`: n, the unbroken run of decided ones from the head of the random order. `wrong`:
    k, those of them that were refused, flagged, skipped or changed. `found`: of these k, those that are no longer in the set as
    they were: all but the skipped ones. `elsewhere`: outside the run, those that were refused or changed. `off`: of the N, how
    many have left the set. `added`: how many people accepted that are not of the N. `unconfirmed`: of the N, those that are in
    the set and that nobody accepted.
    """

    machine: int
    seen: int = 0
    wrong: int = 0
    found: int = 0
    elsewhere: int = 0
    off: int = 0
    added: int = 0
    unconfirmed: int = 0

    @property
    def size(self) -> int:
        """Of the accepted set."""
        return self.machine - self.off + self.added

    def most_left(self, confidence: float = CONFIDENCE) -> int:
        """The most wrong ones that are still in the accepted set: never more than nobody has accepted."""
        most = most_wrong(self.machine - self.elsewhere, self.seen, self.wrong, confidence)
        return min(self.unconfirmed, most - self.found)

    def bound(self, confidence: float = CONFIDENCE) -> float | None:
        """Upper bound of the wrong share of the accepted set, 0 where all have left it; None: the machine calls nothing
        `same`."""
        most = self.most_left(confidence)
        if not self.machine:
            return None
        return most / self.size if self.size else 0.0
