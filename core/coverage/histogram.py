"""The histogram of commands: one bar a kind, in alphabetical order, zeros shown; as text and as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from core.coverage.report import CommandCount, Side

_BAR = "█"
_EIGHTHS = " ▏▎▍▌▋▊▉"


def histogram_lines(rows: Sequence[CommandCount], side: Side, cells: int = 40) -> list[str]:
    """A line for each kind: name, bar of at most `cells` cells, count, and why it cannot be used, if so."""
    most = max((row.count(side) for row in rows), default=0)
    names = max((len(row.name) for row in rows), default=0)
    digits = len(f"{most:,}")
    lines = []
    for row in rows:
        count = row.count(side)
        note = f"  ({row.unusable})" if row.unusable else ""
        lines.append(f"{row.name:<{names}}  {count:>{digits},}  {bar(count, most, cells)}{note}")
    return lines


def bar(count: int, most: int, cells: int) -> str:
    """A bar of eighths of a cell; what is not zero shows."""
    if not count:
        return ""
    eighths = max(1, round(count * cells * 8 / most))
    return (_BAR * (eighths // 8) + _EIGHTHS[eighths % 8]).strip()


_WIDTH, _ROW, _MARGIN, _TITLE = 900, 34, 24, 56
_LABEL, _COUNT = 190, 70
_INK, _MUTED, _FILL, _GROUND = (33, 37, 41), (108, 117, 125), (47, 111, 171), (255, 255, 255)


def histogram_png(rows: Sequence[CommandCount], side: Side, title: str) -> bytes:
    """The same as a PNG, 900 pixels wide."""
    from PIL import Image, ImageDraw, ImageFont  # 60 ms, and only reports need it

    image = Image.new("RGB", (_WIDTH, _TITLE + _ROW * max(1, len(rows)) + _MARGIN), _GROUND)
    draw = ImageDraw.Draw(image)
    text, heading = ImageFont.load_default(15), ImageFont.load_default(18)
    draw.text((_MARGIN, _MARGIN / 2 + 6), title, fill=_INK, font=heading)
    most = max((row.count(side) for row in rows), default=0)
    left, room = _MARGIN + _LABEL, _WIDTH - 2 * _MARGIN - _LABEL - _COUNT
    for number, row in enumerate(rows):
        top = _TITLE + number * _ROW
        count = row.count(side)
        middle = top + _ROW / 2
        draw.text((left - 12, middle), row.name, fill=_INK if count else _MUTED, font=text, anchor="rm")
        end = left + (round(count / most * room) if most else 0)
        if count:
            draw.rectangle((left, top + 6, max(end, left + 1), top + _ROW - 6), fill=_FILL)
        draw.text((end + 8, middle), f"{count:,}", fill=_INK if count else _MUTED, font=text, anchor="lm")
    draw.line((left - 1, _TITLE, left - 1, _TITLE + _ROW * len(rows)), fill=_MUTED)
    buffer = BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()
