"""What tests reach besides steps: ways out of branching steps, slot values, pairs of commands, repair patterns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from core.assistant.models import Assistant, Slot, SlotType
from core.coverage.branches import branch_coverage
from core.coverage.command_types import name_of
from core.coverage.measure import Trace
from core.coverage.report import Extras, PairCoverage, PatternCoverage, ValueCoverage
from core.dialogue.events import FlowStarted, SlotSet

REPAIR_PATTERNS = {
    "pattern_cancel_flow": "cancel flow",
    "pattern_cannot_handle": "",
    "pattern_chitchat": "chitchat",
    "pattern_clarification": "clarify",
    "pattern_completed": "",
    "pattern_continue_interrupted": "",
    "pattern_correction": "",
    "pattern_human_handoff": "human handoff",
    "pattern_internal_error": "",
    "pattern_repeat_bot_messages": "repeat bot messages",
    "pattern_search": "knowledge",
    "pattern_skip_question": "skip question",
}
"""Of the built-in ones those that answer something a user can say. The rest frame every conversation (collecting a slot,
the session start) or follow events a test cannot make (silence, a change of code). With the command that leads there."""


def find_extras(assistant: Assistant, traces: Iterable[Trace], unusable: Mapping[str, str]) -> Extras:
    """Of the passing tests. `unusable`: commands with why the assistant cannot use them; a pattern that only such a
    command leads to is listed only if it ran.
    """
    passed = [trace for trace in traces if trace.passed]
    return Extras(
        branches=branch_coverage(assistant, passed),
        values=_values(assistant, passed),
        pairs=_pairs(passed),
        patterns=_patterns(assistant, passed, unusable),
    )


def slot_value(slot: str, value: object) -> str:
    """A slot with a value as one text. `true` and `True` are the same: models write Python's, domains YAML's."""
    text = "null" if value is None else str(value)
    return f"{slot} = {text.lower() if text.lower() in ('true', 'false') else text}"


def declared_values(assistant: Assistant) -> Iterator[tuple[Slot, str]]:
    """Every value that a categorical or boolean slot of the domain can have."""
    for slot in assistant.slots.values():
        values: Sequence[str] = ()
        if slot.type is SlotType.BOOL:
            values = ("true", "false")
        elif slot.type is SlotType.CATEGORICAL:
            values = slot.values
        for value in values:
            yield slot, value


def _values(assistant: Assistant, traces: Sequence[Trace]) -> tuple[ValueCoverage, ...]:
    tests: Counter[str] = Counter()
    for trace in traces:
        tests.update(
            {
                slot_value(event.name, event.value).lower()
                for event in trace.events
                if isinstance(event, SlotSet) and event.value is not None
            }
        )
    return tuple(
        ValueCoverage(slot.name, value, tests[slot_value(slot.name, value).lower()])
        for slot, value in declared_values(assistant)
    )


def _pairs(traces: Sequence[Trace]) -> tuple[PairCoverage, ...]:
    """The most frequent first."""
    counts = Counter(pair for trace in traces for pair in pairwise(map(name_of, trace.commands)))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(PairCoverage(first, second, count) for (first, second), count in ordered)


def _patterns(assistant: Assistant, traces: Sequence[Trace], unusable: Mapping[str, str]) -> tuple[PatternCoverage, ...]:
    """The repair patterns, and whatever other pattern flows the project has of its own."""
    tests: Counter[str] = Counter()
    for trace in traces:
        tests.update({event.flow for event in trace.events if isinstance(event, FlowStarted)})
    own = [flow.id for flow in assistant.flows.values() if flow.is_pattern]
    names = (name for name, command in REPAIR_PATTERNS.items() if tests[name] or not unusable.get(command))
    return tuple(PatternCoverage(name, name in own, tests[name]) for name in dict.fromkeys((*names, *own)))
