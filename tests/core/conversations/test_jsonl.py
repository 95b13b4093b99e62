from __future__ import annotations

import json
from typing import Any

import pytest

from core.conversations.models import FileKind, LabelledStep, ReadFile, Rephrasing, TrainingRow, Verdict
from core.conversations.reading import read_bytes


def _read(*rows: dict[str, Any]) -> ReadFile:
    read = read_bytes("\n".join(json.dumps(row) for row in rows).encode(), "f")
    assert read.problems == ()
    return read


def test_three_shapes_of_training_rows_may_be_mixed() -> None:
    messages = [{"role": "user", "content": "p"}, {"role": "assistant", "content": "c"}]
    lineage = {"original_test_name": "a.yml::b", "original_user_utterance": "hi", "rephrased_user_utterance": None}
    read = _read({"prompt": "p", "completion": ""}, {"prompt": "p", "output": "c\nd", **lineage}, {"messages": messages})
    assert (read.kind, read.warnings) == (FileKind.TRAINING_ROWS, ())
    assert read.content == (
        TrainingRow("p", "", 1),
        TrainingRow("p", "c\nd", 2, "a.yml", "b", "hi"),
        TrainingRow("p", "c", 3),
    )


def test_a_system_message_is_joined_and_said_so_once() -> None:
    row = {"messages": [{"role": role, "content": role[0]} for role in ("system", "user", "assistant")]}
    read = _read({"prompt": "p", "completion": "c"}, row, row)
    assert isinstance(read.content, tuple)
    assert read.content[1:] == (TrainingRow("s\n\nu", "a", 2), TrainingRow("s\n\nu", "a", 3))
    assert [str(warning) for warning in read.warnings] == [
        "f:2: a `system` message, joined in front of the prompt (in 2 of 3 rows). "
        "Move its text into the user message if you want it elsewhere."
    ]


def test_lines_end_at_line_feeds_only() -> None:
    data = '\ufeff\n{"prompt": "a\u2028b\x85", "completion": "c"}\r\n\r\n  \n{"prompt": "2", "completion": "c"}'
    read = read_bytes(data.encode(), "f")
    assert read.problems == ()
    assert read.content == (TrainingRow("a\u2028b\x85", "c", 2), TrainingRow("2", "c", 5))


def test_the_first_row_may_be_broken() -> None:
    read = read_bytes(b'{"prompt": "a" "completion": "c"}\n', "f")
    assert read.kind is FileKind.TRAINING_ROWS
    assert [str(problem.where) for problem in read.problems] == ["f:1:16"]


def test_command_labels() -> None:
    row = {
        "assistant": "x",
        "file": "a.yml",
        "test_case": "t",
        "line": 4,
        "user_step": 2,
        "text": "hi",
        "button": False,
    }
    read = _read({**row, "commands": ["a"], "also_ok": [["b"]], "note": "n"}, {**row, "skip": "no flow", "commands": []})
    assert (read.kind, read.warnings) == (FileKind.COMMAND_LABELS, ())
    assert read.content == (
        LabelledStep("a.yml", "t", 2, "hi", 1, 4, "x", ("a",)),
        LabelledStep("a.yml", "t", 2, "hi", 2, 4, "x", (), (), "no flow"),
    )


def test_rephrasing_labels_in_both_shapes() -> None:
    rephrasings = [
        {"text": "a", "verdict": "ambiguous", "reasons": ["2 of 3"], "commands": ["x"]},
        {"text": "b", "faithful": True},
        {"text": "c", "faithful": False, "why": "added_info: when", "commands": []},
        {"text": "d"},
    ]
    read = _read({"file": "a.yml", "test_case": "t", "user_step": 1, "text": "hi", "rephrasings": rephrasings})
    assert (read.kind, read.warnings) == (FileKind.REPHRASING_LABELS, ())
    assert read.content == (
        LabelledStep(
            "a.yml",
            "t",
            1,
            "hi",
            1,
            rephrasings=(
                Rephrasing("a", Verdict.AMBIGUOUS, ("2 of 3",), ("x",), 1),
                Rephrasing("b", Verdict.SAME, line=1),
                Rephrasing("c", Verdict.DIFFERENT, ("added_info: when",), (), 1),
                Rephrasing("d", line=1),
            ),
        ),
    )


@pytest.mark.parametrize("value", ["9" * 5000, "[" * 5000, '"a"', "NaN", "true", "null"])
def test_odd_values_never_raise(value: str) -> None:
    read = read_bytes(f'{{"prompt": "p", "completion": "c"}}\n{{"prompt": "p", "completion": {value}}}\n'.encode(), "f")
    assert read.kind is FileKind.TRAINING_ROWS
    assert len(read.problems) == (value != '"a"')
