"""The server: one thread with an event loop, which answers what a test's function says."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from tests.llm_server import faults
from tests.llm_server.faults import Fault
from tests.llm_server.limits import RateLimit
from tests.llm_server.wire import Connection, Reply, Seen

Scripted = str | Fault | Mapping[str, Any]
"""The text of the answer, something going wrong, or the whole body."""
Script = Callable[[dict[str, Any]], Scripted]
Route = Callable[[Seen], Reply | None]
"""For paths of other APIs: None if it is not for this request."""


class LlmServer:
    """`requests`: bodies of chat, completion and embedding requests in the order they came; `seen`: all, with headers.

    `count`: requests so far; `opened`: connections that were made for them.
    """

    def __init__(
        self,
        script: Script,
        *,
        latency: float = 0.0,
        rate_limit: RateLimit | None = None,
        models: Sequence[str] | Fault = ("test-model",),
        embed: Callable[[str], Sequence[float]] | None = None,
        route: Route | None = None,
        remember: bool = True,
    ) -> None:
        self.latency = latency
        self.count = self.opened = 0
        self.in_flight = 0
        self.most_in_flight = 0
        self.seen: list[Seen] = []
        self.base_url = ""
        self.rate_limit = rate_limit
        self._script, self._models, self._embed, self._route = script, models, embed or _letters, route
        self._remember = remember
        self._connections: set[Connection] = set()

    @property
    def requests(self) -> list[dict[str, Any]]:
        return [seen.body for seen in self.seen if seen.method == "POST"]

    @property
    def connections(self) -> int:
        return len(self._connections)

    async def start(self, port: int = 0) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: Connection(self._respond, self._opened, self._done, self._connections), "127.0.0.1", port, backlog=2048
        )
        self.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        return server

    def close_connections(self) -> None:
        for connection in list(self._connections):
            if connection.transport is not None:
                connection.transport.abort()

    def _opened(self) -> None:
        self.opened += 1

    def _done(self) -> None:
        self.in_flight -= 1

    def _respond(self, seen: Seen) -> Reply:
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        self.count += 1
        if self._remember:
            self.seen.append(seen)
        if self._route is not None and (routed := self._route(seen)) is not None:
            return routed
        path = seen.path.partition("?")[0]
        if path.endswith("/models"):
            return self._list_models()
        kind = next((kind for kind in ("chat/completions", "completions", "embeddings") if path.endswith("/" + kind)), None)
        if kind is None or seen.method != "POST":
            return _reply(Fault(404, b'{"detail":"Not Found"}'), "", {}, self.latency)
        if self.rate_limit is not None:
            headers = self.rate_limit.headers() if self.rate_limit.take() else None
            if headers is None:
                return _reply(faults.throttled(headers=self.rate_limit.headers()), kind, seen.body, self.latency)
        else:
            headers = {}
        scripted: Scripted = self._embeddings(seen.body) if kind == "embeddings" else self._script(seen.body)
        reply = _reply(scripted, kind, seen.body, self.latency)
        return replace(reply, headers={**headers, **reply.headers}) if headers else reply

    def _list_models(self) -> Reply:
        if isinstance(self._models, Fault):
            return _reply(self._models, "", {}, self.latency)
        data = [{"id": name, "object": "model", "created": 0, "owned_by": "tests"} for name in self._models]
        return Reply(200, json.dumps({"object": "list", "data": data}).encode(), delay=self.latency)

    def _embeddings(self, body: dict[str, Any]) -> Mapping[str, Any]:
        wanted = body["input"]
        texts = [wanted] if isinstance(wanted, str) else wanted
        data = [
            {"object": "embedding", "index": index, "embedding": list(self._embed(text))} for index, text in enumerate(texts)
        ]
        usage = {"prompt_tokens": sum(map(_tokens, texts)), "total_tokens": sum(map(_tokens, texts))}
        return {"object": "list", "model": body.get("model"), "data": data, "usage": usage}


@contextmanager
def scripted_server(script: Script | str | Fault, **options: Any) -> Iterator[LlmServer]:
    """A running server; `options` are those of `LlmServer`. The script runs in the server's thread."""
    server = LlmServer(script if callable(script) else lambda _: script, **options)
    ready = threading.Event()
    ends: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def serve() -> None:
        listening = await server.start()
        ended = asyncio.Event()
        ends.append((asyncio.get_running_loop(), ended))
        ready.set()
        await ended.wait()
        listening.close()
        server.close_connections()
        await asyncio.sleep(0)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="llm-server", daemon=True)
    thread.start()
    if not ready.wait(10):
        raise RuntimeError("the test server did not start")
    try:
        yield server
    finally:
        loop, ended = ends[0]
        loop.call_soon_threadsafe(ended.set)
        thread.join(10)


def _reply(scripted: Scripted, kind: str, body: Mapping[str, Any], latency: float) -> Reply:
    if isinstance(scripted, str):
        return Reply(200, _body(scripted, "stop", kind, body), delay=latency)
    if not isinstance(scripted, Fault):
        return Reply(200, json.dumps(scripted).encode(), delay=latency)
    content = scripted.bytes if scripted.text is None else _body(scripted.text, scripted.finish_reason, kind, body)
    return Reply(scripted.status, content, scripted.headers, latency + scripted.delay, scripted.cut)


def _body(text: str, finish_reason: str, kind: str, request: Mapping[str, Any]) -> bytes:
    chat = kind == "chat/completions"
    content = {"message": {"role": "assistant", "content": text, "refusal": None}} if chat else {"text": text}
    asked = "".join(str(message["content"]) for message in request["messages"]) if chat else str(request["prompt"])
    prompt, completion = _tokens(asked), _tokens(text)
    body = {
        "id": "chatcmpl-test",
        "object": "chat.completion" if chat else "text_completion",
        "created": 1_700_000_000,
        "model": request.get("model", "test-model"),
        "choices": [{"index": 0, "finish_reason": finish_reason, "logprobs": None, **content}],
        "usage": {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion},
    }
    return json.dumps(body).encode()


def _tokens(text: str) -> int:
    return len(text) // 4 + 1


def _letters(text: str) -> list[float]:
    """How often each letter occurs: texts with the same letters are near each other."""
    return [text.lower().count(letter) / (len(text) or 1) for letter in "abcdefghijklmnopqrstuvwxyz"]
