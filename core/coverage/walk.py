"""Going a way with the engine: whether it reaches its step, and what is said and run on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from core.commands import parse_any
from core.coverage.candidates import Value
from core.coverage.report import Way, WayMessage
from core.dialogue.actions import ActionRequest, ActionResult
from core.dialogue.engine import Engine
from core.dialogue.turn import StepVisit
from core.errors import WorkbenchError


@dataclass(frozen=True, slots=True)
class Walk:
    """`way` with what came of it. `replies`: names of the responses after each message. `actions`: custom actions that
    ran, in the order of their first run.
    """

    way: Way
    visits: frozenset[StepVisit] = frozenset()
    replies: tuple[tuple[str, ...], ...] = ()
    actions: tuple[str, ...] = ()


@dataclass(slots=True)
class _Stubs:
    """Sets what the way asks for, each at the action's first run; actions it does not know do nothing."""

    sets: Mapping[str, tuple[tuple[str, Value], ...]]
    ran: dict[str, None] = field(default_factory=dict)

    def run(self, request: ActionRequest) -> ActionResult:
        self.ran[request.name] = None
        return ActionResult(self.sets.get(request.name, ()))


def walk(way: Way, engine: Engine) -> Walk:
    """Go `way`; one that leads nowhere (see its note) is given back as it is."""
    if not way.messages:
        return Walk(way)
    stubs = _Stubs({stub.action: tuple((one.slot, one.value) for one in stub.sets) for stub in way.stubs})
    visits: list[StepVisit] = []
    replies: list[tuple[str, ...]] = []
    try:
        conversation = engine.conversation(stubs)
        conversation.begin({one.slot: one.value for one in way.fixtures})
        for message in way.messages:
            turn = conversation.say(message.payload or text_of(message), parse_any("\n".join(message.commands)).found)
            visits += turn.visits
            replies.append(tuple(said.utter for said in turn.said if said.utter is not None))
    except WorkbenchError as error:
        return Walk(replace(way, checked="missed", note=str(error)), frozenset(visits), tuple(replies), tuple(stubs.ran))
    reached = StepVisit(way.flow, way.step) in visits
    note = "" if reached else _ended_at(visits)
    done = replace(way, checked="reached" if reached else "missed", note=note)
    return Walk(done, frozenset(visits), tuple(replies), tuple(stubs.ran))


def _ended_at(visits: list[StepVisit]) -> str:
    return f"the engine ends at {visits[-1].flow} / {visits[-1].step}" if visits else "the engine visits no step on it"


def text_of(message: WayMessage) -> str:
    """What stands for the user's words until a person has written them."""
    return f"[to write] {'; '.join(message.commands)}"
