"""Lines of the Dataset screen's pane: headings, sentences that wrap, counts, bars and tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import overload

from rich.cells import cell_len
from textual.content import Content

from core.coverage.histogram import bar
from tui.styles import HEADING, KEY, MUTED
from tui.widgets.beside import beside
from tui.widgets.line_list import Line
from tui.widgets.plain import one_line

Target = str
"""What `workbench why` is asked."""
PaneLine = Line[Target]
PaneItem = PaneLine | Callable[[], PaneLine]
BLANK: PaneLine = Line()


class Drawn(Sequence[PaneLine]):
    """Lines of which some are made when they are first drawn: a table of an assistant may have a thousand."""

    def __init__(self, items: Iterable[PaneItem]) -> None:
        self._items = list(items)

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, index: int) -> PaneLine: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[PaneLine]: ...
    def __getitem__(self, index: int | slice) -> PaneLine | Sequence[PaneLine]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        item = self._items[index]
        if not isinstance(item, Line):
            item = self._items[index] = item()
        return item


def heading(text: str, note: str = "") -> PaneLine:
    return Line(Content.assemble((one_line(text), HEADING), (f"  {note}" if note else "", MUTED)))


def sentence(text: str, width: int, style: str = "", *, mark: str = "", target: Target | None = None) -> Iterator[PaneLine]:
    """Wrapped; `mark` stands before it, and what is below it is indented by it. Every line of it leads to the target."""
    lead = Content.styled(f"{mark} " if mark else "", style)
    for line in beside(lead, Content.styled(one_line(text), "" if mark else style), width):
        yield Line(line, target)


def wrapped(lead: Content, text: str, width: int, *, target: Target | None = None) -> Iterator[PaneLine]:
    """Muted text beside what stands before it."""
    for line in beside(lead, Content.styled(one_line(text), MUTED), width):
        yield Line(line, target)


def muted(text: str, width: int) -> Iterator[PaneLine]:
    return sentence(text, width, MUTED)


def key_does(key: str, what: str, width: int) -> Iterator[PaneLine]:
    """A key and what it does, wrapped."""
    return wrapped(Content.styled(f"{key} ", KEY), what, width)


def cut(text: str, cells: int) -> str:
    """One line of at most `cells` cells, filled up to them."""
    text = one_line(text)
    if cell_len(text) > cells:
        while cell_len(text) > max(0, cells - 2):
            text = text[:-1]
        text = f"{text}.."[:cells] if cells > 2 else text
    return text + " " * (cells - cell_len(text))


def share(value: float | None) -> str:
    """A percentage; never rounded to all or to nothing."""
    if value is None:
        return "–"
    if 0 < value < 0.01:
        return "<1 %"
    return "99 %" if 0.99 < value < 1 else f"{value * 100:.0f} %"


def figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def bar_of(count: int, most: int, cells: int, style: str) -> Content:
    """Padded to `cells`."""
    drawn = bar(count, most, cells)
    return Content.assemble((drawn, style), " " * (cells - cell_len(drawn)))


def row(cells: Sequence[tuple[str, int, str]]) -> Content:
    """(text, width, style) each: widths below zero align to the right. Two cells apart."""
    parts: list[Content] = []
    for text, width, style in cells:
        shown = f"{text:>{-width}}" if width < 0 else cut(text, width)
        parts.append(Content.styled(shown, style))
    return Content("  ").join(parts)
