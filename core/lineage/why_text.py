"""A rephrasing, or whatever a user says with given words: where it comes from and what became of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from core.lineage.facts import Facts
from core.lineage.models import DatasetFact, RephrasingFact, StepFact, TextRows
from core.lineage.placement import Placement
from core.lineage.shown import dataset_branch, rephrasing_branch, step_branch, text_branch
from core.lineage.targets import TextTarget
from core.lineage.tree import Branch, counted, quoted

_SHOWN = 10
"""Uses of one text that are told of; the others are counted."""


@dataclass(frozen=True, slots=True)
class TextUse:
    """`rephrasing` None: the words of the test itself."""

    step: StepFact
    rephrasing: RephrasingFact | None
    became: TextRows


@dataclass(frozen=True, slots=True)
class TextWhy:
    """`more`: uses that are not told of."""

    text: str
    dataset: DatasetFact | None
    uses: tuple[TextUse, ...]
    more: int

    def as_data(self) -> dict[str, Any]:
        data = asdict(self)
        for use in data["uses"]:
            use["became"]["rows"] = [f"{row['part']}:{row['number']}" for row in use["became"]["rows"]]
        return {"kind": "text", **data}

    def tree(self) -> Branch:
        top = Branch(quoted(self.text))
        for use in self.uses:
            branch = Branch("said in a test") if use.rephrasing is None else rephrasing_branch(use.rephrasing)
            branch.take(*text_branch(use.became).below, step_branch(use.step))
            top.take(branch)
        if self.more:
            top.add(f"… and {counted(self.more, 'more use', 'more uses')} of these words")
        if self.dataset is not None:
            top.take(dataset_branch(self.dataset))
        return top


def why_text(facts: Facts, placement: Placement, target: TextTarget) -> TextWhy:
    uses = []
    for rephrasing_id in target.rephrasings[:_SHOWN]:
        found = facts.rephrasing(rephrasing_id)
        uses.append(TextUse(facts.step(found.step_id), found, _became(facts, placement, found.step_id, found)))
    for step_id in target.steps[: max(_SHOWN - len(uses), 0)]:
        uses.append(TextUse(facts.step(step_id), None, _became(facts, placement, step_id, None)))
    more = len(target.rephrasings) + len(target.steps) - len(uses)
    dataset = None if placement.version is None else facts.dataset(placement.version)
    return TextWhy(target.text, dataset, tuple(uses), more)


def _became(facts: Facts, placement: Placement, step_id: int, found: RephrasingFact | None) -> TextRows:
    conversation_id, original = facts.connection.execute(
        "SELECT conversation_id, text FROM user_step WHERE id = ?", (step_id,)
    ).fetchone()
    without = placement.why_steps_left_out([conversation_id]).get(step_id)
    wanted = None if found is None else found.id
    for text in placement.texts(step_id, original, without):
        if text.rephrasing == wanted:
            return text
    assert found is not None, "the original is always there"
    rows = placement.rows(step_id).get(found.id, ())
    why = "" if rows else "no longer part of the project"
    return TextRows(found.id, found.text, found.state, None, rows, placement.left_out(step_id).get(found.id, ()), why)
