"""What the assistant says where a test only names a response: who labels does not know `utter_ask_title`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.assistant.reading import read_assistant
from core.conversations.models import TurnKind
from core.errors import AssistantError
from core.project import Project
from review.models import TranscriptTurn


def texts_of_responses(project: Project) -> Mapping[str, str]:
    """Response → the text of its first variation that has one. Empty where there is no assistant, or none that can be read."""
    try:
        responses = read_assistant(project.root).assistant.responses
    except AssistantError:
        return {}
    found = {}
    for name, response in responses.items():
        text = next((variation.text for variation in response.variations if variation.text and variation.text.strip()), None)
        if text is not None:
            found[name] = text
    return found


def spoken(turns: Sequence[TranscriptTurn], responses: Mapping[str, str]) -> list[tuple[str, str]]:
    """Kind and text of each turn; a response that is known counts as said by the bot, slots in it as they stand there."""
    return [
        (TurnKind.BOT.value, responses[turn.text]) if turn.kind == TurnKind.UTTER and turn.text in responses
        else (turn.kind, turn.text)
        for turn in turns
    ]  # fmt: skip
