"""What the training data has of each command, flow and value once rephrasings are counted."""

from __future__ import annotations

from contextlib import closing

from core.commands import Dialect
from core.coverage.report import TrainingKind
from core.coverage.training import training_counts
from core.dataset.selection import Rephrasings
from core.project import Project
from tests.core.pipeline.small import correct, decide, put, query, take, write_all

EXPECTED: tuple[tuple[TrainingKind, str], ...] = (
    ("command", "clarify"),
    ("flow", "refund_ticket"),
    ("value", "travel_day = Friday"),
    ("value", "travel_day = Sunday"),
)


def _counts(project: Project, mode: Rephrasings = Rephrasings.VALIDATED) -> dict[str, tuple[int, int, int]]:
    with closing(project.open()) as connection:
        rows = training_counts(connection, Dialect.V2, mode, EXPECTED)
        assert not connection.in_transaction
    return {row.name: (row.steps, row.texts, row.ready) for row in rows}


def test_nothing_ingested_lists_what_is_expected_with_zeros(project: Project) -> None:
    assert _counts(project) == dict.fromkeys((name for _, name in EXPECTED), (0, 0, 0))


def test_texts_are_the_originals_and_the_rephrasings_an_export_uses(project: Project) -> None:
    write_all(project)
    take(project)
    assert _counts(project) == {
        "clarify": (0, 0, 0),
        "set slot": (2, 5, 5),
        "start flow": (1, 3, 3),  # one original, two of three rephrasings
        "buy_ticket": (2, 5, 5),  # the second step stands in the flow, as its context says
        "refund_ticket": (0, 0, 0),
        "travel_day = Friday": (1, 2, 2),
        "travel_day = Sunday": (0, 0, 0),
    }


def test_decisions_change_what_is_used(project: Project) -> None:
    write_all(project)
    take(project)
    decide(project, "reject", "on Friday")
    decide(project, "accept", "one ticket to the island")
    assert _counts(project)["travel_day = Friday"] == (1, 1, 1)
    assert _counts(project)["start flow"] == (1, 4, 4)
    assert _counts(project, Rephrasings.NONE)["start flow"] == (1, 1, 1)


def test_a_step_whose_prompt_is_not_known_is_annotated_but_not_ready(project: Project) -> None:
    write_all(project)
    take(project, "e2e_tests", "annotations", "rephrasings")
    assert _counts(project)["start flow"] == (1, 3, 0)


def test_a_corrected_step_counts_with_its_new_commands(project: Project) -> None:
    write_all(project)
    take(project)
    (step_id,) = query(project, "SELECT id FROM user_step WHERE text = 'next Friday'")[0]
    correct(project, step_id, "set slot travel_day sunday")
    counts = _counts(project)
    assert counts["travel_day = Friday"] == (0, 0, 0)
    assert counts["travel_day = Sunday"][0] == 1  # a model's case is not the domain's


def test_values_of_slots_nobody_asked_about_are_not_listed(project: Project) -> None:
    write_all(project)
    take(project)
    assert not [name for name in _counts(project) if name.startswith("ticket_count")]


def test_a_value_the_domain_does_not_list_shows_up(project: Project) -> None:
    write_all(project)
    annotated = (project.root / "annotations/tickets.yml").read_text(encoding="utf-8")
    put(project, "annotations/tickets.yml", annotated.replace("travel_day Friday", "travel_day tomorrow"))
    take(project, "e2e_tests", "annotations")
    assert _counts(project)["travel_day = tomorrow"][0] == 1
