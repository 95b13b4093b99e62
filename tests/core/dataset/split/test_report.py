"""What a person is told of a division."""

from __future__ import annotations

import json

from core.dataset.models import Part
from core.dataset.split import divide
from tests.core.dataset.split.corpora import corpus


def test_a_flow_that_one_component_shows_is_in_train_and_said_to_be_missing_from_val() -> None:
    made = corpus({id_: [("command:a flow:often" + " flow:once" * (id_ == 3), id_)] for id_ in range(10)})
    division = divide(*made, strategy="components", train_frac=0.8, seed=1)
    assert division.shortfalls == ("flow `once` is missing from val: only one component shows it",)


def test_a_flow_that_two_tests_show_is_missing_from_the_holdout_only() -> None:
    made = corpus({id_: [("command:a" + " flow:rare" * (id_ in (3, 12)), id_)] for id_ in range(30)})
    division = divide(*made, strategy="tests", train_frac=0.6, holdout_frac=0.2, seed=1)
    assert division.shortfalls == ("flow `rare` is missing from holdout: only 2 tests show it",)


def test_if_train_needs_every_test_val_is_empty_and_that_is_said() -> None:
    made = corpus({1: [("command:a", 1)], 2: [("command:b", 2)]})
    division = divide(*made, strategy="components", train_frac=0.5, seed=1)
    assert division.totals.train == 2
    assert division.shortfalls == (
        "train holds 100% of the data points instead of 50%: components are not divided",
        "val is empty: every component is needed in train to show each command and flow once",
    )


def test_of_two_tests_one_goes_to_val_even_for_a_large_share() -> None:
    division = divide(*corpus({1: [("command:a", 1)], 2: [("command:a", 2)]}), strategy="tests", train_frac=0.99, seed=1)
    assert division.shortfalls == (
        "train holds 50% of the data points instead of 99%: tests are not divided",
        "val holds 50% of the data points instead of 1%: tests are not divided",
    )


def test_one_test_leaves_val_empty() -> None:
    division = divide(*corpus({1: [("command:a", 1)]}), strategy="tests", train_frac=0.8, seed=1)
    assert "val is empty: there is only one test" in division.shortfalls


def test_a_val_that_taking_out_empties_is_a_shortfall() -> None:
    made = corpus({id_: [("command:a", 0)] for id_ in range(10)})
    division = divide(*made, strategy="tests", train_frac=0.8, seed=1)
    placed = division.totals.taken_out
    plural = "s" if placed > 1 else ""
    assert (
        f"val is empty: all of its {placed} data point{plural} were taken out, since their state and utterance occur elsewhere"
        in division.shortfalls
    )


def test_a_language_that_val_lacks_is_said_and_a_slot_is_not() -> None:
    made = corpus({id_: [("command:a" + " language:de slot:s" * (id_ == 3), id_)] for id_ in range(10)})
    division = divide(*made, strategy="components", train_frac=0.8, seed=1)
    missing = [row.feature for row in division.table if not row.train or not row.val]
    assert missing == ["language:de", "slot:s"]
    assert len(division.shortfalls) == 1
    assert division.shortfalls[0].startswith("language `de` is missing from")


def test_what_is_stored_is_json_and_holds_the_table() -> None:
    made = corpus({id_: [("command:a", id_)] for id_ in range(10)})
    data = divide(*made, strategy="components", train_frac=0.8, seed=1).as_data()
    assert json.loads(json.dumps(data)) == data
    assert data["table"] == [{"feature": "command:a", "train": 8, "val": 2, "holdout": 0, "taken_out": 0, "all": 10}]


def test_of_every_flow_train_has_a_row_that_starts_it() -> None:
    rows = {id_: [(f"command:a flow:f{id_ % 3}" + f" start:f{id_ % 3}" * (id_ > 20), id_)] for id_ in range(24)}
    division = divide(*corpus(rows), strategy="components", train_frac=0.15, seed=1)
    starting = [id_ for id_, part in division.part_of.items() if id_ > 20 and part is Part.TRAIN]
    assert starting == [21, 22, 23]
    assert {row.feature for row in division.table} == {"command:a", "flow:f0", "flow:f1", "flow:f2"}


def test_a_flow_that_train_cannot_start_is_a_shortfall_and_one_that_val_cannot_start_is_none() -> None:
    rows = {id_: [("command:a flow:f" + " start:f" * (id_ == 5), id_)] for id_ in range(6)}
    division = divide(*corpus(rows), strategy="recipe", train_frac=0.2, seed=1)
    assert division.part_of[5] is Part.VAL, "another seed is needed"
    assert "`start flow f` is missing from train: no test that shows it is there" in division.shortfalls
    assert divide(*corpus(rows), strategy="tests", train_frac=0.5, seed=1).shortfalls == ()


def test_what_no_data_point_shows_any_more_is_said_once() -> None:
    units, points = corpus({id_: [("command:a flow:f", id_)] for id_ in range(10)})
    points.kinds = [*points.kinds, ("command:b", "flow:g", "start:g"), ("start:f",)]
    division = divide(units, points, strategy="components", train_frac=0.8, seed=1)
    assert division.shortfalls == (
        "command `b` is in no part: none of the data points that are left shows it",
        "flow `g` is in no part: none of the data points that are left shows it",
        "`start flow f` is in no part: none of the data points that are left shows it",
    )
