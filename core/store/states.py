"""Where a rephrasing stands in review, as the small number the database holds."""

from __future__ import annotations

from enum import IntEnum


class State(IntEnum):
    """Derived from the decision log. A queue of a million rephrasings keeps one byte for each."""

    UNDECIDED = 0
    ACCEPT = 1
    REJECT = 2
    SKIP = 3
    FLAG = 4
    STALE = 5  # decided once, but the step's commands or the wording have changed since: to be decided again

    @property
    def label(self) -> str:
        return self.name.lower()

    @property
    def is_open(self) -> bool:
        """Still waits for a person."""
        return self in (State.UNDECIDED, State.STALE)


STATE_OF_DECISION = {
    "accept": State.ACCEPT,
    "reject": State.REJECT,
    "skip": State.SKIP,
    "flag": State.FLAG,
}
