"""The stage `validate` on a ferry assistant, with a model in memory."""

from __future__ import annotations

import asyncio
import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from core.commands import Mode
from core.errors import ProjectError
from core.llm.models import CallFailure, FailureKind, Request, Role
from core.project import Project
from core.validation.stage import prepare_validate
from review.decisions import DecisionLog
from tests.core.pipeline.played import played_project
from tests.core.pipeline.small import correct, query
from tests.core.validation.models import Model, by_message, codes, configure, message_of, validate, verdicts

TICKETS = "buys tickets"
COUNT = "set slot ticket_count 2"


def texts(*said: str) -> list[dict[str, Any]]:
    """Rephrasings that nobody has judged."""
    return [{"text": text} for text in said]


def ferry(project: Project, rephrasings: dict[tuple[str, int], list[dict[str, Any]]], more: str = "") -> Project:
    return configure(played_project(project, rephrasings), more)


def counted(project: Project, table: str) -> int:
    return int(query(project, f"SELECT count(*) FROM {table}")[0][0])


def test_an_answer_is_judged_against_the_label(project: Project) -> None:
    project = ferry(project, {(TICKETS, 2): texts("2", "three", "a cabin then", "hm")})
    model = by_message(
        {"2": COUNT, "three": "set slot ticket_count 3", "a cabin then": "start flow rent_cabin", "hm": "Sorry, what?"}
    )
    report = validate(project, model)
    found = verdicts(project)
    assert {text: verdict for text, (verdict, _) in found.items()} == {
        "2": "same", "three": "different", "a cabin then": "different", "hm": "ambiguous",
    }  # fmt: skip
    assert (codes(project, "three"), codes(project, "a cabin then")) == (["value_changed"], ["commands_differ"])
    assert codes(project, "hm") == ["not_understood"]
    assert report.complete
    assert (report.counts["rephrasings judged"], report.counts["  different"]) == (4, 2)
    assert report.counts["    value_changed"] == 1


def test_a_verdict_is_stored_with_all_it_rests_on(project: Project) -> None:
    project = ferry(project, {(TICKETS, 2): texts("three")})
    validate(project, by_message({"three": "set slot ticket_count 3"}))
    ((run_id, stage, reviewer, parameters, finished),) = query(
        project, "SELECT id, stage, reviewer, parameters, finished_at FROM stage_run"
    )
    assert (stage, reviewer, finished is not None) == ("validate", "tester", True)
    assert json.loads(parameters)["mode"] == "strict"
    ((commands, same_basis, run, judged_text, calls),) = query(
        project,
        "SELECT v.commands, v.basis = s.basis, v.run_id, v.judged_text, v.calls FROM verdict v JOIN rephrasing r"
        " ON r.verdict_id = v.id AND r.verdict = v.verdict JOIN user_step s ON s.id = r.step_id",
    )
    assert (commands, same_basis, run, judged_text) == ('[["set slot","ticket_count","3"]]', 1, run_id, None)
    assert len(json.loads(calls)) == 3  # the answer was not clear, so two more were asked for


def test_the_prompt_is_the_steps_own_with_only_its_message_replaced(project: Project) -> None:
    """The words of the message stand elsewhere in the prompt too."""
    project = ferry(project, {(TICKETS, 4): texts("no"), ("rents a cabin", 1): texts("AI: a cabin\nfor two")})
    model = by_message({})
    validate(project, model)
    first, second = (request.messages[0].content for request in model.requests if request.sample == 0)
    assert first.partition("\n")[2] == (
        "ticket_count=2.0;group_name=undefined;travel_day=Friday;with_bike=undefined;\n"
        "USER: tickets to the island\nAI: How many?\nUSER: two\nAI: 2.0 tickets. For which day?\nUSER: on Friday\n"
        "AI: With a bicycle?\nUSER: no\n###\nno"
    )
    assert second.partition("\n")[2] == "\n\nUSER: AI: a cabin for two\n###\nAI: a cabin for two"


def test_those_with_a_verdict_are_passed_over(project: Project) -> None:
    rephrasings: dict[tuple[str, int], list[dict[str, Any]]] = {
        (TICKETS, 2): [{"text": "2", "verdict": "different"}, *texts("two of them")]
    }
    project = ferry(project, rephrasings)
    model = by_message({"2": COUNT, "two of them": COUNT})
    assert validate(project, model).counts["rephrasings judged"] == 1
    assert verdicts(project)["2"][0] == "different"
    assert validate(project, model).counts["rephrasings judged"] == 0
    assert validate(project, model, again=True).counts["rephrasings judged"] == 2
    assert verdicts(project)["2"][0] == "same"


def test_judging_again_with_the_same_answers_leaves_the_same_rows(project: Project) -> None:
    project = ferry(project, {(TICKETS, 2): texts("2", "three")})
    model = by_message({"2": COUNT, "three": "set slot ticket_count 3"})
    validate(project, model)
    before = counted(project, "verdict")
    validate(project, model, again=True)
    assert counted(project, "verdict") == before == 2


def test_an_edited_wording_is_judged_and_its_verdict_counts_for_it(project: Project) -> None:
    project = ferry(project, {(TICKETS, 2): texts("2")})
    validate(project, by_message({"2": COUNT}))
    ((id_,),) = query(project, "SELECT id FROM rephrasing")
    with closing(project.open()) as connection:
        DecisionLog(connection, "tester", "test").edit(id_, "three of them")
    model = by_message({"three of them": "set slot ticket_count 3"})
    assert validate(project, model).counts["rephrasings judged"] == 1
    assert query(project, "SELECT verdict, judged_text FROM verdict ORDER BY id")[-1] == ("different", "three of them")
    assert validate(project, model).counts["rephrasings judged"] == 0
    with closing(project.open()) as connection:
        DecisionLog(connection, "tester", "test").edit(id_, "2")  # and back: the latest verdict is of other words
    assert validate(project, by_message({"2": COUNT})).counts["rephrasings judged"] == 1


def test_one_added_by_hand_is_judged(project: Project) -> None:
    project = ferry(project, {})
    ((step_id,),) = query(project, "SELECT id FROM user_step WHERE text = 'two'")
    with closing(project.open()) as connection:
        DecisionLog(connection, "tester", "test").add(step_id, "a pair")
    validate(project, by_message({"a pair": COUNT}))
    assert set(verdicts(project)) == {"a pair"}
    assert verdicts(project)["a pair"][0] is not None


def test_a_step_whose_commands_were_corrected_is_judged_again(project: Project) -> None:
    project = ferry(project, {(TICKETS, 2): texts("2")})
    model = by_message({"2": COUNT})
    validate(project, model)
    ((step_id,),) = query(project, "SELECT id FROM user_step WHERE text = 'two'")
    correct(project, step_id, "set slot ticket_count 4")
    assert validate(project, model).counts["rephrasings judged"] == 1
    assert verdicts(project)["2"][0] == "different"


def test_only_those_selected_are_judged(project: Project) -> None:
    project = ferry(project, {(TICKETS, 2): texts("2", "a pair")})
    validate(project, by_message({}, COUNT), where="r.text = ?", parameters=("a pair",))
    assert verdicts(project)["2"][0] is None
    assert verdicts(project)["a pair"][0] is not None


def test_the_prompt_of_a_step_without_one_is_computed_by_the_engine(project: Project) -> None:
    project = ferry(project, {(TICKETS, 3): texts("this Friday")})
    model = by_message({}, "set slot travel_day Friday")
    validate(project, model)
    with closing(project.open()) as connection:
        connection.execute("DELETE FROM prompt")
    without = by_message({}, "set slot travel_day Friday")
    assert validate(project, without, again=True).left_out == ()
    assert [one.messages for one in without.requests] == [one.messages for one in model.requests]


def test_a_step_without_prompt_and_test_is_left_out_with_its_reason(project: Project) -> None:
    project = ferry(project, {(TICKETS, 2): texts("2", "a pair"), (TICKETS, 3): texts("Friday")})
    with closing(project.open()) as connection:
        connection.execute("DELETE FROM prompt WHERE step_id = (SELECT id FROM user_step WHERE text = 'two')")
    (project.root / "e2e_tests/ferry.yml").unlink()
    report = validate(project, by_message({}, "set slot travel_day Friday"))
    (left_out,) = report.left_out
    assert left_out.item == "e2e_tests/ferry.yml:6 (2 rephrasings)"
    assert left_out.what.startswith("prompt unknown: none is stored")
    assert report.complete
    assert (report.counts["left out"], report.counts["rephrasings judged"]) == (2, 1)
    assert report.notes == ("the engine cannot play the tests: no test file of the project is there",)


def test_a_failed_call_costs_only_its_own_item(project: Project) -> None:
    project = ferry(project, {(TICKETS, 2): texts("2", "a pair", "twice")})
    down = CallFailure("key", FailureKind.SERVER, "HTTP 500", "Look at the server's log.", 500)
    answers: dict[str, str | CallFailure] = {"2": COUNT, "a pair": down, "twice": COUNT}
    report = validate(project, Model(lambda request: answers[message_of(request)]))
    (failure,) = report.failures
    assert (failure.item, failure.what) == ("e2e_tests/ferry.yml:6: a pair", "server error: HTTP 500")
    assert (failure.remedy, failure.call) == ("Look at the server's log.", "key")
    assert not report.complete
    assert (verdicts(project)["a pair"][0], verdicts(project)["twice"][0] is None) == (None, False)
    again = by_message({}, COUNT)
    assert validate(project, again).complete
    assert [message_of(request) for request in again.requests] == ["a pair"]


def test_a_failed_vote_leaves_no_verdict(project: Project) -> None:
    project = ferry(project, {(TICKETS, 2): texts("three")})
    late = CallFailure("key", FailureKind.TIMEOUT, "60 s")
    report = validate(project, Model(lambda request: "set slot ticket_count 3" if request.sample < 2 else late))
    assert len(report.failures) == 1
    assert verdicts(project)["three"][0] is None


def test_what_ends_a_run_begins_no_further_question(project: Project) -> None:
    said = [f"two, number {number}" for number in range(200)]
    project = ferry(project, {(TICKETS, 2): texts(*said)}, "max_in_flight = 4\n")
    empty = CallFailure("key", FailureKind.QUOTA, "no money left", "Pay.")
    model = Model(lambda request: COUNT if message_of(request) == said[0] else empty)
    report = validate(project, model)
    assert report.stopped == "quota exhausted: no money left. Pay."
    assert report.failures == ()
    assert len(model.requests) < 40
    assert verdicts(project)[said[0]][0] is not None


def test_answers_that_wait_for_a_batch_are_counted_and_asked_for_all(project: Project) -> None:
    project = ferry(project, {(TICKETS, 2): texts("2", "a pair")})
    pending = CallFailure("key", FailureKind.PENDING, "in the next batch")
    model = Model(lambda request: pending)
    report = validate(project, model)
    assert len(model.requests) == 2
    assert (report.counts["waiting for a batch"], report.failures) == (2, ())
    assert not report.complete


def test_more_answers_are_asked_for_only_where_the_first_is_not_clear(project: Project) -> None:
    project = ferry(project, {(TICKETS, 2): texts("2", "three")}, "vote_temperature = 0.9\n[validate]\nvotes = 4\n")
    model = by_message({"2": COUNT, "three": "set slot ticket_count 3"})
    validate(project, model)
    asked = [(message_of(one), one.sample, dict(one.parameters)) for one in model.requests]
    hot = {"temperature": 0.9}
    assert sorted(asked, key=lambda one: one[:2]) == [
        ("2", 0, {}), ("three", 0, {}), ("three", 1, hot), ("three", 2, hot), ("three", 3, hot),
    ]  # fmt: skip


def test_votes_that_disagree_are_ambiguous(project: Project) -> None:
    project = ferry(project, {(TICKETS, 2): texts("three")})
    answers = ["set slot ticket_count 3", COUNT, "set slot ticket_count 3"]
    validate(project, Model(lambda request: answers[request.sample]))
    assert verdicts(project)["three"][0] == "ambiguous"
    assert codes(project, "three") == ["votes_disagree"]


def test_a_second_model_has_to_agree(project: Project) -> None:
    more = '[llm.candidate]\nmodel = "other"\n[validate]\nsecond_model = "candidate"\n'
    project = ferry(project, {(TICKETS, 2): texts("2")}, more)
    assert prepare_validate(project, reviewer="t").roles == (Role.ANNOTATOR, Role.CANDIDATE)

    class Two(Model):
        async def ask(self, role: Role, request: Request) -> Any:
            self._reply = lambda _: COUNT if role is Role.ANNOTATOR else "cancel flow"
            return await super().ask(role, request)

    model = Two(lambda request: "")
    validate(project, model)
    assert model.roles == [Role.ANNOTATOR, Role.CANDIDATE]
    assert codes(project, "2") == ["models_disagree"]
    assert validate(project, by_message({"2": COUNT}), again=True).counts["  same"] == 1


def test_the_judge_is_asked_about_those_that_are_the_same_otherwise(project: Project) -> None:
    more = '[llm.judge]\nmodel = "wise"\n[validate]\njudge = true\n'
    project = ferry(project, {(TICKETS, 2): texts("2", "three")}, more)
    opinions: list[Request] = []

    def reply(request: Request) -> str:
        if "same_meaning" in request.messages[0].content:
            opinions.append(request)
            return '{"added": ["a dog"], "dropped": [], "changed": [], "same_meaning": false}'
        return {"2": COUNT, "three": "set slot ticket_count 3"}[message_of(request)]

    validate(project, Model(reply))
    assert verdicts(project)["2"] == ("ambiguous", ["judge_doubts: added a dog"])
    assert verdicts(project)["three"][0] == "different"
    (opinion,) = opinions
    assert opinion.parameters["response_format"]["type"] == "json_schema"
    assert 'Message: "two"' in opinion.messages[0].content
    assert 'Other wording: "2"' in opinion.messages[0].content
    assert len(json.loads(query(project, "SELECT calls FROM verdict WHERE verdict = 'ambiguous'")[0][0])) == 2


def test_a_judge_that_cannot_be_read_leaves_no_verdict(project: Project) -> None:
    project = ferry(project, {(TICKETS, 2): texts("2")}, '[llm.judge]\nmodel = "wise"\n[validate]\njudge = true\n')
    model = Model(lambda request: "Certainly!" if "same_meaning" in request.messages[0].content else COUNT)
    report = validate(project, model)
    (failure,) = report.failures
    assert failure.what == "invalid answer: the judge's answer could not be read"
    assert failure.call is not None
    assert (report.complete, verdicts(project)["2"]) == (False, (None, []))


def test_with_nothing_to_judge_it_says_why(project: Project) -> None:
    project = ferry(project, {})
    assert validate(project, by_message({})).notes[0].startswith("There are no rephrasings yet: run `workbench rephrase`")
    ((step_id,),) = query(project, "SELECT id FROM user_step WHERE text = 'two'")
    with closing(project.open()) as connection:
        DecisionLog(connection, "tester", "test").add(step_id, "a pair")
    assert validate(project, by_message({"a pair": COUNT})).notes == ()
    stage = prepare_validate(project, reviewer="tester", mode=Mode.DOCUMENTED)
    expected = "1 rephrasing has a verdict already, whatever the mode and models behind it: `--all` judges anew."
    assert stage.estimate().notes == (expected,)
    assert validate(project, by_message({}), mode=Mode.DOCUMENTED).notes == (expected,)
    (note,) = validate(project, by_message({}), where="r.text = ?", parameters=("nothing",)).notes
    assert note.startswith("No rephrasing that could be judged is chosen")


def test_judging_all_again_with_failures_says_how_to_go_on(project: Project) -> None:
    project = ferry(project, {(TICKETS, 2): texts("2")})
    down = Model(lambda request: CallFailure("key", FailureKind.SERVER, "HTTP 500"))
    assert validate(project, down).notes == ()
    validate(project, by_message({"2": COUNT}))
    (note,) = validate(project, down, again=True).notes
    assert "with `--all`" in note
    assert verdicts(project)["2"][0] == "same"


def test_documented_mode_takes_one_answer_and_looks_at_no_value(project: Project) -> None:
    more = '[llm.judge]\nmodel = "wise"\n[validate]\njudge = true\n'
    project = ferry(project, {(TICKETS, 2): texts("three", "a cabin")}, more)
    model = by_message({"three": "set slot ticket_count 3", "a cabin": "start flow rent_cabin"})
    validate(project, model, mode=Mode.DOCUMENTED)
    assert {text: verdict for text, (verdict, _) in verdicts(project).items()} == {"three": "same", "a cabin": "different"}
    assert len(model.requests) == 2


def test_commands_of_the_same_effect_are_the_same(project: Project) -> None:
    """The engine carries out neither: the flow runs already."""
    project = ferry(project, {(TICKETS, 2): texts("2 tickets")})
    validate(project, by_message({"2 tickets": f"start flow buy_ticket\n{COUNT}"}))
    assert verdicts(project)["2 tickets"][0] == "same"


def test_a_language_that_was_asked_for_is_no_doubt(project: Project) -> None:
    project = ferry(project, {("rents a cabin", 1): texts("eine Kabine mit zwei Betten bitte")})
    model = by_message({}, "start flow rent_cabin\nset slot cabin_beds 2")
    validate(project, model)
    assert "language_switch" in codes(project, "eine Kabine mit zwei Betten bitte")
    with closing(project.open()) as connection:
        connection.execute(
            "INSERT INTO generated SELECT r.id, (SELECT min(id) FROM stage_run), 'key', '{\"language\": \"German\"}'"
            " FROM rephrasing r"
        )
    validate(project, model, again=True)
    assert "language_switch" not in codes(project, "eine Kabine mit zwei Betten bitte")


def test_few_questions_are_under_way_at_a_time(project: Project) -> None:
    project = ferry(project, {(TICKETS, 2): texts(*(f"two {number}" for number in range(300)))}, "max_in_flight = 4\n")
    model = by_message({}, COUNT)
    validate(project, model)
    assert len(model.requests) >= 300
    assert model.most_at_once <= 4 + 16 + 2 * 20


def test_what_was_answered_is_stored_when_the_run_is_cancelled(project: Project) -> None:
    said = [f"two, number {number}" for number in range(30)]
    project = ferry(project, {(TICKETS, 2): texts(*said)}, "max_in_flight = 1\n")

    class Stuck(Model):
        async def ask(self, role: Role, request: Request) -> Any:
            if len(self.requests) >= 20:
                await asyncio.sleep(60)
            return await super().ask(role, request)

    model = Stuck(lambda request: COUNT)

    async def run() -> None:
        stage = prepare_validate(project, reviewer="tester")
        task = asyncio.create_task(stage.run(model, lambda what, done, total: None))
        while len(model.requests) < 20:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    judged = sum(verdict is not None for verdict, _ in verdicts(project).values())
    assert 0 < judged <= 20
    assert query(project, "SELECT finished_at FROM stage_run") == [(None,)]


def test_progress_tells_how_many_are_done(project: Project) -> None:
    project = ferry(project, {(TICKETS, 2): texts("2", "a pair")})
    seen: list[tuple[str, int, int]] = []
    stage = prepare_validate(project, reviewer="tester")
    asyncio.run(stage.run(by_message({}, COUNT), lambda *one: seen.append(one)))
    assert seen[-1] == ("rephrasings", 2, 2)


def test_without_an_annotator_it_cannot_be_prepared(project: Project) -> None:
    with pytest.raises(ProjectError, match="annotator"):
        prepare_validate(project, reviewer="tester")


def test_a_context_for_another_conversation_still_has_its_message_replaced(project: Project) -> None:
    """Only the last USER line has to be the step's: earlier ones may have been said otherwise when it was recorded."""
    project = ferry(project, {(TICKETS, 2): texts("2")})
    ((step_id, context),) = query(
        project, "SELECT p.step_id, p.context FROM prompt p JOIN user_step s ON s.id = p.step_id WHERE s.text = 'two'"
    )
    changed = json.loads(context)
    changed["history"][0][1] = "tickets"
    with closing(project.open()) as connection:
        connection.execute(
            "UPDATE prompt SET context = ?, template_sha256 = NULL WHERE step_id = ?", (json.dumps(changed), step_id)
        )
    model = by_message({}, COUNT)
    validate(project, model)
    assert "USER: tickets\nAI: How many?\nUSER: 2\n" in model.requests[0].messages[0].content


def test_a_stored_prompt_is_taken_apart_and_rendered_with_other_words(project: Project, tmp_path: Path) -> None:
    project = ferry(project, {(TICKETS, 3): texts("this Friday")})
    model = by_message({}, "set slot travel_day Friday")
    validate(project, model)
    (expected, *_) = (request.messages[0].content for request in model.requests)
    original = expected.replace("this Friday", "on Friday")
    with closing(project.open()) as connection:
        connection.execute(
            "UPDATE prompt SET stored = ?, context = NULL, template_sha256 = NULL WHERE step_id ="
            " (SELECT id FROM user_step WHERE text = 'on Friday' AND ordinal = 3)",
            (original,),
        )
    again = by_message({}, "set slot travel_day Friday")
    report = validate(project, again, again=True)
    assert report.left_out == ()
    assert again.requests[0].messages[0].content == expected
    keep_prompts_are_untouched = query(project, "SELECT count(*) FROM prompt")[0][0]
    assert keep_prompts_are_untouched == 6
