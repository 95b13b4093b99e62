"""Words that the reports of all stages share."""

from __future__ import annotations


def counted(count: int, what: str) -> str:
    """`1 rephrasing`, `1,840 rephrasings`."""
    return f"{count:,} {what}" + ("" if count == 1 else "s")
