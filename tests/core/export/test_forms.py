"""What is said where a trainer trains in another form than was checked, or than another of the same export."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.dataset.models import DatasetVersion
from core.export.export import export_dataset
from core.export.options import ExportFormat, ExportOptions, Trainer
from core.project import Project
from tests.core.export.small_exports import small_dataset, store_preflight

ALL = tuple(Trainer)


@pytest.fixture
def small(project: Project) -> tuple[Project, DatasetVersion]:
    return small_dataset(project)


def _warnings(small: tuple[Project, DatasetVersion], name: str, *trainers: Trainer) -> tuple[str, ...]:
    project, version = small
    options = ExportOptions(Path(project.root / "out"), ExportFormat(name), trainers=trainers)
    report = export_dataset(project, version, options, reviewer="tester")
    assert report.as_data()["warnings"] == list(report.warnings)
    return report.warnings


@pytest.mark.parametrize("name", ["instruction", "prompt-completion"])
def test_trainers_of_one_export_that_train_two_different_models(small: tuple[Project, DatasetVersion], name: str) -> None:
    assert _warnings(small, name, *ALL) == (
        "two different models: trl and axolotl train plain text, served by /v1/completions; unsloth and llamafactory train the"
        " model's chat template around every row, served by /v1/chat/completions; use --format messages",
    )
    assert _warnings(small, name, Trainer.TRL, Trainer.AXOLOTL) == ()
    assert _warnings(small, "messages", *ALL) == ()


def test_plain_text_after_a_preflight_of_chat(small: tuple[Project, DatasetVersion]) -> None:
    store_preflight(*small, form="chat")
    assert _warnings(small, "instruction", Trainer.TRL) == (
        "trl trains plain text, served by /v1/completions; the preflight was of chat: use --format chat or messages",
    )
    assert _warnings(small, "chat", Trainer.TRL) == ()
    assert _warnings(small, "instruction", Trainer.UNSLOTH) == ()
    assert len(_warnings(small, "instruction", *ALL)) == 2


def test_chat_after_a_preflight_of_plain_text(small: tuple[Project, DatasetVersion]) -> None:
    store_preflight(*small, form="plain")
    (said,) = _warnings(small, "messages", Trainer.AXOLOTL)
    assert said.startswith("axolotl trains the model's chat template around every row, served by /v1/chat/completions;")
    assert "the preflight was of plain text: run `workbench preflight --form chat`" in said
    assert _warnings(small, "instruction", Trainer.AXOLOTL) == ()


def test_without_a_trainer_there_is_nothing_to_say(small: tuple[Project, DatasetVersion]) -> None:
    store_preflight(*small, form="chat")
    assert _warnings(small, "instruction") == ()
