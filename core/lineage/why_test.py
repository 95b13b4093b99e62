"""From a test forward: its steps, their rephrasings, the rows they became, and what an edit of the test would change."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from core.dataset.models import NAME_LENGTH, Part
from core.lineage.facts import Facts
from core.lineage.models import DatasetFact, StepFact, TextRows
from core.lineage.placement import Placement
from core.lineage.shown import dataset_branch, listed, origin_of_commands, text_branch
from core.lineage.tree import Branch, counted, quoted


@dataclass(frozen=True, slots=True)
class StepRows:
    """`without`: why the step gives no data point at all."""

    step: StepFact
    without: str | None
    texts: tuple[TextRows, ...]


@dataclass(frozen=True, slots=True)
class EditEffect:
    """What rests on the test. `versions`: (name, rows of the test in it). `decisions`: of people, on its rephrasings."""

    versions: tuple[tuple[str, int], ...]
    exports: int
    rephrasings: int
    decisions: int


@dataclass(frozen=True, slots=True)
class TestWhy:
    """`only_step`: the target named a line of this user step, so only this one is told of."""

    __test__ = False

    name: str
    place: str
    active: bool
    dataset: DatasetFact | None
    parts: tuple[tuple[str, int], ...]
    steps: tuple[StepRows, ...]
    only_step: int | None
    if_edited: EditEffect

    def as_data(self) -> dict[str, Any]:
        data = asdict(self)
        for step in data["steps"]:
            for text in step["texts"]:
                text["rows"] = [f"{row['part']}:{row['number']}" for row in text["rows"]]
        return {"kind": "test", **data}

    def tree(self) -> Branch:
        top = Branch(self.name)
        top.add(self.place)
        if not self.active:
            top.add("no longer part of the project")
        rows = ", ".join(f"{counted(count, 'row')} in {part}" for part, count in self.parts)
        top.add(rows or ("no row in the dataset" if self.dataset else "there is no dataset yet"))
        for found in self.steps:
            top.take(_step_branch(found))
        if self.dataset is not None:
            top.take(dataset_branch(self.dataset))
        top.take(_effect_branch(self.if_edited))
        return top


def why_test(facts: Facts, placement: Placement, conversation_id: int, step_id: int | None) -> TestWhy:
    """`step_id`: tell of this one only."""
    connection, version = facts.connection, placement.version
    file, name, occurrence, line, active = connection.execute(
        "SELECT file, name, occurrence, line, active FROM conversation WHERE id = ?", (conversation_id,)
    ).fetchone()
    without = placement.why_steps_left_out([conversation_id])
    ids = connection.execute(
        "SELECT id, ordinal FROM user_step WHERE conversation_id = ? AND active = 1 ORDER BY ordinal", (conversation_id,)
    ).fetchall()
    steps = []
    only = None
    for id_, ordinal in ids:
        if step_id is not None and id_ != step_id:
            continue
        only = ordinal if step_id is not None else None
        step = facts.step(id_)
        steps.append(StepRows(step, without.get(id_), placement.texts(id_, step.text, without.get(id_))))
    parts = []
    if version is not None:
        parts = connection.execute(
            "SELECT p.part, count(*) FROM user_step s JOIN data_point p ON p.step_id = s.id WHERE s.conversation_id = ?"
            " AND p.dataset_id = ? GROUP BY p.part",
            (conversation_id, version.id),
        ).fetchall()
    order = list(Part)
    return TestWhy(
        f"{file}::{name}" + (f"#{occurrence}" if occurrence > 1 else ""), f"{file}:{line}" if line else file, bool(active),
        None if version is None else facts.dataset(version), tuple(sorted(parts, key=lambda row: order.index(Part(row[0])))),
        tuple(steps), only, _effect(facts, conversation_id),
    )  # fmt: skip


def _effect(facts: Facts, conversation_id: int) -> EditEffect:
    execute = facts.connection.execute
    versions = execute(
        "SELECT d.id, d.address, count(*) FROM user_step s JOIN data_point p ON p.step_id = s.id"
        " JOIN dataset d ON d.id = p.dataset_id WHERE s.conversation_id = ? AND d.complete = 1 GROUP BY d.id"
        " ORDER BY d.id DESC",
        (conversation_id,),
    ).fetchall()
    exports = sum(
        execute("SELECT count(*) FROM export WHERE dataset_id = ?", (dataset_id,)).fetchone()[0]
        for dataset_id, _, _ in versions
    )
    rephrasings, decisions = execute(
        "SELECT count(*), coalesce(sum(state NOT IN (0, 5)), 0) FROM rephrasing WHERE conversation_id = ? AND active = 1",
        (conversation_id,),
    ).fetchone()
    names = tuple((address[:NAME_LENGTH], rows) for _, address, rows in versions)
    return EditEffect(names, int(exports), int(rephrasings), int(decisions))


def _step_branch(found: StepRows) -> Branch:
    step = found.step
    branch = Branch(f"user step {step.user_step}  {step.place}  {quoted(step.text)}")
    if step.commands is not None:
        branch.add(f"commands: {listed(step.commands)}").add(origin_of_commands(step.origin))
    if found.without is not None and not any(text.rows or text.left_out for text in found.texts):
        branch.add(f"no row: {found.without}")
        if len(found.texts) > 1:
            branch.add(f"its {counted(len(found.texts) - 1, 'rephrasing')} stay out with it")
        return branch
    branch.take(*map(text_branch, found.texts))
    return branch


def _effect_branch(effect: EditEffect) -> Branch:
    branch = Branch("if this test is edited")
    branch.add("a changed user or bot turn makes it and all user steps after it new: their prompts are other ones then")
    rests = [
        text
        for count, text in (
            (effect.rephrasings, counted(effect.rephrasings, "rephrasing")),
            (effect.decisions, counted(effect.decisions, "decision")),
        )
        if count
    ]
    if rests:
        branch.add(f"{' and '.join(rests)} of the steps that change no longer count, and come back if the old text does")
    for name, rows in effect.versions:
        branch.add(f"dataset {name} keeps its {counted(rows, 'row')} of it; the next build has others")
    if effect.exports:
        branch.add(f"{counted(effect.exports, 'export')} of these datasets would be out of date")
    if not effect.versions:
        branch.add("no dataset has a row of it")
    return branch
