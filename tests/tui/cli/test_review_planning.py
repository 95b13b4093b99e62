"""`workbench review plan`, `review calibrate` and `review next --order`."""

from __future__ import annotations

import pytest

from core.project import Project
from tests.tui.cli.calls import Workbench


def test_a_plan_says_where_the_bound_stands_and_how_to_go_on(ferry: Workbench) -> None:
    said = ferry("review", "plan").out
    assert "0 decided without a gap from the head of the random order" in said
    assert "bound         at most 100 % wrong, at 95 % and however often you look" in said
    assert "more decisions if none of them finds a wrong one" in said
    assert "review next --order random" in said


def test_a_plan_as_data(ferry: Workbench) -> None:
    data = ferry("review", "plan", "--error", "0.1", "--confidence", "0.9", "--json").data
    assert (data["error"], data["confidence"], data["order"], data["reached"]) == (0.1, 0.9, "random", False)
    assert data["bound"] == 1.0
    assert data["standing"]["machine"] == data["size"] == data["open"] == data["best"] > 0
    assert data["even"] is data["seen_error"] is None


def test_decisions_in_the_random_order_bring_the_bound_down(ferry: Workbench) -> None:
    while waiting := ferry("review", "next", "--order", "random", "--filter", "verdict:same", "--json").data:
        before = ferry("review", "plan", "--json").data["bound"]
        assert ferry("review", "decide", str(waiting[0]["id"]), "--as", "accept").code == 0
        assert ferry("review", "plan", "--json").data["bound"] < before
    assert "The bound is at or under 2 %: no further decision is needed." in ferry("review", "plan").out


@pytest.mark.parametrize("order", ["conversation", "uncertain", "valuable", "random", "rand"])
def test_next_takes_an_order(ferry: Workbench, order: str) -> None:
    ids = [item["id"] for item in ferry("review", "next", "--order", order, "-n", "99", "--json").data]
    assert sorted(ids) == sorted(item["id"] for item in ferry("review", "next", "-n", "99", "--json").data)


@pytest.mark.parametrize(
    "arguments",
    [("next", "--order", "nearest"), ("plan", "--error", "2"), ("plan", "--confidence", "1"), ("calibrate", "--error", "0")],
)
def test_what_cannot_be_is_refused_with_a_remedy(ferry: Workbench, arguments: tuple[str, ...]) -> None:
    outcome = ferry("review", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert "  → " in outcome.err


def test_nothing_is_calibrated_before_anyone_decided(ferry: Workbench) -> None:
    assert ferry("review", "calibrate").out == "Nobody decided yet on what the machine judged: `workbench review`.\n"
    assert ferry("review", "calibrate", "--json").data["threshold"] is None


def _scored(ferry: Workbench, score: float) -> None:
    connection = Project(ferry.folder).open()
    connection.execute("INSERT INTO ambiguity (rephrasing_id, score, fingerprint) SELECT id, ?, '' FROM rephrasing", (score,))
    connection.close()


def test_few_decisions_give_a_table_and_no_threshold(ferry: Workbench) -> None:
    for item in ferry("review", "next", "--filter", "verdict:same", "-n", "9", "--json").data:
        ferry("review", "decide", str(item["id"]), "--as", "accept")
    _scored(ferry, 0.1)
    said = ferry("review", "calibrate").out
    assert "start flow" in said
    assert "No threshold follows" in said
    assert "With none refused, 116 decisions below a threshold are needed" in said
    assert "These are few decisions" in said
    assert "threshold =" not in said


def test_a_threshold_is_printed_as_it_is_to_be_set(ferry: Workbench) -> None:
    for item in ferry("review", "next", "--filter", "verdict:same", "-n", "9", "--json").data:
        ferry("review", "decide", str(item["id"]), "--as", "accept")
    _scored(ferry, 0.32)
    said = ferry("review", "calibrate", "--error", "0.99").out
    assert "  [team]\n  threshold = 0.95\n" in said
    assert "thresholds together" in said
    data = ferry("review", "calibrate", "--error", "0.99", "--json").data
    assert data["threshold"] == 0.95
    assert [one["decided"] for one in data["below"] if one["threshold"] in (0.3, 0.35)] == [0, data["decided"]]
