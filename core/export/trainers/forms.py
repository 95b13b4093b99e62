"""Whether a model is trained on the rows of a chat or on plain text, and a word where that is not what it looks like.

A model that learned plain text and is served for chat (or the other way round) meets prompts it was never trained on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal

from core.export.options import ExportFormat, Trainer
from core.export.trainers.told import Told

Form = Literal["chat", "plain"]
_TRAINS: Final = {
    "chat": "the model's chat template around every row, served by /v1/chat/completions",
    "plain": "plain text, served by /v1/completions",
}


def form_warnings(forms: Mapping[Trainer, Form], chat_formats: Sequence[ExportFormat], told: Told | None) -> Iterator[str]:
    """`forms`: of each trainer whose configuration was written. `chat_formats`: those that all of them train as chat.

    Yields a line where the forms differ, and one for each form that the last preflight did not check.
    """
    advice = f"use --format {' or '.join(chat_formats)}" if chat_formats else "export for each by itself"
    groups = {form: [trainer.value for trainer in forms if forms[trainer] == form] for form in _TRAINS}
    said = {form: f"{_names(names)} {_TRAINS[form]}" for form, names in groups.items() if names}
    if groups["plain"] and groups["chat"]:
        yield f"two different models: {said['plain']}; {said['chat']}; {advice}"
    if told is None:
        return
    if told.form == "chat" and groups["plain"]:
        yield f"{said['plain']}; the preflight was of chat: {advice}"
    if told.form == "plain" and groups["chat"]:
        yield (
            f"{said['chat']}; the preflight was of plain text: run `workbench preflight --form chat`, which checks what is"
            " trained, and export again"
        )


def _names(names: Sequence[str]) -> str:
    return f"{names[0]} trains" if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]} train"
