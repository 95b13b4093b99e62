"""The review screen: the fast loop over rephrasings. Keys come from `tui.actions`; each is one method here or below.

ReviewView       what it shows, loading, changes by others
ReviewRecording  many decisions in a thread
ReviewDeciding   a, x, space, f, u, U
ReviewMany       v, A, X
ReviewScreen     the rest: moving, filter, reasons, dialogs
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content

from core.errors import UsageError, WorkbenchError
from core.store.states import State
from review.models import REJECT_REASONS
from tui.actions import bindings_of
from tui.messages import OpenConversation
from tui.screens.review_dialogs import ReviewDialogs
from tui.screens.review_loading import Scope
from tui.widgets.marks import STATE_STYLES
from tui.widgets.plain import one_line

if TYPE_CHECKING:
    from tui.widgets.line_input import LineInput  # imported when first used: Input costs start-up time

PANES = ("queue", "conversation", "item", "siblings")
_REASONS = dict(REJECT_REASONS)


class ReviewScreen(ReviewDialogs):
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("review")]

    _asking = False
    _reason_for: int | None = None

    # -- moving -------------------------------------------------------------------------------------------------

    def action_move(self, rows: int) -> None:
        self.rows.move_by(rows)

    def action_page(self, pages: int) -> None:
        self.rows.page_by(pages)

    def action_jump(self, where: int) -> None:
        self.rows.move_to(0 if where == 0 else len(self.rows.queue) - 1)

    def action_scroll(self, lines: int) -> None:
        self.item_pane.scroll_lines(lines)

    def action_next_open(self) -> None:
        self._jump_open(self.rows.queue.next_open(self.rows.cursor), forward=True)

    def action_previous_open(self) -> None:
        self._jump_open(self.rows.queue.previous_open(self.rows.cursor), forward=False)

    def _jump_open(self, position: int | None, *, forward: bool) -> None:
        at = self.rows.cursor
        if position is None:
            self.say(self.nothing_left())
            return
        self.rows.move_to(position, ahead=True)
        if position == at:
            self.say("The only one that waits.")
        elif (position > at) is not forward:
            self.say("From the top again." if forward else "From the end again.")

    # -- filter -------------------------------------------------------------------------------------------------

    async def action_filter(self) -> None:
        if self.session is None:
            return
        await self._open_line("filter", self.scope.filter_text, 'flow:renew_loan state:open verdict:ambiguous "due date"')
        self.say("words, flow: command: file: test: state: verdict: by: edited:yes ambiguity:>0.6 team:open; a minus negates")

    def action_clear(self) -> None:
        if self.rows.range_from is not None:
            self.rows.mark_from_here(False)
            self.say("")
            self.show_status()
        elif self.scope:
            self.say("")
            self.load(Scope(order=self.scope.order))

    async def _open_line(self, purpose: str, value: str, placeholder: str) -> None:
        if not self.query("LineInput"):
            from tui.widgets.line_input import LineInput

            await self.mount(LineInput(purpose, value, placeholder), before=self.hint)
        self.query_one("LineInput").focus()

    def _close_line(self) -> None:
        self.query("LineInput").remove()
        self.rows.focus()

    def on_line_input_closed(self) -> None:
        self._close_line()
        self.say("")

    def on_line_input_entered(self, event: LineInput.Entered) -> None:
        if event.purpose == "reason":
            self._close_line()
            self._give_reason(event.text)
            return
        scope = replace(self.scope, filter_text=event.text)
        try:
            scope.filter()
        except UsageError as error:  # the line stays open: what was typed is not lost
            self.say(Content.styled(one_line(f"{error.what}. {error.remedy}"), "$text-error"))
            return
        self._close_line()
        self.say("Filtering…")
        self.load(scope)

    # -- reasons ------------------------------------------------------------------------------------------------

    def action_reason(self) -> None:
        if self.session is None or self.refuses():
            return
        self._reason_for = self.session.rejected
        if self._reason_for is None and self.item is not None and self.item.state is State.REJECT:
            self._reason_for = self.item.id
        if self._reason_for is None:
            self.say("A reason goes with your last rejection, or with a rejected row under the cursor.")
            return
        self._asking = True
        self.hint.ask(True)

    async def on_key(self, event: events.Key) -> None:
        """While a reason is asked for, the next key is the answer; a key that is none goes on to do what it always does."""
        if not self._asking:
            return
        self._asking = False
        self.hint.ask(False)
        self.say("")
        if event.key in _REASONS:
            event.stop()
            self._give_reason(_REASONS[event.key])
        elif event.key == "o":
            event.stop()
            await self._open_line("reason", "", "why it was rejected, in your own words")
        elif event.key in ("escape", "r"):
            event.stop()

    def _give_reason(self, reason: str) -> None:
        if self.session is None or self._reason_for is None or not reason:
            return
        try:
            recorded = self.session.give_reason(self._reason_for, reason)
        except WorkbenchError as error:
            self.complain(error)
            return
        self.take_over(recorded.states)
        self.show_again()
        self.say(Content.assemble(("✗ rejected", STATE_STYLES[State.REJECT]), f": {one_line(reason)}"))
        self.show_status()

    # -- looking ------------------------------------------------------------------------------------------------

    def action_copy(self) -> None:
        if self.item is not None:
            self.app.copy_to_clipboard(self.item.shown_text)
            self.say("Copied the rephrasing to the clipboard.")

    def action_open(self) -> None:
        if self.item is not None:
            self.post_message(OpenConversation(self.item.conversation_id))

    def action_pane(self, name: str) -> None:
        """Show or hide a pane; a column without panes gives its room to the other."""
        pane = self.query_one(f"#{name}")
        if pane.display and sum(self.query_one(f"#{one}").display for one in PANES) == 1:
            self.say("One pane stays: 1 queue, 2 conversation, 3 rephrasing, 4 siblings bring the others back.")
            return
        pane.display = not pane.display
        for column in ("#reading", "#judging"):
            self.query_one(column).display = any(child.display for child in self.query_one(column).children)
        self.rows.focus()
