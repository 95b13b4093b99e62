"""Which rephrasings go into the training data, and why the others do not."""

from __future__ import annotations

from enum import StrEnum
from functools import cache

from core.store.states import State


class Rephrasings(StrEnum):
    """What `--rephrasings` takes: what a person accepted and what the machine found `same` and nobody rejected; only
    what a person accepted; none."""

    VALIDATED = "validated"
    ACCEPTED = "accepted"
    NONE = "none"


class LeftOutBecause(StrEnum):
    """Why a rephrasing stays out; the wording is printed."""

    NOT_WANTED = "rephrasings were not asked for"
    REJECTED = "rejected by a person"
    FLAGGED = "flagged"
    NOT_ACCEPTED = "not accepted by a person"
    DIFFERENT = "verdict different"
    AMBIGUOUS = "verdict ambiguous"
    NO_VERDICT = "no verdict yet"
    STEP = "chosen, but its step yields no data point"
    UNPRINTABLE = "chosen, but the commands found for it have no words in the project's dialect"
    STALE = "verdict or decision is stale: the step's commands changed"


def why_left_out(
    mode: Rephrasings, state: State, verdict: str | None, *, verdict_stale: bool, reworded: bool
) -> LeftOutBecause | None:
    """None if the rephrasing is exported.

    A flagged one never is. A decision of a person goes before the machine's verdict. `reworded`: the verdict is of another
    wording than the one in force, so it says nothing of this one.
    """
    if state is State.FLAG:
        return LeftOutBecause.FLAGGED
    if state is State.REJECT:
        return LeftOutBecause.REJECTED
    if mode is Rephrasings.NONE:
        return LeftOutBecause.NOT_WANTED
    if state is State.ACCEPT:
        return None
    if mode is Rephrasings.ACCEPTED:
        return LeftOutBecause.STALE if state is State.STALE else LeftOutBecause.NOT_ACCEPTED
    if verdict is None or reworded:
        return LeftOutBecause.NO_VERDICT
    if verdict_stale:
        return LeftOutBecause.STALE
    if verdict == "different":
        return LeftOutBecause.DIFFERENT
    return LeftOutBecause.AMBIGUOUS if verdict == "ambiguous" else None


VERDICT_IS_STALE = (
    "(v.basis IS NOT s.basis OR (r.state = 5 AND EXISTS"
    " (SELECT 1 FROM decision d WHERE d.id = r.decision_id AND d.kind IN ('reject', 'flag'))))"
)
"""SQL over rephrasing r, user_step s, verdict v: the verdict is of other commands, or it stands against the decision of a
person who is to decide again."""


@cache
def why_row_left_out(
    mode: Rephrasings, state: int, verdict: str | None, verdict_stale: int, reworded: int
) -> LeftOutBecause | None:
    """`why_left_out` of the plain columns of a row: there are a few dozen combinations and a million rows."""
    return why_left_out(mode, State(state), verdict, verdict_stale=bool(verdict_stale), reworded=bool(reworded))
