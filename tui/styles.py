"""Styles for text in `Content`."""

from __future__ import annotations

from typing import Final

MUTED: Final = "$foreground 70%"
"""Beside the point. `$text-muted` loses its transparency inside a Content (Textual 8.2.8) and would come out white."""
HEADING: Final = "bold $text-primary"
KEY: Final = "bold $text-accent"
GOOD: Final = "$text-success"
DOUBTFUL: Final = "$text-warning"
BAD: Final = "$text-error"
