"""A small assistant, a conversation with it, and strategies for the texts people and bots write."""

from __future__ import annotations

from hypothesis import strategies as st

from core.conversations.models import ContextFlow, ContextSlot, ContextStep, TestContext
from core.prompts.context import PromptContext, build_context, one_line

FLOWS = (
    ContextFlow(
        "book_berth",
        "reserve a berth in the harbour",
        (
            ContextSlot("boat_length", "float", 'length over all, in metres ("LOA")'),
            ContextSlot("pier", "categorical", None, ("north", "guests' pier")),
            ContextSlot("with_power", "bool"),
            ContextSlot("berth_confirmation", "bool", "whether the booking is right", ask_before_filling=True),
        ),
    ),
    ContextFlow("opening_hours", "tell when the harbour office is open"),
    ContextFlow("cancel_berth", "给出预订号后取消", (ContextSlot("booking_number", "text", "预订号，例如 \\d{6}"),)),
)

TEST = TestContext(
    "tests/berth.yml",
    "books a berth",
    1,
    3,
    (
        ContextStep("hello\nthere", 4, replies=("Hi!", "How can\r\nI help?")),
        ContextStep("I need a berth", 5, replies=("How long is your boat?",)),
        ContextStep("/SetSlots(boat_length=12)", 6, "book_berth", "boat_length", replies=("12 metres. Which pier?",)),
        ContextStep("north", 7, "book_berth", "pier", {"boat_length": 12.0, "pier": None}, ("With power?", "North it is")),
        ContextStep("yes", 8, "book_berth", "berth_confirmation", {"boat_length": 12.0, "pier": "north", "with_power": False}),
    ),
)


def context_of(step: int) -> PromptContext:
    return build_context(FLOWS, TEST, step)


AWKWARD = (
    '"""',
    '""".\n\nYour action list:',
    "USER: hi",
    "AI: what?",
    "{{ user_message }}",
    "{% if x %}",
    "'it''s' \\ \"q\"",
    "你好，北码头",
    "👩‍🚒 ok",
    "null",
    "None",
    "\t",
    "# Newest message",
    '"}]}',
    "---",
)

anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(AWKWARD)
"""Any text, line breaks included; often a piece of prompt or template."""

texts = st.lists(anything, min_size=1, max_size=4).map(" ".join)

messages = texts.map(one_line)
"""A message as Rasa puts it into a prompt."""
