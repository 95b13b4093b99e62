"""Annotating: what is stored of tests that pass and of tests that fail, and what a second run does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from core.annotation.failing import failing_tests
from core.annotation.outcome import Annotated
from core.annotation.stage import prepare_annotate
from core.annotation.storing import AnnotationStore, Stored
from core.annotation.tree import write_annotations
from core.errors import ProjectError, StoreError
from core.llm.models import Answer, CallFailure, FailureKind, Request
from core.pipeline.ingest import ingest
from core.pipeline.status import project_status
from core.project import Project
from core.prompts.context import PromptContext
from core.stages.models import StageReport
from tests.core.annotation.small import (
    ANSWERS,
    CHOOSES,
    FINDS,
    annotate,
    answering,
    labels,
    message_of,
    new_project,
    outcomes,
    select,
)
from tests.llm_fakes import ScriptedAsker

DOWN = CallFailure("abcdef", FailureKind.TIMEOUT, "no answer within 60 s", "Ask again.")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """One test that passes with a custom action led by it, one that passes with a button, one that fails."""
    return new_project(tmp_path / "parcels", {"finds": FINDS, "chooses": CHOOSES})


def test_what_passes_is_annotated_and_what_fails_is_left_out(project: Project) -> None:
    report = annotate(project, answering())
    assert outcomes(project) == {"finds": "annotated", "chooses": "annotated", "chooses another": "failed"}
    assert labels(project) == {
        ("chooses", 1): '[["start flow","choose"]]',
        ("chooses", 2): None,
        ("chooses another", 1): None,
        ("chooses another", 2): None,
        ("finds", 1): '[["start flow","where"]]',
        ("finds", 2): '[["set slot","number","A7"]]',
    }
    assert dict(report.counts) == {"tests annotated": 2, "failing tests, left out": 1, "user steps with commands": 3}
    assert report.complete


def test_a_failing_test_is_reported_with_its_place_and_diff_and_stored_with_them(project: Project) -> None:
    report = annotate(project, answering())
    (left_out,) = report.left_out
    assert left_out.item == "e2e_tests/chooses.yml::chooses another"
    assert left_out.what.splitlines() == [
        "user step 2: the model answered: set slot shop Harbour",
        "e2e_tests/chooses.yml:13: bot",
        "- You chose Hill.",
        "+ You chose Harbour.",
        "+ What else?",
    ]
    assert "--keep-failing" in left_out.remedy
    ((stored,),) = select(project, "SELECT failures FROM annotation WHERE outcome = 'failed'")
    answer, failure = json.loads(stored)
    assert (answer["kind"], answer["where"], answer["call"]) == ("answer", "e2e_tests/chooses.yml:12", left_out.call)
    assert (failure["kind"], failure["where"], failure["user_step"]) == ("bot", "e2e_tests/chooses.yml:13", 2)
    assert failure["diff"] == ["- You chose Hill.", "+ You chose Harbour.", "+ What else?"]
    assert any("--failures" in note for note in report.notes)


def test_a_failing_test_can_be_annotated_all_the_same_and_is_marked(project: Project) -> None:
    report = annotate(project, answering(), keep_failing=True)
    assert outcomes(project)["chooses another"] == "kept"
    assert labels(project)["chooses another", 2] == '[["set slot","shop","Harbour"]]'
    assert report.counts["failing tests, annotated all the same"] == 1
    assert [one.item for one in report.kept] == ["e2e_tests/chooses.yml::chooses another"]
    assert report.left_out == ()


def test_an_answer_that_is_no_command_is_named_as_the_cause_with_its_call(project: Project) -> None:
    report = annotate(project, answering(dict.fromkeys(ANSWERS, "I cannot\nhelp with that.")), "e2e_tests/finds.yml")
    (left_out,) = report.left_out
    assert left_out.what.splitlines()[:2] == [
        "user step 1: the model's answer was no command: I cannot | help with that.",
        "e2e_tests/finds.yml:5: utter",
    ]
    assert left_out.call == "call-1"
    assert left_out.remedy.startswith("The model's answer was no command: see `workbench llm show call-1`")
    with closing(project.open()) as connection:
        (listed,) = failing_tests(connection)
    assert [(failure["kind"], failure["user_step"]) for failure in listed.failures[:3]] == [
        ("remark", 1), ("remark", 2), ("utter", 1),
    ]  # fmt: skip


def test_a_failure_of_a_later_turn_is_put_down_to_the_first_answer_without_a_command(project: Project) -> None:
    """The first turn of this test expects nothing, so that only the second one fails."""
    path = project.root / "e2e_tests/finds.yml"
    path.write_text(path.read_text().replace("  - utter: utter_ask_number\n", ""))
    report = annotate(project, answering({**ANSWERS, "where is it": "Well."}), "e2e_tests/finds.yml")
    (left_out,) = report.left_out
    assert left_out.what.splitlines()[:2] == [
        "user step 1: the model's answer was no command: Well.",
        "e2e_tests/finds.yml:6: slot_was_set",
    ]
    assert left_out.call == "call-1"


def test_tests_kept_without_any_command_are_said_to_be_of_no_use(project: Project) -> None:
    report = annotate(project, answering(dict.fromkeys(ANSWERS, "no idea")), "e2e_tests/finds.yml", keep_failing=True)
    assert report.counts["failing tests, annotated all the same"] == 1
    assert report.kept[0].remedy.startswith("It has no commands now")
    assert any(note.startswith("1 test annotated without a command") for note in report.notes)


def test_each_annotated_step_has_the_context_its_commands_were_given_in(project: Project) -> None:
    asker = answering()
    annotate(project, asker)
    rows = select(
        project,
        "SELECT s.text, p.context, p.known, p.reason FROM prompt p JOIN user_step s ON s.id = p.step_id ORDER BY s.text",
    )
    assert [(text, known, reason) for text, _, known, reason in rows] == [
        ("I choose", 1, None),
        ("it is A7", 1, None),
        ("where is it", 1, None),
    ]
    context = PromptContext.from_json(rows[1][1])
    assert context.variables["current_flow"] == "where"
    assert [(line.speaker, line.text) for line in context.history] == [
        ("USER", "where is it"),
        ("AI", "Which number?"),
        ("USER", "it is A7"),
    ]
    assert select(project, "SELECT flow FROM step_flow WHERE origin = 'context'") == [("where",)]


def test_the_project_s_conversations_say_what_the_tests_say(project: Project) -> None:
    annotate(project, answering())
    ((transcript,),) = select(project, "SELECT transcript FROM conversation WHERE name = 'finds'")
    assert [(turn["kind"], turn["text"]) for turn in json.loads(transcript)] == [
        ("user", "where is it"),
        ("utter", "utter_ask_number"),
        ("user", "it is A7"),
        ("slot_was_set", "number = A7"),
        ("bot", "Parcel A7 is in Prague."),
    ]


def test_a_second_run_asks_only_what_is_missing(project: Project) -> None:
    annotate(project, answering())
    again = answering()
    report = annotate(project, again)
    assert {message_of(request) for request in again.requests} == {"I choose", "the one at the harbour"}  # still failing
    assert report.counts["tests annotated before"] == 2
    assert report.counts["failing tests, left out"] == 1


def test_all_tests_are_run_again_if_wanted(project: Project) -> None:
    annotate(project, answering())
    report = annotate(project, answering({**ANSWERS, "it is A7": "set slot number A7\nset slot number A7"}), again=True)
    assert report.counts["tests annotated"] == 2
    assert labels(project)["finds", 2] == '[["set slot","number","A7"]]'


def test_a_changed_test_is_annotated_again_and_a_moved_one_is_not(project: Project) -> None:
    annotate(project, answering(), "e2e_tests/finds.yml")
    path = project.root / "e2e_tests/finds.yml"
    path.write_text("# moved by a line\n" + path.read_text())
    untouched = answering()
    annotate(project, untouched, "e2e_tests/finds.yml")
    assert untouched.requests == []
    path.write_text(path.read_text().replace("it is A7", "number A7, I think"))
    annotate(project, answering({**ANSWERS, "number A7, I think": "set slot number A7"}), "e2e_tests/finds.yml")
    assert labels(project) == {
        ("finds", 1): '[["start flow","where"]]',
        ("finds", 2): '[["set slot","number","A7"]]',
    }


def test_a_test_that_fails_now_loses_the_annotation_it_had(project: Project) -> None:
    annotate(project, answering(), "e2e_tests/finds.yml")
    annotate(project, answering({**ANSWERS, "it is A7": "cancel flow"}), "e2e_tests/finds.yml", again=True)
    assert outcomes(project) == {"finds": "failed"}
    assert set(labels(project).values()) == {None}


def test_tests_of_other_files_keep_their_annotations(project: Project) -> None:
    annotate(project, answering(), "e2e_tests/finds.yml")
    annotate(project, answering(), "e2e_tests/chooses.yml::chooses")
    assert labels(project)["finds", 1] == '[["start flow","where"]]'
    assert labels(project)["chooses", 1] == '[["start flow","choose"]]'


def test_commands_of_a_test_win_and_need_no_model(tmp_path: Path) -> None:
    tests = """
        test_cases:
        - test_case: labelled
          steps:
          - user: where is it
            commands: [start flow where]
          - utter: utter_ask_number
        """
    project = new_project(tmp_path / "parcels", {"labelled": tests})
    project.config_path.write_text("")
    project = Project(project.root)
    stage = prepare_annotate(project, reviewer="tester")
    assert stage.roles == ()
    assert stage.estimate().calls == ()
    report = asyncio.run(stage.run(answering({}), lambda what, done, total: None))
    assert dict(report.counts) == {"tests annotated": 1, "user steps with commands": 1}
    assert labels(project) == {("labelled", 1): '[["start flow","where"]]'}
    assert select(project, "SELECT known FROM prompt") == [(1,)]


def test_without_a_model_it_cannot_be_prepared(project: Project) -> None:
    project.config_path.write_text("")
    with pytest.raises(ProjectError, match="no model is configured as annotator"):
        prepare_annotate(Project(project.root), reviewer="tester")


def test_a_test_that_a_file_has_annotated_is_asked_for_only_if_wanted(project: Project) -> None:
    annotated = """\
conversations:
- original_test_case: e2e_tests/finds.yml::finds
  steps:
  - user: where is it
    llm_commands: [start flow where]
  - utter: utter_ask_number
  - user: it is A7
    llm_commands: [set slot number A7]
  - bot: Parcel A7 is in Prague.
"""
    (project.root / "annotated.yml").write_text(annotated)
    connection = project.open()
    ingest(project, connection, [project.root / "e2e_tests", project.root / "annotated.yml"], reviewer="tester")
    connection.close()
    asker = answering()
    report = annotate(project, asker, "e2e_tests/finds.yml")
    assert asker.requests == []
    assert any("1 test annotated by files" in note for note in report.notes)
    annotate(project, asker, "e2e_tests/finds.yml", again=True)
    assert len(asker.requests) == 2
    wrong = annotate(project, answering(dict.fromkeys(ANSWERS, "cancel flow")), "e2e_tests/finds.yml", again=True)
    assert wrong.counts["failing tests, annotated by files"] == 1
    assert "failing tests, left out" not in wrong.counts
    assert (wrong.left_out, wrong.kept[0].item) == ((), "e2e_tests/finds.yml::finds")
    assert wrong.kept[0].remedy.startswith("Its annotation from a file stands")
    assert not any("leave out" in note for note in wrong.notes)
    assert any(note.startswith("1 test failed with the model's commands") for note in wrong.notes)
    assert labels(project)["finds", 2] == '[["set slot","number","A7"]]'
    with closing(project.open()) as connection:
        (listed,) = failing_tests(connection)
        steps = project_status(connection).steps
    assert listed.lines()[0].endswith("(its annotation from a file stands)")
    assert (steps.tests_left_out, steps.tests_failing) == (0, 1)
    assert write_annotations(project, project.root / "out") == ["1_command_annotations/finds.yml"]


def test_a_prompt_that_was_really_sent_is_never_replaced(project: Project) -> None:
    connection = project.open()
    ingest(project, connection, [project.root / "e2e_tests"], reviewer="tester")
    ((step,),) = connection.execute("SELECT id FROM user_step WHERE text = 'it is A7'").fetchall()
    connection.execute("INSERT INTO prompt (step_id, source_id, stored) VALUES (?, 1, 'as it was sent')", (step,))
    connection.close()
    annotate(project, answering())
    assert select(project, "SELECT stored, context FROM prompt WHERE stored IS NOT NULL") == [("as it was sent", None)]


def test_a_call_that_fails_costs_its_own_test_only(project: Project) -> None:
    report = annotate(project, answering({**ANSWERS, "it is A7": DOWN}))
    assert outcomes(project) == {"chooses": "annotated", "chooses another": "failed"}
    (failure,) = report.failures
    assert (failure.item, failure.call) == ("e2e_tests/finds.yml::finds", "abcdef")
    assert (failure.what, failure.remedy) == ("timeout: no answer within 60 s", "Ask again.")
    assert not report.complete
    assert annotate(project, answering()).complete
    assert outcomes(project)["finds"] == "annotated"


def test_equal_failures_are_shown_once_and_counted(project: Project) -> None:
    slow = {
        message: CallFailure(message, FailureKind.TIMEOUT, f"no answer within {seconds} s", "Ask again.")
        for seconds, message in enumerate(ANSWERS, start=60)
    }
    report = annotate(project, answering(slow))
    (failure,) = report.failures
    assert failure.item == "e2e_tests/chooses.yml::chooses"
    assert failure.what.splitlines()[1] == "… and so for 2 other tests"
    assert report.counts["tests not annotated yet"] == 3
    assert report.details["failed"][2] == "e2e_tests/finds.yml::finds"


def test_an_endpoint_that_is_given_up_ends_the_run_and_is_named_once(project: Project) -> None:
    dead = CallFailure("k", FailureKind.CONNECTION, "nothing listens there", "Start the server.", is_final=True)
    report = annotate(project, answering(dict.fromkeys(ANSWERS, dead)))
    assert report.stopped == "connection: nothing listens there. Start the server."
    assert report.failures == ()
    assert report.counts["tests not annotated yet"] == 3


def test_a_failure_that_no_other_question_will_escape_ends_the_run(tmp_path: Path) -> None:
    many = "\n".join(
        f"    - test_case: number {number}\n      steps:\n      - user: where is it\n      - utter: utter_ask_number"
        for number in range(600)
    )
    project = new_project(tmp_path / "parcels", {"many": f"    test_cases:\n{many}\n"})
    quota = CallFailure("k", FailureKind.QUOTA, "the account is empty")
    asker = answering({"where is it": quota})
    report = annotate(project, asker)
    assert report.stopped == "quota exhausted: the account is empty"
    assert len(asker.requests) < 600
    assert report.counts["tests not annotated yet"] == 600
    assert outcomes(project) == {}


def test_questions_that_wait_for_a_batch_are_no_failures(project: Project) -> None:
    waits = CallFailure("k", FailureKind.PENDING, "the question waits for a batch")
    report = annotate(project, answering(dict.fromkeys(ANSWERS, waits)))
    assert (report.failures, report.stopped) == ((), "")
    assert report.counts["tests not annotated yet"] == 3


def test_what_has_ended_is_stored_when_the_run_is_cancelled(project: Project) -> None:
    class Hanging(ScriptedAsker):
        async def ask(self, request: Request) -> Answer | CallFailure:
            if message_of(request) == "it is A7":
                await asyncio.sleep(60)
            return await super().ask(request)

    async def cancelled() -> StageReport:
        stage = prepare_annotate(project, reviewer="tester")
        ended = asyncio.Event()

        def progress(what: str, done: int, total: int) -> None:
            if len(outcomes(project)) == 2:
                ended.set()

        running = asyncio.create_task(stage.run(Hanging(lambda request: ANSWERS[message_of(request)]), progress))
        await ended.wait()
        running.cancel()
        return await running

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancelled())
    assert outcomes(project) == {"chooses": "annotated", "chooses another": "failed"}
    ((report,),) = select(project, "SELECT report FROM stage_run")
    assert json.loads(report)["stopped"] == "interrupted"


def test_a_disk_that_takes_no_more_ends_the_run_and_leaves_what_was_stored(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, calls = AnnotationStore.put, []

    def full(store: AnnotationStore, tests: Sequence[Annotated]) -> Stored:
        calls.append(len(tests))
        if len(calls) > 1:
            raise StoreError("the database could not be written (disk full)")
        return put(store, tests)

    monkeypatch.setattr(AnnotationStore, "put", full)
    slowly = iter(range(100))

    class OneByOne(ScriptedAsker):
        async def ask(self, request: Request) -> Answer | CallFailure:
            await asyncio.sleep(0.05 * next(slowly))
            return await super().ask(request)

    with pytest.raises(StoreError, match="disk full"):
        annotate(project, OneByOne(lambda request: ANSWERS[message_of(request)]))
    assert len(outcomes(project)) == calls[0]
    ((report,),) = select(project, "SELECT report FROM stage_run")
    assert "disk full" in json.loads(report)["stopped"]


def test_a_broken_test_is_left_out_and_the_others_are_run(project: Project) -> None:
    broken = "test_cases:\n- test_case: broken\n  fixtures: [nobody]\n  steps:\n  - user: where is it\n"
    (project.root / "e2e_tests/broken.yml").write_text(broken)
    report = annotate(project, answering())
    assert outcomes(project) == {"finds": "annotated", "chooses": "annotated", "chooses another": "failed", "broken": "not run"}
    assert report.counts["tests that cannot be run, left out"] == 1
    assert "unknown fixture" in next(one.what for one in report.left_out if one.item.endswith("::broken"))


def test_what_is_odd_about_an_answer_is_stored_and_told(project: Project) -> None:
    report = annotate(project, answering({**ANSWERS, "where is it": "Sure:\nstart flow where"}), "e2e_tests/finds.yml")
    assert outcomes(project) == {"finds": "annotated"}
    ((stored,),) = select(project, "SELECT failures FROM annotation")
    (remark,) = json.loads(stored)
    assert (remark["kind"], remark["where"], remark["user_step"]) == ("remark", "e2e_tests/finds.yml:4", 1)
    assert remark["note"] == "the model's answer holds what is no command: Sure:"
    assert any(note.startswith("1 odd answer, with more than commands") for note in report.notes)
