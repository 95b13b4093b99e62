"""Tests of one name in one file keep their own decisions, whatever order they come to stand in."""

from __future__ import annotations

import pytest

from core.project import Project
from tests.core.pipeline.small import decide, put, query, states, take, write_all

FIRST, SECOND, THIRD = "two tickets please", "a refund please", "what time is it"
FILE = "e2e_tests/t.yml"


def _tests(*texts: str) -> str:
    """Tests that are all called `same` and all greet first."""
    case = "- test_case: same\n  steps:\n  - user: hello\n  - bot: Hi.\n  - user: {}\n  - bot: Done.\n"
    return "test_cases:\n" + "".join(case.format(text) for text in texts)


def _annotations(*texts: str) -> str:
    one = (
        f"- original_test_case: {FILE}::same\n  steps:\n  - user: hello\n    llm_commands: []\n  - bot: Hi.\n  - user: {{}}\n"
        "    llm_commands: [start flow a]\n    passing_rephrasings: ['{} 2']\n  - bot: Done.\n"
    )
    return "conversations:\n" + "".join(one.format(text, text) for text in texts)


@pytest.fixture
def decided(project: Project) -> Project:
    """Two tests of one name, each with a rephrasing of its own and a decision on it."""
    put(project, FILE, _tests(FIRST, SECOND))
    put(project, "rephrasings.yml", _annotations(FIRST, SECOND))
    decide(project, "accept", f"{FIRST} 2")
    decide(project, "reject", f"{SECOND} 2")
    return project


def _order(project: Project) -> list[tuple[str, int]]:
    return query(
        project,
        "SELECT s.text, c.occurrence FROM user_step s JOIN conversation c ON c.id = s.conversation_id"
        " WHERE s.active = 1 AND c.active = 1 AND s.ordinal = 2 ORDER BY c.occurrence",
    )


def test_two_that_change_places(decided: Project) -> None:
    report = put(decided, FILE, _tests(SECOND, FIRST))
    assert (report.stale, report.conversations_retired, report.steps_added) == ([], 0, 0)
    assert states(decided) == {f"{FIRST} 2": "accept", f"{SECOND} 2": "reject"}
    assert _order(decided) == [(SECOND, 1), (FIRST, 2)]


def test_the_first_is_taken_out_and_comes_back_below(decided: Project) -> None:
    report = put(decided, FILE, _tests(SECOND))
    assert report.steps_added == 0
    assert states(decided)[f"{SECOND} 2"] == "reject"
    assert _order(decided)[0] == (SECOND, 1)
    put(decided, FILE, _tests(SECOND, FIRST))
    assert states(decided) == {f"{FIRST} 2": "accept", f"{SECOND} 2": "reject"}
    assert _order(decided) == [(SECOND, 1), (FIRST, 2)]


def test_another_is_put_above(decided: Project) -> None:
    report = put(decided, FILE, _tests(THIRD, FIRST, SECOND))
    assert (report.stale, report.conversations_added, report.steps_added) == ([], 1, 2)
    assert states(decided) == {f"{FIRST} 2": "accept", f"{SECOND} 2": "reject"}
    assert _order(decided) == [(THIRD, 1), (FIRST, 2), (SECOND, 3)]


def test_one_that_is_edited_keeps_its_place_while_the_other_moves_nowhere(decided: Project) -> None:
    report = put(decided, FILE, _tests(THIRD, SECOND))
    assert report.conversations_added == 0
    assert [stale.text for stale in report.stale] == [FIRST]
    assert states(decided)[f"{SECOND} 2"] == "reject"


def test_a_single_test_gets_a_namesake_above_it(project: Project) -> None:
    put(project, FILE, _tests(FIRST))
    put(project, "rephrasings.yml", _annotations(FIRST))
    decide(project, "accept", f"{FIRST} 2")
    put(project, FILE, _tests(SECOND, FIRST))
    assert states(project) == {f"{FIRST} 2": "accept"}
    assert _order(project) == [(SECOND, 1), (FIRST, 2)]


@pytest.mark.parametrize("texts", [(SECOND,), (SECOND, FIRST)])
def test_annotations_find_their_test_by_what_it_says(project: Project, texts: tuple[str, ...]) -> None:
    put(project, FILE, _tests(FIRST, SECOND))
    put(project, "rephrasings.yml", _annotations(*texts))
    assert _order(project) == [(FIRST, 1), (SECOND, 2)]
    assert set(states(project)) == {f"{text} 2" for text in texts}
    assert query(project, "SELECT count(*) FROM conversation") == [(2,)]


def test_annotations_of_one_ingest_find_their_test_too(project: Project) -> None:
    write_all(project, {FILE: _tests(FIRST, SECOND), "rephrasings.yml": _annotations(SECOND)})
    take(project)
    assert _order(project) == [(FIRST, 1), (SECOND, 2)]
    assert set(states(project)) == {f"{SECOND} 2"}


def test_tests_without_replies_are_told_apart_by_what_users_say(project: Project) -> None:
    silent = "- test_case: same\n  steps:\n  - user: hello\n    assertions: []\n  - user: {}\n    assertions: []\n"
    put(project, "rephrasings.yml", _annotations(FIRST, SECOND))
    decide(project, "accept", f"{FIRST} 2")
    put(project, FILE, "test_cases:\n" + silent.format(SECOND) + silent.format(FIRST))
    assert states(project) == {f"{FIRST} 2": "accept", f"{SECOND} 2": "undecided"}
    assert _order(project) == [(SECOND, 1), (FIRST, 2)]


def test_contexts_find_their_test_by_what_it_says(project: Project) -> None:
    put(project, FILE, _tests(FIRST, SECOND))
    state = "active_flow: null, asked_slot: null, slots: {}, replies: [ok]"
    contexts = (
        f"prompt_contexts:\n  flows: []\n  tests:\n  - test: {FILE}::same\n    steps:\n"
        f"    - {{user: hello, {state}}}\n    - {{user: {SECOND}, {state}}}\n"
    )
    assert put(project, "contexts.yml", contexts).left_out == []
    placed = "SELECT s.text FROM prompt p JOIN user_step s ON s.id = p.step_id ORDER BY s.ordinal"
    assert query(project, placed) == [("hello",), (SECOND,)]
