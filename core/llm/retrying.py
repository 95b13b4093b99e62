"""When to ask again, and when to stop asking an endpoint that answers nothing."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Final

from core.llm.models import FailureKind
from core.llm.outcomes import Miss

_FIRST: Final = 0.5
_MOST: Final = 30.0
_FEW: Final = 3
"""Failures in a row before an endpoint is called down: a single one may be an accident."""
_SHORTEST: Final = 5.0
"""Seconds, however short `retry_for` is: many connections may be cut at one moment."""
_NEVER_ANSWERED: Final = 15.0
"""Seconds for an endpoint that has not answered once: a wrong address is more likely than a short break."""
_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")


def backoff(attempts: int, chance: Callable[[], float] = random.random) -> float:
    """Seconds before the next attempt after so many: doubling from half a second to half a minute, with jitter."""
    usual: float = _FIRST * 2 ** min(attempts - 1, 10)
    return min(_MOST, usual) * (0.5 + chance())


def retry_after(headers: Mapping[str, str], now: Callable[[], float] = time.time) -> float | None:
    """Seconds that the server asks to wait: `retry-after-ms`, or `Retry-After` in seconds or as an HTTP date.

    A date is compared with the server's own `Date` where there is one, so that a wrong clock here does not matter.
    """
    try:
        if milliseconds := headers.get("retry-after-ms"):
            return max(0.0, float(milliseconds) / 1000)
        if not (value := headers.get("retry-after")):
            return None
        if re.fullmatch(r"\s*\d+(\.\d+)?\s*", value):
            return float(value)
        at = parsedate_to_datetime(value).timestamp()
        sent = headers.get("date")
        return max(0.0, at - (parsedate_to_datetime(sent).timestamp() if sent else now()))
    except (ValueError, TypeError, OverflowError):
        return None


def limit_reached(headers: Mapping[str, str], tokens: float) -> float:
    """Seconds until a server that tells what is left of its limits takes another question of so many tokens; 0: at once.

    `x-ratelimit-reset-…` is the time until the whole limit is there again, so a part of it comes after a part of that time.
    """
    longest = 0.0
    for what, needed in (("requests", 1.0), ("tokens", tokens)):
        left, reset = _number(headers.get(f"x-ratelimit-remaining-{what}")), headers.get(f"x-ratelimit-reset-{what}")
        if left is None or reset is None or left >= needed:
            continue
        limit, seconds = _number(headers.get(f"x-ratelimit-limit-{what}")), _seconds(reset)
        share = min(1.0, (needed - left) / (limit - left)) if limit is not None and limit > left else 1.0
        longest = max(longest, seconds * share)
    return longest


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def _seconds(text: str) -> float:
    """`6m0s`, `120ms`, `1h2m`, or plain seconds; anything else is 0."""
    if found := _DURATION.findall(text):
        return sum(float(number) * _UNITS[unit] for number, unit in found)
    return _number(text) or 0.0


class Circuit:
    """Opens when an endpoint has answered nothing for long: thousands of questions need not find out one by one."""

    def __init__(self, retry_for: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._patience, self._clock = max(retry_for, _SHORTEST), clock
        self._answered_once = False
        self._failures = 0
        self._since = self._last_round = 0.0
        self.rounds = 0
        """Failures in a row, those of questions that were in flight together counted once."""

    def answered(self) -> None:
        """Anything but a call that is to be repeated."""
        self._answered_once = True
        self._failures = self.rounds = 0

    def failed(self, miss: Miss, sent: float) -> float | None:
        """Returns for how many seconds nothing was answered, if that is too long, else None. `sent`: when it was asked."""
        now = self._clock()
        if self._failures == 0:
            self._since = now
        if self._failures == 0 or sent > self._last_round:
            self.rounds, self._last_round = self.rounds + 1, now
        self._failures += 1
        patience = self._patience
        if miss.kind is FailureKind.CONNECTION and not self._answered_once:
            patience = min(patience, _NEVER_ANSWERED)
        silent = now - self._since
        return silent if self._failures >= _FEW and silent >= patience else None
