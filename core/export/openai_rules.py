"""What OpenAI says a file for supervised fine-tuning must be. No package checks it locally, so the export does.

https://platform.openai.com/docs/guides/supervised-fine-tuning: JSONL of chat messages, at least 10 examples, each ending
with what the assistant is to say. https://platform.openai.com/docs/api-reference/files/create: at most 512 MB a file.
"""

from __future__ import annotations

from collections.abc import Iterator

from core.dataset.models import DatasetVersion, Part
from core.errors import UsageError
from core.export.envelopes import Envelope

LEAST_ROWS = 10
MOST_BYTES = 512 * 1000 * 1000


def check_rows(version: DatasetVersion) -> None:
    """
    Raises:
        UsageError: train has too few rows.
    """
    if version.points[Part.TRAIN] < LEAST_ROWS:
        raise UsageError(
            f"OpenAI takes no file of fewer than {LEAST_ROWS} examples; train has {version.points[Part.TRAIN]}",
            remedy="Accept more rephrasings, raise --train-frac, or name another --format.",
        )


def checked(rows: Iterator[tuple[bytes, bytes]], part: Part, envelope: Envelope) -> Iterator[tuple[bytes, bytes]]:
    """The rows, as long as none is empty and they fit in one file.

    Raises:
        UsageError: one does not; it is named.
    """
    size = 0
    for number, (prompt, completion) in enumerate(rows, 1):
        size += len(envelope.row(prompt, completion))
        if not prompt.strip() or not completion.strip():
            empty = "completion" if prompt.strip() else "prompt"
            raise UsageError(
                f"row {number} of {part.value} has an empty {empty}, which OpenAI refuses",
                remedy="`workbench why` shows the test it comes from.",
            )
        if size > MOST_BYTES:
            raise UsageError(
                f"{part.value} is larger than 512 MB from row {number} on, which OpenAI does not take",
                remedy="Build the dataset with --max-points.",
            )
        yield prompt, completion
