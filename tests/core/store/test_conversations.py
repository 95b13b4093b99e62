"""A conversation is one test: file, name and occurrence; several files may each say a part of it."""

from __future__ import annotations

from core.project import Project
from tests.core.pipeline.small import ANNOTATIONS, REPHRASINGS, TESTS, decide, put, query, states, take, write, write_all

TWICE = """\
test_cases:
- test_case: asks
  steps:
  - user: first
    commands: [start flow one]
- test_case: asks
  steps:
  - user: second
    commands: [start flow two]
"""


def _conversations(project: Project) -> list[tuple[object, ...]]:
    return query(project, "SELECT file, name, occurrence FROM conversation WHERE active = 1 ORDER BY id")


def test_names_that_repeat_in_a_file_are_told_apart_by_occurrence(project: Project) -> None:
    put(project, "e2e_tests/twice.yml", TWICE)
    assert _conversations(project) == [("e2e_tests/twice.yml", "asks", 1), ("e2e_tests/twice.yml", "asks", 2)]
    assert query(project, "SELECT text, line FROM user_step ORDER BY id") == [("first", 4), ("second", 8)]


def test_the_same_name_in_two_files_is_two_tests(project: Project) -> None:
    write(project, "e2e_tests/a.yml", TESTS)
    write(project, "e2e_tests/b.yml", TESTS)
    take(project)
    assert _conversations(project) == [("e2e_tests/a.yml", "buys a ticket", 1), ("e2e_tests/b.yml", "buys a ticket", 1)]


def test_all_files_of_a_test_make_one_conversation(project: Project) -> None:
    write_all(project)
    report = take(project)
    assert _conversations(project) == [("e2e_tests/tickets.yml", "buys a ticket", 1)]
    assert (report.conversations_added, report.steps_added, report.rephrasings_added) == (1, 2, 4)
    assert query(project, "SELECT kind, count(*) FROM face GROUP BY kind ORDER BY kind") == [("annotation", 2), ("test", 1)]


def test_the_order_in_which_the_files_come_does_not_matter(project: Project) -> None:
    names = ("rephrasings/tickets.yml", "annotations/tickets.yml", "e2e_tests/tickets.yml")
    write_all(project)
    for name in names:
        take(project, name)
    steps = "SELECT ordinal, text, line, commands FROM user_step ORDER BY id"
    one_by_one = query(project, steps), states(project)
    project.database_path.unlink()
    project.open(create=True).close()
    take(project)
    assert (query(project, steps), states(project)) == one_by_one


def test_a_changed_test_keeps_what_older_files_say_of_the_steps_before_the_change(project: Project) -> None:
    write_all(project)
    take(project)
    decide(project, "accept", "on Friday", "the island, twice please")
    report = put(project, "e2e_tests/tickets.yml", TESTS.replace("next Friday", "tomorrow"))
    assert [(one.user_step, one.decisions, one.gone) for one in report.stale] == [(2, 1, True)]
    assert query(project, "SELECT text, commands IS NULL FROM user_step WHERE active = 1 ORDER BY ordinal") == [
        ("two tickets to the island", 0),
        ("tomorrow", 1),
    ]
    assert states(project)["the island, twice please"] == "accept"
    assert "on Friday" not in states(project)
    put(project, "e2e_tests/tickets.yml", TESTS)
    assert states(project)["on Friday"] == "accept"


def test_a_test_that_one_file_no_longer_holds_lives_on_in_the_others(project: Project) -> None:
    write_all(project)
    take(project)
    report = put(project, "e2e_tests/tickets.yml", "test_cases: []\n")
    assert report.conversations_retired == 0
    assert query(project, "SELECT text, line FROM user_step WHERE active = 1 ORDER BY ordinal") == [
        ("two tickets to the island", None),
        ("next Friday", None),
    ]
    write(project, "annotations/tickets.yml", "conversations: []\n")
    write(project, "rephrasings/tickets.yml", "conversations: []\n")
    assert take(project).conversations_retired == 1
    assert _conversations(project) == []


def test_a_removed_occurrence_makes_way_for_the_next(project: Project) -> None:
    put(project, "e2e_tests/twice.yml", TWICE)
    first = TWICE.index("- test_case")
    second = TWICE.index("- test_case", first + 1)
    report = put(project, "e2e_tests/twice.yml", TWICE[:first] + TWICE[second:])
    assert (report.conversations_changed, report.conversations_retired) == (1, 1)
    assert query(project, "SELECT text FROM user_step WHERE active = 1") == [("second",)]


def test_a_file_that_is_gone_takes_its_conversations_with_it_and_brings_them_back(project: Project) -> None:
    write(project, "e2e_tests/tickets.yml", TESTS)
    path = write(project, "rephrasings/tickets.yml", REPHRASINGS)
    take(project)
    decide(project, "reject", "on Friday")
    path.unlink()
    report = take(project, "rephrasings")
    assert (report.gone_files, report.rephrasings_retired) == (["rephrasings/tickets.yml"], 4)
    assert states(project) == {}
    assert len(_conversations(project)) == 1
    assert not take(project, "rephrasings").changed_anything
    assert put(project, "rephrasings/tickets.yml", REPHRASINGS).rephrasings_added == 0
    assert states(project)["on Friday"] == "reject"


def test_a_file_outside_the_named_folders_is_not_missed(project: Project) -> None:
    write_all(project)
    take(project)
    (project.root / "rephrasings/tickets.yml").unlink()
    assert take(project, "e2e_tests").gone_files == []
    assert len(states(project)) == 4


def test_a_file_that_holds_nothing_of_ours_any_more_counts_as_gone(project: Project) -> None:
    put(project, "annotations/tickets.yml", ANNOTATIONS)
    report = put(project, "annotations/tickets.yml", "# to be written\n")
    assert report.gone_files == ["annotations/tickets.yml"]
    assert _conversations(project) == []
