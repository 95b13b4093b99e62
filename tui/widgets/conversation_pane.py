"""The conversation around the step under review."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from review.models import ReviewItem, TranscriptTurn
from tui.styles import HEADING, KEY, MUTED
from tui.widgets.plain import one_line, printable
from tui.widgets.text_pane import Paragraph, TextPane

_LABELS = {"user": "user", "bot": "bot", "utter": "bot", "slot_was_set": "slot", "slot_was_not_set": "slot"}


class ConversationPane(TextPane):
    """Scrolled so that the current step is in view; drawn again only when the step changes."""

    _shown: tuple[int, int, Sequence[TranscriptTurn]] | None = None

    def show_conversation(self, item: ReviewItem, turns: Sequence[TranscriptTurn]) -> None:
        if self._shown == (item.conversation_id, item.step_id, turns):
            return
        self._shown = (item.conversation_id, item.step_id, turns)
        current = next((n for n, turn in enumerate(turns) if turn.step_id == item.step_id), None)
        place = f"{item.file}:{item.line}" if item.line else item.file
        heading = Content.assemble(("Conversation", HEADING), f"  {one_line(item.test)}")
        paragraphs = [Paragraph(Content.styled(one_line(place), MUTED), one_line=True)]
        paragraphs += [_turn(turn, number == current) for number, turn in enumerate(turns)]
        self.show(heading, paragraphs, keep=None if current is None else current + 1)

    def show_nothing(self) -> None:
        self._shown = None
        self.show(Content.styled("Conversation", HEADING), ())


def _turn(turn: TranscriptTurn, current: bool) -> Paragraph:
    who = _LABELS.get(turn.kind, turn.kind)[:5]
    text = printable(turn.text)
    if current:
        return Paragraph(Content.styled(text, "bold"), Content.styled(f"❯ {who:<5}", KEY))
    if turn.kind == "user":
        return Paragraph(Content(text), Content.styled(f"  {who:<5}", "$text-accent"))
    style = f"italic {MUTED}" if turn.kind not in ("bot", "user") else MUTED
    return Paragraph(Content.styled(text, style), Content.styled(f"  {who:<5}", MUTED))
