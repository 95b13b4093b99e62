"""The review screen: the fast loop over rephrasings. Keys come from `tui.actions`; each is one method here or below.

ReviewView       what it shows, loading, changes by others
ReviewRecording  many decisions in a thread
ReviewDeciding   a, x, space, f, u, U
ReviewMany       v, A, X
ReviewScreen     the rest: moving, filter, reasons, dialogs
"""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content

from core.errors import UsageError, WorkbenchError
from core.store.states import State
from review.models import REJECT_REASONS, Recorded
from tui.actions import bindings_of
from tui.messages import OpenConversation
from tui.screens.review_loading import Scope
from tui.screens.review_many import ReviewMany
from tui.screens.review_view import find
from tui.widgets.line_input import LineInput
from tui.widgets.marks import STATE_STYLES
from tui.widgets.plain import one_line

_REASONS = dict(REJECT_REASONS)


class ReviewScreen(ReviewMany):
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

    def action_next_open(self) -> None:
        self._jump_open(self.rows.queue.next_open(self.rows.cursor))

    def action_previous_open(self) -> None:
        self._jump_open(self.rows.queue.previous_open(self.rows.cursor))

    def _jump_open(self, position: int | None) -> None:
        if position is None:
            self.say(self.nothing_left())
        else:
            self.rows.move_to(position)

    # -- filter -------------------------------------------------------------------------------------------------

    async def action_filter(self) -> None:
        await self._open_line("filter", self.scope.filter_text, 'flow:renew_loan state:open verdict:ambiguous "due date"')

    def action_clear(self) -> None:
        if self.rows.range_from is not None:
            self.rows.mark_from_here(False)
            self.say("")
            self.show_status()
        elif self.scope:
            self.say("")
            self.load(Scope())

    async def _open_line(self, purpose: str, value: str, placeholder: str) -> None:
        if not self.query(LineInput):
            await self.mount(LineInput(purpose, value, placeholder), before=self.hint)
        self.query_one(LineInput).focus()

    def _close_line(self) -> None:
        self.query(LineInput).remove()
        self.rows.focus()

    def on_line_input_closed(self) -> None:
        self._close_line()
        self.say("")

    def on_input_submitted(self, event: LineInput.Submitted) -> None:
        event.stop()
        purpose = event.input.purpose if isinstance(event.input, LineInput) else ""
        text = event.value.strip()
        if purpose == "reason":
            self._close_line()
            self._give_reason(text)
            return
        scope = Scope(text, self.scope.conversation_id)
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
        pane.display = not pane.display
        for column in ("#reading", "#judging"):
            self.query_one(column).display = any(child.display for child in self.query_one(column).children)
        self.rows.focus()

    # -- dialogs: imported when first used, they cost start-up time ----------------------------------------------

    def action_edit(self) -> None:
        item, session = self.item, self.session
        if item is None or session is None or self.refuses():
            return
        from tui.screens.dialogs.edit_text import EditText

        def save(text: str) -> Recorded:
            return session.edit(item.id, text)

        self.app.push_screen(EditText("Edit the rephrasing", item.original, item.shown_text, save), self._edited)

    def _edited(self, recorded: Recorded | None) -> None:
        if recorded is None:
            return
        at = None if recorded.rephrasing_id is None else find(self.rows.queue, recorded.rephrasing_id, self.rows.cursor)
        self.take_over(recorded.states)
        if at is not None:
            self.rows.invalidate([at])
        self.go_on(Content.assemble(("✓ edited and accepted", STATE_STYLES[State.ACCEPT]), "   it still needs validation"))

    def action_add(self) -> None:
        item, session = self.item, self.session
        if item is None or session is None or self.refuses():
            return
        from tui.screens.dialogs.edit_text import EditText

        def save(text: str) -> Recorded:
            return session.add(item.step_id, text)

        self.app.push_screen(EditText("Add a rephrasing of this step", item.original, "", save), self._added)

    def _added(self, recorded: Recorded | None) -> None:
        if recorded is None or recorded.rephrasing_id is None:
            return
        self.put_or_drop(recorded.rephrasing_id)
        self.show_again()
        self.say(Content.assemble(("✓ added and accepted", STATE_STYLES[State.ACCEPT]), "   it still needs validation"))
        self.show_status()

    def action_commands(self) -> None:
        item, session = self.item, self.session
        if item is None or session is None or self.refuses():
            return
        from tui.screens.dialogs.commands import CorrectCommands
        from tui.screens.dialogs.names import stored_names

        def save(commands: str) -> Recorded:
            return session.correct(item.step_id, commands)

        def names() -> tuple[list[str], list[str]]:
            return stored_names(session.connection)

        lines = (*item.commands, *item.unparsed)
        self.app.push_screen(CorrectCommands(item.original, lines, session.dialect, save, self.names or names), self._corrected)

    def _corrected(self, recorded: Recorded | None) -> None:
        if recorded is None:
            return
        self.take_over(recorded.states)
        self.show_again()
        stale = sum(state is State.STALE for state in recorded.states.values())
        self.say(f"Commands corrected; the verdicts of this step are stale{f', {stale} decisions too' if stale else ''}.")
        self.show_status()

    def action_log(self) -> None:
        if self.session is None:
            return
        from tui.screens.dialogs.last_decisions import LastDecisions

        self.app.push_screen(LastDecisions(self.session.connection), self._from_log)

    def _from_log(self, answer: int | str | None) -> None:
        if answer == "undo":
            self.action_undo()
        elif isinstance(answer, int):
            at = find(self.rows.queue, answer, self.rows.cursor)
            if at is None:
                self.say("It is not in what the filter shows; esc clears the filter.")
            else:
                self.rows.move_to(at)
