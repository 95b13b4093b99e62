"""Puts the data points that are left on the sides of a split, and takes out what would leak from one to the other."""

from __future__ import annotations

import sqlite3
from array import array
from collections import Counter
from typing import Any

from core.dataset.earlier import keep_it, parts_in, seen_in_train
from core.dataset.models import DatasetOptions, LeftOutPoint, Part
from core.dataset.points import KEPT, Kind, Points
from core.dataset.split.divide import divide
from core.dataset.split.models import STARTS, PointKeys, SplitUnit


def divide_points(
    connection: sqlite3.Connection, points: Points, options: DatasetOptions
) -> tuple[dict[int, Part], dict[str, Any]]:
    """Part by conversation id, and the report; points that would leak are left out of `points`.

    A conversation without a data point of its own (all were duplicates) has no part. The rows follow from points, options and,
    if these name one, the dataset whose split is kept; of other datasets only the report speaks (`seen_in_train_before`).

    Raises:
        UsageError: the dataset whose split is to be kept is not there.
    """
    fixed = {} if options.keep_split is None else parts_in(connection, options.keep_split)
    features = [_features(kind) for kind in points.kinds]
    kept = array("I", (number for number in range(len(points)) if points.fate[number] == KEPT))
    counted = Counter(points.unit[number] for number in kept)
    place_of = {unit: place for place, unit in enumerate(counted)}
    names = _names(connection)
    units = [  # what the kinds do not show
        SplitUnit(id_, count, {f"language:{points.languages[unit]}": count}, names[id_])
        for unit, count in counted.items()
        for id_ in (points.conversations[unit],)
    ]
    keys = PointKeys(
        array("I", (place_of[points.unit[number]] for number in kept)),
        array("I", (points.key[number] for number in kept)),
        array("I", (points.kind[number] for number in kept)),
        features,
    )
    division = divide(
        units, keys, strategy=options.strategy, train_frac=options.train_frac, holdout_frac=options.holdout_frac,
        seed=options.seed, fixed=fixed,
    )  # fmt: skip
    for place, number in enumerate(kept):
        if division.taken_out[place]:
            points.leave_out(number, LeftOutPoint.LEAK)
    part_of = dict(sorted(division.part_of.items()))
    return part_of, _report(connection, points, part_of, division.as_data(), options)


def _report(
    connection: sqlite3.Connection, points: Points, part_of: dict[int, Part], report: dict[str, Any], options: DatasetOptions
) -> dict[str, Any]:
    held_out = [part_of.get(id_) is Part.HOLDOUT for id_ in points.conversations]
    numbers = [number for number in range(len(points)) if points.fate[number] == KEPT and held_out[points.unit[number]]]
    seen = seen_in_train(connection, ((points.step[number], points.rephrasing[number]) for number in numbers))
    if seen:
        remedy = "" if options.keep_split else f": `--keep-split {keep_it(connection)}` keeps tests where they are"
        verb = "was" if seen == 1 else "were"
        report["shortfalls"].append(f"{seen:,} of {len(numbers):,} rows of holdout {verb} in train of earlier datasets{remedy}")
    return {**report, "seen_in_train_before": seen}


def _names(connection: sqlite3.Connection) -> dict[int, str]:
    """By id of the conversation: what it is called in every copy of the project."""
    found = connection.execute("SELECT id, file, name, occurrence FROM conversation WHERE active = 1")
    return {id_: f"{file}::{name}" + (f"#{occurrence}" if occurrence > 1 else "") for id_, file, name, occurrence in found}


def _features(kind: Kind) -> tuple[str, ...]:
    named = (("command:", kind.commands), ("flow:", kind.flows), ("slot:", kind.slots), (STARTS, kind.starts))
    return tuple(beginning + name for beginning, names in named for name in names)
