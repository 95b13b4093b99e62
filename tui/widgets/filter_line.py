"""The filter of a list, typed on one line above it: applied while typing, kept by enter, taken back by escape."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static

from core.errors import UsageError
from tui.widgets.plain import printable

APPLY_AFTER = 0.2
"""Seconds without a key until a filter is tried."""


class _FilterInput(Input):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "screen.leave_filter", "Cancel", show=False)]


class FilterLine(Vertical):
    """`on_apply` gets the text and may raise UsageError, whose message is then shown below it."""

    DEFAULT_CSS = """
    FilterLine {
        height: auto; padding: 0 1; display: none; background: $surface;
        &.-open, &.-kept { display: block; }
        Input, Input:focus { width: 1fr; height: 1; border: none; padding: 0; background: $surface; }
        .sign { width: 2; color: $text-accent; text-style: bold; }
        Horizontal { height: 1; }
        .wrong { height: auto; color: $text-error; display: none; }
    }
    """

    def __init__(self, on_apply: Callable[[str], None], text: str = "") -> None:
        super().__init__(classes="-kept" if text else "")
        self._on_apply = on_apply
        self._applied = text
        self._before = text
        self._timer: Timer | None = None

    def compose(self) -> Iterable[Widget]:
        with Horizontal():
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

    def close(self, *, keep: bool) -> bool:
        """Leave the input; without `keep` the filter is again what it was. A filter that cannot be applied is not left."""
        if not keep:
            self.query_one(Input).value = self._before
        if not self._apply():
            return False
        self.set_class(bool(self._applied), "-kept")
        self.remove_class("-open")
        return True

    def clear(self) -> None:
        self.query_one(Input).value = ""
        self.close(keep=True)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(APPLY_AFTER, self._apply) if self.has_class("-open") else None

    def _apply(self) -> bool:
        if self._timer is not None:
            self._timer.stop()
        text = self.query_one(Input).value.strip()
        try:
            if text != self._applied:
                self._on_apply(text)
        except UsageError as error:
            self._complain(f"{error.what}. {error.remedy}")
            return False
        self._applied = text
        self._complain("")
        return True

    def _complain(self, text: str) -> None:
        wrong = self.query_one(".wrong", Static)
        wrong.update(printable(text))
        wrong.display = bool(text)
