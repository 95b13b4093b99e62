"""Which steps of a flow count, and on which lines they stand.

The rule is that of the reference (coverage report of the E2E tests), as its published reports show it: `action`,
`collect`, `call` and `link` count at any depth, `set_slots`, `noop` and bare jumps do not. A step with branches spans
the steps inside them. Pattern flows are left out: no published report lists one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.assistant.models import Assistant, Call, Collect, Flow, Link, RunAction, Step


@dataclass(frozen=True, slots=True)
class CountedStep:
    """`what`: the slot, action or flow it names. `depth`: 0 for steps of the flow's own list."""

    id: str
    kind: str
    what: str
    first_line: int
    last_line: int
    depth: int

    @property
    def lines(self) -> str:
        """As reports write them, one line too: `10-10`."""
        return f"{self.first_line}-{self.last_line}"


def all_steps(steps: Iterable[Step], depth: int = 0) -> Iterator[tuple[Step, int]]:
    """Every step with its depth, in file order: a step comes before those inside its branches."""
    for step in steps:
        yield step, depth
        if isinstance(step.next, tuple):
            for branch in step.next:
                if isinstance(branch.then, tuple):
                    yield from all_steps(branch.then, depth + 1)


def counted_steps(flow: Flow) -> tuple[CountedStep, ...]:
    """In file order."""
    found = []
    for step, depth in all_steps(flow.steps):
        named = kind_of(step)
        if named is not None:
            found.append(CountedStep(step.id, *named, step.where.line or 0, step.last_line, depth))
    return tuple(found)


def kind_of(step: Step) -> tuple[str, str] | None:
    """What a counted step does and to what, e.g. `("collect", "city")`; None if it does not count."""
    match step:
        case Collect():
            return "collect", step.slot
        case RunAction():
            return "action", step.action
        case Call():
            return "call", step.flow
        case Link():
            return "link", step.flow
    return None


def user_flows(assistant: Assistant) -> tuple[Flow, ...]:
    """The flows a report lists, in file order."""
    return tuple(flow for flow in assistant.flows.values() if not flow.is_pattern)
