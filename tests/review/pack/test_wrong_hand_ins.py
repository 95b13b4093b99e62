"""Hand-ins that are wrong: each problem with its place, all at once, and nothing is changed."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.errors import InputError
from core.project import Project
from tests.review.pack.laptops import answer_line, hand_in_of, ids_of, lines_of, take_in, take_in_whole, write_lines

_FUTURE = (datetime.now(UTC) + timedelta(days=3)).isoformat()


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"id": "ID", "decision": "acept"}', ":3:42: not a decision: `acept`. Did you mean `accept`?"),
        ('{"id": "ID", "decision": 7}', ":3:42: `decision` must be text, found `7`"),
        ('{"id": "ID", "text": "better"}', ":3:38: `text` is given, but no decision."),
        ('{"id": "ID", "decision": "", "comment": "hm"}', ":3:57: `comment` is given, but no decision"),
        ('{"id": "ID", "desicion": "accept"}', ":3:42: unknown key `desicion`. Did you mean `decision`?"),
        ('{"id": "ID", "decision": "accept", "commands": ["begin flow x"]}', ":3:64: not a command: `begin flow x`."),
        ('{"id": "ID", "decision": "accept", "commands": 7}', ":3:64: `commands` must be a list of texts, found `7`"),
        ('{"id": "ID", "decision": "accept", "answered_at": "yesterday"}', ":3:67: `answered_at` is no time `yesterday`"),
        (f'{{"id": "ID", "decision": "accept", "answered_at": "{_FUTURE}"}}', ":3:67: `answered_at` lies in the future"),
        (
            '{"id": "ID", "decision": "accept", "annotator": "team"}',
            ":3:65: this name is kept for the team's outcomes: `team`.",
        ),
        ('{"id": "ID", "decision": "accept", "text": "a\\u0000b"}', ":3:60: `text` holds a NUL character `a␀b`"),
        ('{"id": "ID", "decision": "accept", "text": "\\ud83d"}', ":3:61: half of an escaped character"),
        ('{"id": "ID", "decision": "accept", "text": "' + "x" * 10_001 + '"}', ":3:60: `text` is longer than 10,000"),
        ('{"id": "r-0000", "decision": "accept"}', ":3:8: no record of `round-1` `r-0000`"),
        ('{"decision": "accept"}', ":3:1: `id` is missing"),
        ('{"id": "ID", "decision": "accept"', ":3:50: invalid JSON"),
        ('{"id": "ID", "id": "ID", "decision": "accept"}', ":3:30: a key that stands twice `id`"),
        ("[" * 100_000, ":3:1: invalid JSON"),
        ('{"id": "ID", "decision": "accept", "text": ' + "[" * 100_000, ":3:1: invalid JSON"),
        ("[1]", ":3:1: a row must be a JSON object"),
        ('{"id": "ID", "decision": "accept"}\0', ":3:51: invalid JSON"),
        ('{"workbench_pack": 1}', ":3:20: a second first line of a pack"),
        ("x" * (5 << 20), ":3:1: a line of more than 4,194,304 characters"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_line_is_named_with_its_place_and_nothing_is_changed(
    home: Project, pack: Path, line: str, problem: str
) -> None:
    ids = ids_of(pack)
    good = answer_line(ids["harbour birds"], "accept", answered_at="2026-05-01T10:00:00Z")
    path = hand_in_of(pack, "ann", [good], pack.with_name("in.jsonl"))
    with path.open("a", encoding="utf-8") as file:
        file.write(line.replace("ID", ids["again?"]) + "\n")
    with pytest.raises(InputError) as raised:
        take_in_whole(home, path)
    assert f"{path}{problem}" in raised.value.what


def test_all_problems_of_all_files_are_listed_at_once(home: Project, pack: Path) -> None:
    ids = ids_of(pack)
    one = hand_in_of(pack, "ann", [answer_line(ids["again?"], "maybe"), {"id": 7}], pack.with_name("1.jsonl"))
    rows = [answer_line(ids["again?"], "accept"), answer_line("r-1", "accept")]
    two = hand_in_of(pack, "bob", rows, pack.with_name("2.jsonl"))
    three = write_lines(pack.with_name("3.jsonl"), ["what is this"])
    with pytest.raises(InputError) as raised:
        take_in_whole(home, one, two, three, pack.with_name("missing.jsonl"))
    for problem in ("1.jsonl:2:", "1.jsonl:3:", "2.jsonl:3:", "3.jsonl:1:", "missing.jsonl: cannot be read (No such file"):
        assert problem in raised.value.what


def test_thousands_of_problems_do_not_flood_the_terminal(home: Project, pack: Path) -> None:
    path = hand_in_of(pack, "ann", [{"id": 7}] * 3000, pack.with_name("in.jsonl"))
    with pytest.raises(InputError, match=r"3,000 problems \(the first 100 are listed\)"):
        take_in(home, path)


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ({"workbench_pack": 2}, "made by a newer Workbench (format 2, known here: 1). Update with"),
        ({"workbench_pack": True}, "`workbench_pack` must be the version of the format"),
        ({"workbench_pack": "1"}, "`workbench_pack` must be the version of the format"),
        ({"kind": "hand-on"}, "`kind` must be hand-out or hand-in, found `hand-on`. Did you mean `hand-in`?"),
        ({"dialect": "v9"}, "unknown dialect `v9`"),
        ({"overlap": 0}, "`overlap` must be a whole number from 1"),
        ({"overlap": None}, "`overlap` must be a whole number from 1"),
        ({"round": None}, "`round` is missing"),
        ({"key": None}, "`key` is missing"),
        ({"annotator": "Team"}, "this name is kept for the team's outcomes: `Team`"),
        ({"round": "\x1b[2Jround-1"}, "`round` holds a character that cannot be printed `\ufffd[2Jround-1`"),
        ({"annotator": "a\nb"}, "cannot be printed"),
        ({"annotator": ["ann"]}, "`annotator` must be text"),
    ],
)
def test_a_wrong_first_line_is_named(home: Project, pack: Path, header: dict[str, Any], problem: str) -> None:
    path = hand_in_of(pack, "ann", [answer_line(ids_of(pack)["again?"], "accept")], pack.with_name("in.jsonl"))
    rows = lines_of(path)
    write_lines(path, [{**rows[0], **header}, *rows[1:]])
    with pytest.raises(InputError) as raised:
        take_in_whole(home, path)
    assert f"{path}:1:" in raised.value.what
    assert problem in raised.value.what


def test_a_file_without_its_first_line_says_so(home: Project, pack: Path) -> None:
    write_lines(pack, lines_of(pack)[1:])
    with pytest.raises(InputError, match=r"not a pack: the first line has no `workbench_pack`.*put it back"):
        take_in_whole(home, pack)


@pytest.mark.parametrize("content", [b"", b"\0\0\0", b"\xff\xfe\x00", b"\n\n"])
def test_files_that_are_no_text_are_refused(home: Project, pack: Path, content: bytes) -> None:
    path = pack.with_name("in.jsonl")
    path.write_bytes(content)
    with pytest.raises(InputError):
        take_in_whole(home, path)


def test_a_folder_and_a_pipe_are_refused_and_not_waited_for(home: Project, pack: Path) -> None:
    os.mkfifo(pack.with_name("pipe"))
    with pytest.raises(InputError, match="not a regular file"):
        take_in_whole(home, pack.with_name("pipe"))
    with pytest.raises(InputError, match=r"cannot be read|not a regular file"):
        take_in_whole(home, pack.parent)
