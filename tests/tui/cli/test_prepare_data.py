"""`workbench prepare-data`: the whole recipe against a real server on loopback."""

from __future__ import annotations

import json
import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.project import Project
from tests.core.annotation.small import ANSWERS, CHOOSES, FINDS, ROLE
from tests.core.pipeline.small import decide, query, read_rows
from tests.core.rephrasing.model import answer as rephrase
from tests.core.rephrasing.model import different
from tests.core.testing.small import FILES, write
from tests.llm_server import LlmServer, faults, scripted_server
from tests.llm_server.server import Scripted
from tests.tui.cli import prepare_worker
from tests.tui.cli.calls import Workbench

HEADS = ["1/6 ingest", "2/6 annotate", "3/6 rephrase", "4/6 validate", "5/6 dataset", "6/6 export"]


def answer(body: dict[str, Any]) -> str:
    """Annotates and validates by the newest message, rephrases so that the value stays in the text."""
    if "json_schema" in body.get("response_format", {}):
        return rephrase(body, lambda message, number: f"{'A7 ' if message == 'm2' else ''}{different(message, number)}")
    said = str(body["messages"][0]["content"]).split("# Newest message\n")[1].split("\n")[0]
    known = ANSWERS.get(said)
    if known is not None:
        return str(known)
    return "set slot number A7" if "A7" in said else "start flow where"


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with scripted_server(answer) as server:
        yield server


@pytest.fixture
def parcels(workbench: Workbench, server: LlmServer) -> Workbench:
    """Calls in a project with one test nobody has labelled, and a model."""
    write(workbench.folder, {**FILES, "e2e_tests/finds.yml": FINDS})
    configure(workbench, server)
    return workbench


def configure(workbench: Workbench, server: LlmServer, more: str = "") -> None:
    path = workbench.folder / "workbench.toml"
    text = path.read_text(encoding="utf-8").partition("\n[llm.annotator]")[0]
    path.write_text(text + ROLE.format(base_url=server.base_url) + more, encoding="utf-8")


def prepare(workbench: Workbench, *arguments: str | Path) -> Any:
    return workbench("prepare-data", "-n", "3", "--train-frac", "1", "--out", workbench.folder / "output", *arguments)


def repeated(server: LlmServer) -> int:
    """Questions that were asked more than once."""
    asked = Counter(json.dumps(body, sort_keys=True) for body in server.requests)
    return sum(count - 1 for count in asked.values())


def test_from_tests_to_the_recipes_tree_in_one_command(parcels: Workbench) -> None:
    done = prepare(parcels)
    assert done.code == 0, done.err
    assert [line for line in done.out.splitlines() if "/6 " in line] == HEADS
    out = parcels.folder / "output"
    rows = read_rows(out / "4_train_test_split/ft_splits/train.jsonl")
    assert Counter(row["completion"] for row in rows) == {"start flow where": 4, "set slot number A7": 4}
    for name in ("1_command_annotations/finds.yml", "2_rephrasings/finds.yml", "3_llm_finetune_data/llm_ft_data.jsonl"):
        assert (out / name).is_file(), name
    assert query(Project(parcels.folder), "SELECT count(*) FROM export WHERE dataset_id IS NOT NULL") == [(1,)]


def test_a_second_call_asks_nothing_and_says_so_in_a_line_for_each_stage(parcels: Workbench, server: LlmServer) -> None:
    prepare(parcels)
    asked = server.count
    done = prepare(parcels)
    assert (done.code, server.count) == (0, asked)
    lines = done.out.splitlines()
    assert lines[1] == "  1 file unchanged since the last ingest"
    assert [line for line in lines if line.startswith("  nothing to ask")] == [
        "  nothing to ask: tests annotated before 1",
        "  nothing to ask: conversations 1, user steps 2, with all rephrasings 2",
        "  nothing to ask: no rephrasing lacks a verdict",
    ]
    assert any("nothing has changed since" in line for line in lines)


def test_the_summary_of_all_stages_as_json(parcels: Workbench) -> None:
    done = prepare(parcels, "--json", "--output-format", "conversational")
    assert list(done.data) == ["ingest", "annotate", "rephrase", "validate", "waiting_for_review", "dataset", "export"]
    assert done.data["export"]["format"] == "conversational"
    assert done.data["dataset"]["table"]["data points"]["train"] == 8
    assert [line for line in done.err.splitlines() if "/6 " in line] == HEADS
    (row, *_) = read_rows(parcels.folder / "output/4_train_test_split/ft_splits/train.jsonl")
    assert set(row) == {"messages"}


def test_no_rephrasings_skip_two_stages(parcels: Workbench, server: LlmServer) -> None:
    done = parcels("prepare-data", "--num-rephrases", "0", "--train-frac", "1", "--out", parcels.folder / "output")
    assert done.code == 0
    assert "skipped: no rephrasings were asked for" in done.out
    assert server.count == 2


def test_failing_tests_are_left_out_and_one_path_is_enough(parcels: Workbench) -> None:
    write(parcels.folder, {"e2e_tests/chooses.yml": CHOOSES})
    done = prepare(parcels, "--json", str(parcels.folder / "e2e_tests/finds.yml"))
    assert done.data["annotate"]["counts"]["tests annotated"] == 1
    done = prepare(parcels, "--json")
    assert done.data["annotate"]["counts"]["failing tests, left out"] == 1


def test_tests_that_all_fail_end_it_with_what_to_do(workbench: Workbench, server: LlmServer) -> None:
    write(workbench.folder, {**FILES, "e2e_tests/finds.yml": FINDS.replace("number: A7", "number: B8")})
    configure(workbench, server)
    done = prepare(workbench)
    assert done.code == 1
    assert "no user step has commands" in done.err
    assert "Stopped at 2/6 annotate" in done.err
    assert prepare(workbench, "--keep-failing").code == 0


def test_answers_that_were_no_commands_are_asked_for_again_from_a_better_server(workbench: Workbench) -> None:
    write(workbench.folder, {**FILES, "e2e_tests/finds.yml": FINDS})
    with scripted_server(lambda body: "I would rather not say.") as server:
        configure(workbench, server)
        for options in ([], ["--keep-failing"]):
            done = prepare(workbench, *options)
            assert done.code == 1
            assert "None of the model's answers holds a command" in done.err
            assert "--keep-failing annotates" not in done.err.partition("no user step has commands")[2]
    with scripted_server(answer) as server:
        configure(workbench, server)
        done = prepare(workbench, "--keep-failing", "--json")
        assert (done.code, done.data["annotate"]["counts"]["tests annotated"]) == (0, 1), done.err
        asked = server.count
        assert prepare(workbench, "--keep-failing").code == 0
        assert server.count == asked


def test_a_test_kept_with_commands_is_not_run_again(workbench: Workbench, server: LlmServer) -> None:
    write(workbench.folder, {**FILES, "e2e_tests/finds.yml": FINDS.replace("number: A7", "number: B8")})
    configure(workbench, server)
    assert prepare(workbench, "--keep-failing").code == 0
    assert "nothing to ask: tests annotated before 1" in prepare(workbench, "--keep-failing").out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-n", "60"], "60 rephrasings per user step"),
        (["--rephrase-config", "nope.yml"], "nope.yml"),
        (["no/such.yml"], "no/such.yml"),
        (["{folder}/e2e_tests/finds.yml::finds nothing"], "there is no test `finds nothing`"),
        (["--train-frac", "2"], "--train-frac must be"),
    ],
)
def test_every_option_is_checked_before_the_first_stage(
    parcels: Workbench, server: LlmServer, arguments: list[str], told: str
) -> None:
    done = prepare(parcels, *(one.format(folder=parcels.folder) for one in arguments))
    assert done.code in (1, 2)
    assert told in done.err
    assert "1/6" not in done.out
    assert server.count == 0
    assert query(Project(parcels.folder), "SELECT count(*) FROM ingest") == [(0,)]


def test_an_output_folder_that_nobody_named_is_said_to_be_the_default(
    parcels: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(parcels.folder, {"output/2_rephrasings/finds.yml": "conversations: []\n"})
    monkeypatch.chdir(parcels.folder)
    done = parcels("prepare-data", "-n", "3")
    assert done.code == 2
    assert "no --out is named, so the export would go to the folder `output`" in done.err
    assert "`--out finetune-data`" in done.err
    assert "no --out is named" not in prepare(parcels).err


@pytest.mark.parametrize(
    ("place", "head"),
    [("core.pipeline.ingest.ingest", "1/6 ingest"), ("core.annotation.stage.prepare_annotate", "2/6 annotate")],
)
def test_an_interrupt_says_that_the_same_command_goes_on(
    parcels: Workbench, monkeypatch: pytest.MonkeyPatch, place: str, head: str
) -> None:
    def interrupted(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(place, interrupted)
        done = prepare(parcels, "--json")
    assert done.code == 130
    assert f"Interrupted at {head}" in done.err
    assert "the same command goes on there" in done.err
    assert done.data["stopped"] == f"{head}: interrupted"
    assert prepare(parcels).code == 0


def test_the_estimate_asks_nobody(parcels: Workbench, server: LlmServer) -> None:
    done = prepare(parcels, "--estimate", "--json")
    assert (done.code, done.data[0]["missing"], server.count) == (0, 2, 0)
    prepare(parcels)
    asked = server.count
    assert [one["missing"] for one in prepare(parcels, "--estimate", "--json").data] == [0, 0]
    assert server.count == asked


def test_review_stops_while_something_waits_and_goes_on_afterwards(parcels: Workbench, server: LlmServer) -> None:
    prepare(parcels, "--json")
    project = Project(parcels.folder)
    text = query(project, "SELECT text FROM rephrasing ORDER BY id LIMIT 1")[0][0]
    decide(project, "flag", text)
    asked = server.count
    done = prepare(parcels, "--review")
    assert done.code == 3
    assert "1 rephrasing waits for a person: 0 ambiguous, 1 flagged, 0 stale" in done.out
    assert "5/6" not in done.out
    assert "the same command then goes on" in done.err
    left_out = prepare(parcels)
    assert left_out.code == 0
    assert "left out (--review stops for them)" in left_out.out
    decide(project, "accept", text)
    assert prepare(parcels, "--review").code == 0
    assert server.count == asked


def test_calls_that_fail_end_it_and_the_same_command_goes_on(workbench: Workbench) -> None:
    broken = True

    def script(body: dict[str, Any]) -> Scripted:
        found = answer(body)
        return faults.context_too_long() if broken and found == "set slot number A7" else found

    write(workbench.folder, {**FILES, "e2e_tests/finds.yml": FINDS})
    with scripted_server(script) as server:
        configure(workbench, server)
        done = prepare(workbench)
        assert done.code == 1
        assert "annotate is not complete, so no dataset is built of it" in done.err
        assert "3/6" not in done.out
        broken = False
        assert prepare(workbench, "--json").data["dataset"]["table"]["data points"]["train"] == 8
        assert repeated(server) == 1, "the question that failed"


def test_what_there_is_can_be_taken_all_the_same(workbench: Workbench) -> None:
    def script(body: dict[str, Any]) -> Scripted:
        return faults.context_too_long() if "json_schema" in body.get("response_format", {}) else answer(body)

    write(workbench.folder, {**FILES, "e2e_tests/finds.yml": FINDS})
    with scripted_server(script) as server:
        configure(workbench, server)
        assert prepare(workbench).code == 1
        done = prepare(workbench, "--allow-incomplete", "--json")
    assert done.code == 0
    assert done.data["rephrase"]["complete"] is False
    assert done.data["dataset"]["table"]["data points"]["train"] == 2


def test_one_limit_is_for_all_stages(parcels: Workbench, server: LlmServer) -> None:
    configure(parcels, server, "price_input = 1000000.0\nprice_output = 1000000.0\n")
    done = prepare(parcels, "--max-cost", "0.5", "--json")
    assert done.code == 1
    assert done.data["stopped"] == "2/6 annotate"
    spent = query(Project(parcels.folder), "SELECT coalesce(sum(cost), 0) FROM llm_call")[0][0]
    assert spent <= 0.5
    assert prepare(parcels, "--max-cost", "-1").code == 2


def test_a_folder_with_other_files_is_refused_before_anything_is_asked(parcels: Workbench, server: LlmServer) -> None:
    (parcels.folder / "output").mkdir()
    (parcels.folder / "output/mine.txt").write_text("mine")
    assert prepare(parcels).code == 2
    assert server.count == 0


def test_a_broken_test_file_ends_it_before_anything_is_asked(parcels: Workbench, server: LlmServer) -> None:
    (parcels.folder / "e2e_tests/bad.yml").write_text("test_cases: [\n")
    done = prepare(parcels)
    assert (done.code, server.count) == (1, 0)
    assert "bad.yml" in done.err
    assert "Mend" in done.err


@pytest.mark.slow
def test_killed_again_and_again_it_asks_no_question_twice(workbench: Workbench) -> None:
    """Killed at ever later moments until it comes through: the same rows as in one go, and no stored answer asked for again."""
    write(workbench.folder, {**FILES, "e2e_tests/finds.yml": FINDS})
    answered: Counter[str] = Counter()

    def script(body: dict[str, Any]) -> Scripted:
        time.sleep(0.05)
        answered[json.dumps(body, sort_keys=True)] += 1
        return answer(body)

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.tui.cli.prepare_worker"])
    killed = 0
    with scripted_server(script) as server:
        configure(workbench, server)
        while True:
            process = context.Process(target=prepare_worker.run, args=(str(workbench.folder),))
            process.start()
            before, until = sum(answered.values()), time.monotonic() + 60
            while process.is_alive() and sum(answered.values()) < before + 2 and time.monotonic() < until:
                time.sleep(0.005)
            if not process.is_alive() or killed > 12:
                process.join(60)
                break
            time.sleep(0.02 * killed)
            process.kill()
            process.join(60)
            killed += 1
        assert process.exitcode == 0
        stored = query(Project(workbench.folder), "SELECT count(*) FROM llm_call WHERE state = 'answered'")[0][0]
    assert killed >= 2
    assert stored == len(answered), "each question has its answer once"
    again = sum(answered.values()) - len(answered)
    assert again <= 2 * killed, "only what was on its way when the process was killed"
    rows = read_rows(workbench.folder / "output/4_train_test_split/ft_splits/train.jsonl")
    assert Counter(row["completion"] for row in rows) == {"start flow where": 4, "set slot number A7": 4}
