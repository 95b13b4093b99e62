"""Measures a dataset version from its lineage, test by test: a million rows take the memory of a thousand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from core.dataset.folder import Lineage, read_lineage
from core.dataset.models import DatasetVersion, Part
from core.dataset.quality.diversity import PartFigures
from core.dataset.quality.kinds import SlotCounts, kind_of
from core.dataset.quality.lengths import row_lengths
from core.dataset.quality.models import DatasetQuality
from core.dataset.quality.seen import Seen, Wording, number_of, wording
from core.dataset.quality.value import LearningValue, StepFigures, gain_of
from core.rephrasing.diversity import step_diversity

SEED = 42
KEPT = 50
ALL = "all"
_PARTS = (Part.TRAIN.value, Part.VAL.value, ALL)
Progress = Callable[[str, int, int], None]
_TELL_EVERY = 1000


def measure(
    version: DatasetVersion, *, keep: int = KEPT, seed: int = SEED, progress: Progress = lambda what, done, total: None
) -> DatasetQuality:
    """The figures of train and val; the holdout is not read. `keep`: how many steps and kinds to list.

    Raises:
        ProjectError: the version's files are gone or not as they were written.
    """
    total = sum(version.points.get(part, 0) for part in (Part.TRAIN, Part.VAL))
    run = _Run(keep, seed)
    done = told = 0
    for part, rows in tests_of(read_lineage(version)):
        run.add_test(part, rows)
        done += len(rows)
        if done - told >= _TELL_EVERY:
            progress("measuring wordings", done, total)
            told = done
    measured, prompts, completions = row_lengths(version, lambda read: progress("measuring lengths", read, total))
    value = run.value
    kinds = value.kinds()
    parts = {name: run.parts[name].found() for name in _PARTS if name in run.parts}
    return DatasetQuality(
        version.name, parts, value.novelty, value.steps, value.gains(),
        value.alike(), len(kinds), kinds[:keep], run.slots.found(), measured, prompts, completions,
    )  # fmt: skip


def tests_of(lineage: Iterable[Lineage]) -> Iterator[tuple[Part, list[Lineage]]]:
    """Rows of one test in one part, which lie together; those of the holdout are left out."""
    rows = (row for row in lineage if row.part is not Part.HOLDOUT)
    for key, group in groupby(rows, key=lambda row: (row.part, row.file, row.test, row.occurrence)):
        yield key[0], list(group)


class _Run:
    def __init__(self, keep: int, seed: int) -> None:
        self._seen, self._seed = Seen(), seed
        self.parts: dict[str, PartFigures] = {}
        self.value = LearningValue(keep)
        self.slots = SlotCounts()

    def add_test(self, part: Part, rows: list[Lineage]) -> None:
        known: dict[str, Wording] = {}
        for row in rows:
            for text in (row.original, row.said):
                if text not in known:
                    known[text] = wording(text)
        by_step: dict[int, list[Lineage]] = {}
        novelty: dict[int, list[float]] = {}
        kinds = set()
        for row in rows:
            kind = kind_of(row.flows, row.commands)
            kinds.add(kind)
            by_step.setdefault(row.step, []).append(row)
            self.slots.add(row.commands, train=part is Part.TRAIN)
            if part is Part.TRAIN:
                new = self._novelty(known[row.said], row.state)
                novelty.setdefault(row.step, []).append(new)
                self.value.add_row(kind, row.commands, new)
            else:
                self.value.add_val_row(kind)
        self.value.add_test(kinds)
        for step, own in by_step.items():
            self._add_step(part, own, known, novelty.get(step, []))

    def _novelty(self, said: Wording, state: str) -> float:
        """A text without words says nothing new."""
        grams = said.grams
        return self._seen.add(grams, number_of(f"state {state}")) / len(grams) if grams else 0.0

    def _add_step(self, part: Part, rows: list[Lineage], known: dict[str, Wording], novelty: list[float]) -> None:
        first = rows[0]
        kind = kind_of(first.flows, first.commands)
        said = {row.rephrasing: row.said for row in rows if row.rephrasing is not None}  # one of them may be in many rows
        texts = list(said.values())
        original, rephrasings = known[first.original], [known[text] for text in texts]
        diversity = step_diversity(first.original, texts)
        for name in (part.value, ALL):
            if name not in self.parts:
                self.parts[name] = PartFigures(name, self._seen, self._seed)
            self.parts[name].add(kind, original, rephrasings, diversity)
        if part is Part.TRAIN:
            place = f"{first.file}:{first.line}" if first.line else f"{first.file}::{first.test}"
            mean = sum(novelty) / len(novelty)
            gain = gain_of(original, rephrasings)
            self.value.add_step(
                StepFigures(first.step, place, first.user_step, first.original, kind, len(rows), mean, gain, diversity)
            )
