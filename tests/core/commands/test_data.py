"""Real answers of a hosted model, and hand-made labels, read whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.commands import Dialect, detect_dialect, parse, to_lines

pytestmark = pytest.mark.data

ANSWERS = "data/chunyuanlee__rasa_bot_ecs/output/3_llm_finetune_data/llm_ft_data.jsonl"


def rows(path: Path) -> Iterator[dict[str, object]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def command_lists(value: object) -> Iterator[list[str]]:
    """Every list under a key `commands`, at any depth, and the lists of `also_ok`."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "commands":
                yield inner
            elif key == "also_ok":
                yield from inner
            else:
                yield from command_lists(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from command_lists(inner)


def test_all_answers_of_a_published_recipe_run_are_v2(test_data: Path) -> None:
    answers = [str(row["output"]) for row in rows(test_data / ANSWERS)]
    assert len(answers) == 42
    assert detect_dialect(answers) is Dialect.V2
    for answer in answers:
        result = parse(answer, Dialect.V2)
        assert result.found
        assert result.complete, (answer, result.leftovers)
        assert to_lines(result.found, Dialect.V2) == answer.strip()


def test_all_gold_commands_are_v1(test_data: Path) -> None:
    files = sorted((test_data / "gold").glob("*.jsonl"))
    lists = [commands for path in files for row in rows(path) for commands in command_lists(row)]
    assert sum(map(len, lists)) > 400
    for commands in lists:
        for text in commands:
            result = parse(text, Dialect.V1)
            assert len(result.found) == 1
            assert result.complete, (text, result.leftovers)
            assert to_lines(result.found, Dialect.V1) == text
        joined = parse("\n".join(commands), Dialect.V1)
        assert len(joined.found) == len(commands)
        assert joined.complete
