"""Generated rephrasings stand beside those of files: no ingest takes them away, and they come back with their step."""

from __future__ import annotations

from contextlib import closing

import pytest

from core.project import Project
from core.stages.models import StageName
from core.store.connection import transaction
from core.store.generated import NewRephrasing, NotTaken, StepWordings, StoredCounts, drop_counts, store_wordings, style_counts
from core.store.stage_runs import begin_run
from tests.core.pipeline.small import (
    ANNOTATIONS,
    REPHRASINGS,
    TESTS,
    correct,
    decide,
    put,
    query,
    states,
    take,
    write,
    write_all,
    write_out,
)

FILE = "rephrasings/tickets.yml"
MADE = ("two for the island boat", "island, 2 tickets")


@pytest.fixture(autouse=True)
def generated(project: Project) -> None:
    """Two rephrasings of the first step beside the three of its file."""
    write_all(project)
    take(project)
    _store(project, *MADE)


def _store(project: Project, *texts: str, not_taken: tuple[NotTaken, ...] = (), key: str | None = None) -> StoredCounts:
    counts = StoredCounts()
    step_id, step_key = query(project, "SELECT id, key FROM user_step WHERE ordinal = 1 ORDER BY active DESC, id")[0]
    with closing(project.open()) as connection, transaction(connection):
        run_id = begin_run(connection, StageName.REPHRASE, "tester", {})
        new = [NewRephrasing(text, f'{{"slot":{slot},"register":"casual"}}', "call") for slot, text in enumerate(texts)]
        store_wordings(connection, run_id, [StepWordings(step_id, key or step_key, new, not_taken)], counts)
    return counts


def _active(project: Project) -> list[str]:
    return [text for (text,) in query(project, "SELECT text FROM rephrasing WHERE active = 1 ORDER BY ordinal, position, id")]


def test_they_stand_behind_those_the_step_has(project: Project) -> None:
    assert _active(project)[:5] == [
        "I need a pair of island tickets", "the island, twice please", "one ticket to the island", *MADE,
    ]  # fmt: skip
    assert query(project, "SELECT path, kind FROM source WHERE path = ':rephrase'") == [(":rephrase", "a stage of Workbench")]


def test_a_file_without_them_leaves_them_alone(project: Project) -> None:
    decide(project, "accept", MADE[0])
    report = put(project, FILE, REPHRASINGS.replace("    - the island, twice please\n", ""))
    assert report.rephrasings_retired == 1
    assert states(project)[MADE[0]] == "accept"
    assert MADE[1] in _active(project)


def test_they_outlive_the_files_they_stood_beside(project: Project) -> None:
    (project.root / FILE).unlink()
    take(project)
    assert _active(project) == list(MADE)


def test_they_go_and_come_back_decided_with_their_step(project: Project) -> None:
    decide(project, "reject", MADE[1])
    for name, text in (("e2e_tests/tickets.yml", TESTS), ("annotations/tickets.yml", ANNOTATIONS), (FILE, REPHRASINGS)):
        write(project, name, text.replace("two tickets to the island", "two tickets"))
    take(project)
    assert not set(MADE) & set(_active(project))
    write_all(project)
    take(project)
    assert set(MADE) < set(_active(project))
    assert states(project)[MADE[1]] == "reject"


def test_they_become_stale_with_their_steps_commands(project: Project) -> None:
    decide(project, "accept", MADE[0])
    correct(project, 1, "set slot ticket_count 3")
    assert states(project)[MADE[0]] == "stale"


def test_a_file_that_says_the_same_makes_no_second_one(project: Project) -> None:
    with_it = REPHRASINGS.replace("    - the island, twice please\n", f"    - the island, twice please\n    - {MADE[0]}\n")
    put(project, FILE, with_it)
    assert _active(project).count(MADE[0]) == 1
    assert query(project, "SELECT verdict FROM rephrasing WHERE text = ?", MADE[0]) == [("same",)]
    put(project, FILE, REPHRASINGS)
    assert MADE[0] in _active(project)


def test_a_verdict_that_validation_found_is_not_overruled_by_a_file(project: Project) -> None:
    (id_,) = query(project, "SELECT id FROM rephrasing WHERE text = ?", MADE[0])[0]
    with closing(project.open()) as connection, transaction(connection):
        (verdict_id,) = connection.execute(
            "INSERT INTO verdict (rephrasing_id, verdict, basis) SELECT ?, 'ambiguous', basis FROM user_step WHERE ordinal = 1"
            " RETURNING id",
            (id_,),
        ).fetchone()
        connection.execute("UPDATE rephrasing SET verdict = 'ambiguous', verdict_id = ? WHERE id = ?", (verdict_id, id_))
    put(project, FILE, REPHRASINGS.replace("    - the island, twice please\n", f"    - {MADE[0]}\n"))
    assert query(project, "SELECT verdict, verdict_id FROM rephrasing WHERE id = ?", id_) == [("ambiguous", verdict_id)]


def test_an_export_holds_them_like_any_other(project: Project) -> None:
    decide(project, "accept", *MADE)
    summary = write_out(project, full_tree=True)
    written = (project.root / "out/2_rephrasings/tickets.yml").read_text(encoding="utf-8")
    assert all(f"- {text}" in written for text in MADE)
    assert summary.version.summary


def test_a_second_store_of_the_same_changes_nothing(project: Project) -> None:
    twin = NotTaken("Island, 2 tickets", "duplicate", "call", twin_at=1, similarity=1.0)
    first = _store(project, *MADE, not_taken=(twin,))
    again = _store(project, *MADE, not_taken=(twin,))
    assert (first.rephrasings, first.reasons) == (0, {"duplicate": 1})
    assert (again.rephrasings, again.reasons) == (0, {})
    ((text, reason, twin_text),) = query(
        project, "SELECT d.text, d.reason, r.text FROM dropped d JOIN rephrasing r ON r.id = d.twin_id"
    )
    assert (text, reason, twin_text) == ("Island, 2 tickets", "duplicate", MADE[1])


def test_a_step_that_changed_while_it_was_asked_for_gets_nothing(project: Project) -> None:
    counts = _store(project, "a late answer", key="of another step")
    assert (counts.rephrasings, counts.gone) == (0, 1)
    assert "a late answer" not in _active(project)


def test_styles_and_reasons_are_counted(project: Project) -> None:
    _store(project, not_taken=(NotTaken("x", "too long", "call"), NotTaken("y", "too long", "call")))
    with closing(project.open()) as connection:
        assert style_counts(connection) == {"register: casual": 2}
        assert drop_counts(connection) == {"too long": 2}
