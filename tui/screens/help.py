"""The help overlay: the keys of the current screen in groups, and the words it uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.action import Action
from tui.actions import ACTIONS, actions_of
from tui.keymap import keys_in_force, shown_keys
from tui.styles import HEADING, KEY, MUTED
from tui.widgets.beside import beside
from tui.widgets.title_bar import SCREENS
from tui.words import FILTERS, state_rows, verdict_rows

KEY_CELLS, TITLE_CELLS = 12, 21
FRAME_CELLS = 8
"""Border, padding and scroll bar."""


class HelpScreen(ModalScreen[None]):
    """`scope`: the screen it explains. `keymap`: the user's keys in force."""

    CSS_PATH = "help.tcss"
    BINDINGS = [  # noqa: RUF012 -- Textual declares it so
        Binding("escape,question_mark,q", "dismiss", "Close"),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
        Binding("pagedown,space,ctrl+d", "page(1)", show=False),
        Binding("pageup,ctrl+u", "page(-1)", show=False),
    ]

    def __init__(self, scope: str, keymap: Mapping[str, str]) -> None:
        super().__init__()
        self._scope = scope
        self._keymap = keymap

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help", can_focus=False) as scroll:
            scroll.border_title = f"{dict(SCREENS)[self._scope]}: keys and words"
            scroll.border_subtitle = "esc closes"
            yield Static(id="keys")

    def on_mount(self) -> None:
        self.on_resize()

    def on_resize(self) -> None:
        width = min(100, self.app.size.width * 96 // 100) - FRAME_CELLS
        self.query_one("#keys", Static).update(help_content(self._scope, self._keymap, width))

    def action_scroll(self, lines: int) -> None:
        scroll = self.query_one(VerticalScroll)
        scroll.scroll_to(y=scroll.scroll_y + lines, animate=False)

    def action_page(self, pages: int) -> None:
        scroll = self.query_one(VerticalScroll)
        scroll.scroll_to(y=scroll.scroll_y + pages * (scroll.size.height - 1), animate=False)

    def on_click(self) -> None:
        self.dismiss()


def help_content(scope: str, keymap: Mapping[str, str], width: int) -> Content:
    """All of it, for a pane of `width` cells."""
    lines: list[Content] = []

    def add(title: str, rows: Iterable[tuple[Content, str]]) -> None:
        lines.extend([Content()] if lines else [])
        lines.append(Content.styled(title, HEADING))
        for lead, meaning in rows:
            lines.extend(beside(lead, Content.styled(meaning, MUTED), width))

    def keys_of(actions: Iterable[Action]) -> Iterator[tuple[Content, str]]:
        for action in actions:
            keys = shown_keys(keys_in_force(action, keymap))
            yield Content.assemble((f"  {keys:<{KEY_CELLS}}", KEY), f"{action.title:<{TITLE_CELLS}}"), action.help

    groups: dict[str, list[Action]] = {}  # in the order in which they are first named
    for action in actions_of(scope):
        groups.setdefault(action.group, []).append(action)
    for group, actions in groups.items():
        add(group, keys_of(actions))
    add("Everywhere", keys_of(one for one in ACTIONS if one.scope == "app"))
    for title, words in (("States of a rephrasing", state_rows()), ("Verdicts of the machine", verdict_rows())):
        add(title, ((Content.assemble((f"  {mark}  ", KEY), f"{word:<11}"), meaning) for mark, word, meaning in words))
    add("Filters", ((Content.styled(f"  {example:<27}", KEY), meaning) for example, meaning in FILTERS))
    return Content("\n").join(lines)
