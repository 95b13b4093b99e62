"""From a row of a dataset back to where all of it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from core.dataset.folder import Lineage, lineage_at, row_at
from core.dataset.models import DatasetVersion, Part
from core.errors import UsageError
from core.lineage.facts import Facts
from core.lineage.models import DatasetFact, DecisionFact, RephrasingFact, RowPlace, StepFact, VerdictFact
from core.lineage.shown import dataset_branch, decision_line, listed, rephrasing_branch, step_branch, verdict_branch
from core.lineage.tree import Branch, quoted


@dataclass(frozen=True, slots=True)
class RowWhy:
    """`said` and `label` are of the row. `step` and `rephrasing` are as they are now; where the verdict or the decision was
    another one when the dataset was built, it is `verdict_then`, `decision_then`. `since`: what else changed since. `found_by`:
    what is to be known of how the row of a file was found, to be read before its name.
    """

    dataset: DatasetFact
    row: RowPlace
    variant: int
    said: str
    completion: str
    label: tuple[str, ...]
    label_from: str
    step: StepFact
    rephrasing: RephrasingFact | None
    verdict_then: VerdictFact | None
    decision_then: DecisionFact | None
    since: tuple[str, ...]
    flows: tuple[str, ...]
    state: str
    found_by: str = ""

    def as_data(self) -> dict[str, Any]:
        return {"kind": "row", **asdict(self), "row": str(self.row)}

    def tree(self) -> Branch:
        top = Branch(f"{self.found_by} {self.row} of dataset {self.dataset.name}".lstrip())
        top.add(f"said  {quoted(self.said)}")
        top.add(f"label {listed(self.label)}").add(self.label_from)
        variant = "the original conversation" if self.variant == 0 else f"new conversation {self.variant} of its test"
        top.add(f"in    {variant}")
        top.take(step_branch(self.step))
        if self.rephrasing is not None:
            branch = rephrasing_branch(self.rephrasing)
            if self.verdict_then is not None:
                branch.add("when the dataset was built:").take(verdict_branch(self.verdict_then))
            if self.decision_then is not None:
                branch.add(f"when the dataset was built: {decision_line(self.decision_then, '')}")
            top.take(branch)
        for line in self.since:
            top.add(f"since then: {line}")
        top.take(dataset_branch(self.dataset))
        return top


def why_row(facts: Facts, version: DatasetVersion, part: Part, number: int, *, found_by: str = "") -> RowWhy:
    """`found_by`: as in the answer.

    Raises:
        UsageError: the part has no such row.
        ProjectError: the version has lost its files.
    """
    lineage, row = lineage_at(version, part, number), row_at(version, part, number)
    if lineage is None or row is None:
        count = version.points.get(part, 0)
        has = f"its rows are {part.value}:1 to {part.value}:{count}" if count else f"it has no {part.value}"
        raise UsageError(
            f"the dataset {version.name} has no row {part.value}:{number}",
            remedy=f"In this dataset {has}; `workbench dataset list` shows the others.",
        )
    step = facts.step(lineage.step)
    found = None if lineage.rephrasing is None else facts.rephrasing(lineage.rephrasing)
    verdict_id, decision_id = facts.connection.execute(
        "SELECT verdict_id, decision_id FROM data_point WHERE dataset_id = ? AND part = ? AND row = ?",
        (version.id, part.value, number),
    ).fetchone() or (None, None)
    then = None if verdict_id is None or found is None else facts.verdict(verdict_id, found.origin)
    decided = None if decision_id is None else facts.decision(decision_id)
    return RowWhy(
        facts.dataset(version), RowPlace(part, number), lineage.variant, lineage.said, row.completion,
        facts.shown(lineage.commands), _label_from(facts, lineage, step, then), step, found,
        then if found is not None and found.verdict != then else None,
        decided if found is not None and found.decision != decided else None,
        tuple(_since(facts, lineage, step, found)), lineage.flows, lineage.state, found_by,
    )  # fmt: skip


def _label_from(facts: Facts, lineage: Lineage, step: StepFact, verdict: VerdictFact | None) -> str:
    label = facts.shown(lineage.commands)
    if lineage.commands == step.stored_commands:
        return "the step's commands"
    if verdict is not None and verdict.commands == label:
        return "the commands found for this text by validation: it differs from the original on purpose"
    return "the step's commands when the dataset was built"


def _since(facts: Facts, lineage: Lineage, step: StepFact, found: RephrasingFact | None) -> Iterator[str]:
    if found is None and step.stored_commands not in (None, lineage.commands):
        yield f"the step's commands are {listed(step.commands or ())} now"
    if found is not None and found.text != lineage.said:
        yield f"the rephrasing was edited; it is {quoted(found.text)} now"
    if found is not None and found.state in ("reject", "flag", "stale"):
        made_now = None if found.decision is None else found.decision.at
        yield f"the rephrasing is {found.state} now{f' ({made_now[:10]})' if made_now else ''}: a build would leave it out"
    if step.line != lineage.line and step.line and step.active:
        yield f"the step moved from line {lineage.line} to {step.place}"
