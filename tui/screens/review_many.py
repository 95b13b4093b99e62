"""Deciding many at once, after a count and a question: the marked range, or all that the filter shows."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from core.errors import WorkbenchError
from core.store.states import State
from review.models import Decision, Recorded
from tui.screens.review_deciding import DONE, ReviewDeciding
from tui.screens.review_recording import AT_ONCE
from tui.widgets.marks import STATE_MARKS, STATE_STYLES

VERDICT_WORDS = (("same", "same"), ("ambiguous", "ambiguous"), ("different", "different"), (None, "no verdict"))


class ReviewMany(ReviewDeciding):
    def action_range(self) -> None:
        if self.session is None or not len(self.rows.queue):
            return
        on = self.rows.range_from is None
        self.rows.mark_from_here(on)
        self.say("Range: move to its other end; A accepts it, X rejects it, esc ends it." if on else "")
        self.show_status()

    def action_decide_all(self, verdict: str) -> None:
        """A range holds what was pointed at, decided or not; without one only what is still open is decided."""
        if self.session is None or self.refuses():
            return
        if not self.complete:
            self.say("The queue is still being read; try again in a moment.")
            return
        decision, queue = Decision(verdict), self.rows.queue
        wanted = int(DONE[decision][1])
        chosen = self.rows.selected
        if chosen:
            at = [position for position in chosen if queue.states[position] != wanted]
        else:
            still_open, contested = {int(state) for state in State if state.is_open}, self.rows.contested
            at = [position for position, state in enumerate(queue.states) if state in still_open]
            at = [position for position in at if queue.ids[position] not in contested] if contested else at
        if not at:
            nothing = "Nothing is open here but what the team contradicts: one by one, or in a range (v)."
            nothing = nothing if self.rows.contested else "Nothing is open here."
            self.say("All of the range is decided so already." if chosen else nothing)
            return
        overturned = sum(self._was_decided(position) for position in at) if chosen else 0
        ids = tuple(queue.ids[position] for position in at)
        where = (
            "of the range" if chosen else f"that /{self.scope.filter_text} shows" if self.scope.filter_text else "of the queue"
        )
        self._ask(decision, ids, overturned, where)

    def _was_decided(self, position: int) -> bool:
        queue = self.rows.queue
        return not State(queue.states[position]).is_open or queue.ids[position] in self.rows.contested

    def _ask(self, decision: Decision, ids: Sequence[int], overturned: int, where: str) -> None:
        from tui.screens.dialogs.confirm import Confirm

        verb = decision.value.capitalize()
        what = f"{verb} {len(ids):,} rephrasing{'s' if len(ids) != 1 else ''} {where}?"
        detail = (
            f"{overturned:,} of them {'was' if overturned == 1 else 'were'} decided otherwise before."
            if overturned
            else "All of them are open."
        )
        assert self.session is not None
        try:
            found = self.session.verdicts(ids)
        except WorkbenchError as error:
            self.complain(error)
            return
        verdicts = ", ".join(f"{count:,} {word}" for name, word in VERDICT_WORDS if (count := found.get(name)))

        def answered(yes: bool | None) -> None:
            if yes:
                self._decide_many(decision, ids)

        self.app.push_screen(
            Confirm(
                what, f"The machine says: {verdicts}.", detail, "It is recorded as one action: u takes it back.", verb=verb
            ),
            answered,
        )

    def _decide_many(self, decision: Decision, ids: Sequence[int]) -> None:
        if self.session is None or self.refuses():
            return
        if len(ids) > AT_ONCE:
            self.record_in_thread(
                lambda log: log.decide(ids, decision), lambda recorded: self._recorded_many(decision, ids, recorded)
            )
            return
        try:
            recorded = self.session.decide(ids, decision)
        except WorkbenchError as error:
            self.complain(error)
            return
        self._decided_many(decision, recorded)

    def _recorded_many(self, decision: Decision, ids: Sequence[int], recorded: Recorded | None) -> None:
        if recorded is not None and self.session is not None:
            self.session.pace.record(len(ids))
            self.session.note(recorded, rejected=ids[0] if decision is Decision.REJECT else None)
            self._decided_many(decision, recorded)

    def _decided_many(self, decision: Decision, recorded: Recorded) -> None:
        words, state = DONE[decision]
        self.rows.mark_from_here(False)
        self.take_over(recorded.states)
        self.go_on(
            Content.assemble(
                (f"{STATE_MARKS[state]} {len(recorded.states):,} {words}", STATE_STYLES[state]), "   u takes all of them back"
            )
        )
