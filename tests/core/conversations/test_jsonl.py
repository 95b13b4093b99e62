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
    messages = [{"role": "user", "content": "p"}, {"role": "assistant", "content": "cancel flow"}]
    lineage = {"original_test_name": "a.yml::b", "original_user_utterance": "hi", "rephrased_user_utterance": None}
    read = _read(
        {"prompt": "p", "completion": ""},
        {"prompt": "p", "output": "start flow c\nstart flow d", **lineage},
        {"messages": messages},
    )
    assert (read.kind, read.warnings) == (FileKind.TRAINING_ROWS, ())
    assert read.content == (
        TrainingRow("p", "", 1),
        TrainingRow("p", "start flow c\nstart flow d", 2, "a.yml", "b", "hi"),
        TrainingRow("p", "cancel flow", 3),
    )


def test_a_system_message_is_joined_and_said_so_once() -> None:
    said = {"system": "s", "user": "u", "assistant": "cancel flow"}
    row = {"messages": [{"role": role, "content": text} for role, text in said.items()]}
    read = _read({"prompt": "p", "completion": ""}, row, row)
    assert isinstance(read.content, tuple)
    assert read.content[1:] == (TrainingRow("s\n\nu", "cancel flow", 2), TrainingRow("s\n\nu", "cancel flow", 3))
    assert [str(warning) for warning in read.warnings] == [
        "f:2:14: a `system` message, joined in front of the prompt (in 2 of 3 rows). "
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
    read = _read(
        {**row, "commands": ["hand over"], "also_ok": [["b"]], "note": "n"}, {**row, "skip": "no flow", "commands": []}
    )
    assert (read.kind, read.warnings) == (FileKind.COMMAND_LABELS, ())
    assert read.content == (
        LabelledStep("a.yml", "t", 2, "hi", 1, 4, "x", ("hand over",)),
        LabelledStep("a.yml", "t", 2, "hi", 2, 4, "x", (), (), "no flow"),
    )


def test_labels_without_any_text_of_the_test_are_placed_by_line() -> None:
    row = {"file": "a.yml", "line": 4, "user_step": 2, "commands": ["hand over"]}
    read = _read(row)
    assert (read.kind, read.warnings) == (FileKind.COMMAND_LABELS, ())
    assert read.content == (LabelledStep("a.yml", None, 2, None, 1, 4, None, ("hand over",)),)


def test_labels_without_a_line_need_name_and_text() -> None:
    row = {"file": "a.yml", "test_case": "t", "user_step": 2, "text": "hi", "commands": ["a"]}
    unnamed = {key: value for key, value in row.items() if key != "test_case"}
    textless = {key: value for key, value in row.items() if key != "text"}
    read = read_bytes("\n".join(json.dumps(one) for one in (row, unnamed, textless)).encode(), "f")
    assert [problem.what for problem in read.problems] == ["`test_case` is missing", "`text` is missing"]


def test_rephrasing_labels_in_both_shapes() -> None:
    rephrasings = [
        {"text": "a", "verdict": "ambiguous", "reasons": ["2 of 3"], "commands": ["hand over"]},
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
                Rephrasing("a", Verdict.AMBIGUOUS, ("2 of 3",), ("hand over",), 1),
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
