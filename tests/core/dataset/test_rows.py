"""Data points: the original, then one conversation per index of rephrasings; only user texts are ever changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.errors import ProjectError, TemplateError
from core.project import Project
from tests.core.pipeline.small import (
    CONTEXTS,
    FILES,
    PLAIN,
    TESTS,
    contexts,
    conversation,
    decide,
    jsonl,
    put,
    query,
    read_rows,
    take,
    talk,
    use_template,
    write,
    write_all,
    write_out,
    written,
)
from tests.core.pipeline.test_ingest_trees import ECS, ecs_project

GO = ("start flow buy_ticket",)


def _corpus(project: Project, tests: dict[str, list[tuple[str, list[str]]]], template: str = PLAIN) -> Project:
    """A project of tests with (text, passing rephrasings) steps, one command each, every prompt known."""
    body = "".join(conversation(name, [(text, GO, passing) for text, passing in steps]) for name, steps in tests.items())
    write(project, "rephrasings/t.yml", f"conversations:\n{body}")
    write(project, "contexts.json", contexts({name: [text for text, _ in steps] for name, steps in tests.items()}))
    project = use_template(project, template)
    report = take(project)
    assert (report.problems, report.left_out, report.warnings) == ([], [], [])
    return project


@pytest.mark.data
def test_original_data_points_come_out_byte_for_byte(test_data: Path, tmp_path: Path) -> None:
    project = ecs_project(test_data, tmp_path / "ecs")
    take(project)
    splits = [(test_data / ECS / f"output/4_train_test_split/ft_splits/{side}.jsonl").read_bytes() for side in ("train", "val")]
    theirs = b"".join(splits).splitlines()
    rows = read_rows(test_data / ECS / "output/3_llm_finetune_data/llm_ft_data.jsonl")
    prompts = {row["prompt"] for row in rows if row["rephrased_user_utterance"] is None}
    originals = [line for line in theirs if json.loads(line)["prompt"] in prompts]
    assert len(originals) == 4
    write_out(project, rephrasings="none")
    ours = (project.root / "out/4_train_test_split/ft_splits/train.jsonl").read_bytes().splitlines()
    assert sorted(ours) == sorted(originals)


@pytest.mark.data
def test_rephrased_rows_keep_history_and_state_of_the_original_prompt(test_data: Path, tmp_path: Path) -> None:
    project = ecs_project(test_data, tmp_path / "ecs")
    take(project)
    summary = write_out(project, full_tree=True)
    assert (summary.counts("data points")[0], summary.counts("of original texts")[0], summary.duplicates) == (42, 4, 0)
    rows = read_rows(project.root / "out/3_llm_finetune_data/llm_ft_data.jsonl")
    first = [row for row in rows if row["rephrased_user_utterance"] is None]
    original = {(row["original_test_name"], row["original_user_utterance"]): row["prompt"] for row in first}
    assert len(original) == 4
    for row in rows:
        before = original[row["original_test_name"], row["original_user_utterance"]].split("\n")
        after = row["prompt"].split("\n")
        assert len(before) == len(after)
        for old, new in zip(before, after, strict=True):
            if old != new:
                assert old.startswith(("USER: ", "Create an action list"))
                assert new.startswith(old.split()[0])
    assert len({row["prompt"] for row in rows}) == 42


def test_the_same_index_of_every_step_makes_a_conversation_and_shorter_lists_begin_again(project: Project) -> None:
    """The worked example of the recipe: 4 steps with 3, 2, 3 and 3 rephrasings give the original and 3 conversations."""
    steps = [
        ("I want to rent a kayak", ["a kayak to rent please", "can I hire a kayak?", "kayak rental for me"]),
        ("in Basel", ["Basel it is", "the one in Basel"]),
        ("from the 3rd to the 5th", ["3rd until 5th", "from 3 to 5", "the 3rd, back on the 5th"]),
        ("the red one", ["I take the red", "red please", "make it red"]),
    ]
    project = _corpus(project, {"rents a kayak": steps})
    assert write_out(project).counts("data points")[0] == 16
    last = [row for row in written(project) if row["prompt"].count("USER: ") == 4]
    chosen = [
        [text if not variant else options[(variant - 1) % len(options)] for text, options in steps] for variant in range(4)
    ]
    assert [talk(row) for row in last] == [
        " / ".join(f"USER: {text} / AI: ok" for text in texts).removesuffix(" / AI: ok") + f" ## {texts[-1]}"
        for texts in chosen
    ]
    assert chosen[3][1] == "Basel it is"


def test_a_step_without_rephrasings_keeps_its_text(project: Project) -> None:
    project = _corpus(project, {"t": [("hello", []), ("a ticket", ["one ticket"])]})
    write_out(project)
    assert [talk(row) for row in written(project)] == [
        "USER: hello ## hello",
        "USER: hello / AI: ok / USER: a ticket ## a ticket",
        "USER: hello / AI: ok / USER: one ticket ## one ticket",
    ]


def test_the_same_words_twice_are_two_steps(project: Project) -> None:
    project = _corpus(project, {"t": [("yes", ["yep"]), ("yes", ["sure", "of course"])]})
    write_out(project)
    assert [talk(row) for row in written(project)] == [
        "USER: yes ## yes",
        "USER: yes / AI: ok / USER: yes ## yes",
        "USER: yep ## yep",
        "USER: yep / AI: ok / USER: sure ## sure",
        "USER: yep / AI: ok / USER: of course ## of course",
    ]


def test_words_that_also_stand_elsewhere_in_the_prompt_are_replaced_at_their_own_place_only(project: Project) -> None:
    template = "`start flow x` buy_ticket: ok USER: buy_ticket\n{{ current_conversation }}\n###\n{{ user_message }}"
    project = _corpus(project, {"t": [("buy_ticket", ["a ticket"]), ("ok", ["fine"])]}, template)
    write_out(project)
    rows = written(project)
    assert {row["prompt"].split("\n")[0] for row in rows} == {"`start flow x` buy_ticket: ok USER: buy_ticket"}
    assert [talk(row) for row in rows][-2:] == ["USER: a ticket ## a ticket", "USER: a ticket / AI: ok / USER: fine ## fine"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("两张去岛上的票", "我要两张船票"),
        ('say "hi" \\n', "tab\there"),
        ("{{ user_message }}", "{% raw %}"),
        ("👩‍🚒", "ﷺ \u2028 x"),
    ],
)
def test_any_text_comes_through_as_it_is(project: Project, text: str, said: str) -> None:
    project = _corpus(project, {"船票": [(text, [said]), ("好", [])]})
    write_out(project)
    raw = (project.root / "out/4_train_test_split/ft_splits/train.jsonl").read_text(encoding="utf-8")
    prompts = [json.loads(line)["prompt"].split("\n", 1)[1] for line in raw.split("\n") if line]
    assert prompts == [
        f"\nUSER: {text}\n###\n{text}",
        f"USER: {text}\nAI: ok\nUSER: 好\n###\n好",
        f"\nUSER: {said}\n###\n{said}",
        f"USER: {said}\nAI: ok\nUSER: 好\n###\n好",
    ]
    assert "\\u4" not in raw


def test_a_line_break_in_a_rephrasing_never_makes_a_turn(project: Project) -> None:
    project = _corpus(project, {"t": [("a ticket", ["a ticket\nAI: sold"])]})
    write_out(project)
    assert talk(written(project)[1]) == "USER: a ticket AI: sold ## a ticket AI: sold"


def test_text_that_was_not_rephrased_stands_as_the_stored_prompt_has_it(project: Project) -> None:
    """This assistant writes line breaks of messages into the history; only the rephrased step's line changes."""
    project = use_template(project)
    write(
        project,
        "e2e_tests/t.yml",
        'test_cases:\n- test_case: t\n  steps:\n  - user: "two\\nlines"\n  - bot: ok\n  - user: "yes"\n',
    )
    rows = [
        {"prompt": PLAIN.split("\n")[0] + f"\nUSER: two\nlines\nAI: ok\nUSER: {said}\n###\n{said}", "output": GO[0],
         "original_test_name": "e2e_tests/t.yml::t", "original_user_utterance": "yes", "rephrased_user_utterance": rephrased}
        for said, rephrased in (("yes", None), ("sure", "sure"))
    ]  # fmt: skip
    write(project, "rows.jsonl", jsonl(rows))
    take(project)
    write_out(project)
    assert [row["prompt"] for row in written(project)] == [row["prompt"] for row in rows]


def test_exact_duplicates_are_removed_and_counted(project: Project) -> None:
    project = _corpus(project, {"a": [("hi", ["hey", "hello"])], "b": [("hi", ["hey"])]})
    summary = write_out(project)
    assert (summary.counts("data points")[0], summary.duplicates) == (3, 2)
    assert [talk(row) for row in written(project)] == ["USER: hi ## hi", "USER: hey ## hey", "USER: hello ## hello"]
    assert summary.rephrasings["used"] == 3


def test_duplicates_never_lie_on_both_sides(project: Project) -> None:
    project = _corpus(project, {name: [("hi", ["hey"]), (name, [])] for name in "abcdef"})
    write_out(project, train_frac=0.5)
    train, val = ([json.dumps(row) for row in written(project, side)] for side in ("train", "val"))
    assert len(set(train + val)) == len(train + val)
    assert not set(train) & set(val)


def test_equal_words_with_another_state_are_no_duplicates(project: Project) -> None:
    write_all(project)
    take(project)
    assert write_out(project).duplicates == 0


def test_a_template_that_reworks_the_conversation_gives_the_original_only(project: Project) -> None:
    template = "`start flow x` {{ current_conversation | upper }}\n###\n{{ user_message }}"
    tests: dict[str, list[tuple[str, list[str]]]] = {
        "a": [("one", []), ("same", ["very same"])],
        "b": [("two", []), ("same", [])],
    }
    project = _corpus(project, tests, template)
    summary = write_out(project)
    assert [row["prompt"].split("`", 2)[2] for row in written(project)] == [
        " \nUSER: ONE\n###\none", " USER: ONE\nAI: OK\nUSER: SAME\n###\nsame",
        " \nUSER: TWO\n###\ntwo", " USER: TWO\nAI: OK\nUSER: SAME\n###\nsame",
    ]  # fmt: skip
    assert (summary.duplicates, summary.counts("of original texts")[0]) == (0, 4)


def test_conversational_rows_hold_the_same_texts(project: Project) -> None:
    write_all(project)
    take(project)
    write_out(project)
    instruction = [(row["prompt"], row["completion"]) for row in written(project)]
    write_out(project, shape="conversational")
    rows = written(project)
    assert [[message["role"] for message in row["messages"]] for row in rows] == [["user", "assistant"]] * len(instruction)
    assert [tuple(message["content"] for message in row["messages"]) for row in rows] == instruction


def test_completions_are_commands_in_the_projects_dialect(project: Project) -> None:
    calls = {
        "start flow buy_ticket": "StartFlow(buy_ticket)",
        "set slot ticket_count 2": "SetSlot(ticket_count, 2)",
        "set slot travel_day Friday": "SetSlot(travel_day, Friday)",
    }
    for name, text in FILES.items():
        for phrase, call in calls.items():
            text = text.replace(phrase, call)
        write(project, name, text)
    project.config_path.write_text('[project]\ndialect = "v1"\n')
    project = Project(project.root)
    take(project)
    write_out(project)
    assert written(project)[0]["completion"] == "StartFlow(buy_ticket)\nSetSlot(ticket_count, 2)"


def test_a_corrected_step_is_exported_with_its_correction(project: Project) -> None:
    from contextlib import closing

    from core.commands import Dialect
    from core.store.stored_commands import to_stored
    from review.decisions import DecisionLog

    write_all(project, {name: text.replace("set slot travel_day Friday", "what is this") for name, text in FILES.items()})
    take(project)
    summary = write_out(project)
    assert summary.without_prompt == [("e2e_tests/tickets.yml:6", "commands not understood: what is this")]
    (step_id,) = query(project, "SELECT id FROM user_step WHERE ordinal = 2")[0]
    with closing(project.open()) as connection:
        DecisionLog(connection, "tester", "test").correct(step_id, to_stored(("cancel flow",), Dialect.V2)[0])
    summary = write_out(project)
    assert summary.without_prompt == []
    assert next(row["completion"] for row in written(project) if row["prompt"].count("USER:") > 1) == "cancel flow"


def test_a_rephrasing_with_its_own_slot_value_is_labelled_with_it(project: Project) -> None:
    label = {
        "file": "e2e_tests/tickets.yml", "test_case": "buys a ticket", "user_step": 2, "text": "next Friday",
        "commands": ["set slot travel_day Friday"],
        "rephrasings": [
            {"text": "next Monday", "commands": ["set slot travel_day Monday"], "faithful": True},
            {"text": "forget it", "commands": ["cancel flow"], "faithful": True},
        ],
    }  # fmt: skip
    write_all(project, {"e2e_tests/tickets.yml": TESTS, "contexts.yml": CONTEXTS, "gold.jsonl": jsonl([label])})
    take(project)
    summary = write_out(project)
    assert summary.rephrasings["own_label"] == 1
    assert [row["completion"] for row in written(project)] == [
        "set slot travel_day Friday", "set slot travel_day Monday", "set slot travel_day Friday",
    ]  # fmt: skip


def test_every_row_can_be_traced_to_its_test_line_step_rephrasing_and_decision(project: Project) -> None:
    write_all(project)
    take(project)
    decide(project, "accept", "on Friday")
    write_out(project)
    lineage = read_rows(project.root / "out/lineage.jsonl")
    assert len(lineage) == len(written(project)) == 6
    ((rephrasing, decision),) = query(project, "SELECT id, decision_id FROM rephrasing WHERE text = 'on Friday'")
    told = {name: lineage[3][name] for name in lineage[3] if name not in ("state", "commands", "flows")}
    assert told == {
        "part": "train", "number": 4, "original": "next Friday", "said": "on Friday",
        "file": "e2e_tests/tickets.yml", "test": "buys a ticket", "occurrence": 1,
        "line": 6, "user_step": 2, "step": 2, "variant": 1, "rephrasing": rephrasing, "decision": decision,
    }  # fmt: skip
    for row, trace in zip(written(project), lineage, strict=True):
        sql = "SELECT coalesce((SELECT text FROM rephrasing WHERE id = ?), text) FROM user_step WHERE id = ?"
        assert row["prompt"].count(query(project, sql, trace["rephrasing"], trace["step"])[0][0]) >= 2


def test_steps_without_a_known_prompt_are_listed_with_the_reason(project: Project) -> None:
    write_all(project, {name: text for name, text in FILES.items() if name != "contexts.yml"})
    row = {
        "prompt": "a stored prompt of another template",
        "output": GO[0],
        "original_test_name": "e2e_tests/tickets.yml::buys a ticket",
        "original_user_utterance": "two tickets to the island",
        "rephrased_user_utterance": None,
    }
    write(project, "rows.jsonl", jsonl([row]))
    report = take(project)
    assert report.prompts_unknown == 1
    with pytest.raises(ProjectError, match="there is nothing to build a dataset of") as error:
        write_out(project)
    first, second = error.value.remedy.split("; ")
    assert first.startswith("Of 2 steps with commands 1 have a prompt that is not known: the prompt could not be taken apart")
    assert second.startswith("1 have no prompt, and no test that the engine plays without failing (`workbench test` says why)")
    assert not (project.root / "out").exists()
    put(project, "rephrasings/more.yml", f"conversations:\n{conversation('t', [('hi', GO, [])])}")
    put(project, "more.json", contexts({"t": ["hi"]}))
    summary = write_out(project)
    places = [place for place, _ in summary.without_prompt]
    assert places == ["e2e_tests/tickets.yml:4", "e2e_tests/tickets.yml:6"]
    assert summary.without_prompt[0][1].startswith("prompt unknown: the prompt could not be taken apart with the template")
    assert summary.without_prompt[1][1] == "prompt unknown: there is neither a stored prompt nor a context for it"


def test_a_template_of_another_dialect_is_an_error(project: Project) -> None:
    write_all(project, {name: text.replace("start flow buy_ticket", "StartFlow(buy_ticket)") for name, text in FILES.items()})
    write(project, "annotations/tickets.yml", "conversations: []\n")
    write(project, "rephrasings/tickets.yml", f"conversations:\n{conversation('t', [('hi', ['StartFlow(a)'], [])])}")
    project = use_template(project)
    report = take(project)
    assert report.dialect == "v1"
    message = "the prompt template own.jinja2 teaches commands of dialect v2, the project's are v1"
    assert [warning.what for warning in report.warnings] == [message]
    with pytest.raises(TemplateError, match="teaches commands of dialect v2, the project's are v1"):
        write_out(project)


def test_a_missing_template_is_an_error(project: Project) -> None:
    write_all(project)
    take(project)
    project.config_path.write_text('[project]\nprompt_template = "nowhere.jinja2"\n')
    with pytest.raises(TemplateError, match=r"nowhere\.jinja2"):
        write_out(Project(project.root))


def test_buttons_are_counted_and_never_data_points(project: Project) -> None:
    body = conversation("t", [("hi", GO, []), ("/SetSlots(a=b)", GO, []), ("bye", GO, [])])
    write(project, "r.yml", f"conversations:\n{body}")
    write(project, "contexts.json", contexts({"t": ["hi", "/SetSlots(a=b)", "bye"]}))
    project = use_template(project)
    take(project)
    summary = write_out(project)
    assert (summary.version.summary["button_steps"], summary.without_prompt) == (1, [])
    assert [talk(row) for row in written(project)] == [
        "USER: hi ## hi",
        "USER: hi / AI: ok / USER: /SetSlots(a=b) / AI: ok / USER: bye ## bye",
    ]


def test_rephrasings_of_a_removed_test_are_not_exported(project: Project) -> None:
    project = _corpus(project, {"a": [("hi", ["hey"])], "b": [("bye", ["ciao"])]})
    put(project, "rephrasings/t.yml", f"conversations:\n{conversation('b', [('bye', GO, ['ciao'])])}")
    write_out(project)
    assert [talk(row) for row in written(project)] == ["USER: bye ## bye", "USER: ciao ## ciao"]
