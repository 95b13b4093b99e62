"""The filter of a list, typed on one line above it: applied while typing, kept by enter, taken back by escape."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static

from core.errors import UsageError

APPLY_AFTER = 0.2
"""Seconds without a key until a filter is tried."""


class _FilterInput(Input):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "screen.leave_filter", "Cancel", show=False)]


class FilterLine(Horizontal):
    """`on_apply` gets the text and may raise UsageError, whose message is then shown beside the input."""

    DEFAULT_CSS = """
    FilterLine {
        height: 1; padding: 0 1; display: none; background: $surface;
        &.-open, &.-kept { display: block; }
        Input, Input:focus { width: 1fr; height: 1; border: none; padding: 0; background: $surface; }
        .sign { width: 2; color: $text-accent; text-style: bold; }
        .wrong { width: auto; max-width: 60%; color: $text-error; }
    }
    """

    def __init__(self, on_apply: Callable[[str], None], text: str = "") -> None:
        super().__init__(classes="-kept" if text else "")
        self._on_apply = on_apply
        self._applied = text
        self._before = text
        self._timer: Timer | None = None

    def compose(self) -> Iterable[Widget]:
        yield Static("/", classes="sign", markup=False)
        yield _FilterInput(self._applied, placeholder="text, flow:, command:, file:, test:, state:, verdict:")
        yield Static("", classes="wrong", markup=False)

    @property
    def text(self) -> str:
        """The filter in force."""
        return self._applied

    def open(self) -> None:
        self._before = self._applied
        self.add_class("-open")
        self.query_one(Input).focus()

    def close(self, *, keep: bool) -> None:
        """Leave the input; without `keep` the filter is again what it was."""
        if not keep:
            self.query_one(Input).value = self._before
        self._apply()
        self.query_one(".wrong", Static).update("")
        self.query_one(Input).value = self._applied
        self.set_class(bool(self._applied), "-kept")
        self.remove_class("-open")

    def clear(self) -> None:
        self.query_one(Input).value = ""
        self.close(keep=True)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(APPLY_AFTER, self._apply) if self.has_class("-open") else None

    def _apply(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        text = self.query_one(Input).value.strip()
        if text == self._applied:
            self.query_one(".wrong", Static).update("")
            return
        try:
            self._on_apply(text)
        except UsageError as error:
            self.query_one(".wrong", Static).update(f" {error.what}")
        else:
            self._applied = text
            self.query_one(".wrong", Static).update("")
