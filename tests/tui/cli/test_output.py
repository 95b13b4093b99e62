"""Tables on a terminal and for other programs."""

from __future__ import annotations

import sys

import pytest
from rich.cells import cell_len

from tui.cli.output import print_table, table_lines

LONG = "x" * 20_000
ROWS = [(1, LONG, "a"), (2, "short", "b")]


def test_one_long_text_does_not_push_the_others_apart() -> None:
    head, long, short = table_lines(("id", "text", "who"), ROWS)
    assert long == f" 1  {LONG}  a"
    assert max(len(head), len(short)) < 300


def test_what_is_short_is_aligned() -> None:
    assert list(table_lines(("id", "text"), [(1, "a"), (12, "bcd")])) == ["id  text", " 1  a", "12  bcd"]


@pytest.mark.parametrize("text", [LONG, "宽" * 500])
def test_on_a_terminal_a_long_text_is_cut_to_the_window(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "100")
    print_table(("text", "who"), [(text, "a"), ("short", "b")])
    _, long, short = capsys.readouterr().out.splitlines()
    assert (long[-4:], cell_len(long) in (102, 103), cell_len(short) == cell_len(long)) == ("…  a", True, True)


def test_for_another_program_nothing_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("text",), [(LONG,)])
    assert capsys.readouterr().out.splitlines()[1] == LONG
