"""Fine-tuning rows: evidence where the project has the step they speak of, data of their own where it has not."""

from __future__ import annotations

from typing import Any

from core.project import Project
from tests.core.pipeline.small import REPHRASINGS, TESTS, decide, dump, jsonl, put, query, states, take, write

REFERENCE = "e2e_tests/tickets.yml::buys a ticket"


def row(text: str, completion: str = "start flow buy_ticket", *, said: str | None = None, prompt: str = "") -> dict[str, Any]:
    """A row of `3_llm_finetune_data`; `said`: the rephrased text."""
    return {
        "prompt": prompt or f'state of "{text}": """{said or text}"""',
        "output": completion,
        "original_test_name": REFERENCE,
        "original_user_utterance": text,
        "rephrased_user_utterance": said,
    }


def bare(rows: list[dict[str, Any]], *, conversational: bool = False) -> list[dict[str, Any]]:
    """The same rows as they stand in a split."""
    if not conversational:
        return [{"prompt": one["prompt"], "completion": one["output"]} for one in rows]
    return [
        {"messages": [{"role": "user", "content": one["prompt"]}, {"role": "assistant", "content": one["output"]}]}
        for one in rows
    ]


ROWS = [
    row("two tickets to the island", "start flow buy_ticket\nset slot ticket_count 2"),
    row("next Friday", "set slot travel_day Friday"),
    row("two tickets to the island", "start flow buy_ticket\nset slot ticket_count 2", said="the island, twice please"),
    row("next Friday", "set slot travel_day Friday", said="on Friday"),
]
CONVERSATIONS = "SELECT file, name, occurrence FROM conversation WHERE active = 1 ORDER BY id"
PROMPTS = "SELECT s.text, p.stored FROM prompt p JOIN user_step s ON s.id = p.step_id WHERE s.active = 1 ORDER BY s.id"


def test_rows_of_known_steps_are_evidence_and_no_data_points(project: Project) -> None:
    put(project, "e2e_tests/tickets.yml", TESTS)
    put(project, "rephrasings/tickets.yml", REPHRASINGS)
    report = put(project, "all.jsonl", jsonl(ROWS))
    assert dict(report.evidence) == {"fine-tuning rows": 4}
    assert (report.conversations_added, report.rephrasings_added, report.verdicts_added, report.prompts_added) == (0, 0, 0, 2)
    assert query(project, PROMPTS) == [(one["original_user_utterance"], one["prompt"]) for one in ROWS[:2]]


def test_splits_repeat_the_rows_and_bring_nothing(project: Project) -> None:
    put(project, "e2e_tests/tickets.yml", TESTS)
    put(project, "all.jsonl", jsonl(ROWS))
    put(project, "train.jsonl", jsonl(bare(ROWS[:2])))
    report = put(project, "val.jsonl", jsonl(bare(ROWS[2:], conversational=True)))
    assert (dict(report.evidence), report.changed_anything) == ({"fine-tuning rows": 2}, False)
    assert len(query(project, CONVERSATIONS)) == 1


def test_rows_label_the_steps_that_no_other_file_annotates(project: Project) -> None:
    put(project, "e2e_tests/tickets.yml", TESTS)
    report = put(project, "all.jsonl", jsonl(ROWS))
    assert (report.conversations_added, report.rephrasings_added) == (0, 2)
    assert query(project, "SELECT text FROM user_step WHERE commands IS NULL") == []
    assert query(project, "SELECT text, verdict FROM rephrasing ORDER BY id") == [
        ("the island, twice please", "same"), ("on Friday", "same"),
    ]  # fmt: skip


def test_a_rephrasing_with_an_answer_of_its_own_keeps_it(project: Project) -> None:
    put(project, "e2e_tests/tickets.yml", TESTS)
    put(project, "all.jsonl", jsonl([ROWS[1], row("next Friday", "set slot travel_day Monday", said="on Monday")]))
    ((commands,),) = query(project, "SELECT commands FROM verdict")
    assert "Monday" in commands


def test_rows_before_their_test_stand_alone_until_it_comes(project: Project) -> None:
    report = put(project, "all.jsonl", jsonl(ROWS))
    assert query(project, CONVERSATIONS) == [("all.jsonl", "buys a ticket", 1), ("all.jsonl", "buys a ticket", 2)]
    assert (report.rephrasings_added, report.prompts_added) == (2, 2)
    report = put(project, "e2e_tests/tickets.yml", TESTS)
    assert query(project, CONVERSATIONS) == [("e2e_tests/tickets.yml", "buys a ticket", 1)]
    assert report.conversations_retired == 2
    assert [prompt for _, prompt in query(project, PROMPTS)] == [one["prompt"] for one in ROWS[:2]]
    assert set(states(project)) == {"the island, twice please", "on Friday"}


def test_stand_alone_rows_are_conversations_of_one_step(project: Project) -> None:
    rows = [
        {"prompt": 'Say """你好""".', "completion": "offtopic reply"},
        {"messages": [{"role": "user", "content": "a\nlast line"}, {"role": "assistant", "content": "cancel flow"}]},
    ]
    report = put(project, "rows.jsonl", jsonl(rows))
    assert (report.conversations_added, report.steps_added, report.prompts_added) == (2, 2, 2)
    assert query(project, "SELECT text, line FROM user_step ORDER BY id") == [("你好", 1), ("last line", 2)]


def test_equal_rows_are_one_within_a_file_and_across_files(project: Project) -> None:
    rows = bare(ROWS[:1])
    write(project, "b.jsonl", jsonl(rows))
    write(project, "a.jsonl", jsonl(rows * 2))
    report = take(project)
    assert (report.conversations_added, dict(report.evidence)) == (1, {"fine-tuning rows": 2})
    assert put(project, "c.jsonl", jsonl(rows)).conversations_added == 0


def test_a_row_added_to_a_stand_alone_file_leaves_the_others_as_they_were(project: Project) -> None:
    put(project, "rows.jsonl", jsonl(bare(ROWS[:1])))
    report = put(project, "rows.jsonl", jsonl(bare(ROWS[1:2] + ROWS[:1])))
    assert (report.conversations_added, report.conversations_retired, report.steps_added) == (1, 0, 1)
    assert query(project, "SELECT line FROM user_step WHERE active = 1 ORDER BY id") == [(2,), (1,)]


def test_decisions_survive_a_changed_stand_alone_file(project: Project) -> None:
    put(project, "all.jsonl", jsonl(ROWS))
    decide(project, "accept", "on Friday")
    put(project, "all.jsonl", "\n\n" + jsonl(ROWS))
    assert states(project)["on Friday"] == "accept"


def test_words_said_twice_in_a_test_take_their_prompts_in_order(project: Project) -> None:
    put(project, "e2e_tests/tickets.yml", TESTS.replace("two tickets to the island", "next Friday"))
    rows = [row("next Friday", "a", prompt="first"), row("next Friday", "b", prompt="second")]
    put(project, "all.jsonl", jsonl(rows))
    assert query(project, PROMPTS) == [("next Friday", "first"), ("next Friday", "second")]
    assert not put(project, "again.jsonl", jsonl(rows)).prompts_added


def test_rephrasings_of_words_said_twice_go_where_the_answer_is_theirs(project: Project) -> None:
    put(project, "e2e_tests/tickets.yml", TESTS.replace("two tickets to the island", "next Friday"))
    rows = [
        row("next Friday", "cancel flow", prompt="first"),
        row("next Friday", "hand over", prompt="second"),
        row("next Friday", "hand over", prompt="third", said="Friday next"),
    ]
    put(project, "all.jsonl", jsonl(rows))
    assert query(project, "SELECT r.text, s.ordinal FROM rephrasing r JOIN user_step s ON s.id = r.step_id") == [
        ("Friday next", 2)
    ]


def test_a_second_prompt_of_one_step_from_another_file_is_a_warning(project: Project) -> None:
    put(project, "e2e_tests/tickets.yml", TESTS)
    put(project, "all.jsonl", jsonl([row("next Friday", prompt="first")]))
    report = put(project, "other.jsonl", jsonl([row("next Friday", prompt="second")]))
    assert [str(one) for one in report.warnings] == [
        "other.jsonl:1: another prompt for `next Friday` of `buys a ticket` than the one stored before."
        " The first is kept; remove the wrong one from its file."
    ]
    assert query(project, PROMPTS) == [("next Friday", "first")]


def test_a_new_run_of_the_recipe_replaces_the_prompts_of_the_old_one(project: Project) -> None:
    put(project, "e2e_tests/tickets.yml", TESTS)
    put(project, "all.jsonl", jsonl([row("next Friday", prompt="first")]))
    report = put(project, "all.jsonl", jsonl([row("next Friday", prompt="second")]))
    assert (report.warnings, report.prompts_added) == ([], 1)
    assert query(project, PROMPTS) == [("next Friday", "second")]


def test_a_test_that_changed_and_came_back_has_its_prompt_again(project: Project) -> None:
    put(project, "e2e_tests/tickets.yml", TESTS)
    put(project, "all.jsonl", jsonl(ROWS))
    before = query(project, f"SELECT known, reason, stored FROM ({PROMPTS.replace('s.text', 'p.known, p.reason')})")
    put(project, "e2e_tests/tickets.yml", TESTS.replace("two tickets", "three tickets"))
    assert query(project, PROMPTS) == []
    put(project, "e2e_tests/tickets.yml", TESTS)
    assert query(project, f"SELECT known, reason, stored FROM ({PROMPTS.replace('s.text', 'p.known, p.reason')})") == before


def test_ingesting_rows_twice_changes_nothing(project: Project) -> None:
    write(project, "e2e_tests/tickets.yml", TESTS)
    write(project, "all.jsonl", jsonl([*ROWS, row("words of no test")]))
    write(project, "train.jsonl", jsonl(bare(ROWS)))
    take(project)
    before = dump(project)
    take(project)
    assert dump(project) == before
