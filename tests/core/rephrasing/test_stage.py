"""The stage: what it asks for, what it makes of answers, what it stores, and that it asks for nothing twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import ProjectError, UsageError
from core.llm.models import Answer, CallFailure, FailureKind, Request, Usage
from core.project import Project
from core.rephrasing.plan import Selection
from core.rephrasing.stage import RephraseStage, prepare_rephrase
from core.stages.models import StageName, StageReport
from core.store.stage_runs import begin_run
from tests.core.pipeline.small import conversation, put, query, take, write, write_all
from tests.core.rephrasing.model import Steps, answer, different, reply, wanted_of, with_model
from tests.llm_fakes import Reply, ScriptedAsker

FIRST, SECOND = "two tickets to the island", "next Friday"


@pytest.fixture
def ferry(project: Project) -> Project:
    """A conversation of two steps: the first has three rephrasings from its file, the second one."""
    write_all(project)
    take(project)
    return with_model(project)


async def _run(stage: RephraseStage, reply: Callable[[Request], Reply] = reply) -> tuple[StageReport, ScriptedAsker]:
    asker = ScriptedAsker(reply)
    seen: list[tuple[str, int, int]] = []
    report = await stage.run(asker, lambda *progress: seen.append(progress))
    assert not seen or seen[-1][1] <= seen[-1][2]
    return report, asker


def _texts(project: Project, original: str) -> list[str]:
    sql = "SELECT r.text FROM rephrasing r JOIN user_step s ON s.id = r.step_id WHERE s.text = ? AND r.active = 1"
    return [text for (text,) in query(project, f"{sql} ORDER BY r.position", original)]


def _failure(kind: FailureKind) -> CallFailure:
    return CallFailure("key", kind, "no luck", "Try again.")


async def test_every_annotated_step_gets_what_it_lacks(ferry: Project) -> None:
    report, asker = await _run(prepare_rephrase(ferry, count=5))
    (request,) = asker.requests
    assert wanted_of(request.parameters) == {"m1": ["1", "2"], "m2": ["1", "2", "3", "4"]}
    assert len(_texts(ferry, FIRST)) == len(_texts(ferry, SECOND)) == 5
    assert dict(report.counts) == {"conversations": 1, "user steps": 2, "with all rephrasings": 2, "rephrasings added": 6}
    assert report.complete
    assert report.details["diversity"]["texts"] == 10
    assert any("self-BLEU" in note for note in report.notes)


async def test_a_second_run_asks_nothing(ferry: Project) -> None:
    await _run(prepare_rephrase(ferry, count=5))
    report, asker = await _run(prepare_rephrase(ferry, count=5))
    assert (asker.requests, report.counts["rephrasings added"]) == ([], 0)


async def test_more_are_asked_for_in_the_styles_that_are_still_free(ferry: Project) -> None:
    await _run(prepare_rephrase(ferry, count=5))
    await _run(prepare_rephrase(ferry, count=8), lambda request: answer(request.parameters, lambda m, n: f"{m} anew {n}{n}{n}"))
    slots = [slot for (slot,) in query(ferry, "SELECT style ->> '$.slot' FROM generated ORDER BY rephrasing_id")]
    assert slots == [0, 1, 0, 1, 2, 3, 2, 3, 4, 4, 5, 6]


async def test_zero_skips_the_stage_and_needs_no_model(ferry: Project) -> None:
    ferry.config_path.write_text("")
    ferry = Project(ferry.root)
    assert prepare_rephrase(ferry, count=0).estimate().missing == 0
    report, asker = await _run(prepare_rephrase(ferry, count=0))
    assert (asker.requests, dict(report.counts), report.complete) == ([], {}, True)
    assert query(ferry, "SELECT count(*) FROM stage_run") == [(0,)]


@pytest.mark.parametrize("count", [-1, 50])
def test_a_count_beyond_the_references_is_refused(ferry: Project, count: int) -> None:
    with pytest.raises(UsageError, match="rephrasings per user step"):
        prepare_rephrase(ferry, count=count)


async def test_buttons_and_steps_without_commands_are_left_alone(project: Project) -> None:
    steps: Steps = [("/pay", ["start flow pay"], []), ("pay it", ["start flow pay"], []), ("hm", [], [])]
    put(project, "annotations/t.yml", "conversations:\n" + conversation("pays", steps))
    write(project, "e2e_tests/t.yml", "test_cases:\n- test_case: other\n  steps:\n  - user: hello\n  - bot: hi\n")
    take(project, "e2e_tests")
    _, asker = await _run(prepare_rephrase(with_model(project), count=2))
    assert [wanted_of(request.parameters) for request in asker.requests] == [{"m2": ["1", "2"]}]


async def test_a_project_without_commands_is_told_what_to_do(project: Project) -> None:
    report, asker = await _run(prepare_rephrase(with_model(project)))
    assert asker.requests == []
    assert "No user step has commands yet: run `workbench annotate`" in report.notes[0]


async def test_a_filter_that_chooses_nothing_is_told_so(ferry: Project) -> None:
    report, asker = await _run(prepare_rephrase(ferry, selection=Selection("c.name = ?", ("nobody",))))
    assert asker.requests == []
    assert report.notes[0] == "The filter chooses no user step that has commands."


async def test_tests_that_all_fail_are_told_so(project: Project) -> None:
    write(project, "e2e_tests/t.yml", "test_cases:\n- test_case: other\n  steps:\n  - user: hello\n  - bot: hi\n")
    take(project, "e2e_tests")
    with closing(project.open()) as connection:
        connection.execute('UPDATE user_step SET commands = \'[["start flow","pay"]]\'')
        run_id = begin_run(connection, StageName.ANNOTATE, "tester", {})
        connection.execute(
            "INSERT INTO annotation (conversation_id, run_id, outcome, test_digest)"
            " SELECT id, ?, 'failed', '' FROM conversation",
            (run_id,),
        )
    report, _ = await _run(prepare_rephrase(with_model(project)))
    assert report.notes[0].startswith("The tests to be rephrased are left out by annotate")


async def test_a_message_said_twice_gets_wordings_for_each_time(project: Project) -> None:
    steps: Steps = [("yes", ["set slot a True"], []), ("yes", ["set slot b True"], [])]
    put(project, "annotations/t.yml", "conversations:\n" + conversation("agrees", steps))
    await _run(prepare_rephrase(with_model(project), count=1), lambda r: answer(r.parameters, lambda m, n: f"{m} yep"))
    assert query(project, "SELECT ordinal, text FROM rephrasing ORDER BY 1") == [(1, "m1 yep"), (2, "m2 yep")]


async def test_what_came_usable_is_kept_and_the_rest_asked_for_alone(ferry: Project) -> None:
    def first_block_only(request: Request) -> Reply:
        if len(asked := wanted_of(request.parameters)) > 1:
            return answer(request.parameters, lambda m, n: different(m, n) if m == "m1" else None)[:-3]
        assert asked == {"m2": ["1", "2", "3"]}
        return reply(request)

    report, asker = await _run(prepare_rephrase(ferry, count=4), first_block_only)
    assert report.complete
    assert len(_texts(ferry, FIRST)) == len(_texts(ferry, SECOND)) == 4
    assert [request.sample for request in asker.requests] == [0, 1]
    assert asker.requests[1].parameters["temperature"] == 0.7
    assert "temperature" not in asker.requests[0].parameters


async def test_an_answer_that_was_cut_off_keeps_its_complete_texts(ferry: Project) -> None:
    def cut_off(request: Request) -> Reply:
        whole = reply(request)
        if request.sample:
            return whole
        return Answer("key", whole[: whole.index('"3"')], "length", Usage(1, 1), None, 0.1)

    report, asker = await _run(prepare_rephrase(ferry, count=5), cut_off)
    assert report.complete
    assert wanted_of(asker.requests[1].parameters) == {"m2": ["1", "2"]}


async def test_duplicates_are_recorded_with_their_twin_and_made_up_for(ferry: Project) -> None:
    def repeats(request: Request) -> Reply:
        if request.sample:
            return reply(request)
        said = {"1": "on Friday!", "2": "next friday", "3": "this coming Friday, please", "4": "This coming Friday please."}
        return answer(request.parameters, lambda m, n: said[n] if m == "m2" else different(m, n))

    report, _ = await _run(prepare_rephrase(ferry, count=5), repeats)
    rows = query(
        ferry, "SELECT d.text, d.reason, r.text FROM dropped d LEFT JOIN rephrasing r ON r.id = d.twin_id ORDER BY d.id"
    )
    assert rows == [
        ("on Friday!", "duplicate", "on Friday"),
        ("next friday", "repeats the original", None),
        ("This coming Friday please.", "duplicate", "this coming Friday, please"),
    ]
    assert len(_texts(ferry, SECOND)) == 5
    assert (report.counts["not taken: duplicate"], report.counts["not taken: repeats the original"]) == (2, 1)


async def test_rounds_end_and_the_steps_with_too_few_are_told(ferry: Project) -> None:
    project = with_model(ferry, more="[rephrase]\nrounds = 1\n")
    report, asker = await _run(
        prepare_rephrase(project, count=4), lambda r: answer(r.parameters, lambda m, n: "Friday then" if m == "m2" else "ok")
    )
    assert [request.sample for request in asker.requests] == [0, 1]
    assert report.counts["user steps with too few"] == 1
    assert report.complete


async def test_a_step_for_which_nothing_usable_comes_is_named_with_its_last_call(project: Project) -> None:
    put(project, "annotations/t.yml", "conversations:\n" + conversation("pays", [("pay it", ["start flow pay"], [])]))
    report, _ = await _run(
        prepare_rephrase(with_model(project), count=2),
        lambda r: answer(r.parameters, lambda m, n: ["Pay it!", "[name]"][int(n) - 1]),
    )
    (left_out,) = report.left_out
    assert left_out.item == "e2e_tests/t.yml::pays, user step 1"
    assert left_out.what == "no answer held a usable rephrasing (placeholder, repeats the original)"
    assert left_out.call == "call-3"
    assert report.complete
    assert any("The same call asks again" in note for note in report.notes)


@pytest.mark.parametrize(
    ("reply", "what"),
    [
        ("I will not.", "no rephrasing of it could be read in the answer"),
        ("{}", "no rephrasing of it could be read in the answer"),
        (
            Answer("key", '{"m1": {"1": "boa', "length", Usage(1, 1), None, 0.1),
            "the answer was cut off before a rephrasing of it",
        ),
    ],
)
async def test_answers_that_cannot_be_read_are_failures_with_their_call(project: Project, reply: Reply, what: str) -> None:
    put(project, "annotations/t.yml", "conversations:\n" + conversation("pays", [("pay it", ["start flow pay"], [])]))
    report, asker = await _run(prepare_rephrase(with_model(project), count=2), lambda request: reply)
    (failure,) = report.failures
    assert (failure.item, failure.what) == ("e2e_tests/t.yml::pays, user step 1", f"invalid answer: {what}")
    assert failure.call == (reply.key if isinstance(reply, Answer) else "call-3")
    assert (report.complete, report.left_out, len(asker.requests)) == (False, (), 3)


async def test_a_run_in_passes_asks_for_no_further_samples(project: Project) -> None:
    """As `--batch` runs it: the same stage, until nothing is missing."""
    tests = "".join(conversation(name, [(f"pay {name}", ["start flow pay"], [])]) for name in ("one", "two"))
    put(project, "annotations/t.yml", f"conversations:\n{tests}")
    stage = prepare_rephrase(with_model(project), count=2)
    report, _ = await _run(stage, lambda r: _failure(FailureKind.PENDING) if "pay two" in r.messages[0].content else "no")
    assert (len(report.failures), report.counts["waiting for a batch"]) == (1, 1)
    report, asker = await _run(stage)
    assert [request.item for request in asker.requests] == ["e2e_tests/t.yml::two, user step 1"]
    assert [failure.item for failure in report.failures] == ["e2e_tests/t.yml::one, user step 1"]
    assert report.counts["with all rephrasings"] == 1


async def test_a_failed_call_costs_its_own_conversation_only(project: Project) -> None:
    tests = "".join(conversation(name, [(f"pay {name}", ["start flow pay"], [])]) for name in ("one", "two", "three"))
    put(project, "annotations/t.yml", f"conversations:\n{tests}")
    stage = prepare_rephrase(with_model(project), count=2)
    report, _ = await _run(stage, lambda r: _failure(FailureKind.TIMEOUT) if "pay two" in r.messages[0].content else reply(r))
    assert [(one.item, one.what, one.call) for one in report.failures] == [
        ("e2e_tests/t.yml::two, user step 1", "timeout: no luck", "key")
    ]
    assert not report.complete
    report, asker = await _run(stage)
    assert (len(asker.requests), report.complete) == (1, True)


@pytest.mark.parametrize("kind", [FailureKind.CONTENT_FILTER, FailureKind.CONTEXT, FailureKind.INVALID])
async def test_a_message_that_spoils_the_call_for_all_is_found_by_asking_alone(ferry: Project, kind: FailureKind) -> None:
    def spoiled(request: Request) -> Reply:
        return _failure(kind) if "m2" in wanted_of(request.parameters) else reply(request)

    report, _ = await _run(prepare_rephrase(ferry, count=4), spoiled)
    assert len(_texts(ferry, FIRST)) == 4
    assert [one.what for one in report.failures] == [f"{kind.value}: no luck"]


async def test_a_failure_that_no_other_call_survives_ends_the_run_and_is_told_once(project: Project) -> None:
    tests = "".join(conversation(f"t{at}", [(f"pay {at}", ["start flow pay"], [])]) for at in range(200))
    put(project, "annotations/t.yml", f"conversations:\n{tests}")
    stage = prepare_rephrase(with_model(project), count=2)
    report, asker = await _run(stage, lambda request: _failure(FailureKind.UNAUTHORISED))
    assert len(asker.requests) < 100
    assert report.stopped == "unauthorised: no luck. Try again."
    assert report.failures == ()


async def test_a_server_that_refuses_the_schema_is_asked_without(ferry: Project) -> None:
    def no_schema(request: Request) -> Reply:
        if "response_format" in request.parameters:
            return _failure(FailureKind.REFUSED)
        return json.dumps({"m1": {"1": "island, two"}, "m2": {"1": "a Friday", "2": "Friday it is", "3": "make it Friday"}})

    report, asker = await _run(prepare_rephrase(ferry, count=4), no_schema)
    assert report.complete
    assert [("response_format" in request.parameters) for request in asker.requests] == [True, False]


async def test_long_conversations_are_asked_for_in_several_calls(project: Project) -> None:
    steps: Steps = [(f"item {at}", ["start flow pay"], []) for at in range(7)]
    put(project, "annotations/t.yml", "conversations:\n" + conversation("shops", steps))
    _, asker = await _run(prepare_rephrase(with_model(project, more="[rephrase]\nper_call = 6\n"), count=2))
    assert [len(wanted_of(request.parameters)) for request in asker.requests] == [3, 3, 1]


async def test_the_references_template_and_format_work(ferry: Project, tmp_path: Path) -> None:
    write(ferry, "mine.jinja2", "{{ transcript }}\n{% for m in user_messages %}- {{ m }}\n{% endfor %}")
    config = write(ferry, "rephrase.yml", "prompt_template: mine.jinja2\nllm: {provider: openai, model: other}\n")
    stage = prepare_rephrase(ferry, count=5, config=config)
    assert stage.project.settings.llm.rephraser is not None
    assert stage.project.settings.llm.rephraser.model == "other"
    numbered = (
        "USER: two tickets to the island\n1. island for two\n2. 2 seats on the boat\n\n"
        "USER: Next Friday\n1. Friday week\n2. 3pm Friday\n3. some Friday\n4. Friday!?\n"
    )
    report, asker = await _run(stage, lambda request: numbered)
    assert asker.requests[0].messages[0].content.startswith("USER: two tickets to the island\nAI: For which day?")
    assert asker.requests[0].parameters == {}
    assert _texts(ferry, FIRST)[3:] == ["island for two", "2 seats on the boat"]
    assert _texts(ferry, SECOND) == ["on Friday", "Friday week", "3pm Friday", "some Friday", "Friday!?"]
    assert report.complete
    assert {style for (style,) in query(ferry, "SELECT style FROM generated")} == {f'{{"slot":{at}}}' for at in range(4)}


async def test_only_what_is_selected_is_asked_for(project: Project) -> None:
    tests = "".join(conversation(name, [(f"pay {name}", ["start flow pay"], [])]) for name in ("one", "two"))
    put(project, "annotations/t.yml", f"conversations:\n{tests}")
    stage = prepare_rephrase(with_model(project), count=1, selection=Selection("c.name = ?", ("two",)))
    report, asker = await _run(stage)
    assert (len(asker.requests), report.counts["user steps"]) == (1, 1)


async def test_answers_that_wait_for_a_batch_store_nothing_half(ferry: Project) -> None:
    def later(request: Request) -> Reply:
        return _failure(FailureKind.PENDING) if request.sample else answer(request.parameters, lambda m, n: f"{m} again")

    report, first = await _run(prepare_rephrase(ferry, count=4), later)
    assert report.counts["waiting for a batch"] > 0
    assert report.failures == ()
    assert query(ferry, "SELECT count(*) FROM generated") == [(0,)]
    _, second = await _run(prepare_rephrase(ferry, count=4), later)
    assert second.requests == first.requests


async def test_the_run_is_kept_with_what_it_was_asked_for(ferry: Project) -> None:
    await _run(prepare_rephrase(ferry, count=5))
    ((stage, reviewer, parameters, finished),) = query(
        ferry, "SELECT stage, reviewer, parameters, finished_at IS NOT NULL FROM stage_run"
    )
    assert (stage, reviewer, finished) == ("rephrase", "tester", 1)
    assert (json.loads(parameters)["count"], json.loads(parameters)["model"]) == (5, "test-model")


def test_the_estimate_is_of_what_is_missing(ferry: Project) -> None:
    estimate = prepare_rephrase(ferry, count=5).estimate()
    assert estimate.items == "6 rephrasings of 2 user steps in 1 conversation"
    assert estimate.missing == 1
    (calls,) = estimate.calls
    assert calls.prompt_tokens > 100
    assert 6 * 12 < calls.completion_tokens < 6 * 30


def test_without_a_rephraser_the_estimate_says_what_is_missing(project: Project) -> None:
    with pytest.raises(ProjectError, match="rephraser"):
        prepare_rephrase(project).estimate()


async def test_other_languages_are_asked_for_and_remembered(ferry: Project) -> None:
    project = with_model(ferry, more="[rephrase.mix.language]\nGerman = 1\n")
    _, asker = await _run(prepare_rephrase(project, count=4))
    assert "written in this language: German" in asker.requests[0].messages[0].content
    assert {row[0] for row in query(project, "SELECT style ->> '$.language' FROM generated")} == {"German"}


async def test_an_edited_rephrasing_counts_with_its_new_words(ferry: Project) -> None:
    from review.decisions import DecisionLog

    (id_,) = query(ferry, "SELECT id FROM rephrasing WHERE text = 'on Friday'")[0]
    with closing(ferry.open()) as connection:
        DecisionLog(connection, "tester", "test").edit(id_, "Friday next")
    _, asker = await _run(
        prepare_rephrase(ferry, count=2), lambda r: answer(r.parameters, lambda m, n: "friday next!" if r.sample == 0 else "ok")
    )
    assert "  - Friday next" in asker.requests[0].messages[0].content
    assert query(ferry, "SELECT reason, twin_id FROM dropped WHERE text = 'friday next!'") == [("duplicate", id_)]
