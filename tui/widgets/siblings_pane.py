"""The other rephrasings of the same step, decided ones first: what stands beside this one in the training data."""

from __future__ import annotations

from textual.content import Content

from review.models import ReviewItem
from tui.styles import HEADING, MUTED
from tui.widgets.marks import STATE_MARKS, STATE_STYLES, VERDICT_MARKS
from tui.widgets.plain import one_line
from tui.widgets.text_pane import Paragraph, TextPane


class SiblingsPane(TextPane):
    def show_siblings(self, item: ReviewItem) -> None:
        siblings = sorted(item.siblings, key=lambda sibling: sibling.state.is_open)
        decided = sum(not sibling.state.is_open for sibling in siblings)
        heading = Content.assemble(("Siblings", HEADING), (f"  {decided} of {len(siblings)} decided", MUTED))
        paragraphs = [
            Paragraph(
                Content.styled(one_line(sibling.text), MUTED if sibling.state.is_open else ""),
                Content.assemble(
                    (STATE_MARKS[sibling.state], STATE_STYLES[sibling.state]),
                    (f"{VERDICT_MARKS.get(sibling.verdict, '?')} ", MUTED),
                ),
                one_line=True,
            )
            for sibling in siblings
        ]
        self.show(heading, paragraphs or [Paragraph(Content.styled("no others; i adds one", MUTED))])

    def show_nothing(self) -> None:
        self.show(Content.styled("Siblings", HEADING), ())
