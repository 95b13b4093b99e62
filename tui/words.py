"""The words of the app, explained: shown in the help overlay and written into docs/keys.md."""

from __future__ import annotations

from core.store.states import State
from tui.widgets.marks import CONTESTED_MARK, STATE_MARKS, VERDICT_MARKS

STATES: tuple[tuple[State, str], ...] = (
    (State.UNDECIDED, "nobody has decided yet"),
    (State.ACCEPT, "a person found it right: goes into the training data"),
    (State.REJECT, "a person found it wrong: stays out"),
    (State.SKIP, "left for later"),
    (State.FLAG, "needs a second opinion; stays out while flagged"),
    (State.STALE, "decided once, but its step has changed since: decide again"),
)

VERDICTS: tuple[tuple[str, str], ...] = (
    ("same", "the machine found the same commands in it"),
    ("different", "the machine found other commands in it"),
    ("ambiguous", "the machine was not sure, and says why"),
)

FILTERS: tuple[tuple[str, str], ...] = (
    ("due date", 'texts that hold both words; "due date" in quotes: as a phrase'),
    ("flow:renew_loan", "steps of a flow"),
    ("command:set_slot", "steps with a command"),
    ("file:loans  test:renew", "parts of the file's or the test's name"),
    ("state:open", "undecided or stale; or one of the states above"),
    ("verdict:ambiguous", "one of the verdicts above, or none"),
    ("ambiguity:>0.6", "the ambiguity score: how likely a person would not take it"),
    ("team:disagree", "what the team disagrees on; or conflict, open, resolved, sent, none"),
    ("by:maria  edited:yes", "decided by a person; changed by a person"),
    ("-state:accept", "a minus turns a term around; several terms must all hold"),
)


def state_rows() -> list[tuple[str, str, str]]:
    """Mark, word, meaning."""
    contested = (CONTESTED_MARK, "contested", "decided here, and the team says otherwise: decide again")
    return [*((STATE_MARKS[state], state.label, meaning) for state, meaning in STATES), contested]


def verdict_rows() -> list[tuple[str, str, str]]:
    return [(VERDICT_MARKS[verdict], verdict, meaning) for verdict, meaning in VERDICTS]
