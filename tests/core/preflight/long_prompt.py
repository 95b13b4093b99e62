"""A prompt of the size that the recipe's documentation prints: 1,103 tokens, with a completion of 7."""

from __future__ import annotations

from collections.abc import Callable

COMPLETION = "StartFlow(rent_boat)"
_HEAD = (
    "You look after the boats of a harbour. Answer the message below with actions, one on each line.\nFlows you can start:\n"
)
_TAIL = (
    "\nActions: SetSlot(slot_name, slot_value), StartFlow(flow_name), CancelFlow(), Clarify(flow_name1, flow_name2)\n"
    'USER said """is the little sailing boat free on Sunday"""\nYour actions:'
)
_FLOW = "flow_{number}: moves berth {number}, asks for the length of the boat and the night of arrival, and tells the fee.\n"


def prompt_of(tokens: int, count: Callable[[str], int]) -> str:
    """Our own text of exactly so many tokens."""
    flows, filler = 0, 0

    def text() -> str:
        return _HEAD + "".join(_FLOW.format(number=number) for number in range(flows)) + " a" * filler + _TAIL

    while count(text()) <= tokens:
        flows += 1
    flows -= 1
    while count(text()) < tokens:
        filler += 1
    assert count(text()) == tokens
    return text()
