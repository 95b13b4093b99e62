from __future__ import annotations

import errno
import gc
import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.conversations.files import bytes_of, find_files
from core.conversations.models import FileKind, TestFile
from core.conversations.reading import read_bytes, read_file
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


def test_a_large_binary_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(b"test_cases:\n" + bytes(200_000))
    assert len(bytes_of(path)) < 100_000
    read = read_file(path, "model.bin")
    assert (read.kind, read.problems) == (FileKind.OTHER, ())


def test_a_pipe_is_a_problem_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert [str(problem) for problem in read_file(tmp_path / "pipe", "pipe").problems] == [
        "pipe: cannot be read (not a regular file). Check that you may read it."
    ]


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
    os.mkfifo(tmp_path / "project" / "pipe")
    found = find_files([tmp_path / "project"])
    assert sorted(path.name for path in found) == ["a.yml", "b.yml"]


def test_links_to_nothing_and_folders_that_cannot_be_searched_are_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(tmp_path, "a.yml", "locked/b.yml")
    (tmp_path / "broken.yml").symlink_to(tmp_path / "nothing")
    (tmp_path / "loop.yml").symlink_to(tmp_path / "loop.yml")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("locked"):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    errors: list[OSError] = []
    assert _names(find_files([tmp_path], errors.append), tmp_path) == ["a.yml"]
    assert [(Path(error.filename).name, error.strerror) for error in errors] == [
        ("broken.yml", "No such file or directory"),
        ("loop.yml", "Too many levels of symbolic links"),
        ("locked", "Permission denied"),
    ]


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


def test_an_unknown_tag_hides_no_other_problem() -> None:
    text = b"test_cases:\n- test_case: one\n  steps:\n  - user: !foo bar\n- test_case: two\n  steps:\n  - usr: hello\n"
    found = [str(problem) for problem in read_bytes(text, "tests.yml").problems]
    assert [line.split(":")[1] for line in found] == ["4", "7"]
    assert "unknown tag `!foo`" in " ".join(found)
