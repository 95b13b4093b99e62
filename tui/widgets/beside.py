"""Text that wraps beside a lead: the lead stands on the first line, the lines below are indented by it."""

from __future__ import annotations

from textual.content import Content

LEAST_CELLS = 8


def beside(lead: Content, text: Content, width: int) -> list[Content]:
    """The lines of `lead` and `text` in a pane of `width` cells."""
    indent = lead.cell_length
    wrapped = text.wrap(max(LEAST_CELLS, width - indent)) or [Content()]
    return [(lead if number == 0 else Content(" " * indent)) + line for number, line in enumerate(wrapped)]
