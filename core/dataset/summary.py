"""What an export wrote and what it left out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from core.dataset.corpus import SelectionCounts


@dataclass
class SideCounts:
    conversations: int = 0
    points: int = 0
    originals: int = 0
    commands: Counter[str] = field(default_factory=Counter)


@dataclass
class ExportSummary:
    """`without_prompt`: steps that yield nothing, as (file:line, reason); button steps are only counted.

    `rendered_again`: prompts of turns after changed commands; `later_left_out`: those of them that cannot be had, with reasons.
    """

    train: SideCounts = field(default_factory=SideCounts)
    val: SideCounts = field(default_factory=SideCounts)
    selection: SelectionCounts = field(default_factory=SelectionCounts)
    duplicates: int = 0
    buttons: int = 0
    without_prompt: list[tuple[str, str]] = field(default_factory=list)
    only_original: list[tuple[str, str]] = field(default_factory=list)
    shortfalls: tuple[str, ...] = ()
    rendered_again: int = 0
    later_left_out: list[tuple[str, str]] = field(default_factory=list)

    def table(self) -> list[tuple[str, int, int, int]]:
        """Rows of (name, train, val, all)."""
        rows = [
            ("conversations", self.train.conversations, self.val.conversations),
            ("data points", self.train.points, self.val.points),
            ("of original texts", self.train.originals, self.val.originals),
        ]
        rows += [
            (name, self.train.commands[name], self.val.commands[name])
            for name in sorted(self.train.commands.keys() | self.val.commands.keys())
        ]
        return [(name, train, val, train + val) for name, train, val in rows]

    def notes(self) -> list[tuple[str, int]]:
        """Counts beside the table, those that are zero left away."""
        found = [
            ("rephrasings used", self.selection.used),
            ("of these unvalidated (no verdict on this wording)", self.selection.unvalidated),
            ("rephrasings found the same, labelled with their own slot values", self.selection.own_label),
            ("accepted rephrasings labelled with the commands found for them", self.selection.validated_label),
            ("accepted by a person, label not validated (no commands found for them)", self.selection.label_not_validated),
            *((f"rephrasings left out: {why.value}", count) for why, count in sorted(self.selection.left_out.items())),
            ("exact duplicates removed", self.duplicates),
            ("button steps (never data points)", self.buttons),
            ("user steps left out", len(self.without_prompt)),
            ("user steps of which only the original text could be used", len(self.only_original)),
            ("prompts after changed commands, rendered again", self.rendered_again),
            ("turns left out after changed commands", len(self.later_left_out)),
        ]
        return [(name, count) for name, count in found if count]

    def as_data(self) -> dict[str, Any]:
        return {
            "table": {name: {"train": train, "val": val, "all": both} for name, train, val, both in self.table()},
            "rephrasings": {
                "used": self.selection.used,
                "unvalidated": self.selection.unvalidated,
                "own_label": self.selection.own_label,
                "validated_label": self.selection.validated_label,
                "label_not_validated": self.selection.label_not_validated,
                "left_out": {why.value: count for why, count in sorted(self.selection.left_out.items())},
            },
            "duplicates_removed": self.duplicates,
            "button_steps": self.buttons,
            "steps_left_out": [{"where": where, "reason": reason} for where, reason in self.without_prompt],
            "steps_with_original_only": [{"where": where, "reason": reason} for where, reason in self.only_original],
            "rendered_again": self.rendered_again,
            "left_out_after_changed_commands": [{"where": where, "reason": reason} for where, reason in self.later_left_out],
            "shortfalls": list(self.shortfalls),
        }
