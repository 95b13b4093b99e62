"""The openly licensed assistants and the hand-made labels, read and written back."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import jsonschema
import pytest
import yaml

from core.conversations.files import find_files
from core.conversations.models import AnnotatedConversation, FileKind, LabelledStep, ReadFile, TestFile, Turn, TurnKind
from core.conversations.reading import read_file
from core.conversations.writing import yaml_of_annotations, yaml_of_rephrasings, yaml_of_tests

pytestmark = pytest.mark.data

_COUNTS = {  # tests, user steps, buttons
    "RasaHQ__rasa-calm-hybrid-demo": (65, 65, 0),
    "chunyuanlee__rasa_bot_ecs": (15, 63, 19),
    "rasa-customers__rasa-quickstart": (8, 27, 0),
    "RasaHQ__financial-demo_calm_branch": (3, 16, 4),
    "dingzj11__E-commerce-Intelligent-Customer-Service-Agent": (7, 29, 13),
}


class _Yaml12Loader(yaml.CSafeLoader):
    """PyYAML with the booleans of YAML 1.2: the files say `- user: Yes`."""


_BOOL = "tag:yaml.org,2002:bool"
_Yaml12Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _BOOL]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Yaml12Loader.add_implicit_resolver(_BOOL, re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))


@pytest.fixture(scope="module")
def read_files(test_data: Path) -> list[ReadFile]:
    paths = find_files([test_data / "data", test_data / "gold"])
    return [read_file(path, path.relative_to(test_data).as_posix()) for path in paths]


def test_nothing_is_wrong_with_any_file(read_files: list[ReadFile]) -> None:
    assert [str(problem) for read in read_files for problem in read.problems + read.warnings] == []


def test_every_file_is_known(read_files: list[ReadFile]) -> None:
    counts = Counter(read.kind for read in read_files)
    del counts[FileKind.ASSISTANT], counts[FileKind.OTHER]
    assert counts == {
        FileKind.E2E_TESTS: 24,
        FileKind.ANNOTATIONS: 1,
        FileKind.REPHRASINGS: 1,
        FileKind.TRAINING_ROWS: 3,
        FileKind.COMMAND_LABELS: 1,
        FileKind.REPHRASING_LABELS: 1,
        FileKind.RECIPE_PARAMS: 3,
        FileKind.RECIPE_SUMMARY: 1,
    }


def test_yaml_that_is_not_ours_has_no_content_at_all(read_files: list[ReadFile], test_data: Path) -> None:
    for read in read_files:
        if read.kind is FileKind.OTHER and read.path.endswith((".yml", ".yaml")):
            assert yaml.safe_load((test_data / read.path).read_text(encoding="utf-8")) is None


@pytest.mark.parametrize("assistant", _COUNTS)
def test_tests_user_steps_and_buttons(read_files: list[ReadFile], assistant: str) -> None:
    turns = tests = 0
    buttons = 0
    for read in read_files:
        if read.path.startswith(f"data/{assistant}/") and "/output/" not in read.path and isinstance(read.content, TestFile):
            tests += len(read.content.cases)
            asked = [turn for case in read.content.cases for turn in case.turns if turn.kind is TurnKind.USER]
            turns += len(asked)
            buttons += sum(turn.is_button for turn in asked)
    assert (tests, turns, buttons) == _COUNTS[assistant]


def test_labels_agree_with_the_tests_they_are_about(read_files: list[ReadFile]) -> None:
    said: dict[tuple[str, str | None, int], Turn] = {}
    for read in read_files:
        if isinstance(read.content, TestFile):
            for case in read.content.cases:
                asked = [turn for turn in case.turns if turn.kind is TurnKind.USER]
                said.update({(read.path, case.name, step): turn for step, turn in enumerate(asked, start=1)})
    steps = [step for read in read_files if read.path.startswith("gold/") for step in _labels(read)]
    assert Counter(bool(step.rephrasings) for step in steps) == {False: 101, True: 51}
    assert sum(len(step.rephrasings) for step in steps) == 408
    for step in steps:
        turn = said[(f"data/{step.assistant}/{step.file}", step.name, step.user_step)]
        assert (turn.text, turn.line) == (step.text, step.test_line)


def _labels(read: ReadFile) -> list[LabelledStep]:
    return [step for step in read.content if isinstance(step, LabelledStep)] if isinstance(read.content, tuple) else []


def test_written_files_equal_the_originals_and_fit_the_schemas(read_files: list[ReadFile], test_data: Path) -> None:
    schemas = {
        name: json.loads((test_data / "spec" / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))
        for name in ("e2e_tests", "annotated_conversations")
    }
    compared = Counter[str]()
    for read in read_files:
        if isinstance(read.content, TestFile):
            written, schema = yaml_of_tests(read.content), "e2e_tests"
        elif read.kind in (FileKind.ANNOTATIONS, FileKind.REPHRASINGS):
            assert isinstance(read.content, tuple)
            conversations = [item for item in read.content if isinstance(item, AnnotatedConversation)]
            write = yaml_of_annotations if read.kind is FileKind.ANNOTATIONS else yaml_of_rephrasings
            written, schema = write(conversations), "annotated_conversations"
        else:
            continue
        original = yaml.load((test_data / read.path).read_bytes(), _Yaml12Loader)
        assert yaml.load(written, yaml.CSafeLoader) == yaml.load(written, _Yaml12Loader) == original, read.path
        jsonschema.validate(original, schemas[schema])
        compared[schema] += 1
    assert compared == {"e2e_tests": 24, "annotated_conversations": 2}
