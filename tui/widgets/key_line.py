"""The footer: the keys of this screen on one line, as many as fit, from the bindings with the user's keymap applied.

Textual's Footer mounts a widget for each key and appears a frame after the body; this one is drawn with it.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.dom import DOMNode
from textual.widget import Widget

from tui.styles import KEY

GAP = 2
_LAST = ("app.palette", "app.help", "app.quit")


class KeyLine(Widget, can_focus=False):
    """`dispensable`: binding ids in the order in which they are left out on narrow screens. A key can be clicked."""

    DEFAULT_CSS = "KeyLine { dock: bottom; height: 1; padding: 0 1; background: $panel; color: $text-muted; }"

    def __init__(self, dispensable: Sequence[str] = (), *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._dispensable = dispensable
        self._parts: list[tuple[DOMNode, Binding, Content]] = []

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh())

    def render(self) -> Content:
        width = self.content_size.width
        shown: dict[str, tuple[DOMNode, Binding, Content]] = {}
        focused = self.screen.focused
        typing = focused is not None and focused.check_consume_key("a", "a")
        for node, binding, enabled, _ in self.screen.active_bindings.values():
            if typing and node is not focused:
                continue  # most of the screen's keys are letters to the line being typed
            if binding.show and enabled and binding.action not in shown:
                shown[binding.action] = (node, binding, self._part(binding))
        parts = sorted(shown.values(), key=lambda part: _LAST.index(part[1].id) if part[1].id in _LAST else -1)
        for id_ in self._dispensable:
            if sum(part.cell_length for _, _, part in parts) + GAP * (len(parts) - 1) <= width:
                break
            parts = [part for part in parts if part[1].id != id_]
        self._parts = parts
        return Content(" " * GAP).join([part for _, _, part in parts]).truncate(max(1, width))

    def _part(self, binding: Binding) -> Content:
        return Content.assemble((self.app.get_key_display(binding), KEY), f" {binding.description}")

    async def on_click(self, event: events.Click) -> None:
        start = 1
        for node, binding, part in self._parts:
            if start <= event.x < start + part.cell_length:
                event.stop()
                await self.app.run_action(binding.action, node)
                return
            start += part.cell_length + GAP
