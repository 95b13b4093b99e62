"""How far annotators agree: per question, command and annotator, and each with each."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from core.commands import from_json
from core.coverage.command_types import name_of
from review.agreement import (
    Coefficient,
    Interval,
    cohen_kappa,
    count_labels,
    fleiss_kappa,
    krippendorff_alpha,
    raw_agreement,
    resample_cohen,
    resample_krippendorff,
)
from review.agreement_answers import Answered, Said, count_discards, load_answered
from review.team.models import Say


@dataclass(frozen=True, slots=True)
class Measures:
    """Of one set of items with what was said of each. `labels`: how often each was given in items with two answers or more.
    `no_interval`: why there is none.

    `confusion`: how often two answers to the same item were these two labels, in alphabetical order.
    """

    what: str
    items: int
    raw: Coefficient
    fleiss: Coefficient
    alpha: Coefficient
    interval: Interval | None
    no_interval: str
    labels: Mapping[str, int]
    confusion: Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class PairMeasures:
    """Two annotators on the items that both answered. `no_interval`: why there is none.

    `confusion`: (first's, second's label) → items.
    """

    first: str
    second: str
    raw: float
    kappa: Coefficient
    interval: Interval | None
    no_interval: str
    confusion: Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class AnnotatorMeasures:
    """`here`: of `answers`, decisions made here. `with_others`: share of equal answers among all pairs of one of this annotator
    and one of another, None without pairs. `with_outcome`: kappa against what each item came to, which the annotator's own
    answer is part of. `confusion`: (annotator's label, outcome) → items.
    """

    name: str
    answers: int
    here: int
    discards: int
    labels: Mapping[str, int]
    pairs: int
    with_others: float | None
    with_outcome: Coefficient
    confusion: Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class AgreementReport:
    """`decision`, `wording`, `commands`: per question. `same_wording`: of the pairs of answers that both reword, those with the
    same text, and all. `by_command`: the decision, by the command expected; an item with several counts for each."""

    items: int
    decision: Measures
    wording: Measures
    same_wording: tuple[int, int]
    commands: Measures
    by_command: tuple[Measures, ...]
    annotators: tuple[AnnotatorMeasures, ...]
    pairs: tuple[PairMeasures, ...]

    @property
    def questions(self) -> tuple[Measures, ...]:
        return self.decision, self.wording, self.commands


_Label = Callable[[Said], str | None]


def report_agreement(
    connection: sqlite3.Connection, round_id: int | None = None, *, seed: int = 0, resamples: int = 1000
) -> AgreementReport:
    """Of one round or of all. `seed`, `resamples`: of the bootstrap intervals."""
    answered = load_answered(connection, round_id)

    def measure(what: str, items: Sequence[Answered], label: _Label) -> Measures:
        return _measure(what, items, label, seed, resamples)

    by_command: dict[str, list[Answered]] = defaultdict(list)
    for item in answered:
        names = sorted({name_of(command) for command in from_json(item.expected)}) if item.expected is not None else []
        for name in names or ["no command" if item.expected is not None else "commands changed since"]:
            by_command[name].append(item)
    return AgreementReport(
        items=len(answered),
        decision=measure("decision", answered, _decision),
        wording=measure("corrected text", answered, _is_reworded),
        same_wording=_same_wording(answered),
        commands=measure("commands", answered, _commands),
        by_command=tuple(measure(name, items, _decision) for name, items in sorted(by_command.items())),
        annotators=_annotators(answered, count_discards(connection, round_id)),
        pairs=_pairs(answered, seed, resamples),
    )


def _decision(said: Said) -> str | None:
    return said.decision.value


def _is_reworded(said: Said) -> str | None:
    """Of those who accept: who rejects has no reason to reword."""
    if said.here or said.decision is not Say.ACCEPT:
        return None
    return "as it is" if said.text is None else "corrected"


def _commands(said: Said) -> str | None:
    if said.here:
        return None
    return "as expected" if said.commands is None else said.commands


def _measure(what: str, items: Sequence[Answered], label: _Label, seed: int, resamples: int) -> Measures:
    all_labels = ([given for one in item.said.values() if (given := label(one)) is not None] for item in items)
    labels = [found for found in all_labels if len(found) > 1]
    table = count_labels(labels)
    confusion = Counter[tuple[str, str]]()
    for found in labels:
        for one, other in combinations(sorted(found), 2):
            confusion[one, other] += 1
    resampled = resample_krippendorff(table, seed=seed, resamples=resamples)
    return Measures(
        what,
        len(labels),
        raw_agreement(table),
        fleiss_kappa(table),
        krippendorff_alpha(table),
        resampled.interval,
        resampled.why,
        dict(Counter(one for found in labels for one in found)),
        dict(confusion),
    )


def _same_wording(answered: Sequence[Answered]) -> tuple[int, int]:
    same = pairs = 0
    for item in answered:
        texts = [one.text for one in item.said.values() if one.text is not None and one.decision is Say.ACCEPT]
        pairs += len(texts) * (len(texts) - 1) // 2
        same += sum(one == other for one, other in combinations(texts, 2))
    return same, pairs


def _annotators(answered: Sequence[Answered], discards: Mapping[str, int]) -> tuple[AnnotatorMeasures, ...]:
    """Those with most answers first."""
    said: dict[str, list[Said]] = {name: [] for name in discards}
    against: dict[str, list[tuple[str, str]]] = defaultdict(list)
    pairs, equal = Counter[str](), Counter[str]()
    for item in answered:
        for name, one in item.said.items():
            said.setdefault(name, []).append(one)
            if item.outcome is not None:
                against[name].append((one.decision.value, item.outcome.value))
            pairs[name] += len(item.said) - 1
            equal[name] += sum(one.decision is other.decision for other in item.said.values()) - 1
    return tuple(
        AnnotatorMeasures(
            name,
            len(own),
            sum(one.here for one in own),
            discards.get(name, 0),
            dict(Counter(one.decision.value for one in own)),
            pairs[name],
            equal[name] / pairs[name] if pairs[name] else None,
            cohen_kappa(against[name]),
            dict(Counter(against[name])),
        )
        for name, own in sorted(said.items(), key=lambda one: (-len(one[1]), one[0]))
    )


def _pairs(answered: Sequence[Answered], seed: int, resamples: int) -> tuple[PairMeasures, ...]:
    """On the decision, those with most items in common first."""
    shared: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for item in answered:
        for first, second in combinations(sorted(item.said), 2):
            shared[first, second].append((item.said[first].decision.value, item.said[second].decision.value))
    found = []
    for (first, second), pairs in sorted(shared.items(), key=lambda one: (-len(one[1]), one[0])):
        raw = sum(one == other for one, other in pairs) / len(pairs)
        resampled = resample_cohen(pairs, seed=seed, resamples=resamples)
        found.append(
            PairMeasures(first, second, raw, cohen_kappa(pairs), resampled.interval, resampled.why, dict(Counter(pairs)))
        )
    return tuple(found)
