from __future__ import annotations

import gc
import hashlib
import os
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from core.conversations.models import FileKind, TestFile
from core.conversations.reading import find_files, read_bytes, read_file
from core.errors import UsageError

_TESTS = b"test_cases:\n- test_case: a\n  steps:\n  - user: hi\n"


def _names(paths: list[Path], folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in paths]


def _write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(_TESTS)


def test_a_file_is_read_under_the_name_it_is_shown_by(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_bytes(_TESTS)
    read = read_file(path, "e2e/a.yml")
    assert (read.path, read.sha256) == ("e2e/a.yml", hashlib.sha256(_TESTS).hexdigest())
    assert isinstance(read.content, TestFile)


def test_a_large_binary_is_hashed_and_not_parsed(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    data = b"test_cases:\n" + bytes(200_000)
    path.write_bytes(data)
    read = read_file(path, "model.bin")
    assert (read.kind, read.sha256) == (FileKind.OTHER, hashlib.sha256(data).hexdigest())


def test_a_file_that_cannot_be_opened_is_a_problem(tmp_path: Path) -> None:
    read = read_file(tmp_path / "gone.yml", "gone.yml")
    assert [str(problem) for problem in read.problems] == [
        "gone.yml: cannot be read (No such file or directory). Check that you may read it."
    ]


def test_collection_is_on_again_after_reading() -> None:
    assert gc.isenabled()
    read_bytes(_TESTS, "a")
    assert gc.isenabled()
    gc.disable()
    try:
        read_bytes(_TESTS, "a")
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_files_are_found_sorted_once_and_without_what_is_hidden_or_installed(tmp_path: Path) -> None:
    _write(tmp_path, "b.yml", "a/z.yml", "a/.env", ".workbench/x.yml", ".git/x.yml", "node_modules/m/x.yml", "a/b/c.txt")
    _write(tmp_path, "venv/pyvenv.cfg", "venv/lib/x.yml", "lib/site-packages/x.yml", "a/__pycache__/x.yml")
    found = find_files([tmp_path, tmp_path / "b.yml", tmp_path / "a" / ".." / "a"])
    assert _names(found, tmp_path) == ["a/b/c.txt", "a/z.yml", "b.yml"]


def test_what_is_named_is_read_even_when_hidden(tmp_path: Path) -> None:
    _write(tmp_path, ".hidden/a.yml", ".b.yml")
    found = find_files([tmp_path / ".hidden", tmp_path / ".b.yml"])
    assert _names(found, tmp_path) == [".b.yml", ".hidden/a.yml"]


def test_links_are_followed_once(tmp_path: Path) -> None:
    _write(tmp_path, "project/a.yml", "shared/b.yml")
    (tmp_path / "project" / "loop").symlink_to(tmp_path / "project")
    (tmp_path / "project" / "up").symlink_to(tmp_path)
    (tmp_path / "project" / "shared").symlink_to(tmp_path / "shared")
    (tmp_path / "project" / "broken.yml").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "project" / "pipe")
    found = find_files([tmp_path / "project"])
    assert sorted(path.name for path in found) == ["a.yml", "b.yml"]


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"No such file or folder: .*/x\.yml, .*/y"):
        find_files([tmp_path / "x.yml", tmp_path, tmp_path / "y"])


def test_nothing_is_wrong_with_the_sample_project() -> None:
    folder = Path(__file__).parents[3] / "examples" / "harbour"
    read = [read_file(path, path.relative_to(folder).as_posix()) for path in find_files([folder])]
    assert [str(problem) for one in read for problem in one.problems + one.warnings] == []
    kinds = {one.kind for one in read}
    assert kinds >= {FileKind.E2E_TESTS, FileKind.DU_TESTS, FileKind.ANNOTATIONS, FileKind.CONTEXTS}
    assert kinds >= {FileKind.REPHRASING_LABELS, FileKind.ASSISTANT}


_PIECES = st.sampled_from(
    [
        *(
            "test_cases:",
            "conversations:",
            "prompt_contexts:",
            "flows:",
            "\n",
            "\n- ",
            "\n  - ",
            "\n    - ",
            "steps:",
            "user: ",
        ),
        *(
            "- test_case: a\n  steps:\n",
            "- original_test_case: a::b\n  steps:\n",
            "&a ",
            "*a",
            "<<: ",
            "{",
            "}",
            "[",
            "]",
            "'",
        ),
        *(
            '"',
            ": ",
            "|",
            ">",
            "#",
            "!x ",
            "? ",
            "---\n",
            "\t",
            "\ufeff",
            "\u2028",
            "\x00",
            "bot: x",
            "commands: ",
            "~",
            "1.5",
        ),
        *(
            "passing_rephrasings: ",
            "assertions: ",
            "tests: ",
            "slots: ",
            '{"prompt": "a", "completion": "b"}\n',
            '{"messages": ',
        ),
        *('{"test_case": "a", "text": "b", "rephrasings": [', '{"role": "user"}', "\\ud800", "null", "true"),
    ]
)


@settings(deadline=None, max_examples=400)
@given(st.lists(_PIECES, max_size=25).map(lambda pieces: "".join(pieces).encode()) | st.binary(max_size=60))
def test_nothing_that_can_be_in_a_file_raises(data: bytes) -> None:
    for start in (
        b"",
        b"test_cases:\n",
        b"conversations:\n",
        b"prompt_contexts:\n",
        b'{"prompt": "a", "completion": "b"}\n',
    ):
        read = read_bytes(start + data, "f")
        assert all(problem.fix for problem in read.problems + read.warnings)


@pytest.mark.slow
def test_reading_costs_no_more_than_loading_the_yaml(tmp_path: Path) -> None:
    step = "  - user: I lost card {n}\n    llm_commands:\n    - start flow report_lost_card\n  - utter: utter_ask_number\n"
    rows = ["conversations:\n"]
    for number in range(4000):
        rows.append(f"- original_test_case: e2e/a.yml::case {number}\n  steps:\n")
        rows += [step.format(n=number)] * 5
    path = tmp_path / "a.yml"
    path.write_text("".join(rows), encoding="utf-8")

    def timed(read: bool) -> float:
        started = time.perf_counter()
        if read:
            assert read_file(path, "a.yml").problems == ()
        else:
            with path.open(encoding="utf-8") as file:
                yaml.load(file, yaml.CSafeLoader)
        return time.perf_counter() - started

    ratio = min(timed(True) for _ in range(3)) / min(timed(False) for _ in range(3))
    assert ratio < 1.0, f"reading takes {ratio:.2f} of the time of yaml.load (0.4 to 0.6 on an idle machine)"


def test_an_unknown_tag_hides_no_other_problem() -> None:
    text = b"test_cases:\n- test_case: one\n  steps:\n  - user: !foo bar\n- test_case: two\n  steps:\n  - usr: hello\n"
    found = [str(problem) for problem in read_bytes(text, "tests.yml").problems]
    assert [line.split(":")[1] for line in found] == ["4", "7"]
    assert "unknown tag `!foo`" in " ".join(found)
