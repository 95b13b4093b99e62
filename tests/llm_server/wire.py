"""HTTP/1.1 as far as a test server needs it: requests with a content length, kept-alive connections, answers in any state."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cached_property
from typing import Any

PHRASES = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 429: "Too Many Requests"}


class Cut(Enum):
    """Where the connection ends instead of going on."""

    NOWHERE = auto()
    BEFORE_HEADERS = auto()
    IN_HEADERS = auto()
    IN_BODY = auto()
    IN_CHUNKS = auto()  # a streamed body whose last chunk never comes


@dataclass
class Seen:
    """A request as it came in. Names of headers are in small letters."""

    method: str
    path: str
    headers: dict[str, str]
    raw: bytes

    @cached_property
    def body(self) -> dict[str, Any]:
        found = json.loads(self.raw) if self.raw else {}
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Reply:
    """What is sent. `delay`: seconds before its first byte."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    cut: Cut = Cut.NOWHERE

    def wire(self) -> bytes:
        """All bytes of it, up to where it is cut."""
        lines = [f"HTTP/1.1 {self.status} {PHRASES.get(self.status, 'Status')}"]
        headers = {"content-type": "application/json", **self.headers}
        if self.cut is Cut.IN_CHUNKS:
            headers["transfer-encoding"] = "chunked"
        else:
            headers["content-length"] = str(len(self.body))
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode()
        half = self.body[: len(self.body) // 2]
        match self.cut:
            case Cut.BEFORE_HEADERS:
                return b""
            case Cut.IN_HEADERS:
                return head[: len(head) // 2]
            case Cut.IN_BODY:
                return head + half
            case Cut.IN_CHUNKS:
                return head + f"{len(half):x}\r\n".encode() + half + b"\r\n"
            case Cut.NOWHERE:
                return head + self.body


class Connection(asyncio.Protocol):
    """One client connection. `respond` is asked for each request, `done` told when its reply goes out."""

    def __init__(
        self,
        respond: Callable[[Seen], Reply],
        opened: Callable[[], None],
        done: Callable[[], None],
        members: set[Connection],
    ) -> None:
        self._respond, self._opened, self._done, self._members = respond, opened, done, members
        self._buffer = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._members.add(self)
        self._opened()

    def connection_lost(self, exc: Exception | None) -> None:
        self._members.discard(self)
        self.transport = None

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._buffer[:1].isalpha() and self.transport is not None:
            self.transport.close()  # no HTTP: somebody tries TLS
            return
        while self._buffer:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            first, *lines = self._buffer[:end].decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            size = int(headers.get("content-length", "0"))
            start = end + 4
            if len(self._buffer) < start + size:
                return
            raw, self._buffer = self._buffer[start : start + size], self._buffer[start + size :]
            method, path, _ = first.split(" ", 2)
            reply = self._respond(Seen(method, path, headers, raw))
            if reply.delay > 0:
                asyncio.get_running_loop().call_later(reply.delay, self._send, reply)
            else:
                self._send(reply)

    def _send(self, reply: Reply) -> None:
        self._done()
        if self.transport is None:
            return
        self.transport.write(reply.wire())
        if reply.cut is not Cut.NOWHERE:
            self.transport.close()
