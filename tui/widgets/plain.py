"""Text from data made safe to show: no control character reaches the terminal, no markup is parsed.

Textual's `Content` drops only five control codes; an escape character in a test file would still reach the terminal.
"""

from __future__ import annotations

from typing import Final

# C0, DEL and C1 show as control pictures or `�`; line breaks and tabs stay for panes that wrap.
_CONTROLS: Final[dict[int, int | str]] = {
    **{code: 0x2400 + code for code in range(0x20) if code not in (0x09, 0x0A)},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),
    **dict.fromkeys(range(0xD800, 0xE000), 0xFFFD),
}
_ONE_LINE: Final[dict[int, int | str]] = {**_CONTROLS, 0x09: " ", 0x0A: " ⏎ ", 0x2028: " ⏎ ", 0x2029: " ⏎ "}


def printable(text: str) -> str:
    """`text` with control characters made visible; its line breaks stay."""
    return text if text.isprintable() else text.replace("\r\n", "\n").translate(_CONTROLS)


def one_line(text: str) -> str:
    """The same on one line."""
    return text if text.isprintable() else text.replace("\r\n", "\n").translate(_ONE_LINE)
