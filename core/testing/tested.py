"""The assistant under test, made ready once for all tests of a run."""

from __future__ import annotations

from dataclasses import dataclass

from core.assistant.models import Assistant
from core.dialogue.compat import Compat
from core.dialogue.defaults import defaults
from core.dialogue.engine import Engine
from core.dialogue.responses import Responses
from core.testing.flow_facts import FlowFacts


@dataclass(frozen=True, slots=True)
class Tested:
    """Read-only, so that tests may run side by side. `facts`: those of the built-in patterns in force among them."""

    engine: Engine
    facts: FlowFacts

    @property
    def compat(self) -> Compat:
        return self.engine.compat

    @property
    def responses(self) -> Responses:
        return self.engine.responses


def tested(assistant: Assistant, compat: Compat) -> Tested:
    engine = Engine(assistant, compat)
    responses = {**defaults(compat).responses, **assistant.responses}
    return Tested(engine, FlowFacts(engine.flows, engine.slots, responses))
