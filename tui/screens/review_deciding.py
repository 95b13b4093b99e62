"""The keys that decide one rephrasing, and undo and redo: commit first, then one paint with the next one in place."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content

from core.errors import WorkbenchError
from core.store.states import State
from review.models import Decision, Recorded
from review.orders import Order
from tui.screens.queue_search import find
from tui.screens.review_recording import AT_ONCE, ReviewRecording
from tui.styles import MUTED
from tui.widgets.marks import STATE_MARKS, STATE_STYLES
from tui.widgets.plain import one_line
from tui.widgets.rephrasing_list import fit

DONE = {
    Decision.ACCEPT: ("accepted", State.ACCEPT),
    Decision.REJECT: ("rejected", State.REJECT),
    Decision.SKIP: ("skipped", State.SKIP),
    Decision.FLAG: ("flagged", State.FLAG),
}
DONE_BEFORE = {State.ACCEPT: "acceptance", State.REJECT: "rejection", State.SKIP: "skip", State.FLAG: "flag"}
AGAIN = Content.styled("   from the top again", MUTED)


class ReviewDeciding(ReviewRecording):
    # -- one ----------------------------------------------------------------------------------------------------

    def action_decide(self, verdict: str) -> None:
        decision = Decision(verdict)
        rows, session = self.rows, self.session
        if session is None or rows.current_id is None or self.refuses():
            return
        words, state = DONE[decision]
        try:
            before, is_contested = self._decided_before(rows.current_id), rows.current_id in rows.contested
            if before == (state, session.log.reviewer) and not is_contested:
                self.go_on(Content.styled(f"{STATE_MARKS[state]} {words} already, by you: nothing was recorded", MUTED))
                return
            recorded = session.decide([rows.current_id], decision)
        except WorkbenchError as error:
            self.complain(error)
            return
        done = Content.styled(f"{STATE_MARKS[state]} {words}", STATE_STYLES[state])
        more = Content.styled("   r gives the reason" if decision is Decision.REJECT else "", MUTED)
        if is_contested and before is not None and before[0] is state:
            more = Content.styled("   as before, with all answers known", MUTED)
        elif before is not None and before[1] != session.log.reviewer:
            more = Content.styled(f"   over {one_line(before[1])}'s {DONE_BEFORE[before[0]]}; u takes it back", "$text-warning")
        text = one_line(self.item.shown_text) if self.item else ""
        room = self.hint.room - done.cell_length - 2 - more.cell_length - AGAIN.cell_length
        self.take_over(recorded.states)
        self.go_on(Content.assemble(done, "  ", fit(text, min(48, room, cell_len(text))) if room > 4 else "", more))

    def _decided_before(self, rephrasing_id: int) -> tuple[State, str] | None:
        """What is in force, and who said so; None for an open one. Asked of the database only where a row is decided."""
        is_open = State(self.rows.queue.states[self.rows.cursor]).is_open
        if self.session is None or (is_open and rephrasing_id not in self.rows.contested):
            return None
        item = self.session.item(rephrasing_id)
        return None if item.state.is_open or item.decided_by is None else (item.state, item.decided_by)

    def go_on(self, said: Content) -> None:
        """To the next open rephrasing; when there is none, say what remains."""
        at = self.rows.cursor
        following = self.rows.queue.next_open(at)
        if following is None:
            self.show_again()
            said = self.nothing_left()
        else:
            self.rows.move_to(following, ahead=True)
            if following < at:
                said += AGAIN
        self.say(said)
        self.show_status()

    def nothing_left(self) -> Content:
        if not self.complete:
            return Content("Nothing open in what was read so far; the rest of the queue is on its way.")
        queue = self.rows.queue
        remains = [
            f"{count:,} {word}"
            for state, word in ((State.FLAG, "flagged"), (State.SKIP, "skipped"))
            if (count := queue.count(state))
        ]
        where = "in this filter" if self.scope else "here"
        rest = (
            f"{' and '.join(remains)} remain: /state:{'flag' if queue.count(State.FLAG) else 'skip'} shows them"
            if remains
            else ""
        )
        return Content.assemble((f"✓ Nothing left to decide {where}.", "bold $text-success"), f"  {rest}" if rest else "")

    # -- undo and redo ------------------------------------------------------------------------------------------

    def action_undo(self) -> None:
        self._turn(forward=False)

    def action_redo(self) -> None:
        self._turn(forward=True)

    def _turn(self, *, forward: bool) -> None:
        session = self.session
        if session is None or self.refuses():
            return
        try:
            if session.size_of_next(forward=forward) > AT_ONCE:
                self.record_in_thread(
                    lambda log: log.redo() if forward else log.undo(),
                    lambda recorded: self._turned_in_thread(recorded, forward=forward),
                )
                return
            recorded = session.redo() if forward else session.undo()
        except WorkbenchError as error:
            self.complain(error)
            return
        if recorded is None:
            self.say("Nothing to redo." if forward else "Nothing to undo: no decision of yours is in force.")
            return
        self._turned(recorded)

    def _turned_in_thread(self, recorded: Recorded | None, *, forward: bool) -> None:
        if recorded is not None and self.session is not None:
            self.session.note_turn(recorded, forward=forward)
            self._turned(recorded)

    def _turned(self, recorded: Recorded) -> None:
        """Show what an undo or redo changed, with the cursor on it."""
        rows, stood_on = self.rows, self.item
        if " add" in recorded.what and recorded.rephrasing_id is not None:
            self.put_or_drop(recorded.rephrasing_id)
        self.take_over(recorded.states)
        target = recorded.rephrasing_id if recorded.rephrasing_id is not None else next(iter(recorded.states), None)
        if stood_on is not None and recorded.rephrasing_id is None and recorded.step_id == stood_on.step_id:
            target = stood_on.id  # a correction is of the whole step
        at = None if target is None else find(rows.queue, target, rows.cursor)
        said = f"↶ {recorded.what}" if recorded.what.startswith("undo") else f"↷ {recorded.what}"
        if at is None:
            self.show_again()
            if recorded.states:
                said += "   (not in what the filter shows)"
        else:
            rows.move_to(at, ahead=True)
        self.say(said)
        self.show_status()

    def put_or_drop(self, rephrasing_id: int) -> None:
        """A rephrasing added by hand came into the project or left it: into or out of the queue, without reading again."""
        session, queue = self.session, self.rows.queue
        assert session is not None
        at = find(queue, rephrasing_id, self.rows.cursor)
        row = session.connection.execute("SELECT active, step_id FROM rephrasing WHERE id = ?", (rephrasing_id,)).fetchone()
        if at is not None and not row[0]:
            del queue.ids[at], queue.states[at]
        elif at is None and row[0]:
            siblings = {id_ for (id_,) in session.connection.execute("SELECT id FROM rephrasing WHERE step_id = ?", (row[1],))}
            near = [found for id_ in siblings if (found := find(queue, id_, self.rows.cursor)) is not None]
            if not near:
                return
            # behind the last sibling; in an order that parts them, behind the one nearest to the cursor
            apart = self.scope.order in (Order.UNCERTAIN, Order.RANDOM)
            behind = 1 + (min(near, key=lambda place: abs(place - self.rows.cursor)) if apart else max(near))
            queue.ids.insert(behind, rephrasing_id)
            queue.states.insert(behind, int(State.ACCEPT))
        self.count_bound([rephrasing_id])
        self.left = queue.left
        self.rows.grew_or_shrank()
