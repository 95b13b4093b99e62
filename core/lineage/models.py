"""Facts of the lineage: what stands in the project about a step, a rephrasing, a verdict, a decision, an export.

Times are ISO 8601 in UTC. Commands are lines of the project's dialect. `place` is `file:line`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.dataset.models import Part


@dataclass(frozen=True, slots=True)
class RowPlace:
    """A row of a dataset, as `workbench why` takes it."""

    part: Part
    number: int

    def __str__(self) -> str:
        return f"{self.part.value}:{self.number}"


@dataclass(frozen=True, slots=True)
class CallFact:
    """A question to a model. `key`: `workbench llm show KEY` prints it; what is not stored any more has its key alone."""

    key: str
    role: str = ""
    model: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class VerdictFact:
    """`source`: the file it was read from, or the stage. `commands`: those found for the text. `mode`: of the stage's rule."""

    verdict: str
    reasons: tuple[str, ...]
    commands: tuple[str, ...] | None
    source: str
    at: str
    mode: str
    calls: tuple[CallFact, ...]
    judged_text: str | None


@dataclass(frozen=True, slots=True)
class DecisionFact:
    kind: str
    at: str
    reviewer: str
    surface: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class RephrasingOrigin:
    """`style`: what the rephraser was asked for, by axis."""

    kind: Literal["file", "by hand", "generated"]
    place: str = ""
    at: str = ""
    by: str = ""
    style: str = ""
    call: CallFact | None = None


@dataclass(frozen=True, slots=True)
class RephrasingFact:
    """`text`: in force, after edits; `own_text`: as it came, where that differs. `state`: of the review."""

    id: int
    step_id: int
    text: str
    own_text: str | None
    state: str
    active: bool
    origin: RephrasingOrigin
    verdict: VerdictFact | None
    decision: DecisionFact | None


@dataclass(frozen=True, slots=True)
class CommandsOrigin:
    """Where a step's commands come from. `place`: of a file, or the surface of a person. `calls`: of a model that was asked;
    `is_failing`: its test fails with them and was annotated all the same.
    """

    kind: Literal["file", "model", "person", "unknown"]
    place: str = ""
    at: str = ""
    by: str = ""
    calls: tuple[CallFact, ...] = ()
    is_failing: bool = False


@dataclass(frozen=True, slots=True)
class StepFact:
    """A user step. `user_step`: its place among the test's user messages, from 1. `active`: still part of the project."""

    id: int
    file: str
    test: str
    occurrence: int
    line: int | None
    user_step: int
    text: str
    is_button: bool
    commands: tuple[str, ...] | None
    stored_commands: str | None
    origin: CommandsOrigin
    active: bool

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.name

    @property
    def name(self) -> str:
        """The test, as `workbench why` takes it."""
        return f"{self.file}::{self.test}" + (f"#{self.occurrence}" if self.occurrence > 1 else "")


@dataclass(frozen=True, slots=True)
class DatasetUse:
    """An export of a dataset."""

    at: str
    by: str
    out: str
    format: str


@dataclass(frozen=True, slots=True)
class DatasetFact:
    name: str
    at: str
    by: str
    exports: tuple[DatasetUse, ...]


@dataclass(frozen=True, slots=True)
class LeftOutFact:
    """Data points that were composed and are not in the dataset. `twin`: the row, or the step, that they repeat."""

    reason: str
    count: int
    twin: str | None = None

    def __str__(self) -> str:
        times = f" ({self.count:,} times)" if self.count > 1 else ""
        return f"{self.reason}{f' of {self.twin}' if self.twin else ''}{times}"


@dataclass(frozen=True, slots=True)
class TextRows:
    """What became of one text of a step. `rephrasing`: its id, None for the original. `why_none`: where it has no row."""

    rephrasing: int | None
    text: str
    state: str
    verdict: str | None
    rows: tuple[RowPlace, ...]
    left_out: tuple[LeftOutFact, ...]
    why_none: str
