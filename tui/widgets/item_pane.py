"""One rephrasing in full: against its original, with the step's commands, the machine's verdict and the decision."""

from __future__ import annotations

from textual.content import Content

from core.store.states import State
from review.models import ReviewItem
from tui.styles import DOUBTFUL, HEADING, MUTED
from tui.widgets.marks import STATE_MARKS, STATE_STYLES, VERDICT_MARKS, VERDICT_STYLES
from tui.widgets.moments import when
from tui.widgets.plain import one_line, printable
from tui.widgets.team_answers import LABEL_CELLS, TeamBlock
from tui.widgets.text_pane import BLANK, Paragraph, TextPane
from tui.widgets.word_diff import diff_content

DOUBTFUL_FROM = 0.5
"""Scores from here on stand out: as likely not to be taken as to be taken."""
SHOWN_REASONS = 3
EDGE_CELLS = 3
"""Border and padding of the pane where it stands alone."""

_STATE_WORDS = {
    State.UNDECIDED: "undecided",
    State.ACCEPT: "accepted",
    State.REJECT: "rejected",
    State.SKIP: "skipped",
    State.FLAG: "flagged",
    State.STALE: "to be decided again: its step or its text has changed",
}


class ItemPane(TextPane):
    """What the team said stands before what the machine said: it must be seen without scrolling."""

    _item: ReviewItem | None = None
    _in_full = False

    def show_item(self, item: ReviewItem) -> None:
        self._in_full = self._in_full and self._item is not None and self._item.id == item.id
        self._item = item
        before, after = diff_content(item.original, item.shown_text)
        heading = Content.assemble(("Rephrasing", HEADING), (f"  {_notes(item)}" if _notes(item) else "", MUTED))
        self.show(
            heading,
            [
                *_labelled("was", before),
                *_labelled("now", after),
                *(_labelled("read", Content.styled(printable(item.text), MUTED)) if item.edited_text else ()),
                BLANK,
                *(
                    []
                    if item.team is None
                    else [TeamBlock(item.team, item.shown_text, self._in_full, self.app.size.width - EDGE_CELLS)]
                ),
                *_commands(item),
                *_verdict(item),
                *_score(item),
                *_decision(item),
            ],
        )

    def scroll_lines(self, lines: int) -> None:
        """Who scrolls wants to read on: answers that are cut are shown whole from then on."""
        if self._item is not None and self._item.team is not None and not self._in_full:
            self._in_full = True
            self.show_item(self._item)
        super().scroll_lines(lines)

    def show_message(self, title: str, *lines: str) -> None:
        """What to do where there is no rephrasing to show."""
        self._item = None
        self.show(Content.styled(title, HEADING), [BLANK, *(Paragraph(Content(line)) for line in lines)])


def _label(text: str) -> Content:
    return Content.styled(f"{text:<{LABEL_CELLS}}", MUTED)


def _labelled(label: str, text: Content) -> list[Paragraph]:
    return [Paragraph(text, Content.styled(f"{label:<5}", MUTED))]


def _notes(item: ReviewItem) -> str:
    notes = [f"step {item.user_step}"]
    if item.edited_text is not None:
        notes.append("edited, needs validation" if item.verdict is None or item.verdict_on_other_words else "edited")
    if item.by_hand:
        notes.append("added by hand")
    return " · ".join(notes)


def _commands(item: ReviewItem) -> list[Paragraph]:
    label = "expected"
    paragraphs = []
    for line in item.commands:
        paragraphs.append(Paragraph(Content.styled(one_line(line), "bold"), _label(label)))
        label = ""
    for line in item.unparsed:
        note = (" not understood", "$text-warning")
        paragraphs.append(Paragraph(Content.assemble(one_line(line), note), _label(label)))
        label = ""
    if not paragraphs:
        paragraphs.append(Paragraph(Content.styled("no commands known; c gives them", MUTED), _label(label)))
    if item.corrected:
        paragraphs.append(Paragraph(Content.styled("corrected by hand", MUTED), _label("")))
    if item.predicted is not None and sorted(item.predicted) != sorted(item.commands):
        label = "found"
        for line in item.predicted or ("nothing",):
            missing = line not in item.commands
            text = Content.assemble(
                (one_line(line), "$text-error" if missing else ""), (" !" if missing else "", "$text-error")
            )
            paragraphs.append(Paragraph(text, _label(label)))
            label = ""
    return paragraphs


def _verdict(item: ReviewItem) -> list[Paragraph]:
    if item.verdict is None:
        return [Paragraph(Content.styled("none yet", MUTED), _label("machine"))]
    stale = (" ~ on other commands", "$text-warning") if item.verdict_stale else ""
    other = (" on the text before it was edited; this one has none yet", MUTED) if item.verdict_on_other_words else ""
    mark = VERDICT_MARKS.get(item.verdict, "?")
    style = MUTED if other else VERDICT_STYLES.get(item.verdict, "")
    verdict = Content.assemble((f"{mark} {item.verdict}", style), other, stale)
    reasons = [Paragraph(Content.styled(one_line(reason), MUTED), _label("")) for reason in item.reasons]
    return [Paragraph(verdict, _label("machine")), *reasons]


def _score(item: ReviewItem) -> list[Paragraph]:
    """The reasons behind the verdict, which stands above already, in one line."""
    if item.ambiguity is None:
        return []
    score = item.ambiguity.score
    style = DOUBTFUL if score >= DOUBTFUL_FROM else ""
    reasons = "; ".join(one_line(reason) for reason in item.ambiguity.reasons[:SHOWN_REASONS])
    text = Content.assemble((f"{score:.2f}", f"bold {style}".strip()), (f"  {reasons}", MUTED))
    return [Paragraph(text, _label("ambiguity"))]


def _decision(item: ReviewItem) -> list[Paragraph]:
    words = [f"{STATE_MARKS[item.state]} {_STATE_WORDS[item.state]}".strip()]
    if item.decided_by and item.state is not State.STALE:
        words.append(f"by {one_line(item.decided_by)}")
    if item.decided_at and item.state is not State.STALE:
        words.append(when(item.decided_at))
    style = STATE_STYLES[item.state] or MUTED
    paragraphs = [Paragraph(Content.styled(" ".join(words), style), _label("decision"))]
    if item.reason:
        paragraphs.append(Paragraph(Content(one_line(item.reason)), _label("")))
    return paragraphs
