"""Names of files stay in their folder, whatever people and rounds are called."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UsageError
from review.pack.names import checked_person, own_folder, own_path, path_for, safe_name


@pytest.mark.parametrize("name", ["ann", "Ann-Marie_2", "josé", "李雷", "a.b"])
def test_a_plain_name_is_used_as_it_is(name: str) -> None:
    assert safe_name(name) == name


@given(st.text(max_size=300))
def test_any_name_is_one_part_of_a_path_that_a_file_system_takes(name: str) -> None:
    found = safe_name(name)
    assert Path(found).name == found
    assert found not in ("", ".", "..")
    assert not found.startswith(".")
    assert all(character.isalnum() or character in "-_." for character in found)
    assert len(own_folder(Path(f"{found}.jsonl"), name).name.encode()) <= 255


@pytest.mark.parametrize(("one", "other"), [("a/b", "a_b"), ("../ann", ".._ann"), ("x" * 91, "x" * 92), ("", "/")])
def test_names_that_look_alike_as_files_stay_apart(one: str, other: str) -> None:
    assert safe_name(one) != safe_name(other)


def test_files_of_a_person_lie_beside_the_hand_out() -> None:
    pack = Path("mail/round-1.jsonl")
    assert own_path(pack, "ann") == Path("mail/round-1-ann.answers.jsonl")
    assert own_folder(pack, "ann") == Path("mail/round-1-ann.workbench")
    assert path_for(pack, "ann") == Path("mail/round-1-ann.jsonl")
    assert own_path(pack, "../../etc/passwd").parent == Path("mail")


def test_who_has_a_hand_out_of_their_own_is_named_once() -> None:
    share = path_for(Path("mail/round-1.jsonl"), "ann")
    assert own_path(share, "ann") == Path("mail/round-1-ann.answers.jsonl")
    assert own_folder(share, "ann") == Path("mail/round-1-ann.workbench")
    assert own_path(share, "bob") == Path("mail/round-1-ann-bob.answers.jsonl")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("x" * 101, "longer than 100"),
        ("a\nb", "cannot be printed"),
        ("team", "outcomes"),
        ("Team", "outcomes"),
    ],
)
def test_nobody_can_be_called_that(name: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        checked_person(name)
