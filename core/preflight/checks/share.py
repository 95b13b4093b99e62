"""What is learned of each row: something at all, and in proportion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from core.preflight.checks.row_checks import Offenders
from core.preflight.models import Finding, Severity
from core.preflight.rendering import Rendered

LEAST: Final = 0.002
MOST: Final = 0.5
"""Command rows have 0.5-5 % (the recipe's example 7 of 1,110 tokens); above half, the prompt is missing or is learned too."""


class SupervisedShare:
    """`supervised-share` and `empty-completions`."""

    def __init__(self) -> None:
        self._none, self._few, self._many, self._empty = Offenders(), Offenders(), Offenders(), Offenders()

    def see(self, row: Rendered) -> None:
        learned = len(row.tokens) - row.border
        share = learned / len(row.tokens) if row.tokens else 0.0
        if not learned:
            self._none.add(row)
        elif share < LEAST:
            self._few.add(row, f"{learned} of {len(row.tokens):,}")
        elif share > MOST:
            self._many.add(row, f"{learned} of {len(row.tokens):,}")
        if not row.row.completion.strip():
            self._empty.add(row)

    def findings(self) -> Iterator[Finding]:
        yield from self._none.finding(
            "supervised-share",
            Severity.FAIL,
            "in {rows} no token is learned",
            "Take them out, or use a template that renders the answer.",
        )
        yield from self._few.finding(
            "supervised-share",
            Severity.WARN,
            f"in {{rows}} under {LEAST:.1%} of the tokens are learned",
            "Shorten the prompt (fewer flows per prompt), or train more epochs.",
        )
        yield from self._many.finding(
            "supervised-share",
            Severity.WARN,
            f"in {{rows}} over {MOST:.0%} of the tokens are learned: the prompt is missing or is learned too",
            "Look at these rows: a command is short beside the prompt it answers.",
        )
        yield from self._empty.finding(
            "empty-completions",
            Severity.FAIL,
            "the completion of {rows} is empty: the model would learn to say nothing",
            "Correct the labels of these steps, or leave them out.",
        )
