"""`.workbench/app.log`: what went wrong in the app, with the traceback a bug report needs. Never the text of data."""

from __future__ import annotations

import traceback
from pathlib import Path

LOG_NAME = "app.log"
MOST_BYTES = 1_000_000


def log_failure(folder: Path, error: BaseException, doing: str) -> None:
    """Append a failure; a log that grew too long is started anew, keeping the one before. Never raises."""
    from core.store.connection import utc_now

    path = folder / LOG_NAME
    lines = traceback.format_exception(error)
    try:
        folder.mkdir(exist_ok=True)
        if path.exists() and path.stat().st_size > MOST_BYTES:
            path.replace(path.with_suffix(".log.1"))
        with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{utc_now()} {doing}: {type(error).__name__}\n{''.join(lines)}\n")
    except OSError:
        pass  # a full or read-only disk must not take the app down as well
