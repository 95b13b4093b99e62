"""What a build took, what it left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.dataset.corpus import SelectionCounts
from core.dataset.models import LeftOutPoint, Part


@dataclass
class PartCounts:
    conversations: int = 0
    points: int = 0
    originals: int = 0
    commands: Counter[str] = field(default_factory=Counter)


@dataclass
class DatasetSummary:
    """`without_prompt`: steps that yield nothing, as (file:line, reason); button steps are only counted.

    `rendered_again`: prompts of turns after changed commands; `later_left_out`: those of them that cannot be had, with reasons.
    `contradictions`: data points whose prompt is that of another, and whose label is not.
    `split`: as `core.dataset.split` reports it. `recipe_counters`: the counters of the reference's summary, by its names.
    """

    parts: dict[Part, PartCounts] = field(default_factory=lambda: {part: PartCounts() for part in Part})
    selection: SelectionCounts = field(default_factory=SelectionCounts)
    composed: int = 0
    left_out: Counter[LeftOutPoint] = field(default_factory=Counter)
    buttons: int = 0
    without_prompt: list[tuple[str, str]] = field(default_factory=list)
    only_original: list[tuple[str, str]] = field(default_factory=list)
    rendered_again: int = 0
    later_left_out: list[tuple[str, str]] = field(default_factory=list)
    contradictions: list[tuple[str, str]] = field(default_factory=list)
    split: dict[str, Any] = field(default_factory=dict)
    recipe_counters: dict[str, int] = field(default_factory=dict)

    def table(self) -> list[tuple[str, dict[Part, int]]]:
        """Rows of (name, count by part)."""
        names = sorted({name for counts in self.parts.values() for name in counts.commands})
        rows: list[tuple[str, dict[Part, int]]] = [
            ("conversations", {part: counts.conversations for part, counts in self.parts.items()}),
            ("data points", {part: counts.points for part, counts in self.parts.items()}),
            ("of original texts", {part: counts.originals for part, counts in self.parts.items()}),
        ]
        return rows + [(name, {part: counts.commands[name] for part, counts in self.parts.items()}) for name in names]

    def notes(self) -> list[tuple[str, int]]:
        """Counts beside the table, those that are zero left away."""
        chosen = self.selection
        found = [
            ("rephrasings used", chosen.used),
            ("of these unvalidated (no verdict on this wording)", chosen.unvalidated),
            ("rephrasings found the same, labelled with their own slot values", chosen.own_label),
            ("accepted rephrasings labelled with the commands found for them", chosen.validated_label),
            ("accepted by a person, label not validated (no commands found for them)", chosen.label_not_validated),
            *((f"rephrasings left out: {why.value}", count) for why, count in sorted(chosen.left_out.items())),
            ("data points composed", self.composed if self.left_out else 0),
            *((f"data points left out: {why.value}", self.left_out[why]) for why in LeftOutPoint),
            ("data points with the prompt of another and other commands", len(self.contradictions)),
            ("button steps (never data points)", self.buttons),
            ("user steps left out", len(self.without_prompt)),
            ("user steps of which only the original text could be used", len(self.only_original)),
            ("prompts after changed commands, rendered again", self.rendered_again),
            ("turns left out after changed commands", len(self.later_left_out)),
        ]
        return [(name, count) for name, count in found if count]

    def as_data(self) -> dict[str, Any]:
        return {
            "table": {
                name: {**{part.value: count for part, count in counts.items()}, "all": sum(counts.values())}
                for name, counts in self.table()
            },
            "notes": dict(self.notes()),
            "rephrasings": {
                "used": self.selection.used,
                "unvalidated": self.selection.unvalidated,
                "own_label": self.selection.own_label,
                "validated_label": self.selection.validated_label,
                "label_not_validated": self.selection.label_not_validated,
                "left_out": {why.value: count for why, count in sorted(self.selection.left_out.items())},
            },
            "composed": self.composed,
            "left_out": {why.value: self.left_out[why] for why in LeftOutPoint},
            "button_steps": self.buttons,
            "steps_left_out": _places(self.without_prompt),
            "steps_with_original_only": _places(self.only_original),
            "rendered_again": self.rendered_again,
            "left_out_after_changed_commands": _places(self.later_left_out),
            "contradictions": _places(self.contradictions),
            "split": self.split,
            "recipe_counters": self.recipe_counters,
        }


def table_of(summary: Mapping[str, Any]) -> list[tuple[str, int, int, int, int]]:
    """Rows of (name, train, val, holdout, all) of a stored summary."""
    return [
        (name, counts["train"], counts["val"], counts["holdout"], counts["all"]) for name, counts in summary["table"].items()
    ]


def _places(found: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"where": where, "reason": reason} for where, reason in found]
