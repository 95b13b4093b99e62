"""A key is found on its own line, in its own table, however it is written."""

from __future__ import annotations

from core.toml_lines import line_of, lines_of_keys

TEXT = '''\
top = 1
[a]
same = 1 # of a

list = [
  ["a.b"]
]
[a."b.c"]
same = """
[a.d]
same = 1
"""
d.e = {same = 2}
[[many]]
same = 3
'''


def test_tables_dotted_keys_inline_tables_and_lists_of_tables() -> None:
    found = lines_of_keys(TEXT)
    assert found == {
        ("top",): 1, ("a",): 2, ("a", "same"): 3, ("a", "list"): 5, ("a", "b.c"): 8, ("a", "b.c", "same"): 9,
        ("a", "b.c", "d"): 13, ("a", "b.c", "d", "e"): 13, ("a", "b.c", "d", "e", "same"): 13, ("many",): 14,
        ("many", "same"): 15,
    }  # fmt: skip


def test_what_is_not_there_is_looked_for_in_the_table_around_it() -> None:
    assert line_of(lines_of_keys(TEXT), ("a", "b.c", "missing")) == 8
    assert line_of(lines_of_keys(TEXT), ("missing",)) is None


def test_what_is_no_toml_has_no_lines() -> None:
    assert lines_of_keys('a = 1\nb = "') == {}
