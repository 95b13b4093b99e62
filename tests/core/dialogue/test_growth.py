"""What a conversation costs does not depend on how many flows the assistant has. Counted, not timed."""

from __future__ import annotations

import sys
from typing import Any

from tests.core.dialogue.small import Chat, Talk

COMMANDS = (
    *("start flow book", "set slot people 2", "set slot people 3", "offtopic reply", "start flow hours"),
    *("set slot place north", "disambiguate flows book hours", "set slot day Friday", "cancel flow"),
)


def calls_of(chat: Chat) -> int:
    """How many functions are called, Python's own included, for a whole conversation."""
    count = 0

    def on_call(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(on_call)
    try:
        for commands in COMMANDS:
            chat.say(commands)
    finally:
        sys.setprofile(None)
    return count


def test_a_conversation_takes_as_many_calls_with_many_flows_as_with_few(talk: Talk) -> None:
    flow = "{{description: d, if: slots.sure, steps: [{{collect: extra_{0}}}, {{action: utter_call}}]}}"
    flows = "\n".join(f"  extra_{number}: {flow.format(number)}" for number in range(200))
    slots = "\n".join(f"  extra_{number}: {{type: text}}" for number in range(200))
    few, many = talk(), talk(f"flows:\n{flows}\nslots:\n{slots}\n")
    calls_of(talk())  # templates are compiled once for all
    assert calls_of(many) == calls_of(few)
