"""Whether there are people enough for a round."""

from __future__ import annotations

from review.team.models import Round


def too_few(members: int, round_: Round) -> str | None:
    """`members`: of the workspace; owners, who need not be, can answer too."""
    if members >= round_.overlap:
        return None
    who = "nobody is" if not members else "only 1 person is" if members == 1 else f"only {members:,} people are"
    wanted = "1 answer" if round_.overlap == 1 else f"{round_.overlap:,} answers"
    return f"{who} in the workspace of `{round_.name}`, and {wanted} of each record are wanted: add people on Argilla's pages"
