"""`workbench review agreement`."""

from __future__ import annotations

from contextlib import closing

import pytest

from core.project import Project
from review.team.models import Say
from tests.review.team.small_round import hand_out
from tests.tui.cli.calls import Workbench

_SAYS = {"a": Say.ACCEPT, "r": Say.REJECT, "d": None}


@pytest.fixture
def answered(ferry: Workbench) -> Workbench:
    """Two rounds of the four rephrasings: `first` by ann and bob, `second` by ann and cem."""
    rounds = {"first": {"ann": "aarr", "bob": "aaar"}, "second": {"ann": "    ", "cem": "d"}}
    with closing(Project(ferry.folder).open()) as connection:
        ids = [row[0] for row in connection.execute("SELECT id FROM rephrasing ORDER BY id")]
        for name, annotators in rounds.items():
            round_ = hand_out(connection, ids, name=name)
            for annotator, says in annotators.items():
                for id_, say in zip(ids, says, strict=False):
                    if say != " ":
                        round_.says(annotator, _SAYS[say], id_)
            round_.resolve()
    return ferry


def test_it_says_how_far_they_agree(answered: Workbench) -> None:
    outcome = answered("review", "agreement")
    assert (outcome.code, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert lines[0] == "4 rephrasings answered; intervals at 95 % by 1,000 bootstrap resamples"
    # by hand: 5 a, 3 r of 8; D_o = 2/8, D_e = 30/56: alpha = 1 - 14/30; Fleiss: (3/4 - 34/64) / (30/64)
    decision = next(line for line in lines if line.startswith("decision")).split()
    assert decision[:5] == ["decision", "4", "75%", "0.47", "0.53"]
    assert decision[-2:] == ["not", "reliable"]
    # by hand: p_o 3/4, p_e (2·3 + 2·1) / 16 = 1/2
    pair = next(line for line in lines if line.startswith("ann and bob")).split()
    assert pair[:6] == ["ann", "and", "bob", "4", "75%", "0.50"]
    assert pair[-1] == "moderate"
    assert "ann (lines) and what it came to (columns):" in lines


def test_the_same_as_data(answered: Workbench) -> None:
    data = answered("review", "agreement", "--json").data
    decision = data["questions"][0]
    assert decision["alpha"] == {"value": pytest.approx(1 - 14 / 30), "items": 4, "why": ""}
    assert decision["in_words"] == "not reliable"
    assert {"one": "accept", "other": "reject", "count": 1} in decision["confusion"]
    assert [(one["name"], one["answers"], one["discards"]) for one in data["annotators"]] == [
        ("ann", 4, 0),
        ("bob", 4, 0),
        ("cem", 0, 1),
    ]
    assert data["pairs"][0]["in_words"] == "moderate"


def test_of_one_round(answered: Workbench) -> None:
    assert answered("review", "agreement", "--round", "first", "--json").data["items"] == 4
    outcome = answered("review", "agreement", "--round", "second")
    assert (outcome.code, outcome.out) == (0, "")
    assert "Nobody has answered yet" in outcome.err


def test_an_unknown_round_is_an_error_that_names_those_there_are(answered: Workbench) -> None:
    outcome = answered("review", "agreement", "--round", "third")
    assert outcome.code == 2
    assert "there is no round `third`" in outcome.err
    assert "Known: first, second." in outcome.err


def test_a_project_without_rounds(ferry: Workbench) -> None:
    outcome = ferry("review", "agreement", "--round", "first")
    assert (outcome.code, "Known: none yet." in outcome.err) == (2, True)
    assert ferry("review", "agreement").code == 0
