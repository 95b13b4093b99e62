from __future__ import annotations

import pytest

from core.conversations.models import FileKind
from core.conversations.reading import read_bytes

_PROMPT = '{"prompt": "a", "completion": "b"}\n'
_STEPS = "- test_case: a\n  steps:\n  - user: hi\n"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"test_cases:\n{_STEPS}", FileKind.E2E_TESTS),
        ("fixtures: []\ntest_cases: []\n", FileKind.E2E_TESTS),
        (f"test_cases:\n{_STEPS}    commands: [a]\n", FileKind.DU_TESTS),
        ("conversations: []\n", FileKind.ANNOTATIONS),
        (
            "conversations:\n- original_test_case: a::b\n  steps:\n  - user: a\n    passing_rephrasings: []\n",
            FileKind.REPHRASINGS,
        ),
        ("prompt_contexts: {}\n", FileKind.CONTEXTS),
        (_PROMPT, FileKind.TRAINING_ROWS),
        ('\n\n{"messages": []}\n', FileKind.TRAINING_ROWS),
        ('{"file": "a", "test_case": "b", "user_step": 1, "text": "c", "commands": []}', FileKind.COMMAND_LABELS),
        ('{"file": "a", "test_case": "b", "user_step": 1, "text": "c", "rephrasings": []}', FileKind.REPHRASING_LABELS),
        ("parameters:\n  num_rephrases: 10\n  train_frac: 0.8\n", FileKind.RECIPE_PARAMS),
        ("prompt_template: a.jinja2\nllm: {model: x}\n", FileKind.RECIPE_PARAMS),
        ("num_input_e2e_tests: 15\nnum_ft_data_points: 42\n", FileKind.RECIPE_SUMMARY),
        ("llm_judge:\n  llm: {provider: openai}\n", FileKind.TEST_CONFIG),
        ("fixtures:\n- a: [{b: c}]\n", FileKind.TEST_CONFIG),
        ("test_results:\n- name: a\n  pass_status: false\n", FileKind.TEST_RESULTS),
        ("flows:\n  a: {description: b}\n", FileKind.ASSISTANT),
        ("version: '3.1'\nslots: {}\nactions: [action_x]\n", FileKind.ASSISTANT),
        ("recipe: default.v1\nlanguage: en\npipeline: []\n", FileKind.ASSISTANT),
        ("model_groups: []\n", FileKind.ASSISTANT),
        ('{\n\t"workbench_export": {\n\t\t"version": 1\n\t}\n}\n', FileKind.EXPORT),
        # a broken file is still known by its first line
        ("test_cases:\n- test_case: 'a\n", FileKind.E2E_TESTS),
        ("# tests\n---\nfixtures: [\ntest_cases:\n", FileKind.E2E_TESTS),
        ("conversations:\n- user: a: b\n", FileKind.ANNOTATIONS),
        # a misspelled key does not hide a file of tests
        (f"tests:\n{_STEPS}", FileKind.E2E_TESTS),
        ("conversation:\n- original_test_case: a::b\n  steps: []\n", FileKind.ANNOTATIONS),
    ],
)
def test_files_are_known_by_their_content(text: str, kind: FileKind) -> None:
    assert read_bytes(text.encode(), "anything").kind is kind


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"hello\n",
        b"{",
        b"{}\n",
        b"[1, 2]\n",
        b'{"name": "package", "version": "1"}\n',
        b'{"conversations": [{"from": "human", "value": "x"}]}\n',
        b"import os\n\n\ndef flows(slots: list) -> None:\n    test_cases: list = [\n",
        b"# Title\n\nText: with colon\n\n```yaml\ntest_cases:\n- test_case: a: b\n```\n",
        b"---\ntitle: a page\n---\n\n```yaml\ntest_cases:\n- x: a: b\n```\n",
        b"Copyright: 2024 somebody, all rights: reserved\ntest_cases:\n",
        b"{% if x %}\ntest_cases: {{ y }}\n{% endif %}\n",
        b"\x89PNG\r\n\x1a\n\0\0\0",
        b"\x7fELF\0test_cases:\n",
        b"caf\xe9 au lait, slots\n",
        b"\xff\xfe\x00\x00",
        b"all: test\n\ntest:\n\tpytest conversations\n",
        b"on: push\njobs:\n  steps:\n  - run: x\n",
        b"tests:\n- name: a\n",
        b"- steps: []\n",
        b"[" * 10_000 + b"flows",
    ],
)
def test_other_files_are_no_errors(data: bytes) -> None:
    read = read_bytes(data, "x.yml")
    assert (read.kind, read.content, read.problems, read.warnings) == (FileKind.OTHER, None, (), ())
