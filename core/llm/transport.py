"""What stands below the SDK: connections, and a limit on how much of an answer is read.

The SDK's own pool walks over all its connections and waiting requests at each request: at 256 in flight that is half of its
processor time (397 requests/s on two cores, against 583 at 64). A stack of single connections has nothing to walk over.
"""

from __future__ import annotations

import ssl
import urllib.request
from typing import Final
from urllib.parse import urlsplit

import httpx2

MOST_BYTES: Final = 4_000_000
"""Of an answer: 128,000 tokens are about 600,000."""
_IDLE_SECONDS: Final = 30.0
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class AnswerTooLargeError(Exception):
    """A server sent more than any answer may be; the rest was not read."""


class ConnectionStack(httpx2.AsyncBaseTransport):
    """Connections to one host: each question takes the one that was put back last, or a new one."""

    def __init__(self, base_url: str, *, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._tls: ssl.SSLContext | None = None
        self._base_url = base_url
        self._idle: list[httpx2.AsyncHTTPTransport] = []
        self._all: list[httpx2.AsyncHTTPTransport] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        connection = self._idle.pop() if self._idle else self._new()
        try:
            response = await connection.handle_async_request(request)
            try:
                content = await self._read(response)
            finally:
                await response.aclose()
        finally:
            self._idle.append(connection)  # one that broke connects again by itself
        headers = [(name, value) for name, value in response.headers.raw if name.lower() not in _OF_THE_WIRE]
        return httpx2.Response(response.status_code, headers=headers, content=content)

    async def aclose(self) -> None:
        for connection in self._all:
            await connection.aclose()

    async def _read(self, response: httpx2.Response) -> bytes:
        """The body, decoded. Counted after decoding: a compressed answer may be a thousand times its size on the wire."""
        parts: list[bytes] = []
        size = 0
        is_plain = "content-encoding" not in response.headers and isinstance(response.stream, httpx2.AsyncByteStream)
        # A body that is not compressed needs none of the decoding, which takes a tenth of the transport's time.
        body = response.stream if is_plain else response.aiter_bytes()
        async for part in body:  # type: ignore[union-attr]
            size += len(part)
            if size > self._most_bytes:
                raise AnswerTooLargeError(f"the answer is larger than {self._most_bytes / 1e6:g} MB")
            parts.append(part)
        return b"".join(parts)

    def _new(self) -> httpx2.AsyncHTTPTransport:
        if self._tls is None:
            self._tls = httpx2.create_ssl_context()  # once: reading the certificates takes 20 ms
        limits = httpx2.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=_IDLE_SECONDS)
        made = httpx2.AsyncHTTPTransport(verify=self._tls, limits=limits, proxy=proxy_for(self._base_url))
        self._all.append(made)
        return made


_OF_THE_WIRE = frozenset({b"content-encoding", b"content-length", b"transfer-encoding"})


def proxy_for(url: str) -> str | None:
    """The proxy that the environment names for this address (HTTPS_PROXY, ALL_PROXY, NO_PROXY); never one for loopback."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    proxies = urllib.request.getproxies()
    if host in _LOOPBACK or urllib.request.proxy_bypass(host):
        return None
    return proxies.get(parts.scheme) or proxies.get("all")
