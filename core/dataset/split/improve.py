"""Repair and improve a division by moving conversations, or swapping two, as long as it comes nearer to what was asked."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from random import Random
from statistics import median

from core.dataset.split.models import HOLDOUT, TRAIN
from core.dataset.split.moves import Moves

_BETTER = 1e-7
"""Less is rounding."""
_COLD, _HOT, _HOTTEST = 0.01, 1.0, 20.0
"""Measured on real and made-up corpora, as are the numbers below. A feature whose share is off by 50 points costs 1.0 if there
are two parts."""
_HOT_CHANGES = 2
"""It begins at twice what a move usually changes, for in a small corpus one test is much; what may not be is no change."""
_MOST_HEATED = 1000
"""For more items the effort is too little to cool slowly, and they begin near what was asked."""
_SAMPLE = 50
_EFFORT = 3_000_000
"""How many counts may be touched: about a second."""
_EFFORT_PER_PAIR = 300
_LEAST_EFFORT = 100_000
"""Few items have few arrangements: more effort finds nothing better."""
_ROUNDS = 10
_ITEMS_OF_ROUNDS = 200
"""Few items are best started afresh some times, many are best left to cool slowly once."""


def place(moves: Moves, part_of: Sequence[int]) -> None:
    """Bring every item to its part."""
    for item, part in enumerate(part_of):
        if moves.part[item] != part:
            moves.move(item, part)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A fixed item that came to train, for nothing else could show the feature."""

    item: int
    came_from: int
    feature: int


def cover_train(moves: Moves, fixed: Collection[int]) -> list[Fetched]:
    """Bring to train what it must show and does not: for each feature the item that costs least. Items only come to train, so
    nothing is lost there. A fixed one comes if no other shows the feature, and one of the holdout if none of val does."""
    fetched = []

    def price(item: int) -> tuple[bool, bool, float, int]:
        is_fixed = item in fixed
        return is_fixed, is_fixed and moves.part[item] == HOLDOUT, _cost_of(moves, item, TRAIN), item

    while missing := moves.balance.lacking(TRAIN):
        showing = [item for item, part in enumerate(moves.part) if part != TRAIN and moves.shows(item, missing[0])]
        cheapest = min(showing, key=price)
        if cheapest in fixed:
            fetched.append(Fetched(cheapest, moves.part[cheapest], missing[0]))
        moves.move(cheapest, TRAIN)
    return fetched


def _cost_of(moves: Moves, item: int, to: int) -> float:
    came_from = moves.part[item]
    moves.move(item, to)
    cost = moves.balance.cost
    moves.move(item, came_from)
    return cost


def improve(moves: Moves, free: Sequence[int], random: Random) -> None:
    """Simulated annealing from where the items lie, then every single move that is better still. Only `free` items move."""
    if not free or len(moves.part) < 2 or len(moves.balance.active) < 2:
        return
    effort = min(_EFFORT, max(_LEAST_EFFORT, _EFFORT_PER_PAIR * len(free) ** 2))
    rounds = max(1, min(_ROUNDS, _ITEMS_OF_ROUNDS // len(free)))
    best, cost = bytes(moves.part), moves.balance.cost
    for _ in range(rounds):
        _anneal(moves, free, random, effort // (2 * rounds))
        _move_each(moves, free, random, effort // (2 * rounds))
        if moves.balance.cost < cost - _BETTER:
            best, cost = bytes(moves.part), moves.balance.cost
    place(moves, best)


def _anneal(moves: Moves, free: Sequence[int], random: Random, effort: int) -> None:
    """Random moves and swaps across parts; a worse one is taken the less often, the worse it is and the later."""
    parts, balance = moves.balance.active, moves.balance
    left = effort
    hot = _COLD
    if len(free) <= _MOST_HEATED:
        hot = min(max(_HOT, _HOT_CHANGES * _usual_change(moves, free, random)), _HOTTEST)
    while left > 0:
        heat = hot * (_COLD / hot) ** (1 - left / effort)
        one = random.choice(free)
        here, there = moves.part[one], random.choice(parts)
        other = random.choice(free) if random.random() < 0.5 else one
        if other != one:
            there = moves.part[other]
        left -= 1
        if here == there:
            continue
        left -= 2 * moves.effort(one)
        cost = balance.cost
        moves.move(one, there)
        if other != one:
            left -= 2 * moves.effort(other)
            moves.move(other, here)
        worse = balance.cost - cost
        if worse > 0 and random.random() >= math.exp(-worse / heat):
            if other != one:
                moves.move(other, there)
            moves.move(one, here)


def _usual_change(moves: Moves, free: Sequence[int], random: Random) -> float:
    """What a move changes, up or down: the median of some."""
    changes = []
    for _ in range(_SAMPLE):
        item = random.choice(free)
        here = moves.part[item]
        to = random.choice([part for part in moves.balance.active if part != here])
        changes.append(abs(_cost_of(moves, item, to) - moves.balance.cost))
    return median(changes)


def _move_each(moves: Moves, free: Sequence[int], random: Random, effort: int) -> None:
    """Every item to every other part, until none is better there."""
    items = list(free)
    improved = True
    while improved:
        improved = False
        random.shuffle(items)
        for item in items:
            came_from = moves.part[item]
            for to in moves.balance.active:
                if to == came_from:
                    continue
                effort -= 2 * moves.effort(item)
                if effort < 0:
                    return
                cost = moves.balance.cost
                moves.move(item, to)
                if moves.balance.cost < cost - _BETTER:
                    improved = True
                    break
                moves.move(item, came_from)
