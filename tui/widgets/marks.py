"""The marks that stand for states and verdicts wherever they are shown: told apart without colour, one cell wide."""

from __future__ import annotations

from typing import Final

from core.store.states import State
from tui.styles import MUTED

STATE_MARKS: Final[dict[State, str]] = {
    State.UNDECIDED: " ",
    State.ACCEPT: "✓",
    State.REJECT: "✗",
    State.SKIP: "»",
    State.FLAG: "⚑",
    State.STALE: "~",
}

CONTESTED_MARK: Final = "⇄"
"""Decided here, and the team says otherwise: to be decided again."""

# `≠` would say it better than `!`, but is two cells wide on terminals set up for CJK.
VERDICT_MARKS: Final[dict[str | None, str]] = {None: " ", "same": "=", "different": "!", "ambiguous": "?"}

STATE_STYLES: Final[dict[State, str]] = {
    State.UNDECIDED: "",
    State.ACCEPT: "$text-success",
    State.REJECT: "$text-error",
    State.SKIP: MUTED,
    State.FLAG: "$text-warning",
    State.STALE: "$text-warning",
}

VERDICT_STYLES: Final[dict[str | None, str]] = {
    None: MUTED,
    "same": "$text-success",
    "different": "$text-error",
    "ambiguous": "$text-warning",
}
