"""One line that is always true: done and left, this session, pace, what is filtered, when the last decision was saved."""

from __future__ import annotations

import math
from dataclasses import dataclass

from textual.content import Content
from textual.widget import Widget

from tui.styles import MUTED
from tui.widgets.plain import one_line

BAR_CELLS = 10
GAP = "   "
SHORTEST = 32
"""Characters of a filter that are shown even on narrow screens."""


@dataclass(frozen=True, slots=True)
class Status:
    """`total` None: still being counted. `saved_at`: time of day of the last decision of this session.

    `order`: unless it is by conversation. `bound`: of the wrong share of the accepted set; `sampled`: whether it rests on
    anything yet.
    """

    total: int | None = None
    left: int = 0
    session: int = 0
    per_minute: float | None = None
    eta_minutes: float | None = None
    filter_text: str = ""
    within: str = ""
    in_range: int = 0
    saved_at: str = ""
    note: str = ""
    order: str = ""
    bound: float | None = None
    sampled: bool = True


class StatusLine(Widget, can_focus=False):
    """Parts that do not fit are left out, the least needed first."""

    DEFAULT_CSS = "StatusLine { height: 1; padding: 0 1; background: $panel; color: $foreground; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.status = Status()

    def show(self, status: Status) -> None:
        if status != self.status:
            self.status = status
            self.refresh()

    def render(self) -> Content:
        return line(self.status, self.content_size.width)


def line(status: Status, width: int) -> Content:
    """The status in `width` cells: the state of the queue at the left, what was saved at the right."""
    left = _left_parts(status)
    right = _right_parts(status, max(SHORTEST, width * 2 // 5))
    while left and right and _length(left) + _length(right) + len(GAP) > width:
        weakest = max([*left, *right], key=lambda part: part[0])
        if weakest[0] == 0:
            break
        (left if weakest in left else right).remove(weakest)
    start, end = _joined(left), _joined(right)
    space = max(len(GAP) if end.plain else 0, width - start.cell_length - end.cell_length)
    return (start + " " * space + end).truncate(max(1, width))


def _left_parts(status: Status) -> list[tuple[int, Content]]:
    """Parts with how readily each is given up (0: never)."""
    if status.total is None:
        return [(0, Content.styled("counting…", MUTED))]
    done = status.total - status.left
    parts = [
        (4, _bar(done, status.total)),
        (0, Content.assemble((f"{done:,}", "bold"), " done", (" / ", MUTED), (f"{status.left:,}", "bold"), " left")),
        (2, Content(f"session {status.session:,}")),
    ]
    if status.per_minute is not None:
        parts.append((3, Content(f"{status.per_minute:.0f}/min")))
    if status.eta_minutes is not None and status.left:
        parts.append((3, Content(f"ETA {duration(status.eta_minutes)}")))
    if status.bound is not None:
        bound = percent(status.bound) if status.sampled else "–"
        parts.append((1, Content.assemble("wrong ", (f"≤ {bound}", "bold"))))
    if status.note:
        parts.append((1, Content.styled(status.note, MUTED)))
    return parts


def _right_parts(status: Status, most: int) -> list[tuple[int, Content]]:
    parts = []
    if status.in_range:
        parts.append((0, Content.styled(f"range {status.in_range:,}", "bold $text-warning")))
    if status.order:
        parts.append((1, Content.styled(f"{status.order} order", MUTED)))
    if status.within:
        parts.append((1, Content.styled(f"in {_short(status.within, most)}", "$text-accent")))
    if status.filter_text:
        parts.append((0, Content.styled(f"/{_short(status.filter_text, most)}", "$text-accent")))
    parts.append((1, Content.styled(f"saved {status.saved_at}" if status.saved_at else "saved", MUTED)))
    return parts


def _short(text: str, most: int) -> str:
    text = one_line(text)
    return text if len(text) <= most else f"{text[: most - 2]}.."


def _length(parts: list[tuple[int, Content]]) -> int:
    return sum(part.cell_length for _, part in parts) + len(GAP) * (len(parts) - 1)


def _joined(parts: list[tuple[int, Content]]) -> Content:
    return Content(GAP).join([part for _, part in parts])


def _bar(done: int, total: int) -> Content:
    full = 0 if not total else min(BAR_CELLS, done * BAR_CELLS // total)
    return Content.assemble(("━" * full, "$text-success"), ("─" * (BAR_CELLS - full), MUTED))


def percent(share: float) -> str:
    """`5.69 %`, `23.1 %`, `100 %`: upwards, so that a bound stays one."""
    tenths = 10 if share >= 0.1 else 100
    return f"{math.ceil(share * 100 * tenths - 1e-9) / tenths:g} %"


def duration(minutes: float) -> str:
    """`<1m`, `12m`, `3h 05m`, `2d 4h`."""
    whole = round(minutes)
    if whole < 1:
        return "<1m"
    if whole < 60:
        return f"{whole}m"
    if whole < 24 * 60:
        return f"{whole // 60}h {whole % 60:02}m"
    return f"{whole // 1440}d {whole % 1440 // 60}h"
