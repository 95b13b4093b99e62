"""Which commands an exported rephrasing is trained with: verdicts of the stage itself, decisions of a person, then the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

import pytest

from core.commands import Mode
from core.llm.models import Request
from core.project import Project
from review.decisions import DecisionLog
from tests.core.pipeline.played import keep_prompts, played_project
from tests.core.pipeline.small import Built, correct, decide, jsonl, put, query, write_out, written
from tests.core.validation.models import Model, by_message, configure, message_of, validate, verdicts

TICKETS = "buys tickets"
COUNT, DAY, BIKE = "set slot ticket_count 2", "set slot travel_day Friday", "set slot with_bike false"


def judged(project: Project, step: int, answers: Mapping[str, str | Sequence[str]], **options: Any) -> Project:
    """The ferry's tests with rephrasings of one step, and what the stage finds with these answers (a list: the votes')."""

    def reply(request: Request) -> str:
        answer = answers[message_of(request)]
        return answer if isinstance(answer, str) else answer[request.sample]

    project = configure(played_project(project, {(TICKETS, step): [{"text": text} for text in answers]}))
    validate(project, Model(reply), **options)
    return project


def verdict(project: Project, text: str) -> tuple[str | None, list[str]]:
    found, reasons = verdicts(project)[text]
    return found, [reason.partition(":")[0] for reason in reasons]


def labels(project: Project, text: str, split: str = "train") -> list[str]:
    """Completions of the rows whose message is this text."""
    rows = written(project, split)
    return [str(row["completion"]) for row in rows if str(row["prompt"]).rpartition("\n###\n")[2] == text]


def slots(project: Project, text: str) -> list[str]:
    """The line of slots in the prompts to buy tickets whose message is this text."""
    prompts = (str(row["prompt"]) for row in written(project))
    found = [prompt.split("\n")[1] for prompt in prompts if prompt.rpartition("\n###\n")[2] == text]
    return [line for line in found if line.startswith("ticket_count=")]


def own(summary: Built) -> tuple[int, int, int]:
    counts = summary.rephrasings
    return counts["own_label"], counts["validated_label"], counts["label_not_validated"]


def test_an_accepted_rephrasing_with_other_commands_is_trained_with_those(project: Project) -> None:
    """The bicycle is not asked for any more: the turn that answers it is out, the one before it shows the slot."""
    text = "two, one with a bicycle"
    project = judged(project, 2, {text: f"{COUNT}\nset slot with_bike true"})
    assert verdict(project, text) == ("different", ["commands_differ"])
    decide(project, "accept", text)
    summary = write_out(project)
    assert labels(project, text) == [f"{COUNT}\nset slot with_bike true"]
    assert [line.split("with_bike=")[1] for line in slots(project, "on Friday")] == ["undefined;", "True;"]
    assert labels(project, "no bicycle") == [BIKE]
    assert summary.later_left_out == [
        (
            "e2e_tests/ferry.yml:9 (variant 1)",
            "the conversation goes another way: `current_flow` is None there, and not 'buy_ticket'",
        )
    ]
    assert (own(summary), summary.rendered_again) == ((0, 1, 0), 1)
    assert summary.rephrasings["validated_label"] == 1


def test_from_where_the_test_is_left_no_turn_of_the_variant_is_exported(project: Project) -> None:
    """The number of tickets is not asked for any more: what answers it is out, and so is all that follows."""
    text = "three tickets please"
    project = judged(project, 1, {text: "start flow buy_ticket\nset slot ticket_count 3"})
    decide(project, "accept", text)
    summary = write_out(project)
    assert labels(project, text) == ["start flow buy_ticket\nset slot ticket_count 3"]
    assert [labels(project, said) for said in ("two", "no bicycle")] == [[COUNT], [BIKE]]
    assert summary.later_left_out == [
        (
            "e2e_tests/ferry.yml:6 (variant 1)",
            "the conversation goes another way: `current_slot` is 'travel_day' there, and not 'ticket_count'",
        ),
        ("e2e_tests/ferry.yml:7 (variant 1)", "the conversation went another way before, at user step 2"),
        ("e2e_tests/ferry.yml:9 (variant 1)", "the conversation went another way before, at user step 2"),
    ]
    assert summary.counts("SetSlot") == (6, 0, 6)  # the original's three, the cabin's two, and the accepted one's


def test_rows_of_both_sides_have_the_commands_that_were_found(project: Project) -> None:
    """Another test buys tickets too, so that the validation side has one."""
    said = {
        "three tickets please": "start flow buy_ticket\nset slot ticket_count 3",
        "four over": "start flow buy_ticket\nset slot ticket_count 4",
    }
    first, second = ([{"text": text}] for text in said)
    project = played_project(project, {(TICKETS, 1): first})
    tests = (project.root / "e2e_tests/ferry.yml").read_text(encoding="utf-8").split("- test_case: rents")[0]
    put(project, "e2e_tests/other.yml", tests.replace("to the island", "over"))
    steps = [("tickets over", "start flow buy_ticket"), ("two", COUNT), ("on Friday", DAY), ("no bicycle", BIKE)]
    rows = [
        {"file": "e2e_tests/other.yml", "test_case": TICKETS, "user_step": number, "text": text, "commands": [command]}
        for number, (text, command) in enumerate(steps, start=1)
    ]
    put(project, "other.jsonl", jsonl([{**rows[0], "rephrasings": second}, *rows[1:]]))
    with closing(project.open()) as connection:
        connection.execute("DELETE FROM prompt")
    keep_prompts(project)
    project = configure(project)
    validate(project, by_message(said))
    decide(project, "accept", *said)
    write_out(project, train_frac=0.5)
    found = [[labels(project, text, side) for side in ("train", "val")] for text in said]
    assert [train + val for train, val in found] == [[label] for label in said.values()]
    assert sorted(len(train) for train, _ in found) == [0, 1]  # one on each side


def test_a_nearly_equal_value_that_was_accepted_is_the_label(project: Project) -> None:
    project = judged(project, 3, {"Friday morning": "set slot travel_day Friday morning"})
    assert verdict(project, "Friday morning") == ("ambiguous", ["value_near"])
    decide(project, "accept", "Friday morning")
    summary = write_out(project)
    assert labels(project, "Friday morning") == ["set slot travel_day Friday morning"]
    assert (own(summary), summary.rendered_again) == ((0, 1, 0), 1)


@pytest.mark.parametrize("answer", [BIKE, "set slot with_bike no"])
def test_an_accepted_doubt_about_the_text_keeps_the_steps_label(project: Project, answer: str) -> None:
    text = "no bicycle, and 7 dogs"
    project = judged(project, 4, {text: answer})
    assert verdict(project, text)[0] == "ambiguous"
    decide(project, "accept", text)
    summary = write_out(project)
    assert labels(project, text) == [BIKE]
    assert own(summary) == (0, 0, 0)


@pytest.mark.parametrize(
    ("answer", "reason"), [(["start flow rent_cabin", DAY, "cancel flow"], "votes_disagree"), ("", "no_commands")]
)
def test_an_accepted_one_without_commands_keeps_the_steps_label_and_is_counted(
    project: Project, answer: str | list[str], reason: str
) -> None:
    project = judged(project, 3, {"Fri": answer})
    assert verdict(project, "Fri")[1] == [reason]
    decide(project, "accept", "Fri")
    summary = write_out(project)
    assert labels(project, "Fri") == [DAY]
    assert own(summary) == (0, 0, 1)
    assert summary.notes["accepted by a person, label not validated (no commands found for them)"] == 1
    assert summary.rephrasings["label_not_validated"] == 1


def test_what_is_the_same_in_other_words_keeps_the_steps_value(project: Project) -> None:
    project = judged(project, 4, {"without a bicycle": "set slot with_bike no"})
    assert verdict(project, "without a bicycle") == ("same", ["value_equivalent"])
    summary = write_out(project)
    assert labels(project, "without a bicycle") == [BIKE]
    assert own(summary) == (0, 0, 0)


def test_what_is_the_same_by_slot_names_has_its_own_value(project: Project) -> None:
    project = judged(
        project, 2, {"three": "set slot ticket_count 3", "a pair": "set slot ticket_count 2.0"}, mode=Mode.DOCUMENTED
    )
    assert verdict(project, "three") == ("same", [])
    summary = write_out(project)
    assert (labels(project, "three"), labels(project, "a pair")) == (["set slot ticket_count 3"], [COUNT])
    assert own(summary) == (1, 0, 0)
    validate(project, by_message({"three": "set slot ticket_count 3", "a pair": COUNT}), again=True)
    assert verdict(project, "three") == ("different", ["value_changed"])
    write_out(project)
    assert labels(project, "three") == []


def test_a_file_that_says_the_same_in_another_word_keeps_the_steps_value(project: Project) -> None:
    rephrasings: list[dict[str, Any]] = [
        {"text": "none", "verdict": "same", "commands": ["set slot with_bike no"]},
        {"text": "with one", "verdict": "same", "commands": ["set slot with_bike true"]},
    ]
    project = played_project(project, {(TICKETS, 4): rephrasings})
    summary = write_out(project)
    assert (labels(project, "none"), labels(project, "with one")) == ([BIKE], ["set slot with_bike true"])
    assert own(summary) == (1, 0, 0)


def test_a_failing_one_of_a_file_that_was_accepted_keeps_the_steps_label_unless_the_file_has_another(project: Project) -> None:
    rephrasings: list[dict[str, Any]] = [
        {"text": "Fri", "verdict": "different"},
        {"text": "forget it", "verdict": "different", "commands": ["cancel flow"]},
    ]
    project = played_project(project, {(TICKETS, 3): rephrasings})
    decide(project, "accept", "Fri", "forget it")
    summary = write_out(project)
    assert (labels(project, "Fri"), labels(project, "forget it")) == ([DAY], ["cancel flow"])
    assert own(summary) == (0, 1, 1)


def test_commands_that_a_person_corrected_go_before_those_that_were_found(project: Project) -> None:
    project = judged(project, 3, {"Saturday": "set slot travel_day Saturday"})
    decide(project, "accept", "Saturday")
    ((step_id,),) = query(project, "SELECT step_id FROM rephrasing WHERE text = 'Saturday'")
    correct(project, step_id, "set slot travel_day weekend")
    assert write_out(project).rephrasings["used"] == 0  # the decision was made on the old commands
    decide(project, "accept", "Saturday")
    summary = write_out(project)
    assert labels(project, "Saturday") == ["set slot travel_day weekend"]
    assert (own(summary), summary.rephrasings["unvalidated"]) == ((0, 0, 0), 1)


def test_the_commands_found_for_other_words_are_no_label(project: Project) -> None:
    project = judged(project, 3, {"Saturday": "set slot travel_day Saturday"})
    ((id_,),) = query(project, "SELECT id FROM rephrasing WHERE text = 'Saturday'")
    with closing(project.open()) as connection:
        DecisionLog(connection, "tester", "test").edit(id_, "Friday please")
    summary = write_out(project)
    assert labels(project, "Friday please") == [DAY]
    assert (own(summary), summary.rephrasings["unvalidated"]) == ((0, 0, 0), 1)


def test_commands_that_the_dialect_cannot_say_leave_the_rephrasing_out(project: Project) -> None:
    project = judged(project, 3, {"Saturday": "set slot travel_day Saturday"})
    decide(project, "accept", "Saturday")
    with closing(project.open()) as connection:
        connection.execute("UPDATE verdict SET commands = '[[\"skip question\"]]'")
    summary = write_out(project)
    assert labels(project, "Saturday") == []
    left_out = summary.rephrasings["left_out"]
    assert left_out == {"chosen, but the commands found for it have no words in the project's dialect": 1}


def test_the_recipes_tree_lists_one_with_other_commands_among_the_failing(project: Project) -> None:
    """A file of rephrasings gives them the commands of their step."""
    project = judged(project, 3, {"forget it": "cancel flow", "Friday, I think": DAY})
    decide(project, "accept", "forget it")
    write_out(project, full_tree=True)
    text = (project.root / "out/2_rephrasings/ferry.yml").read_text(encoding="utf-8")
    assert "passing_rephrasings:\n    - Friday, I think\n    failing_rephrasings:\n    - forget it\n" in text
