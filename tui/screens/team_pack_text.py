"""What the Team screen says in the project of a hand-out, where the team is elsewhere: how far it is, and how it goes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from textual.content import Content

from core.store.pack_here import PackStanding
from tui.screens.team_text import Lines, Target
from tui.styles import DOUBTFUL, GOOD, HEADING, MUTED
from tui.widgets.line_list import Line
from tui.widgets.moments import when
from tui.widgets.plain import one_line

_MOST_CELLS = 100


@dataclass(frozen=True, slots=True)
class PackView:
    """`hand_in`: where it is or will be. `written_at`: ISO 8601, UTC, None: not written yet."""

    standing: PackStanding
    hand_in: Path
    written_at: str | None


def pack_lines(view: PackView, width: int) -> Lines:
    """For a list with `width` cells."""
    standing, pack = view.standing, view.standing.pack
    about = f"  {one_line(pack.round)} of {one_line(pack.project)}, answered by {one_line(pack.reviewer)}"
    lines: Lines = [Line(Content.assemble(("Hand-out", HEADING), (about, MUTED)))]
    lines.append(Line(Content.assemble((f"{standing.answered:>5,}", f"bold {GOOD}"), f"  of {standing.records:,} answered")))
    if standing.left:
        left = Content.assemble((f"{standing.left:>5,}", f"bold {DOUBTFUL}"), "  left: Enter shows them")
        lines.append(Line(left, Target("state:open")))
    lines += [Line(), Line(Content.styled("Hand-in", HEADING))]
    lines += _wrapped(Content(str(view.hand_in)), width)
    if view.written_at is None:
        written = "Not written yet: leaving `workbench review open` does, and"
    else:
        written = f"Written {when(view.written_at)}; leaving `workbench review open` writes it again, and"
    words = (
        f"{written} `workbench review answers {pack.hand_out}` at any time. Send it back to who gave you the hand-out:"
        " `workbench review merge` takes it in there."
    )
    return [*lines, *_wrapped(Content.styled(words, MUTED), width)]


def _wrapped(text: Content, width: int) -> Iterator[Line[Target]]:
    for line in text.wrap(max(20, min(width, _MOST_CELLS) - 2)):
        yield Line(Content("  ") + line)
