"""Stored times in the words of the person at the keyboard."""

from __future__ import annotations

from datetime import datetime


def when(at: str) -> str:
    """A stored time in the user's own: the time of day today, else the date too."""
    return _local(at, "%Y-%m-%d %H:%M")


def day(at: str) -> str:
    """The same, shorter: the time of day today, else the date alone."""
    return _local(at, "%Y-%m-%d")


def _local(at: str, earlier: str) -> str:
    try:
        local = datetime.fromisoformat(at).astimezone()
    except ValueError:
        return at
    is_today = local.date() == datetime.now().astimezone().date()
    return format(local, "%H:%M:%S" if is_today else earlier)
