"""The commands written for public tests: which steps they name, and that they copy nothing."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from core.commands import Dialect, parse
from core.conversations.files import find_files
from core.conversations.models import FileKind, LabelledStep, TestFile, TurnKind
from core.conversations.reading import read_file

_FOLDER = Path(__file__).parents[2] / "data_commands"


def _steps(path: Path) -> list[LabelledStep]:
    read = read_file(path, path.name)
    assert (read.problems, read.warnings, read.kind) == ((), (), FileKind.COMMAND_LABELS)
    assert isinstance(read.content, tuple)
    return [step for step in read.content if isinstance(step, LabelledStep)]


_WRITTEN = [step for path in sorted(_FOLDER.glob("*.jsonl")) for step in _steps(path)]


def test_no_text_or_name_of_a_test_is_copied() -> None:
    assert len(_WRITTEN) == 99
    assert {(step.name, step.text) for step in _WRITTEN} == {(None, None)}


def test_every_command_can_be_read() -> None:
    for step in _WRITTEN:
        for line in step.commands or ():
            result = parse(line, Dialect.V1)
            assert (len(result.commands), result.leftovers) == (1, ()), line


@pytest.mark.data
def test_with_the_gold_labels_every_user_step_has_one_row(test_data: Path) -> None:
    said = Counter[tuple[str, str, int, int]]()
    for path in find_files([test_data / "data"]):
        assistant, _, file = path.relative_to(test_data / "data").as_posix().partition("/")
        read = read_file(path, file)
        if isinstance(read.content, TestFile) and "output" not in path.parts:
            for case in read.content.cases:
                asked = (turn for turn in case.turns if turn.kind is TurnKind.USER)
                said.update((assistant, file, turn.line, number) for number, turn in enumerate(asked, start=1))
    labelled = Counter(
        (step.assistant or "", step.file, step.test_line or 0, step.user_step)
        for step in (*_WRITTEN, *_steps(test_data / "gold" / "gold_commands.jsonl"))
    )
    assert labelled == said
    assert len(said) == 200


@pytest.mark.data
def test_buttons_and_skipped_steps_have_no_commands_and_all_others_have(test_data: Path) -> None:
    for step in _WRITTEN:
        assert step.assistant is not None
        assert step.test_line is not None
        lines = (test_data / "data" / step.assistant / step.file).read_text(encoding="utf-8").splitlines()
        is_button = lines[step.test_line - 1].partition("user:")[2].lstrip(" \"'").startswith("/")
        assert bool(step.commands) is not (is_button or step.skip is not None)
