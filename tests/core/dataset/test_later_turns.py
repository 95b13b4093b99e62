"""A person accepts a rephrasing with another value: its label is that value, and later prompts show it."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from core.project import Project
from tests.core.pipeline.played import changed, played_project, same
from tests.core.pipeline.small import correct, decide, jsonl, put, query, write_out, written

TICKETS = "buys tickets"


def shown(project: Project) -> list[tuple[str, str, str, str]]:
    """Of each row: the slots in its prompt, its conversation on one line, the message, the completion."""
    found = []
    for row in written(project):
        head, message = str(row["prompt"]).split("\n###\n")
        _, slots, conversation = head.split("\n", 2)
        found.append((slots, " / ".join(conversation.strip().splitlines()), message, str(row["completion"])))
    return found


def after(rows: list[tuple[str, str, str, str]], message: str) -> list[tuple[str, str, str, str]]:
    return [row for row in rows if row[2] == message]


def test_the_turns_after_an_accepted_change_show_the_new_value(project: Project) -> None:
    project = played_project(project, {(TICKETS, 2): [changed("make it three", "set slot ticket_count 3")]})
    decide(project, "accept", "make it three")
    summary = write_out(project)
    rows = shown(project)
    assert ("ticket_count=undefined;group_name=undefined;travel_day=undefined;with_bike=undefined;",
            "USER: tickets to the island / AI: How many? / USER: make it three", "make it three",
            "set slot ticket_count 3") in rows  # fmt: skip
    original, variant = [row for row in after(rows, "on Friday") if "ticket_count=" in row[0]]
    assert original[0].startswith("ticket_count=2.0;")
    assert original[1].endswith("USER: two / AI: 2.0 tickets. For which day? / USER: on Friday")
    assert variant[0].startswith("ticket_count=3.0;")
    assert variant[1].endswith("USER: make it three / AI: 3.0 tickets. For which day? / USER: on Friday")
    assert original[3] == variant[3] == "set slot travel_day Friday"
    last = after(rows, "no bicycle")
    assert [row[0].split(";")[0] for row in last] == ["ticket_count=2.0", "ticket_count=3.0"]
    assert (summary.rendered_again, summary.later_left_out, summary.rephrasings["validated_label"]) == (2, [], 1)


def test_only_the_variant_with_the_change_is_rendered_again(project: Project) -> None:
    rephrasings = {
        (TICKETS, 2): [same("2"), changed("three", "set slot ticket_count 3")],
        (TICKETS, 3): [same("Friday"), same("this Friday"), same("Friday please")],
    }
    project = played_project(project, rephrasings)
    decide(project, "accept", "three")
    assert write_out(project).rendered_again == 2  # variant 2, both later turns
    counts = {row[2]: row[0].split(";")[0] for row in shown(project) if row[3] == "set slot travel_day Friday"}
    assert counts == {
        "on Friday": "ticket_count=2.0",
        "Friday": "ticket_count=2.0",
        "this Friday": "ticket_count=3.0",
        "Friday please": "ticket_count=2.0",
    }


def test_the_turns_after_a_corrected_step_show_what_its_commands_come_to(project: Project) -> None:
    project = played_project(project, {(TICKETS, 3): [same("Friday")]})
    ((step,),) = query(project, "SELECT id FROM user_step WHERE text = 'two'")
    correct(project, step, "set slot ticket_count 3")
    summary = write_out(project)
    (said,) = after(shown(project), "two")
    assert said[3] == "set slot ticket_count 3"
    days = [row for row in shown(project) if row[3] == "set slot travel_day Friday"]
    assert [(row[0].split(";")[0], row[2]) for row in days] == [
        ("ticket_count=3.0", "on Friday"), ("ticket_count=3.0", "Friday"),
    ]  # fmt: skip
    assert all("AI: 3.0 tickets. For which day?" in row[1] for row in days)
    assert (summary.rendered_again, summary.later_left_out) == (4, [])


def test_from_where_a_corrected_step_leads_elsewhere_the_turns_are_left_out(project: Project) -> None:
    project = played_project(project, {})
    ((step,),) = query(project, "SELECT id FROM user_step WHERE text = 'two'")
    correct(project, step, "cancel flow")
    summary = write_out(project)
    rows = [row for row in shown(project) if "tickets to the island" in row[1]]
    assert [row[3] for row in rows] == ["start flow buy_ticket", "cancel flow"]
    assert [why.partition(":")[0] for _, why in summary.later_left_out] == [
        "the conversation goes another way", "the conversation went another way before, at user step 3",
    ]  # fmt: skip


def test_prompts_that_were_made_after_the_correction_stay(project: Project) -> None:
    project = played_project(project, {})
    ((step,),) = query(project, "SELECT id FROM user_step WHERE text = 'two'")
    correct(project, step, "set slot ticket_count 3")
    corrected = (write_out(project), shown(project))
    with closing(project.open()) as connection:
        connection.execute("DELETE FROM prompt")
    again = write_out(project)
    assert shown(project) == corrected[1]
    assert (corrected[0].rendered_again, again.rendered_again) == (2, 0)


def test_a_step_without_a_prompt_is_rendered_by_the_engine(project: Project) -> None:
    project = played_project(project, {(TICKETS, 3): [same("Friday")]})
    write_out(project)
    before = shown(project)
    with closing(project.open()) as connection:
        connection.execute("DELETE FROM prompt")
    write_out(project)
    assert shown(project) == before
    assert len(before) > 4


def test_a_failing_test_gives_no_prompt(project: Project) -> None:
    project = played_project(project, {})
    path = project.root / "e2e_tests/ferry.yml"
    put(project, "e2e_tests/ferry.yml", path.read_text(encoding="utf-8").replace("- bot: How many?", "- bot: How much?"))
    with closing(project.open()) as connection:
        connection.execute("DELETE FROM prompt")
    summary = write_out(project)
    assert all("tickets to the island" not in row[1] for row in shown(project))
    assert {why for _, why in summary.without_prompt} == {
        "prompt unknown: there is neither a stored prompt nor a context for it"
    }


@pytest.mark.parametrize("decision", [None, "reject", "flag"])
def test_a_change_that_nobody_accepted_is_not_exported(project: Project, decision: str | None) -> None:
    project = played_project(project, {(TICKETS, 2): [changed("three", "set slot ticket_count 3")]})
    if decision is not None:
        decide(project, decision, "three")
    summary = write_out(project)
    assert (summary.rephrasings["used"], summary.rendered_again) == (0, 0)
    assert all("three" not in row[1] for row in shown(project))


def test_a_change_that_takes_the_conversation_elsewhere_ends_its_variant(project: Project) -> None:
    project = played_project(project, {(TICKETS, 2): [changed("twelve", "set slot ticket_count 12")]})
    decide(project, "accept", "twelve")
    summary = write_out(project)
    assert [row[3] for row in after(shown(project), "twelve")] == ["set slot ticket_count 12"]
    assert len(after(shown(project), "no bicycle")) == 1
    places = [place for place, _ in summary.later_left_out]
    assert places == ["e2e_tests/ferry.yml:7 (variant 1)", "e2e_tests/ferry.yml:9 (variant 1)"]
    assert [why for _, why in summary.later_left_out] == [
        "the conversation goes another way: `current_slot` is 'group_name' there, and not 'travel_day'",
        "the conversation went another way before, at user step 3",
    ]
    assert summary.notes["turns left out after changed commands"] == 2
    assert len(summary.version.summary["left_out_after_changed_commands"]) == 2


def test_what_a_custom_action_does_with_the_new_value_is_not_guessed(project: Project) -> None:
    commands = ("start flow rent_cabin", "set slot cabin_beds 4")
    project = played_project(project, {("rents a cabin", 1): [changed("a cabin with four beds", *commands)]})
    decide(project, "accept", "a cabin with four beds")
    summary = write_out(project)
    assert "\n".join(commands) in [row[3] for row in after(shown(project), "a cabin with four beds")]
    assert [why for _, why in summary.later_left_out] == ["what the custom action `action_cabin_price` does then is not known"]
    assert summary.rendered_again == 0


def test_without_the_tests_the_later_turns_are_left_out(project: Project) -> None:
    project = played_project(project, {(TICKETS, 2): [changed("three", "set slot ticket_count 3")]})
    decide(project, "accept", "three")
    (project.root / "e2e_tests/ferry.yml").unlink()
    summary = write_out(project)
    assert [why for _, why in summary.later_left_out] == [
        "the engine cannot play the tests: no test file of the project is there"
    ] * 2


def test_a_prompt_rendered_again_that_repeats_another_tests_row_is_written_once(project: Project) -> None:
    """Another test is the variant word for word."""
    project = played_project(project, {(TICKETS, 2): [changed("three", "set slot ticket_count 3")]})
    decide(project, "accept", "three")
    before = write_out(project)
    tests = (project.root / "e2e_tests/ferry.yml").read_text(encoding="utf-8")
    put(project, "e2e_tests/other.yml", tests.replace("user: two\n", "user: three\n").split("- test_case: rents")[0])
    labels: list[Any] = [
        {"file": "e2e_tests/other.yml", "test_case": TICKETS, "user_step": step, "commands": commands, "text": text}
        for step, text, commands in (
            (1, "tickets to the island", ["start flow buy_ticket"]),
            (2, "three", ["set slot ticket_count 3"]),
            (3, "on Friday", ["set slot travel_day Friday"]),
            (4, "no bicycle", ["set slot with_bike false"]),
        )
    ]
    put(project, "other.jsonl", jsonl(labels))
    with_other = _with_prompts_of_other(project)
    assert with_other.counts("data points")[0] == before.counts("data points")[0]
    assert with_other.duplicates == before.duplicates + 4


def _with_prompts_of_other(project: Project) -> Any:
    from tests.core.pipeline.played import keep_prompts

    for (step_id,) in query(project, "SELECT step_id FROM prompt"):
        _execute(project, "DELETE FROM prompt WHERE step_id = ?", step_id)
    keep_prompts(project)
    return write_out(project)


def _execute(project: Project, sql: str, *parameters: object) -> None:
    connection = project.open()
    connection.execute(sql, parameters)
    connection.close()
