"""What the project's rephrasings are like: how diverse per user step and altogether, and where there are too few."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.rephrasing.diversity import Diversity, pooled, step_diversity
from core.rephrasing.plan import ANNOTATED, Selection
from core.store.generated import drop_counts, style_counts


@dataclass(frozen=True, slots=True)
class StepReport:
    """`place`: `file:line`, or file and test where the step has no line. `generated`: how many the stage made of them."""

    step_id: int
    place: str
    user_step: int
    original: str
    generated: int
    diversity: Diversity

    def as_data(self) -> dict[str, Any]:
        return {
            "step_id": self.step_id,
            "place": self.place,
            "user_step": self.user_step,
            "original": self.original,
            "generated": self.generated,
            **self.diversity.as_data(),
        }


@dataclass(frozen=True, slots=True)
class RephrasingReport:
    """`wanted`: rephrasings each step should have. `styles`, `dropped`: of the whole project."""

    wanted: int
    steps: tuple[StepReport, ...]
    pooled: Diversity
    styles: Mapping[str, int]
    dropped: Mapping[str, int]

    @property
    def short(self) -> tuple[StepReport, ...]:
        """Steps with too few, those with the fewest first."""
        few = (step for step in self.steps if step.diversity.texts < self.wanted)
        return tuple(sorted(few, key=lambda step: step.diversity.texts))

    @property
    def most_alike(self) -> tuple[StepReport, ...]:
        """Steps by self-BLEU, the highest first."""
        known = (step for step in self.steps if step.diversity.self_bleu is not None)
        return tuple(sorted(known, key=lambda step: -(step.diversity.self_bleu or 0.0)))

    def summary(self) -> dict[str, Any]:
        return {
            "wanted": self.wanted,
            "user_steps": len(self.steps),
            "short": len(self.short),
            "diversity": self.pooled.as_data(),
            "styles": dict(self.styles),
            "dropped": dict(self.dropped),
        }

    def as_data(self) -> dict[str, Any]:
        """Plain data for `--json`."""
        return {**self.summary(), "steps": [step.as_data() for step in self.steps]}


def measured(connection: sqlite3.Connection, selection: Selection, wanted: int) -> RephrasingReport:
    """Of the active rephrasings of annotated user steps, whoever made them, in the wording in force."""
    texts: dict[int, list[str]] = {}
    generated: dict[int, int] = {}
    places: dict[int, tuple[str, int, str]] = {}
    for step_id, ordinal, original, line, file, name, text, is_generated in connection.execute(
        "SELECT s.id, s.ordinal, s.text, s.line, c.file, c.name, coalesce(r.edited_text, r.text), g.rephrasing_id IS NOT NULL"
        " FROM conversation c JOIN user_step s ON s.conversation_id = c.id"
        " LEFT JOIN rephrasing r ON r.step_id = s.id AND r.active = 1 LEFT JOIN generated g ON g.rephrasing_id = r.id"
        f" WHERE c.active = 1 AND ({selection.where}) AND {ANNOTATED} ORDER BY c.id, s.ordinal, r.position, r.id",
        selection.parameters,
    ):
        place = f"{file}:{line}" if line else f"{file}::{name}"
        places.setdefault(step_id, (place, ordinal, original))
        said = texts.setdefault(step_id, [])
        if text is not None:
            said.append(text)
            generated[step_id] = generated.get(step_id, 0) + is_generated
    steps = tuple(
        StepReport(step_id, *place, generated.get(step_id, 0), step_diversity(place[2], texts[step_id]))
        for step_id, place in places.items()
    )
    everything = pooled([(step.original, texts[step.step_id]) for step in steps], [step.diversity for step in steps])
    return RephrasingReport(wanted, steps, everything, style_counts(connection), drop_counts(connection))
