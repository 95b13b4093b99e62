"""The search comes near the best of all divisions, and divides much better than the reference's rule."""

from __future__ import annotations

from itertools import product
from random import Random
from statistics import mean

import pytest

from core.dataset.models import Part, Strategy
from core.dataset.split import Division, divide
from core.dataset.split.balance import Balance
from core.dataset.split.divide import shares_of
from core.dataset.split.improve import place
from core.dataset.split.models import PARTS
from core.dataset.split.moves import LeakMoves
from core.dataset.split.numbered import number
from tests.core.dataset.split.corpora import FEATURES, Corpus, assistant, corpus


def random_corpus(seed: int, tests: int, keys: int) -> Corpus:
    random = Random(seed)
    return corpus(
        {
            id_: [
                (" ".join(random.sample(FEATURES, random.randint(1, 3))), random.randrange(keys))
                for _ in range(random.randint(2, 6))
            ]
            for id_ in range(1, tests + 1)
        }
    )


def balance_of(made: Corpus, shares: tuple[float, ...]) -> LeakMoves:
    data = number(*made, seed=1)
    holders = [sum(feature in data.shown.of(unit)[0] for unit in range(len(data.ids))) for feature in range(len(data.names))]
    return LeakMoves(data, Balance(data, holders, shares))


@pytest.mark.parametrize(("holdout_frac", "tests"), [(0.0, 10), (0.2, 7)])
def test_of_all_divisions_of_a_small_corpus_at_most_a_few_are_better(holdout_frac: float, tests: int) -> None:
    better = []
    for seed in range(5):
        made = random_corpus(seed, tests, keys=30)
        shares = shares_of(0.6, holdout_frac)
        moves = balance_of(made, shares)
        costs = []
        for parts in product([part for part, share in enumerate(shares) if share], repeat=tests):
            place(moves, parts)
            costs.append(moves.balance.cost)
        division = divide(*made, strategy="tests", train_frac=0.6, holdout_frac=holdout_frac, seed=seed)
        place(moves, [PARTS.index(division.part_of[id_]) for id_ in number(*made, seed=1).ids])
        better.append(sum(cost < moves.balance.cost - 1e-6 for cost in costs))
    assert max(better) <= 3, f"of {len(costs)}"
    assert better.count(0) >= 3


def test_the_cost_kept_while_moving_is_that_of_the_division_made_afresh() -> None:
    made = random_corpus(7, 12, keys=15)
    shares = shares_of(0.6, 0.2)
    random = Random(3)
    moves = balance_of(made, shares)
    for _ in range(300):
        item = random.randrange(12)
        moves.move(item, random.choice([part for part in range(3) if part != moves.part[item]]))
    afresh = balance_of(made, shares)
    place(afresh, moves.part)
    assert moves.balance.cost == pytest.approx(afresh.balance.cost, abs=1e-6)
    for kept, anew in zip(moves.balance.counts, afresh.balance.counts, strict=True):
        assert kept == pytest.approx(anew, abs=1e-6)


def deviation(division: Division, train_frac: float) -> float:
    """Mean distance of a feature's share in train from the one asked for."""
    return mean(abs(row.of(Part.TRAIN) / row.all - train_frac) for row in division.table)


@pytest.mark.parametrize("strategy", ["components", "tests"])
def test_features_are_divided_much_more_evenly_than_under_the_reference_rule(strategy: Strategy) -> None:
    made = assistant(60, flows=8, answers=2000, variants=2)
    found = [deviation(divide(*made, strategy=strategy, train_frac=0.8, seed=seed), 0.8) for seed in range(4)]
    reference = [deviation(divide(*made, strategy="recipe", train_frac=0.8, seed=seed), 0.8) for seed in range(4)]
    assert mean(found) < 0.75 * mean(reference)


def test_divisions_that_lose_few_data_points_are_preferred() -> None:
    """Pairs of tests share half of what they say, and all of them one answer: torn pairs would lose more than that answer."""
    made = corpus(
        {id_: [("command:a", 0), *(("command:a", 1 + 3 * (id_ // 2) + row) for row in range(3))] for id_ in range(40)}
    )
    division = divide(*made, strategy="components", train_frac=0.8, seed=5)
    assert division.strategy == "tests"
    assert all(division.part_of[id_] is division.part_of[id_ + 1] for id_ in range(0, 40, 2))
    assert division.totals.val == 3 * division.totals.taken_out > 0


def test_of_a_made_up_assistant_far_fewer_data_points_are_lost_than_leak_under_the_reference_rule() -> None:
    division = divide(*assistant(80, flows=10, answers=20), strategy="components", train_frac=0.8, seed=1)
    assert division.strategy == "tests"
    assert division.recipe.leaked > 0.5 * division.recipe.rows
    assert division.totals.taken_out < 0.75 * division.recipe.leaked
