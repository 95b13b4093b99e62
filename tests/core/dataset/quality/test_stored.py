"""Figures are measured once, kept beside the version, and come back as they were. Lengths are estimated."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.dataset.models import Part
from core.dataset.quality import stored
from core.dataset.quality.measure import measure
from core.dataset.quality.stored import quality_of, stored_path, stored_quality
from core.errors import ProjectError
from tests.core.dataset.quality.versions import Step, Written


def _written() -> Written:
    written = Written()
    written.test("a", Step("book a car", ["get a car", "一辆车"]), Step("yes"))
    written.test("b", Step("book a room", ["room please"]), part=Part.VAL)
    return written


def test_stored_figures_are_those_that_were_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    version = _written().write(tmp_path / "abc123abc123")
    assert stored_quality(version) is None
    first = quality_of(version)
    monkeypatch.setattr(stored, "measure", None)  # it would be called
    assert quality_of(version) == stored_quality(version) == first
    assert stored_path(version).name == "abc123abc123.quality.json"


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"format": 0, "address": "x"}'])
def test_what_cannot_be_read_is_measured_again(tmp_path: Path, content: str) -> None:
    version = _written().write(tmp_path / "v")
    stored_path(version).write_text(content, encoding="utf-8")
    assert stored_quality(version) is None
    assert quality_of(version) == stored_quality(version)


def test_figures_of_another_version_of_the_program_are_measured_again(tmp_path: Path) -> None:
    version = _written().write(tmp_path / "v")
    quality_of(version)
    data = json.loads(stored_path(version).read_text(encoding="utf-8"))
    del data["quality"]["novelty"]
    stored_path(version).write_text(json.dumps(data), encoding="utf-8")
    assert stored_quality(version) is None


def test_a_longer_list_is_not_stored(tmp_path: Path) -> None:
    version = _written().write(tmp_path / "v")
    quality_of(version, keep=1)
    assert stored_quality(version) is None


def test_a_damaged_version_is_told_with_its_line(tmp_path: Path) -> None:
    version = _written().write(tmp_path / "v")
    with (tmp_path / "v" / "lineage.jsonl").open("a", encoding="utf-8") as file:
        file.write("{}\n")
    with pytest.raises(ProjectError, match="damaged"):
        measure(version)


def test_lengths_are_counted_with_limits_and_without_the_holdout(tmp_path: Path) -> None:
    written = Written()
    written.test("a", Step("pay", ["pay now"]))
    written.test("h", Step("pay"), part=Part.HOLDOUT)
    found = measure(written.write(tmp_path / "v", prompt="x" * 4400))  # 1,100 tokens; the completion has 14 characters: 4
    assert found.measured == 2
    assert (found.prompts.median, found.prompts.longest, found.prompts.over) == (1104, 1104, {512: 2, 1024: 2, 2048: 0})
    assert found.prompts.bins == [(1088, 2)]
    assert (found.completions.longest, found.completions.bins) == (4, [(4, 2)])


def test_progress_is_told(tmp_path: Path) -> None:
    written = Written()
    for test in range(400):
        written.test(f"t{test}", Step(f"pay {test}", ["now", "please"]))
    told: list[tuple[str, int, int]] = []
    measure(written.write(tmp_path / "v"), progress=lambda what, done, total: told.append((what, done, total)))
    assert ("measuring wordings", 1002, 1200) in told or ("measuring wordings", 1000, 1200) in told
    assert told[-1] == ("measuring lengths", 1000, 1200)
