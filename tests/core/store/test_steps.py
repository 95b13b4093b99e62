"""A step keeps its decisions while its text, its commands and all earlier turns are unchanged; nothing else matters."""

from __future__ import annotations

import pytest

from core.project import Project
from tests.core.pipeline.small import REPHRASINGS, TESTS, decide, put, query, states, take, write, write_all

FIRST = ("I need a pair of island tickets", "the island, twice please", "one ticket to the island")
SECOND = "on Friday"
FILE = "rephrasings/tickets.yml"


@pytest.fixture(autouse=True)
def decided(project: Project) -> None:
    """One decision on each of the two steps."""
    write(project, "e2e_tests/tickets.yml", TESTS)
    put(project, FILE, REPHRASINGS)
    decide(project, "accept", FIRST[0], SECOND)
    decide(project, "reject", FIRST[2])


def _change(project: Project, old: str, new: str) -> list[tuple[int, int, bool]]:
    """Ingest the changed file; returns the steps whose decisions went stale: (user step, decisions, gone)."""
    assert old in REPHRASINGS
    report = put(project, FILE, REPHRASINGS.replace(old, new))
    return [(one.user_step, one.decisions, one.gone) for one in report.stale]


def _change_back(project: Project) -> None:
    report = put(project, FILE, REPHRASINGS)
    assert report.stale == []
    assert states(project) == {FIRST[0]: "accept", FIRST[1]: "undecided", FIRST[2]: "reject", SECOND: "accept"}


def test_moved_lines_and_other_quoting_change_nothing(project: Project) -> None:
    moved = "# a comment\n\n" + REPHRASINGS.replace("user: next Friday", 'user: "next Friday"').replace(
        "\n  - bot", "\n\n  - bot"
    )
    report = put(project, FILE, moved)
    assert (report.steps_added, report.steps_retired, report.stale) == (0, 0, [])
    assert states(project)[FIRST[0]] == states(project)[SECOND] == "accept"


def test_lines_follow_the_conversations_own_file(project: Project) -> None:
    assert query(project, "SELECT text, line FROM user_step") == [("two tickets to the island", None), ("next Friday", None)]
    take(project, "e2e_tests")
    assert query(project, "SELECT text, line FROM user_step") == [("two tickets to the island", 4), ("next Friday", 6)]
    put(project, "e2e_tests/tickets.yml", "\n\n" + TESTS)
    assert query(project, "SELECT text, line FROM user_step") == [("two tickets to the island", 6), ("next Friday", 8)]
    assert query(project, "SELECT line FROM conversation") == [(4,)]
    assert states(project)[SECOND] == "accept"


def test_a_changed_text_makes_decisions_stale_from_there_on(project: Project) -> None:
    assert _change(project, "- user: two tickets to the island", "- user: two tickets") == [(1, 2, True), (2, 1, True)]
    assert set(states(project).values()) == {"undecided"}
    _change_back(project)


def test_a_changed_last_text_leaves_the_earlier_step_alone(project: Project) -> None:
    assert _change(project, "- user: next Friday", "- user: tomorrow") == [(2, 1, True)]
    assert states(project) == {FIRST[0]: "accept", FIRST[1]: "undecided", FIRST[2]: "reject", SECOND: "undecided"}
    _change_back(project)


def test_a_changed_bot_turn_makes_only_later_steps_stale(project: Project) -> None:
    assert _change(project, "- bot: For which day?", "- bot: When?") == [(2, 1, True)]
    assert states(project)[FIRST[0]] == "accept"
    _change_back(project)


def test_a_changed_last_bot_turn_makes_nothing_stale(project: Project) -> None:
    assert _change(project, "- bot: Done.", "- bot: Enjoy your trip!") == []
    assert states(project)[SECOND] == "accept"


def test_changed_commands_make_only_their_own_step_stale(project: Project) -> None:
    assert _change(project, "set slot ticket_count 2", "set slot ticket_count 3") == [(1, 2, False)]
    assert states(project) == {FIRST[0]: "stale", FIRST[1]: "undecided", FIRST[2]: "stale", SECOND: "accept"}
    _change_back(project)


def test_commands_written_differently_are_the_same_commands(project: Project) -> None:
    old = "- start flow buy_ticket\n    - set slot ticket_count 2"
    assert _change(project, old, "- StartFlow(buy_ticket)\n    - SetSlot(ticket_count, 2)") == []
    assert states(project)[FIRST[0]] == "accept"


def test_a_step_inserted_in_front_moves_all_and_one_behind_moves_none(project: Project) -> None:
    behind = REPHRASINGS + "  - user: thanks\n"
    assert put(project, FILE, behind).stale == []
    report = put(project, FILE, behind.replace("  steps:\n", "  steps:\n  - user: hi\n"))
    assert [(one.user_step, one.decisions) for one in report.stale] == [(1, 2), (2, 1)]
    _change_back(project)


def test_a_rephrasing_that_leaves_and_returns_is_decided_as_before(project: Project) -> None:
    report = put(project, FILE, REPHRASINGS.replace(f"    - {FIRST[0]}\n", ""))
    assert report.rephrasings_retired == 1
    assert FIRST[0] not in states(project)
    _change_back(project)


def test_a_test_that_is_removed_and_comes_back_is_decided_as_before(project: Project) -> None:
    report = put(project, FILE, "conversations: []\n")
    assert (report.conversations_retired, report.steps_retired) == (1, 2)
    assert [(one.user_step, one.decisions, one.gone) for one in report.stale] == [(1, 2, True), (2, 1, True)]
    assert states(project) == {}
    assert query(project, "SELECT count(*) FROM conversation WHERE active = 1") == [(0,)]
    _change_back(project)


def test_decisions_return_after_several_changes_one_on_another(project: Project) -> None:
    for old, new in (
        ("two tickets to", "three tickets to"),
        ("set slot travel_day Friday", "cancel flow"),
        ("For which", "On what"),
    ):
        put(project, FILE, REPHRASINGS.replace(old, new))
    _change_back(project)


def test_a_new_verdict_is_appended_and_the_decision_stays(project: Project) -> None:
    failing = REPHRASINGS.replace(
        "    passing_rephrasings:\n    - on Friday\n    failing_rephrasings: []", "    failing_rephrasings:\n    - on Friday"
    )
    report = put(project, FILE, failing)
    assert report.verdicts_added == 1
    assert query(project, "SELECT verdict, state FROM rephrasing WHERE text = ?", SECOND) == [("different", 1)]
    rows = query(project, "SELECT v.verdict FROM verdict v JOIN rephrasing r ON r.id = v.rephrasing_id WHERE text = ?", SECOND)
    assert rows == [("same",), ("different",)]


def test_a_verdict_of_a_file_never_vouches_for_a_persons_correction(project: Project) -> None:
    from contextlib import closing

    from core.commands import Dialect
    from core.store.stored_commands import to_stored
    from review.decisions import DecisionLog

    (step_id,) = query(project, "SELECT id FROM user_step WHERE ordinal = 2")[0]
    with closing(project.open()) as connection:
        DecisionLog(connection, "tester", "test").correct(step_id, to_stored(("cancel flow",), Dialect.V2)[0])
    put(project, FILE, "# moved\n" + REPHRASINGS)
    stale = (
        "SELECT v.basis <> s.basis FROM rephrasing r JOIN verdict v ON v.id = r.verdict_id JOIN user_step s ON s.id = r.step_id"
    )
    assert query(project, f"{stale} WHERE s.id = ?", step_id) == [(1,)]
    assert states(project)[SECOND] == "stale"


def test_a_verdict_holds_for_the_commands_of_its_own_file(project: Project) -> None:
    """The annotation was mended in another file; the rephrasings were judged on the old commands."""
    write_all(project)
    mended = REPHRASINGS.replace("set slot travel_day Friday", "set slot travel_day next Friday")
    lines = [line for line in mended.splitlines() if "rephrasings" not in line and line.strip(" -") not in (*FIRST, SECOND)]
    put(project, "annotations/tickets.yml", "\n".join(lines))
    (row,) = query(
        project,
        "SELECT s.commands, v.basis = s.basis, r.state FROM rephrasing r JOIN verdict v ON v.id = r.verdict_id"
        " JOIN user_step s ON s.id = r.step_id WHERE r.text = ? AND r.active = 1",
        SECOND,
    )
    assert "next Friday" in row[0]
    assert row[1:] == (0, 5)


def test_a_rephrasing_added_by_hand_lives_and_dies_with_its_step(project: Project) -> None:
    from contextlib import closing

    from review.decisions import DecisionLog

    (step_id,) = query(project, "SELECT id FROM user_step WHERE ordinal = 2")[0]
    with closing(project.open()) as connection:
        DecisionLog(connection, "tester", "test").add(step_id, "Friday it is")
    put(project, FILE, REPHRASINGS.replace("- user: next Friday", "- user: tomorrow"))
    assert "Friday it is" not in states(project)
    put(project, FILE, REPHRASINGS)
    assert states(project)["Friday it is"] == "accept"
