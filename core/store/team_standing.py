"""Where records stand, as SQL: with what was decided here since their outcome was worked out.

`team_record.outcome` is written when answers come in (`review.team.resolving`). What a person decides here afterwards, and
undoes, must show at once and in every reader, so it is read from the rephrasing's present decision instead of being written.
"""

from __future__ import annotations

from typing import Final

from core.user import TEAM

_KNOWING_THE_ANSWERS: Final = (
    "r.decision_id > (SELECT coalesce(max(a.decision_id), 0) FROM team_answer a WHERE a.record_id = t.id)"
    f" AND EXISTS (SELECT 1 FROM decision d WHERE d.id = r.decision_id AND (d.reviewer <> '{TEAM}' OR EXISTS (SELECT 1"
    " FROM team_record x WHERE x.rephrasing_id = t.rephrasing_id AND x.decided_group = d.group_id AND x.id > t.id)))"
)

DECIDED_HERE: Final = f"(r.state IN (1, 2) AND {_KNOWING_THE_ANSWERS})"
"""SQL over `team_record t` and its `rephrasing r`: accepted or rejected with all answers known that there are, by a person or
in a later round; what an earlier round comes to, however late, decides nothing here."""

PUT_OFF_HERE: Final = f"(r.state IN (3, 4) AND {_KNOWING_THE_ANSWERS})"
"""The same for skipped or flagged: not now, or for somebody else."""

_UNDONE: Final = f"(t.outcome = 'adjudicated' AND r.state <> 5 AND NOT {DECIDED_HERE})"
_TO_DECIDE: Final = f"(t.outcome IN ('disagree', 'conflict') AND NOT {DECIDED_HERE})"

NEEDS_A_PERSON: Final = f"(t.outcome IN ('disagree', 'conflict', 'adjudicated') AND ({_TO_DECIDE} OR {_UNDONE}))"
"""SQL over `team_record t` and its `rephrasing r`: to be decided here."""

OUTCOME: Final = (
    "CASE WHEN t.outcome NOT IN ('disagree', 'conflict', 'adjudicated') THEN t.outcome"
    f" WHEN {DECIDED_HERE} THEN 'adjudicated' WHEN t.outcome <> 'adjudicated' THEN t.outcome"
    " WHEN r.state = 5 THEN 'outdated' ELSE 'disagree' END"
)
"""SQL over `team_record t` and its `rephrasing r`: the outcome as of now. An adjudication that was undone is a disagreement;
one whose step or wording has changed since is outdated."""

IS_CURRENT: Final = "(t.basis = s.basis AND t.text = coalesce(r.edited_text, r.text))"
"""SQL over `team_record t`, its `rephrasing r` and its `user_step s`: wording and commands are those that were handed out."""
