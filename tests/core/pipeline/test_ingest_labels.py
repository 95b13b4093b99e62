"""Labels and contexts may come before or after the tests they speak of."""

from __future__ import annotations

import pytest

from core.project import Project
from tests.core.pipeline.small import CONTEXTS, TESTS, dump, jsonl, put, query, states, take, write

LABELS = jsonl(
    [
        {
            "assistant": "ferry",
            "file": "e2e_tests/tickets.yml",
            "test_case": "buys a ticket",
            "line": 4,
            "user_step": 1,
            "text": "two tickets to the island",
            "commands": ["StartFlow(buy_ticket)"],
            "rephrasings": [
                {"text": "a pair of tickets", "commands": ["StartFlow(buy_ticket)"], "faithful": True},
                {"text": "one ticket", "commands": ["StartFlow(buy_ticket)"], "faithful": False, "why": "changed_value: one"},
            ],
        }
    ]
)
STEPS = "SELECT text, line, commands, skip FROM user_step WHERE active = 1 ORDER BY ordinal"
REST = "SELECT r.text, r.verdict, v.reasons, v.basis = s.basis FROM rephrasing r JOIN user_step s ON s.id = r.step_id"
VERDICTS = f"{REST} JOIN verdict v ON v.id = r.verdict_id WHERE r.active = 1 ORDER BY r.position"
JUDGED = [("a pair of tickets", "same", "[]", 1), ("one ticket", "different", '["changed_value: one"]', 1)]


def test_labels_after_their_test(project: Project) -> None:
    put(project, "e2e_tests/tickets.yml", TESTS)
    report = put(project, "gold.jsonl", LABELS)
    assert (report.left_out, report.rephrasings_added, report.conversations_added) == ([], 2, 0)
    assert query(project, STEPS)[0][2] is not None
    assert query(project, VERDICTS) == JUDGED


def test_labels_before_their_test_wait_for_it(project: Project) -> None:
    report = put(project, "gold.jsonl", LABELS)
    assert [(str(one.where), one.reason, one.count) for one in report.left_out] == [
        ("gold.jsonl", "labels wait for the test `ferry/e2e_tests/tickets.yml::buys a ticket`: ingest its file too", 1)
    ]
    assert query(project, "SELECT count(*) FROM conversation") == [(0,)]
    report = put(project, "ferry/e2e_tests/tickets.yml", TESTS)
    assert (report.left_out, report.rephrasings_added) == ([], 2)
    assert query(project, VERDICTS) == JUDGED


def test_waiting_labels_that_are_read_again_in_vain_change_nothing(project: Project) -> None:
    put(project, "gold.jsonl", LABELS)
    before = dump(project)
    assert len(take(project).left_out) == 1
    assert dump(project) == before


def test_before_and_after_give_the_same_project(project: Project) -> None:
    def content() -> list[object]:
        return [query(project, STEPS), query(project, VERDICTS), query(project, "SELECT file, name, line FROM conversation")]

    put(project, "e2e_tests/tickets.yml", TESTS)
    put(project, "gold.jsonl", LABELS)
    after = content()
    project.database_path.unlink()
    project.open(create=True).close()
    take(project, "gold.jsonl")
    take(project, "e2e_tests")
    assert content() == after


def test_labels_whose_text_is_not_the_steps_are_left_out_with_the_reason(project: Project) -> None:
    put(project, "gold.jsonl", LABELS)
    report = put(project, "e2e_tests/tickets.yml", TESTS.replace("two tickets", "three tickets"))
    assert [one.reason for one in report.left_out] == [
        "labels of user step 1 of `buys a ticket`: its text is not `two tickets to the island`"
    ]
    assert states(project) == {}


def test_labels_return_with_the_text_they_were_made_for(project: Project) -> None:
    put(project, "e2e_tests/tickets.yml", TESTS)
    put(project, "gold.jsonl", LABELS)
    put(project, "e2e_tests/tickets.yml", TESTS.replace("two tickets", "three tickets"))
    assert states(project) == {}
    put(project, "e2e_tests/tickets.yml", TESTS)
    assert set(states(project)) == {"a pair of tickets", "one ticket"}


def test_a_reason_to_skip_is_kept(project: Project) -> None:
    row = {"file": "e2e_tests/tickets.yml", "test_case": "buys a ticket", "user_step": 2, "text": "next Friday", "skip": "NLU"}
    put(project, "e2e_tests/tickets.yml", TESTS)
    put(project, "gold.jsonl", jsonl([row]))
    assert query(project, STEPS)[1] == ("next Friday", 6, None, "NLU")


def test_labels_of_a_name_that_repeats_go_to_the_test_their_line_is_in(project: Project) -> None:
    twice = TESTS + TESTS.removeprefix("test_cases:\n")
    put(project, "e2e_tests/tickets.yml", twice)
    put(project, "gold.jsonl", LABELS.replace('"line": 4', '"line": 10'))
    rows = query(project, "SELECT c.occurrence FROM rephrasing r JOIN conversation c ON c.id = r.conversation_id")
    assert rows == [(2,), (2,)]


def test_labels_without_texts_go_to_the_test_their_line_is_in(project: Project) -> None:
    twice = TESTS + TESTS.removeprefix("test_cases:\n")
    row = {"file": "e2e_tests/tickets.yml", "user_step": 1, "commands": ["StartFlow(buy_ticket)"]}
    rows = [{**row, "line": 4}, {**row, "line": 10, "commands": ["CancelFlow()"]}]
    report = put(project, "gold.jsonl", jsonl(rows))
    assert [(one.reason, one.count) for one in report.left_out] == [
        ("labels wait for the tests of `e2e_tests/tickets.yml`: ingest that file too", 2)
    ]
    assert put(project, "e2e_tests/tickets.yml", twice).left_out == []
    steps = "SELECT c.occurrence, s.commands FROM user_step s JOIN conversation c ON c.id = s.conversation_id"
    assert query(project, f"{steps} WHERE s.commands IS NOT NULL ORDER BY 1") == [
        (1, '[["start flow","buy_ticket"]]'),
        (2, '[["cancel flow"]]'),
    ]


def test_labels_without_texts_name_a_step_that_exists(project: Project) -> None:
    put(project, "e2e_tests/tickets.yml", TESTS)
    row = {"file": "e2e_tests/tickets.yml", "commands": ["CancelFlow()"]}
    report = put(project, "gold.jsonl", jsonl([{**row, "line": 9, "user_step": 7}, {**row, "line": 1, "user_step": 1}]))
    assert [one.reason for one in report.left_out] == [
        "labels wait for the tests of `e2e_tests/tickets.yml`: ingest that file too",
        "labels of user step 7 of `buys a ticket`: the test has no such step",
    ]


@pytest.mark.parametrize("first", ["e2e_tests/tickets.yml", "contexts.yml"])
def test_contexts_before_and_after_their_test(project: Project, first: str) -> None:
    files = {"e2e_tests/tickets.yml": TESTS, "contexts.yml": CONTEXTS}
    put(project, first, files.pop(first))
    ((name, text),) = files.items()
    report = put(project, name, text)
    assert (report.contexts_added, report.left_out) == (2, [])
    flows = query(
        project, "SELECT s.ordinal, f.flow FROM step_flow f JOIN user_step s ON s.id = f.step_id WHERE origin = 'context'"
    )
    assert flows == [(2, "buy_ticket")]


def test_a_test_that_changed_gets_its_contexts_again(project: Project) -> None:
    write(project, "contexts.yml", CONTEXTS)
    put(project, "e2e_tests/tickets.yml", TESTS)
    take(project)
    put(project, "e2e_tests/tickets.yml", TESTS.replace("For which day?", "When?"))
    known = "SELECT s.text FROM user_step s JOIN prompt p ON p.step_id = s.id WHERE s.active = 1 AND p.known = 1 ORDER BY 1"
    assert query(project, known) == [("next Friday",), ("two tickets to the island",)]


def test_contexts_of_another_text_are_left_out_from_there_on(project: Project) -> None:
    put(project, "e2e_tests/tickets.yml", TESTS)
    report = put(project, "contexts.yml", CONTEXTS.replace("user: next Friday", "user: tomorrow"))
    assert report.contexts_added == 1
    assert [(str(one.where), one.reason) for one in report.left_out] == [
        (
            "contexts.yml:18",
            "contexts of `buys a ticket` from user step 2 on: the test says `next Friday` there, not `tomorrow`",
        )
    ]


def test_a_changed_context_takes_the_place_of_the_old_one(project: Project) -> None:
    put(project, "e2e_tests/tickets.yml", TESTS)
    put(project, "contexts.yml", CONTEXTS)
    report = put(project, "contexts.yml", CONTEXTS.replace("active_flow: buy_ticket", "active_flow: null"))
    assert report.contexts_added == 1
    assert query(project, "SELECT count(*) FROM step_flow WHERE origin = 'context'") == [(0,)]
