"""Corpora for the tests of splitting: written by hand, drawn by hypothesis, and a made-up assistant with short answers."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random

from hypothesis import strategies as st

from core.dataset.split import PointKeys, SplitUnit

Corpus = tuple[list[SplitUnit], PointKeys]

FEATURES = ("command:a", "command:b", "command:c", "flow:x", "flow:y", "flow:z", "slot:s", "slot:t")


def corpus(tests: Mapping[int, Sequence[tuple[str, int]]]) -> Corpus:
    """By unit id its data points: features (with blanks between them) and key."""
    units: list[SplitUnit] = []
    points = PointKeys(array("I"), array("I"), array("I"), [])
    kinds: dict[frozenset[str], int] = {}
    for place, (id_, rows) in enumerate(tests.items()):
        shown: Counter[str] = Counter()
        for features, key in rows:
            kind = frozenset(features.split())
            shown.update(kind)
            points.unit.append(place)
            points.key.append(key)
            assert points.kind is not None
            points.kind.append(kinds.setdefault(kind, len(kinds)))
        units.append(SplitUnit(id_, len(rows), dict(shown)))
    points.kinds = [sorted(kind) for kind in kinds]
    return units, points


def without_kinds(made: Corpus) -> Corpus:
    """The same, with what is known of conversations only."""
    units, points = made
    return units, PointKeys(points.unit, points.key)


@st.composite
def corpora(draw: st.DrawFn) -> Corpus:
    count = draw(st.integers(1, 9))
    most = draw(st.sampled_from((1, 3, 10, 40, 400)))  # few keys: much is shared; many: nothing
    row = st.tuples(st.sets(st.sampled_from(FEATURES), min_size=1, max_size=3).map(" ".join), st.integers(0, most))
    ids = draw(st.permutations(range(1, count + 1)))
    made = corpus({id_: draw(st.lists(row, min_size=1, max_size=5)) for id_ in ids})
    return made if draw(st.booleans()) else without_kinds(made)


def assistant(tests: int, *, flows: int, answers: int, variants: int = 6, seed: int = 1) -> Corpus:
    """Each test opens a flow in words that few others use, and then answers its questions with one of few short answers."""
    random = Random(seed)
    keys: dict[tuple[int, int, int], int] = {}
    made: dict[int, list[tuple[str, int]]] = {}
    for id_ in range(1, tests + 1):
        flow = min(flows - 1, int(random.expovariate(4 / flows)))
        rows = made[id_] = []
        for _ in range(variants):
            opening = (flow, 0, random.randrange(40 * tests))
            rows.append((f"command:StartFlow flow:f{flow:02}", keys.setdefault(opening, len(keys))))
            for question in range(1, 4):
                command = random.choice(("CancelFlow", "Clarify")) if random.random() < 0.03 else "SetSlot"
                answer = (flow, question, random.randrange(answers) + answers * (command != "SetSlot"))
                rows.append((f"command:{command} flow:f{flow:02} slot:s{question}", keys.setdefault(answer, len(keys))))
    return corpus(made)
