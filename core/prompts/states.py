"""Where a conversation stands when a message comes: what makes the same words mean the same."""

from __future__ import annotations

from core.conversations.identity import digest
from core.prompts.context import PromptContext


def state_key(context: PromptContext) -> str:
    """Digest of the active flow with the slot it asks for; where no slot is asked, of the flow and what was said last.

    Two messages with the same words and the same key are the same case to a model, whatever was said before: to answer "two"
    to the question for the number of tickets is to know one of them. Slots that are filled already are left away on purpose,
    so that a split by this key errs on the side of finding too many such pairs.
    """
    flow, slot = (context.variables.get(name) for name in ("current_flow", "current_slot"))
    said = [line.text for line in context.history if line.speaker == "AI"]
    return digest(f"slot\x1f{flow}\x1f{slot}" if slot else f"said\x1f{flow}\x1f{said[-1] if said else ''}")
