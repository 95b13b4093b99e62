"""Entry point of the console script: imports nothing before Ctrl-C and the terminal's encoding are taken care of."""

from __future__ import annotations

import sys


def run() -> None:
    """Run `workbench`. Ctrl-C ends it with exit code 130 and no traceback, also while it is being loaded."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # closed by the caller
            # What is printed is in UTF-8 whatever the locale; a file name that is not UTF-8 is shown with escapes.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    try:
        from tui.cli.main import run as run_command

        run_command()
    except KeyboardInterrupt:
        sys.exit(130)
