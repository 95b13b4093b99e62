"""A model in memory, for tests of what is made of its answers. What a network does is tested with `tests.llm_server`."""

from __future__ import annotations

from collections.abc import Callable

from core.llm.models import Answer, Asker, CallFailure, Request, Role, Usage

Reply = str | CallFailure | Answer


class ScriptedAsker:
    """Answers each request with what `reply` gives for it, and remembers the requests."""

    def __init__(self, reply: Callable[[Request], Reply]) -> None:
        self._reply = reply
        self.requests: list[Request] = []

    def __call__(self, role: Role) -> Asker:
        """The same model in every role."""
        return self

    async def ask(self, request: Request) -> Answer | CallFailure:
        self.requests.append(request)
        reply = self._reply(request)
        if isinstance(reply, str):
            return Answer(f"call-{len(self.requests)}", reply, "stop", Usage(0, 0), None, 0.0)
        return reply
