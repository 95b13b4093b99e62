"""One thing that a user can do with a key."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Action:
    """`id` is what a keymap names (`review.accept`). `keys` are Textual key names, comma-separated.

    `call` is the Textual action string. `footer`: shown in the footer; the rest is found in help and palette.
    """

    id: str
    keys: str
    title: str
    help: str
    call: str
    group: str
    footer: bool = False
    symbol: str | None = None

    @property
    def scope(self) -> str:
        return self.id.partition(".")[0]
