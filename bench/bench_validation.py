"""Verdicts on hand-labelled rephrasings, answered by their labels: exactly, and with every tenth answer wrong."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bench.gold import Answers, GoldRephrasing, GoldStep, by_label, data_folder, gold_steps
from bench.measure import Figure, percentile
from core.conversations.models import Verdict
from core.validation.judging import judge, needs_votes
from core.validation.models import Vote

NOISE = 0.1
SEEDS = range(5)
VOTES = 3

Judging = Callable[[Sequence[GoldStep], Answers], Iterator[tuple[GoldStep, GoldRephrasing, Verdict]]]
"""How verdicts come about: by the pure functions, or by a whole stage and a server."""


@dataclass(frozen=True, slots=True)
class Confusion:
    """How many rephrasings of each category got each verdict."""

    counts: Counter[tuple[str, Verdict]]

    def share(self, verdict: Verdict, *categories: str) -> float:
        """Percent of the categories' rephrasings."""
        whole = sum(count for (category, _), count in self.counts.items() if category in categories)
        part = sum(self.counts[category, verdict] for category in categories)
        return 100 * part / whole if whole else 0.0

    @property
    def same_commands(self) -> list[str]:
        """The unfaithful categories whose commands are the label's."""
        return sorted({category for category, _ in self.counts if category.endswith(" (same commands)")})

    @property
    def other_commands(self) -> list[str]:
        return sorted({category for category, _ in self.counts if category.endswith(" (other commands)")})

    def table(self) -> str:
        lines = [f"  {'':34}" + "".join(f"{verdict.value:>11}" for verdict in Verdict)]
        for category in ("faithful", *self.other_commands, *self.same_commands):
            lines.append(f"  {category:34}" + "".join(f"{self.counts[category, verdict]:>11,}" for verdict in Verdict))
        return "\n".join(lines)


def run(*, quick: bool) -> list[Figure]:
    """Nothing without outside data (`WORKBENCH_TEST_DATA`)."""
    data = data_folder()
    if data is None:
        print("  left out: WORKBENCH_TEST_DATA is not set")
        return []
    steps = gold_steps(data)
    exact = confusion(steps, by_label(steps))
    noisy = [confusion(steps, by_label(steps, noise=NOISE, seed=seed)) for seed in SEEDS[: 1 if quick else None]]
    print(f"\n  answers exact\n{exact.table()}")
    summed = Confusion(sum((each.counts for each in noisy), Counter()))
    print(f"\n  {NOISE:.0%} of the answers wrong, {len(noisy)} seeds together\n{summed.table()}")
    times = seconds_each(steps)
    return [
        *_figures("answers exact", [exact]),
        *_figures(f"{NOISE:.0%} noise, worst of {len(noisy)} seeds", noisy),
        Figure("one verdict, median", 1e6 * percentile(times, 0.5), "µs", 1000),
        Figure("one verdict, 95th percentile", 1e6 * percentile(times, 0.95), "µs"),
    ]


def confusion(steps: Sequence[GoldStep], answers: Answers, judging: Judging | None = None) -> Confusion:
    """The verdicts against the labels."""
    counts: Counter[tuple[str, Verdict]] = Counter()
    for step, rephrasing, verdict in (judging or judged_directly)(steps, answers):
        counts[_category(step, rephrasing), verdict] += 1
    return Confusion(counts)


def judged_directly(steps: Sequence[GoldStep], answers: Answers) -> Iterator[tuple[GoldStep, GoldRephrasing, Verdict]]:
    """By the pure functions, with further votes where the first answer is not clear."""
    for step in steps:
        texts = [rephrasing.text for rephrasing in step.rephrasings]
        for place, rephrasing in enumerate(step.rephrasings):
            votes = [Vote(answers(step, place, 0))]
            if needs_votes(step.facts, rephrasing.text, votes[0]):
                votes += [Vote(answers(step, place, sample)) for sample in range(1, VOTES)]
            siblings = texts[:place] + texts[place + 1 :]
            judged = judge(step.facts, rephrasing.text, votes, siblings=siblings, earlier=place)
            yield step, rephrasing, judged.verdict


def seconds_each(steps: Sequence[GoldStep]) -> list[float]:
    """What each verdict takes, texts read for the first time where they are."""
    times: list[float] = []
    verdicts = judged_directly(steps, by_label(steps))
    while True:
        start = time.perf_counter()
        if next(verdicts, None) is None:
            return times
        times.append(time.perf_counter() - start)


def _category(step: GoldStep, rephrasing: GoldRephrasing) -> str:
    if rephrasing.is_faithful:
        return "faithful"
    return f"{rephrasing.category} ({'other' if step.has_other_commands(rephrasing) else 'same'} commands)"


def _figures(name: str, runs: Sequence[Confusion]) -> list[Figure]:
    def worst(verdict: Verdict, categories: Callable[[Confusion], Sequence[str]]) -> float:
        return max(each.share(verdict, *categories(each)) for each in runs)

    return [
        Figure(f"unfaithful with other commands called same; {name}", worst(Verdict.SAME, lambda c: c.other_commands), "%", 2),
        Figure(f"other unfaithful called same; {name}", worst(Verdict.SAME, lambda c: c.same_commands), "%", 30),
        Figure(f"faithful called different; {name}", worst(Verdict.DIFFERENT, lambda _: ["faithful"]), "%", 3),
        Figure(f"faithful called ambiguous; {name}", worst(Verdict.AMBIGUOUS, lambda _: ["faithful"]), "%", 10),
    ]
