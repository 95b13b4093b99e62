"""docs/keys.md comes from the action registry."""

from __future__ import annotations

from tui.actions import ACTIONS
from tui.keys_page import PAGE, keys_page


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == keys_page(), "run `python -m tui.keys_page`"


def test_every_action_is_on_the_page_once() -> None:
    page = keys_page()
    for action in ACTIONS:
        assert page.count(f"| `{action.id}` |") == 1, action.id


def test_tables_are_well_formed() -> None:
    """Every row of a table has as many cells as its heading."""
    cells = 0
    for line in keys_page().splitlines():
        if not line.startswith("|"):
            cells = 0
            continue
        count = line.replace("\\|", "").count("|")
        cells = cells or count
        assert count == cells, line
