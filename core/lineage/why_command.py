"""Which rows teach a command: by test and part, what became of the rephrasings, and what was left out."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from core.dataset.folder import all_lineage_data
from core.dataset.models import DatasetVersion, Part
from core.lineage.command_pattern import CommandPattern
from core.lineage.facts import Facts
from core.lineage.models import DatasetFact, RowPlace
from core.lineage.placement import Placement
from core.lineage.shown import dataset_branch
from core.lineage.tree import Branch, counted
from core.store.states import State

_STEPS_SHOWN = 20


@dataclass(slots=True)
class TestTeaches:
    """`first`: one of its rows, to be looked at; `texts`: different rephrasings among them."""

    __test__ = False

    name: str
    part: Part
    first: RowPlace
    rows: int = 0
    originals: int = 0
    texts: set[int] = field(default_factory=set)

    def as_data(self) -> dict[str, Any]:
        return {
            "test": self.name, "part": self.part.value, "first_row": str(self.first), "rows": self.rows,
            "of_original_texts": self.originals, "rephrasings": len(self.texts),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class CommandWhy:
    """`labels`: the commands that match, each with its rows. `verdicts`, `states`: of the rephrasings of steps that have the
    command now. `left_out_points`, `left_out_rephrasings`: reasons with counts. `without`: steps with the command that give no
    row, as (place, reason); `steps_without` counts all of them.
    """

    pattern: str
    dataset: DatasetFact | None
    rows: dict[str, int]
    labels: dict[str, int]
    tests: tuple[TestTeaches, ...]
    steps: int
    states: dict[str, int]
    verdicts: dict[str, int]
    left_out_points: dict[str, int]
    left_out_rephrasings: dict[str, int]
    steps_without: int
    without: tuple[tuple[str, str], ...]

    def as_data(self) -> dict[str, Any]:
        data = {name: getattr(self, name) for name in self.__slots__}
        dataset = None if self.dataset is None else asdict(self.dataset)
        without = [{"where": where, "reason": reason} for where, reason in self.without]
        return {
            "kind": "command", **data, "dataset": dataset, "tests": [test.as_data() for test in self.tests], "without": without
        }  # fmt: skip

    def tree(self, limit: int = 20) -> Branch:
        top = Branch(self.pattern)
        if self.dataset is None:
            top.add("there is no dataset yet: `workbench dataset build`")
        else:
            parts = ", ".join(f"{count:,} in {part}" for part, count in self.rows.items())
            total = sum(self.rows.values())
            top.add(f"{counted(total, 'row teaches', 'rows teach')} it: {parts}" if total else "no row teaches it")
        if len(self.labels) > 1:
            labels = top.add("as")
            _listed(labels, [f"{label}: {counted(rows, 'row')}" for label, rows in self.labels.items()], limit, "command")
        if self.tests:
            by_test = top.add("by test")
            lines = [_test_line(test) for test in self.tests]
            _listed(by_test, lines, limit, "test")
        top.add(f"{counted(self.steps, 'user step')} of the project {'has' if self.steps == 1 else 'have'} it now")
        if self.states:
            branch = top.add(f"their rephrasings: {_counts(self.states)}")
            branch.add(f"verdicts: {_counts(self.verdicts)}")
            for reason, count in self.left_out_rephrasings.items():
                branch.add(f"not taken: {reason}: {count:,}")
        for reason, count in self.left_out_points.items():
            top.add(f"data points left out: {reason}: {count:,}")
        if self.steps_without:
            branch = top.add(f"{counted(self.steps_without, 'of these steps gives', 'of these steps give')} no row")
            _listed(branch, [f"{where}: {reason}" for where, reason in self.without], limit, "step", self.steps_without)
        if self.dataset is not None:
            top.take(dataset_branch(self.dataset))
        return top


def why_command(facts: Facts, placement: Placement, pattern: CommandPattern) -> CommandWhy:
    """Reads the whole lineage of the dataset once.

    Raises:
        ProjectError: the version has lost its files.
    """
    version = placement.version
    found = _Taught(facts)
    if version is not None:
        found.read(version, pattern)
    now = {
        id_: conversation_id
        for id_, conversation_id, canonical in facts.connection.execute(
            "SELECT id, conversation_id, commands FROM user_step WHERE active = 1 AND commands IS NOT NULL"
        )
        if pattern.matches(canonical)
    }
    states, verdicts = _rephrasings(facts, now)
    missing = {id_: conversation_id for id_, conversation_id in now.items() if id_ not in found.steps}
    return CommandWhy(
        pattern.text, None if version is None else facts.dataset(version), found.rows,
        dict(found.labels.most_common()), tuple(sorted(found.tests.values(), key=lambda test: -test.rows)), len(now), states,
        verdicts, _left_out(facts, version, now), placement.reasons_of_rephrasings(now), len(missing),
        _reasons(facts, placement, missing),
    )  # fmt: skip


class _Taught:
    """What the lineage of a version has of a command."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self.rows: dict[str, int] = {}
        self.labels: Counter[str] = Counter()
        self.tests: dict[tuple[str, str, int, Part], TestTeaches] = {}
        self.steps: set[int] = set()

    def read(self, version: DatasetVersion, pattern: CommandPattern) -> None:
        for one in all_lineage_data(version):
            if not pattern.matches(one["commands"]):
                continue
            part, number = Part(one["part"]), one["number"]
            self.rows[part.value] = self.rows.get(part.value, 0) + 1
            self.steps.add(one["step"])
            for line in self._facts.shown(one["commands"]):
                self.labels[line] += pattern.matches_line(line)
            key = (one["file"], one["test"], one["occurrence"], part)
            test = self.tests.get(key)
            if test is None:
                name = f"{key[0]}::{key[1]}" + (f"#{key[2]}" if key[2] > 1 else "")
                test = self.tests[key] = TestTeaches(name, part, RowPlace(part, number))
            test.rows += 1
            if one["rephrasing"] is None:
                test.originals += 1
            else:
                test.texts.add(one["rephrasing"])
        self.labels = +self.labels


def _rephrasings(facts: Facts, steps: dict[int, int]) -> tuple[dict[str, int], dict[str, int]]:
    """By state and by verdict."""
    states: Counter[str] = Counter()
    verdicts: Counter[str] = Counter()
    for step_id in steps:
        for state, verdict in facts.connection.execute(
            "SELECT state, verdict FROM rephrasing WHERE step_id = ? AND active = 1", (step_id,)
        ):
            states[State(state).label] += 1
            verdicts[verdict or "none"] += 1
    return dict(states.most_common()), dict(verdicts.most_common())


def _left_out(facts: Facts, version: DatasetVersion | None, steps: dict[int, int]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    if version is not None:
        for step_id in steps:
            for reason, count in facts.connection.execute(
                "SELECT reason, count(*) FROM left_out_point WHERE step_id = ? AND dataset_id = ? GROUP BY reason",
                (step_id, version.id),
            ):
                counts[reason] += count
    return dict(counts.most_common())


def _reasons(facts: Facts, placement: Placement, missing: dict[int, int]) -> tuple[tuple[str, str], ...]:
    some = dict(list(missing.items())[:_STEPS_SHOWN])
    reasons = placement.why_steps_left_out(some.values())
    found = []
    for step_id in some:
        step = facts.step(step_id)
        texts = placement.texts(step_id, step.text, reasons.get(step_id))
        gone = texts[0].left_out
        found.append((step.place, f"left out: {gone[0]}" if gone else texts[0].why_none or "all of its points were left out"))
    return tuple(found)


def _test_line(test: TestTeaches) -> str:
    texts = f", {counted(len(test.texts), 'rephrasing')}" if test.texts else ""
    return f"{counted(test.rows, 'row')} in {test.part.value}{texts}: {test.name}, e.g. {test.first}"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())


def _listed(branch: Branch, lines: list[str], limit: int, what: str, total: int | None = None) -> None:
    for line in lines[:limit]:
        branch.add(line)
    rest = (len(lines) if total is None else total) - min(len(lines), limit)
    if rest > 0:
        branch.add(f"… and {counted(rest, f'more {what}')}")
