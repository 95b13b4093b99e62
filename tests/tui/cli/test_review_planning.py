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
    ("arguments", "remedy"),
    [
        (("next", "--order", "nearest"), "Known: conversation"),
        (("plan", "--error", "2"), "such as 0.02; 2 % is 0.02."),
        (("plan", "--error", "2%"), "`--error 0.02`"),
        (("plan", "--error", "little"), "`--error 0.02`"),
        (("plan", "--error", "1e-298"), "from 0.000001"),
        (("plan", "--error", "nan"), "such as 0.02"),
        (("plan", "--confidence", "1"), "such as 0.95"),
        (("plan", "--confidence", "95"), "95 % is 0.95"),
        (("plan", "--confidence", "0.9999999999999999"), "up to 1 - 1e-9"),
        (("calibrate", "--confidence", "0.9999999999999999"), "up to 1 - 1e-9"),
        (("calibrate", "--confidence", "95 %"), "`--confidence 0.95`"),
        (("calibrate", "--error", "0"), "from 0.000001"),
    ],
)
def test_what_cannot_be_is_refused_with_a_remedy(ferry: Workbench, arguments: tuple[str, ...], remedy: str) -> None:
    outcome = ferry("review", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert remedy in outcome.err.split("  → ")[1]


def test_without_a_same_there_is_no_bound(workbench: Workbench) -> None:
    data = workbench("review", "plan", "--json").data
    assert (data["bound"], data["reached"]) == (None, False)
    said = workbench("review", "plan").out
    assert "bound" not in said
    assert "`workbench validate` first" in said


def test_what_next_shows_has_a_score_and_only_its_steps_are_scored(ferry: Workbench) -> None:
    (item,) = ferry("review", "next", "--json").data
    assert item["ambiguity"]["score"] > 0
    connection = Project(ferry.folder).open()
    (steps,) = connection.execute(
        "SELECT count(DISTINCT r.step_id) FROM ambiguity a JOIN rephrasing r ON r.id = a.rephrasing_id"
    ).fetchone()
    assert steps == 1 < connection.execute("SELECT count(DISTINCT step_id) FROM rephrasing").fetchone()[0]
    connection.close()


def test_nothing_is_calibrated_before_anyone_decided(ferry: Workbench) -> None:
    assert ferry("review", "calibrate").out == "Nobody decided yet on what the machine judged: `workbench review`.\n"
    assert ferry("review", "calibrate", "--json").data["threshold"] is None


def _accept_all_same(ferry: Workbench) -> None:
    for item in ferry("review", "next", "--filter", "verdict:same", "-n", "9", "--json").data:
        ferry("review", "decide", str(item["id"]), "--as", "accept")


def test_few_decisions_give_a_table_and_no_threshold(ferry: Workbench) -> None:
    _accept_all_same(ferry)
    said = ferry("review", "calibrate").out
    assert "start flow" in said
    assert "No threshold follows" in said
    assert "With none refused, 116 decisions below a threshold are needed" in said
    assert "These are few decisions" in said
    assert "planned beforehand" in said
    assert "kappa needs decisions on both same and different" in said
    assert "threshold =" not in said


def test_a_threshold_is_printed_as_it_is_to_be_set(ferry: Workbench) -> None:
    _accept_all_same(ferry)
    data = ferry("review", "calibrate", "--error", "0.99", "--json").data
    highest = max(row[0] for row in _scores(ferry, "state = 1"))
    assert highest < data["threshold"] <= highest + 0.05  # not beyond what was decided
    said = ferry("review", "calibrate", "--error", "0.99").out
    assert f"  [team]\n  threshold = {data['threshold']:g}\n" in said
    assert "thresholds together" in said
    assert data["all"]["kappa"] is data["all"]["kappa_interval"] is None


def test_each_band_is_printed_with_what_waits_in_it(ferry: Workbench) -> None:
    first = ferry("review", "next", "--filter", "verdict:same", "--json").data[0]["id"]
    ferry("review", "decide", str(first), "--as", "accept")
    data = ferry("review", "calibrate", "--json").data
    assert len(data["bands"]) == 10
    assert sum(band["decided"] for band in data["bands"]) == 1
    same = len(_scores(ferry, "verdict = 'same'"))
    assert sum(band["waiting"] for band in data["bands"]) == same - 1 > 0
    assert "undecided" in ferry("review", "calibrate").out


def _scores(ferry: Workbench, where: str) -> list[tuple[float]]:
    connection = Project(ferry.folder).open()
    found = connection.execute(
        f"SELECT a.score FROM ambiguity a JOIN rephrasing r ON r.id = a.rephrasing_id WHERE {where}"
    ).fetchall()
    connection.close()
    return found


def test_what_was_refused_and_then_deleted_from_the_files_is_not_forgotten(ferry: Workbench) -> None:
    same = ferry("review", "next", "--order", "random", "--filter", "verdict:same", "-n", "9", "--json").data
    first = next(item for item in same if "island" in item["rephrasing"])  # not the only one of its step
    for item in same:
        ferry("review", "decide", str(item["id"]), "--as", "reject" if item is first else "accept")
    before = ferry("review", "plan", "--json").data
    path = ferry.folder / "rephrasings" / "tickets.yml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if first["rephrasing"] not in line]
    assert len(kept) < len(lines)
    path.write_text("".join(kept), encoding="utf-8")
    assert ferry("ingest", ferry.folder).code == 0
    after = ferry("review", "plan", "--json").data
    assert (after["standing"], after["bound"]) == (before["standing"], before["bound"])
    assert after["standing"]["wrong"] == 1
