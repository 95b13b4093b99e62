"""Ambiguity scores for commands that rest on them."""

from __future__ import annotations

import sqlite3

from tui.cli.output import progress_bar


def bring_scores_up_to_date(connection: sqlite3.Connection) -> None:
    """Make those that are missing or out of date, with a progress bar where somebody looks."""
    from review.scores import refresh

    with progress_bar() as progress:
        refresh(connection, progress=progress)
