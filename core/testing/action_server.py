"""The assistant's own action server, over the HTTP protocol of rasa-sdk.

    POST {endpoint}  {"next_action": …, "sender_id": …, "version": …, "tracker": {…}, "domain": {…}}
    → 200 {"events": […], "responses": […]}     400: the action refused to run     404: no such action

One connection a conversation, kept alive: the server keeps data per sender, so every conversation has a sender of its own.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from core.dialogue.actions import ActionRequest, ActionResult
from core.errors import ActionError, UsageError
from core.testing.action_answers import Answer, RenderResponse, result_of
from core.testing.tracker import tracker_of

TIMEOUT: Final = 10.0
"""Seconds an action may take; the reference's own limit."""
LARGEST: Final = 5_000_000
"""Bytes of an answer that are read. What is longer is no list of events and messages."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an action server listens: `http://host:port/webhook`."""

    url: str
    timeout: float = TIMEOUT

    @property
    def parts(self) -> SplitResult:
        """Raises UsageError if this is no http or https address."""
        try:
            parts = urlsplit(self.url)
            is_usable = parts.scheme in ("http", "https") and parts.hostname is not None and parts.port != 0
        except ValueError:
            is_usable = False
        if not is_usable:
            raise UsageError(
                f"`{self.url}` is no address of an action server",
                remedy="Write `action_endpoint: {url: http://localhost:5055/webhook}` in endpoints.yml.",
            )
        return parts

    def connect(self) -> HTTPConnection:
        parts = self.parts
        assert parts.hostname is not None
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        return kind(parts.hostname, parts.port, timeout=self.timeout)

    @property
    def target(self) -> str:
        path = self.parts.path or "/"
        return f"{path}?{self.parts.query}" if self.parts.query else path

    def is_reachable(self, timeout: float = 1.0) -> bool:
        """Whether somebody listens there."""
        parts = self.parts
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            with socket.create_connection((parts.hostname or "", port), timeout):
                return True
        except OSError:
            return False


@dataclass(slots=True)
class ActionServer:
    """The actions of one conversation. `domain`: as JSON, the same for all; `sender_id`: unique for a test and a run.

    `version`: of Rasa, as the server is to believe. `metadata`: of the message that is being answered.
    """

    endpoint: Endpoint
    domain: str
    sender_id: str
    render: RenderResponse
    version: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    warn: Callable[[str], None] = lambda text: None
    _connection: HTTPConnection | None = None

    def run(self, request: ActionRequest) -> ActionResult | None:
        """None if the server has no such action.

        Raises:
            ActionError: it cannot be reached, is too slow, or the action failed.
        """
        tracker = tracker_of(request, self.sender_id, self.metadata)
        call = {"next_action": request.name, "sender_id": self.sender_id, "version": self.version, "tracker": tracker}
        body = json.dumps(call, ensure_ascii=False)
        status, data = self._post(request.name, f'{body[:-1]}, "domain": {self.domain}}}'.encode())
        if status == 404:
            return None
        if status != 200:
            raise self._failed(request.name, status, data)
        try:
            answer = json.loads(data)
        except ValueError as error:
            raise self._error(request.name, f"its answer is no JSON ({error})") from error
        self._warn_of_unknown(request.name, answer)
        return result_of(Answer.of(answer), request, self.render, "action server")

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _post(self, name: str, body: bytes) -> tuple[int, bytes]:
        """A kept-alive connection may have been closed by the server meanwhile: then once more, on a new one."""
        is_new = self._connection is None
        try:
            return self._post_once(body)
        except TimeoutError as error:
            self.close()
            raise self._error(name, f"no answer within {self.endpoint.timeout:g} seconds") from error
        except (OSError, HTTPException) as error:
            self.close()
            if is_new:
                raise self._error(name, f"{_reason(error)}") from error
        try:
            return self._post_once(body)
        except (OSError, HTTPException) as error:
            self.close()
            raise self._error(name, f"{_reason(error)}") from error

    def _post_once(self, body: bytes) -> tuple[int, bytes]:
        if self._connection is None:
            self._connection = self.endpoint.connect()
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        self._connection.request("POST", self.endpoint.target, body, headers)
        response: HTTPResponse = self._connection.getresponse()
        data = response.read(LARGEST + 1)
        if len(data) > LARGEST:
            self.close()
            raise HTTPException(f"the answer is longer than {LARGEST:,} bytes")
        return response.status, data

    def _failed(self, name: str, status: int, data: bytes) -> ActionError:
        try:
            said = json.loads(data)
        except ValueError:
            said = None
        why = str(said.get("error")) if isinstance(said, Mapping) and said.get("error") else f"status {status}"
        return self._error(name, f"refused to run: {why}" if status == 400 else f"failed: {why}")

    def _error(self, name: str, why: str) -> ActionError:
        remedy = "See the action server's log; start it, or use --actions test-led."
        return ActionError(f"the action `{name}` at {self.endpoint.url}: {why}.", remedy=remedy)

    def _warn_of_unknown(self, name: str, answer: Any) -> None:
        events = answer.get("events") if isinstance(answer, Mapping) else None
        for event in events if isinstance(events, Sequence) else ():
            kind = event.get("event") if isinstance(event, Mapping) else None
            if kind not in ("slot", "followup", "bot", "reset_slots", "action"):
                self.warn(f"the action `{name}` sent an event `{kind}`, which has no effect here")


def _reason(error: Exception) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there"
    text = str(error) or type(error).__name__
    return text[:1].lower() + text[1:]
