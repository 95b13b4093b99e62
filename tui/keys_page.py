"""Write docs/keys.md from the action registry: `python -m tui.keys_page`. A test checks that the file is current."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tui.action import Action
from tui.actions import ACTIONS
from tui.keymap import shown_key
from tui.words import FILTERS, state_rows, verdict_rows

PAGE = Path(__file__).parent.parent / "docs" / "keys.md"

_TITLES = {
    "app": "Everywhere",
    "overview": "Overview",
    "conversations": "Conversations",
    "review": "Review",
    "settings": "Settings",
    "coverage": "Coverage",
    "stages": "Stages",
    "dataset": "Dataset",
    "team": "Team",
}

_INTRODUCTION = """\
# Keys

<!-- Written by `python -m tui.keys_page` from tui/actions.py; do not edit. -->

Every key can be changed in your own `config.toml` (`workbench doctor` says where it is). Name the action and its keys:

```toml
[keymap]
"review.accept" = "y"
"review.down" = "j,down,ctrl+n"
```

An unknown action or a key that is taken is reported when the app starts, and that entry is left out. In the app, `?`
shows the keys of the current screen and `ctrl+p` (or `:`) finds any action by name. With the mouse: click a line to go
to it, click a key in the last line to press it, drag to select text (with shift or option where the terminal wants it).
"""


def keys_page() -> str:
    """The page as Markdown."""
    parts = [_INTRODUCTION]
    for scope, title in _TITLES.items():
        groups: dict[str, list[Action]] = {}
        for action in ACTIONS:
            if action.scope == scope:
                groups.setdefault(action.group, []).append(action)
        parts.append(f"## {title}\n")
        for group, members in groups.items():
            parts.append(f"### {group}\n\n" + _table(("Key", "Action", "What it does", "Id"), map(_row, members)))
    parts.append("## Words\n")
    parts.append("### States of a rephrasing\n\n" + _table(("Mark", "State", "Meaning"), _words(state_rows())))
    parts.append("### Verdicts of the machine\n\n" + _table(("Mark", "Verdict", "Meaning"), _words(verdict_rows())))
    rows = ((f"`{example}`", meaning) for example, meaning in FILTERS)
    parts.append("### Filters\n\n" + _table(("Example", "Shows"), rows))
    return "\n".join(parts)


def _row(action: Action) -> tuple[str, ...]:
    keys = " ".join(f"`{shown_key(key)}`" for key in action.keys.split(","))
    return keys, action.title, action.help, f"`{action.id}`"


def _words(rows: list[tuple[str, str, str]]) -> list[tuple[str, ...]]:
    return [(f"`{mark}`" if mark.strip() else "", word, meaning) for mark, word, meaning in rows]


def _table(headers: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [headers, tuple("---" for _ in headers), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def main() -> None:
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(keys_page(), encoding="utf-8")
    print(PAGE)


if __name__ == "__main__":
    main()
