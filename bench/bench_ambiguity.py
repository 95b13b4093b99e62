"""Ambiguity scores of hand-labelled rephrasings, every tenth answer wrong and no judge asked; and how long scoring takes.

A person is reached by the verdict `ambiguous` or by a score of at least the threshold; unfaithful is what a person should see.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bench.ambiguity_fit import Case, auc, fitted, held_back
from bench.bench_validation import NOISE, SEEDS, VOTES
from bench.gold import Answers, GoldRephrasing, GoldStep, by_label, data_folder, gold_steps
from bench.measure import Figure, median_seconds, seconds
from bench.synthetic import make_project
from core.conversations.models import Verdict
from core.store.connection import transaction
from core.team_settings import DEFAULT_THRESHOLD
from core.validation.judging import judge, needs_votes
from core.validation.models import Judged, ReasonCode, Vote
from review.ambiguity import Ambiguity, Evidence, Judgement, assess
from review.scores import refresh

_OF_TEXT = frozenset(
    {
        ReasonCode.LANGUAGE_SWITCH,
        ReasonCode.NEAR_DUPLICATE,
        ReasonCode.ADDED_DETAIL,
        ReasonCode.DROPPED_DETAIL,
        ReasonCode.CHANGED_DETAIL,
    }
)
"""What `check_text` finds."""


@dataclass(frozen=True, slots=True)
class ScoredRephrasing:
    step: GoldStep
    rephrasing: GoldRephrasing
    verdict: Verdict
    ambiguity: Ambiguity

    def reaches_a_person(self, threshold: float = DEFAULT_THRESHOLD) -> bool:
        return self.verdict is Verdict.AMBIGUOUS or self.ambiguity.score >= threshold

    @property
    def category(self) -> str:
        if self.rephrasing.is_faithful:
            return "faithful"
        commands = "other" if self.step.has_other_commands(self.rephrasing) else "same"
        return f"{self.rephrasing.category} ({commands} commands)"


Blinding = Callable[[Judged], Judged]


def scored_directly(
    steps: Sequence[GoldStep], answers: Answers, *, blinded: Blinding = lambda judged: judged
) -> Iterator[ScoredRephrasing]:
    """By the pure functions of validation and scoring. `blinded`: what scoring is told of the verdict."""
    for step in steps:
        texts = [rephrasing.text for rephrasing in step.rephrasings]
        for place, rephrasing in enumerate(step.rephrasings):
            votes = [Vote(answers(step, place, 0))]
            if needs_votes(step.facts, rephrasing.text, votes[0]):
                votes += [Vote(answers(step, place, sample)) for sample in range(1, VOTES)]
            siblings = texts[:place] + texts[place + 1 :]
            judged = blinded(judge(step.facts, rephrasing.text, votes, siblings=siblings, earlier=place))
            judgement = Judgement(judged.verdict, tuple(map(str, judged.reasons)))
            evidence = Evidence(step.facts, rephrasing.text, judgement, siblings, place)
            yield ScoredRephrasing(step, rephrasing, judged.verdict, assess(evidence))


def without_checks(judged: Judged) -> Judged:
    """As if validation's checks of the text had found nothing: what scoring still sees where they are blind."""
    reasons = tuple(reason for reason in judged.reasons if reason.code not in _OF_TEXT)
    is_clear = all(reason.code is ReasonCode.OUTVOTED for reason in reasons)
    verdict = Verdict.SAME if judged.verdict is Verdict.AMBIGUOUS and is_clear else judged.verdict
    return Judged(verdict, reasons, judged.commands)


def auc_of(found: Sequence[ScoredRephrasing]) -> float:
    """Positive: unfaithful."""
    return auc([one.ambiguity.score for one in found], [not one.rephrasing.is_faithful for one in found])


def share_reached(found: Sequence[ScoredRephrasing], *, faithful: bool, threshold: float = DEFAULT_THRESHOLD) -> float:
    """Percent of the faithful, or of the unfaithful, that reach a person."""
    of_kind = [one for one in found if one.rephrasing.is_faithful is faithful]
    return 100 * sum(one.reaches_a_person(threshold) for one in of_kind) / len(of_kind)


def run(*, quick: bool) -> list[Figure]:
    """Of the labels nothing without outside data (`WORKBENCH_TEST_DATA`)."""
    data = data_folder()
    figures = []
    if data is None:
        print("  left out: WORKBENCH_TEST_DATA is not set")
    else:
        figures += _ranking(gold_steps(data), SEEDS[: 2 if quick else None])
    return figures + _times(10_000 if quick else 100_000)


def _ranking(steps: Sequence[GoldStep], seeds: Sequence[int]) -> list[Figure]:
    noisy = [list(scored_directly(steps, by_label(steps, noise=NOISE, seed=seed))) for seed in seeds]
    blind = [list(scored_directly(steps, by_label(steps, noise=NOISE, seed=seed), blinded=without_checks)) for seed in seeds]
    for name, runs in (("all that is known", noisy), ("validation's checks of the text switched off", blind)):
        print(f"\n  {NOISE:.0%} of the answers wrong; {name}")
        for seed, found in zip(seeds, runs, strict=True):
            print(f"  seed {seed}: AUC {auc_of(found):.4f}")
        print(_thresholds(runs))
    print(f"\n  at the threshold {DEFAULT_THRESHOLD:g}, {len(noisy)} seeds together\n{_confusion(noisy)}")
    return [
        *_figures(f"worst of {len(noisy)} seeds", noisy, limits=(15, 5, 15)),
        *_figures("the same without validation's checks of the text", blind, limits=(15, 30, 15)),
        *_fits("", noisy),
        *_fits(" without validation's checks of the text", blind),
    ]


def _figures(name: str, runs: Sequence[list[ScoredRephrasing]], limits: tuple[float, float, float]) -> list[Figure]:
    ranked = max(100 * (1 - auc_of(found)) for found in runs)
    missed = max(100 - share_reached(found, faithful=False) for found in runs)
    for_nothing = max(share_reached(found, faithful=True) for found in runs)
    return [
        Figure(f"unfaithful ranked below faithful (100 % less AUC); {name}", ranked, "%", limits[0]),
        Figure(f"unfaithful that reach no person; {name}", missed, "%", limits[1]),
        Figure(f"faithful that reach a person; {name}", for_nothing, "%", limits[2]),
    ]


def _fits(name: str, runs: Sequence[list[ScoredRephrasing]]) -> list[Figure]:
    """Weights fitted to the labels, on those very labels and on assistants or steps that they were not fitted to."""
    by_assistant = _cases(runs, lambda step: step.assistant)
    by_step = _cases(runs, lambda step: step.place)
    truth = [case.is_unfaithful for case in by_assistant]
    scores = (
        ("weights rounded by hand", [one.ambiguity.score for found in runs for one in found]),
        ("weights fitted to all", fitted(by_assistant)),
        ("weights fitted to the other assistants", held_back(by_assistant)),
        ("weights fitted to the other steps", held_back(by_step)),
    )
    return [Figure(f"100 % less AUC{name}; {what}", 100 * (1 - auc(given, truth)), "%") for what, given in scores]


def _cases(runs: Sequence[list[ScoredRephrasing]], group: Callable[[GoldStep], Hashable]) -> list[Case]:
    return [
        Case(
            not one.rephrasing.is_faithful,
            frozenset(f"{reason.code} {reason.weight > 0}" for reason in one.ambiguity.reasons),
            group(one.step),
        )
        for found in runs
        for one in found
    ]


def _thresholds(runs: Sequence[list[ScoredRephrasing]]) -> str:
    lines = ["  threshold   unfaithful reached   faithful reached"]
    together = [one for found in runs for one in found]
    for threshold in (0.1, 0.2, DEFAULT_THRESHOLD, 0.3, 0.5, 0.7, 0.9):
        unfaithful = share_reached(together, faithful=False, threshold=threshold)
        faithful = share_reached(together, faithful=True, threshold=threshold)
        lines.append(f"  {threshold:>9g}{unfaithful:>19.1f} %{faithful:>17.1f} %")
    return "\n".join(lines)


def _confusion(runs: Sequence[list[ScoredRephrasing]]) -> str:
    counts = Counter((one.category, one.reaches_a_person()) for found in runs for one in found)
    lines = [f"  {'':34}{'to a person':>13}{'not':>9}"]
    lines += [
        f"  {category:34}{counts[category, True]:>13,}{counts[category, False]:>9,}"
        for category in sorted({category for category, _ in counts}, key=lambda name: (name != "faithful", name))
    ]
    return "\n".join(lines)


def _times(size: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        project = make_project(Path(folder) / "project", size)
        with closing(project.open()) as connection:
            from_files = seconds(lambda: refresh(connection))
            unchanged = median_seconds(lambda: refresh(connection), 3)
            with transaction(connection):
                connection.execute(
                    "INSERT INTO stage_run (id, stage, at, reviewer, parameters) VALUES (1, 'validate', '', '', '{}')"
                )
                connection.execute("UPDATE verdict SET run_id = 1")
                connection.execute("DELETE FROM ambiguity")
            judged = seconds(lambda: refresh(connection))
    return [
        Figure(f"scoring {size:,} rephrasings that the stage has judged", judged, "s", 60),
        Figure(f"scoring {size:,} rephrasings with verdicts of files", from_files, "s", 180),
        Figure(f"looking for changes in {size:,}, none there", 1000 * unchanged, "ms", 1000),
    ]
