"""What an assistant does where its project does not say it: default patterns, their slots and their responses.

They are this project's own, written after what the reference documents of each pattern; the texts are not the reference's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from core.assistant.models import Flow, Response, Slot
from core.assistant.reading import load_assistant
from core.dialogue.compat import Compat

FOLDER: Final = Path(__file__).parent / "defaults"


@dataclass(frozen=True, slots=True)
class Defaults:
    """By name; a project's own take their places."""

    flows: dict[str, Flow]
    slots: dict[str, Slot]
    responses: dict[str, Response]


def defaults(compat: Compat) -> Defaults:
    """The defaults of a version."""
    later = {
        "since_3_13.yml": compat.chitchat_cannot_handle,
        "since_3_14.yml": compat.asks_before_resuming,
        "since_3_15.yml": compat.clarify_may_be_empty,
        "since_3_16.yml": compat.completed_is_a_question,
    }
    return _read(("patterns.yml", *(name for name, holds in later.items() if holds)))


@lru_cache(maxsize=16)
def _read(names: tuple[str, ...]) -> Defaults:
    found = Defaults({}, {}, {})
    for name in names:
        assistant = load_assistant(FOLDER / name)
        found.flows.update(assistant.flows)
        found.slots.update(assistant.slots)
        found.responses.update(assistant.responses)
    return found
