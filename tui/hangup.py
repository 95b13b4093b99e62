"""Ends the app when its terminal is gone.

A shell or `make` between the terminal and the app does not always pass the hangup on, and Textual reads an end of file for
ever then. Nothing is lost: every decision is on disk before it is shown.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Final

CHECKED_EVERY: Final = 2.0
"""Seconds."""


def has_terminal() -> bool:
    """Whether this process reads from a terminal that is there."""
    try:
        return sys.__stdin__ is not None and os.isatty(sys.__stdin__.fileno())
    except (OSError, ValueError):  # closed
        return False


def end_if_gone() -> None:
    """What the hangup would have done. Call in the main thread, and only if there was a terminal at first."""
    if not has_terminal():
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGHUP)
