"""In which order the queue is to be worked through."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from review.orders import Order
from tui.screens.dialogs.frame import Dialog, keys, plain
from tui.styles import MUTED
from tui.widgets.choice_list import Choice, ChoiceList

ABOUT = {
    Order.CONVERSATION: "as the conversations read",
    Order.UNCERTAIN: "ambiguity closest to even odds first",
    Order.VALUABLE: "rare commands, flows and slots first",
    Order.RANDOM: "a fixed shuffle; the bound on errors falls as you go",
}


class ChooseOrder(Dialog[Order]):
    """Answers with an order: the cursor's, or the one whose first letter was pressed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Choose"),
        Binding("j,down", "move(1)", show=False),
        Binding("k,up", "move(-1)", show=False),
        *(Binding(order[0], f"take('{order}')", show=False) for order in Order),
    ]

    def __init__(self, now: Order, *, unscored: int) -> None:
        """`unscored`: rephrasings without an ambiguity score."""
        super().__init__()
        self._now, self._unscored = now, unscored

    def compose(self) -> ComposeResult:
        with Vertical(classes="frame") as frame:
            frame.border_title = "Order of the queue"
            yield ChoiceList(self._chosen, id="orders")
            if self._unscored:
                yield plain(
                    Content.styled(f"{self._unscored:,} rephrasings have no ambiguity score yet: uncertain makes them.", MUTED),
                    classes="label",
                )
            yield plain(keys(("enter", "Choose", "choose"), ("c u v r", "at once"), ("esc", "Cancel", "leave")), classes="foot")

    def on_mount(self) -> None:
        orders = self.query_one(ChoiceList)
        orders.show([Choice(order, Content(order), ABOUT[order]) for order in Order])
        orders.move(list(Order).index(self._now))

    def action_move(self, rows: int) -> None:
        self.query_one(ChoiceList).move(rows)

    def action_choose(self) -> None:
        current = self.query_one(ChoiceList).current
        if current is not None:
            self._chosen(current)

    def action_take(self, order: str) -> None:
        self.dismiss(Order(order))

    def _chosen(self, choice: Choice) -> None:
        self.dismiss(Order(choice.id))
