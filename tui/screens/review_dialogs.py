"""The keys that open a dialog: edit, add, correct commands, last decisions. Dialogs are imported when first used."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from textual.content import Content

from core.errors import WorkbenchError
from core.store.states import State
from review.models import Recorded, ReviewItem
from tui.screens.queue_search import find
from tui.screens.review_many import ReviewMany
from tui.screens.review_session import readable
from tui.widgets.marks import STATE_STYLES

if TYPE_CHECKING:
    from tui.screens.dialogs.edit_text import AsItIs, Proposed


class ReviewDialogs(ReviewMany):
    def action_edit(self) -> None:
        item, session = self.item, self.session
        if item is None or session is None or self.refuses():
            return
        from tui.screens.dialogs.edit_text import AsItIs, EditText

        def save(text: str) -> Recorded:
            return session.edit(item.id, text)

        def answered(answer: Recorded | AsItIs | None) -> None:
            if isinstance(answer, AsItIs):
                self._accept_as_it_is(item.id)
            elif answer is not None:
                self._edited(answer)

        title, proposed = "Edit the rephrasing", _proposed(item)
        self.app.push_screen(EditText(title, item.original, item.shown_text, save, proposed), answered)

    def _accept_as_it_is(self, rephrasing_id: int) -> None:
        at = find(self.rows.queue, rephrasing_id, self.rows.cursor)
        if at is None:
            self.say("It left what the filter shows meanwhile; nothing was recorded.")
            return
        if at != self.rows.cursor:  # the queue was read again while the dialog was open
            self.rows.move_to(at)
        self.action_decide("accept")

    def _edited(self, recorded: Recorded) -> None:
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

    def _added(self, recorded: Recorded | AsItIs | None) -> None:
        if not isinstance(recorded, Recorded) or recorded.rephrasing_id is None:
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
        from tui.screens.dialogs.names import Known, stored_names

        def save(commands: str) -> Recorded:
            return session.correct(item.step_id, commands)

        def names() -> Known:
            try:
                return stored_names(session.connection)
            except sqlite3.Error:  # no completion then; saving says what is wrong
                return [], {}

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

        try:
            with readable():
                dialog = LastDecisions(self.session.connection, self.session.log.reviewer)
        except WorkbenchError as error:
            self.complain(error)
            return
        self.app.push_screen(dialog, self._from_log)

    def _from_log(self, answer: int | str | None) -> None:
        if answer == "undo":
            self.action_undo()
        elif isinstance(answer, int):
            at = find(self.rows.queue, answer, self.rows.cursor)
            if at is None:
                self.say("It is not in what the filter shows; esc clears the filter.")
            else:
                self.rows.move_to(at)


def _proposed(item: ReviewItem) -> list[Proposed]:
    """The wordings that the team would have, each with everyone who would; nothing where nobody would have another."""
    from tui.screens.dialogs.edit_text import Proposed

    by_text: dict[str, list[str]] = {}
    for answer in item.team.answers if item.team is not None else ():
        if answer.text is not None:
            by_text.setdefault(answer.text, []).append(answer.annotator)
    return [Proposed(text, ", ".join(names)) for text, names in by_text.items()]
