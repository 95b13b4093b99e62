"""The tests of public assistants, annotated through a server that answers with hand-made labels: which of them can be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.commands import Dialect, from_json, to_lines
from core.dialogue.compat import DEFAULT
from core.project import Project, create_project
from core.stages.models import StageReport
from core.testing.command_sources import RecordedCommands
from core.testing.commands_file import file_commands
from core.testing.run_setup import RunOptions, prepare_run
from tests.core.annotation.small import select
from tests.core.annotation.test_estimate import message_of, run
from tests.core.testing.test_public_data import BANK, PAYMENTS, QUICKSTART, SHOP, SHOP_2, VERSIONS, WRITTEN
from tests.llm_server import scripted_server

pytestmark = pytest.mark.data


def annotate(data: Path, folder: Path, where: tuple[str, str], *labels: Path) -> tuple[Project, StageReport, int]:
    """The project, the report, and how many questions it took. The tests are read where they lie."""
    assistant = data / "data" / where[0]
    tests = str(assistant / where[1])
    project, _ = create_project(folder)
    project.config_path.write_text(f'[project]\ncompat = "{VERSIONS.get(where, DEFAULT)}"\ndialect = "v2"\n')
    source = RecordedCommands((file_commands(*labels),))
    answers: dict[tuple[str, str], str] = {}
    for test in prepare_run(RunOptions((tests,)), folder=folder, project=project).tests:
        said = ""
        for turn in test.script.turns:
            known = source.known(test, turn)
            if known is not None and known.commands is not None:
                answers[said, turn.text] = to_lines(known.commands, Dialect.V2)
            said = turn.text

    def answer(body: dict[str, Any]) -> str:
        """By the newest message, and the one before it where that is not enough."""
        prompt = str(body["messages"][0]["content"])
        said = [line.removeprefix("USER: ") for line in prompt.split("\n") if line.startswith("USER: ")]
        before = said[-2] if len(said) > 1 else ""
        return answers.get((before, message_of(body))) or "I do not know"

    with scripted_server(answer) as server:
        with project.config_path.open("a") as config:
            config.write(f'[llm.annotator]\nmodel = "test-model"\nbase_url = "{server.base_url}"\nretry_for = 1\n')
        project = Project(folder)
        return project, run(project, paths=[tests]), server.count


@pytest.mark.parametrize(
    ("where", "passing", "failing", "steps"),
    [(QUICKSTART, 8, 0, 27), (SHOP, 7, 8, 10), (SHOP_2, 7, 0, 16), (BANK, 65, 0, 65), (PAYMENTS, 0, 3, 0)],
)
def test_with_all_labels_the_same_tests_are_annotated_that_pass_with_recorded_commands(
    test_data: Path, tmp_path: Path, where: tuple[str, str], passing: int, failing: int, steps: int
) -> None:
    labels = (test_data / "gold/gold_commands.jsonl", WRITTEN)
    project, report, count = annotate(test_data, tmp_path, where, *labels)
    found = dict(select(project, "SELECT outcome, count(*) FROM annotation GROUP BY 1"))
    assert (found.get("annotated", 0), found.get("failed", 0)) == (passing, failing)
    assert report.complete
    assert len(report.left_out) == failing
    assert report.counts.get("user steps with commands", 0) == steps
    ((asked,),) = select(project, "SELECT count(*) FROM user_step WHERE active = 1 AND is_button = 0")
    assert count <= asked
    unknown = select(project, "SELECT s.text, p.reason FROM prompt p JOIN user_step s ON s.id = p.step_id WHERE p.known = 0")
    assert unknown == []


@pytest.mark.parametrize(("where", "passing", "failing"), [(QUICKSTART, 4, 4), (SHOP, 4, 11), (BANK, 31, 34)])
def test_with_the_hand_labelled_part_alone_the_others_fail_loudly(
    test_data: Path, tmp_path: Path, where: tuple[str, str], passing: int, failing: int
) -> None:
    project, report, _ = annotate(test_data, tmp_path, where, test_data / "gold/gold_commands.jsonl")
    found = dict(select(project, "SELECT outcome, count(*) FROM annotation GROUP BY 1"))
    assert (found.get("annotated", 0), found.get("failed", 0)) == (passing, failing)
    assert len(report.left_out) == failing
    assert all(one.what for one in report.left_out)


def test_the_stored_labels_are_the_hand_made_ones(test_data: Path, tmp_path: Path) -> None:
    labels = (test_data / "gold/gold_commands.jsonl", WRITTEN)
    project, _, _ = annotate(test_data, tmp_path, QUICKSTART, *labels)
    source = RecordedCommands((file_commands(*labels),))
    tests = prepare_run(
        RunOptions((str(test_data / "data" / QUICKSTART[0] / QUICKSTART[1]),)), folder=project.root, project=project
    ).tests
    stored = {
        (name, ordinal): from_json(commands)
        for name, ordinal, commands in select(
            project,
            "SELECT c.name || ' ' || c.file, s.ordinal, s.commands FROM user_step s JOIN conversation c"
            " ON c.id = s.conversation_id WHERE s.active = 1 AND s.commands IS NOT NULL",
        )
    }
    for test in tests:
        for turn in test.script.turns:
            known = source.known(test, turn)
            key = (f"{test.case.name} {project.relative(test.path)}", turn.ordinal)
            if known is not None and known.commands and not turn.is_button:
                assert stored[key] == known.commands, key
