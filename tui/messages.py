"""Facts that screens tell the app. Plain dataclasses: Textual writes routing fields into every message it delivers."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message


@dataclass
class OpenConversation(Message):
    """The user wants to read a whole conversation."""

    conversation_id: int
