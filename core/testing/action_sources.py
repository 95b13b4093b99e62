"""Who runs custom actions, in order of preference: the test's stubs, the assistant's action server, the test itself."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core.dialogue.actions import Actions, FirstOf
from core.dialogue.engine import Engine
from core.dialogue.events import BotUttered
from core.dialogue.responses import Responses
from core.errors import UsageError
from core.testing.action_server import ActionServer, Endpoint
from core.testing.cases import LoadedTest
from core.testing.stubs import Stubs, Unvalidated
from core.testing.test_led import TestLed
from core.testing.tracker import domain_of


class ActionMode(StrEnum):
    """`auto`: stubs, then the action server if one listens at the assistant's endpoint, then the test."""

    AUTO = "auto"
    STUBS = "stubs"
    SERVER = "server"
    TEST_LED = "test-led"


@dataclass(frozen=True, slots=True)
class TestActions:
    """The actions of one conversation. `begin_turn` is told the number of each user step before it is said."""

    __test__ = False

    actions: Actions
    begin_turn: Callable[[int], None]


@dataclass(frozen=True, slots=True)
class ActionSources:
    """The sources of a run. `run_id` makes senders of this run differ from those of every other."""

    responses: Responses
    uses_stubs: bool = True
    endpoint: Endpoint | None = None
    is_test_led: bool = True
    domain: str = "{}"
    version: str = ""
    about: str = ""
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])

    @contextmanager
    def of_test(self, test: LoadedTest, led: TestLed | None, warn: Callable[[str], None]) -> Iterator[TestActions]:
        """The sources for one play of one test."""
        sources: list[Actions] = []

        def render(name: str, values: Mapping[str, Any]) -> BotUttered | None:
            notes: list[str] = []
            said = self.responses.say(name, values, {}, notes)
            for note in notes:
                warn(note)
            return said

        if self.uses_stubs and test.stubs:
            sources.append(Stubs(test.stubs, render))
        server: ActionServer | None = None
        if self.endpoint is not None:
            sender = f"{test.file}::{test.case.name}#{test.case.line}-{self.run_id}-{uuid.uuid4().hex[:8]}"
            server = ActionServer(self.endpoint, self.domain, sender, render, self.version, warn=warn)
            sources.append(server)
        if led is not None:
            sources.append(led)
        elif server is None:
            sources.append(Unvalidated(warn))

        def begin_turn(ordinal: int) -> None:
            if server is not None and ordinal <= len(test.metadata):
                server.metadata = test.metadata[ordinal - 1]

        try:
            yield TestActions(sources[0] if len(sources) == 1 else FirstOf(tuple(sources)), begin_turn)
        finally:
            if server is not None:
                server.close()

    def notes(self) -> tuple[str, ...]:
        return (self.about,) if self.about else ()


def action_sources(mode: ActionMode, engine: Engine) -> ActionSources:
    """The sources of a mode.

    Raises:
        UsageError: an action server is asked for and the assistant names none, or none listens there.
    """
    responses, assistant, version = engine.responses, engine.assistant, engine.compat.version
    if mode is ActionMode.STUBS:
        return ActionSources(responses, is_test_led=False, about="custom actions: stubs only")
    if mode is ActionMode.TEST_LED:
        return ActionSources(responses, uses_stubs=False, about="custom actions: led by the tests")
    endpoint = Endpoint(assistant.action_endpoint) if assistant.action_endpoint else None
    is_there = endpoint is not None and endpoint.is_reachable()
    if mode is ActionMode.SERVER:
        if endpoint is None or not is_there:
            what = f"no action server listens at {endpoint.url}" if endpoint else "the assistant names no action server"
            remedy = "Start it, or name it as `action_endpoint: {url: …}` in endpoints.yml; or use --actions test-led."
            raise UsageError(what, remedy=remedy)
        about = f"custom actions: action server at {endpoint.url}"
        return ActionSources(responses, False, endpoint, False, json.dumps(domain_of(assistant)), version, about)
    if endpoint is not None and is_there:
        about = f"custom actions: stubs, then the action server at {endpoint.url}, then led by the tests"
        return ActionSources(responses, True, endpoint, True, json.dumps(domain_of(assistant)), version, about)
    where = f" (no action server listens at {endpoint.url})" if endpoint else ""
    return ActionSources(responses, about=f"custom actions: stubs, then led by the tests{where}")
