"""What Settings shows, as text: checks with remedies, settings with origin, themes, keys in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from textual.content import Content

from core.doctor import Check
from core.project import Project
from core.user import user_config_path
from tui.actions import ACTIONS
from tui.keymap import keys_in_force, shown_keys
from tui.styles import BAD, DOUBTFUL, GOOD, KEY, MUTED
from tui.themes import CYCLE
from tui.widgets.beside import beside
from tui.widgets.choice_list import Choice
from tui.widgets.plain import one_line, printable

if TYPE_CHECKING:
    from textual.app import App

_MARKS = {"ok": ("✓", GOOD), "warn": ("!", DOUBTFUL), "fail": ("✗", BAD)}


def checks_text(checks: Sequence[Check], width: int) -> Content:
    """Those that need something come first; a remedy stands under its finding."""
    cells = max(len(check.name) for check in checks) + 2
    lines: list[Content] = []
    for check in sorted(checks, key=lambda check: ("fail", "warn", "ok").index(check.level)):
        mark, style = _MARKS[check.level]
        lead = Content.assemble((f"{mark} ", style), (f"{check.name:<{cells}}", "" if check.level == "ok" else "bold"))
        finding = Content.styled(printable(check.finding), MUTED if check.level == "ok" else "")
        lines += beside(lead, finding, width)
        if check.remedy and check.level != "ok":
            lines += beside(Content(" " * lead.cell_length), Content.styled(printable(check.remedy), MUTED), width)
    return Content("\n").join(lines)


def configuration_text(settings: Sequence[tuple[str, Any, str]], problem: str, project: Project, width: int) -> Content:
    if problem:
        return Content.assemble(("✗ ", BAD), printable(problem))
    files = {str(project.config_path): project.config_path.name, str(user_config_path()): "your config.toml"}
    names = max(len(name) for name, _, _ in settings) + 2
    lines = []
    for name, value, origin in settings:
        if name == "keymap":
            continue
        shown = one_line("" if value is None else str(value)) or "-"
        origin = files.get(origin, origin)
        lead = Content.assemble((f"  {name:<{names}}", MUTED))
        text = Content.assemble((shown, "" if origin == "default" else "bold"), (f"  {one_line(origin)}", MUTED))
        lines += beside(lead, text, width)
    for title, path in (("workbench.toml", project.config_path), ("your config.toml", user_config_path())):
        lines += beside(Content.styled(f"  {title:<{names}}", MUTED), Content.styled(str(path), MUTED), width)
    return Content("\n").join(lines)


def theme_choices(app: App[None]) -> list[Choice]:
    """Light, dark and the terminal's own colours first, then the rest of Textual's."""
    rest = sorted(name for name in app.available_themes if name not in CYCLE)
    notes = {"ansi-dark": "the terminal's own colours", "ansi-light": "the terminal's own colours"}
    return [
        Choice(
            name,
            Content.styled(name, "bold" if name == app.theme else ""),
            "in use" if name == app.theme else notes.get(name, ""),
        )
        for name in (*CYCLE, *rest)
    ]


def keys_text(wanted: Mapping[str, str], in_force: Mapping[str, str]) -> Content:
    """The user's own keys, and what of the keymap was left out."""
    if not wanted:
        return Content.assemble(
            ("  as shipped; ", MUTED), ("?", KEY), (" shows those of each screen, ", MUTED), ("docs/keys.md", ""),
            (" all of them and how to change one", MUTED),
        )  # fmt: skip
    actions = {action.id: action for action in ACTIONS}
    lines = []
    for id_, keys in wanted.items():
        if id_ in in_force:
            action = actions[id_]
            text = Content.assemble(
                (f"  {shown_keys(keys_in_force(action, in_force)):<12}", KEY), f"{action.title:<20}", (id_, MUTED)
            )
        else:
            text = Content.assemble(("! ", DOUBTFUL), f"{one_line(id_)} = {one_line(keys)}", ("  left out", DOUBTFUL))
        lines.append(text)
    return Content("\n").join(lines)
