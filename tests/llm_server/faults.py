"""What goes wrong at endpoints, as they say it: bodies and headers follow those of OpenAI, Azure, vLLM and llama.cpp."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.llm_server.wire import Cut


@dataclass(frozen=True, slots=True)
class Fault:
    """An answer other than a usual one. `text`: answered as usual after all, with the delay, the headers or the cut.

    `body`: sent as it is; a dict as JSON.
    """

    status: int = 200
    body: bytes | dict[str, Any] = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    cut: Cut = Cut.NOWHERE
    text: str | None = None
    finish_reason: str = "stop"

    @property
    def bytes(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


def error(status: int, message: str, *, code: str | None = None, kind: str = "invalid_request_error", **more: Any) -> Fault:
    """An error in OpenAI's form; `more` goes to `Fault`."""
    return Fault(status, {"error": {"message": message, "type": kind, "param": None, "code": code}}, **more)


def unauthorised(key: str = "sk-wrong") -> Fault:
    """OpenAI repeats part of the key; some servers repeat all of it."""
    return error(401, f"Incorrect API key provided: {key}.", code="invalid_api_key")


def forbidden() -> Fault:
    return error(403, "You are not allowed to sample from this model", code="model_not_allowed")


def unknown_model(name: str = "test-model") -> Fault:
    return error(404, f"The model `{name}` does not exist or you do not have access to it.", code="model_not_found")


def context_too_long(limit: int = 4096) -> Fault:
    message = f"This model's maximum context length is {limit} tokens. However, you requested 5000 tokens."
    return error(400, message, code="context_length_exceeded")


def context_too_long_llama_cpp(limit: int = 4096) -> Fault:
    """llama.cpp's words: no code of OpenAI's, its own type."""
    message = "the request exceeds the available context size, try increasing it"
    body = {"code": 400, "message": message, "type": "exceed_context_size_error", "n_prompt_tokens": 5000, "n_ctx": limit}
    return Fault(400, {"error": body})


def too_large() -> Fault:
    """As a reverse proxy says it."""
    return Fault(413, b"<html><h1>413 Request Entity Too Large</h1></html>", {"content-type": "text/html"})


def throttled(retry_after: str | None = None, headers: Mapping[str, str] | None = None) -> Fault:
    """`retry_after`: seconds, or an HTTP date."""
    more = dict(headers or {}) | ({} if retry_after is None else {"retry-after": retry_after})
    return error(429, "Rate limit reached for requests", code="rate_limit_exceeded", kind="requests", headers=more)


def quota_exhausted() -> Fault:
    message = "You exceeded your current quota, please check your plan and billing details."
    return error(429, message, code="insufficient_quota", kind="insufficient_quota")


def server_error(status: int = 500) -> Fault:
    return error(status, "The server had an error while processing your request.", kind="server_error")


def slow(seconds: float, text: str = "late") -> Fault:
    return Fault(delay=seconds, text=text)


def cut(where: Cut = Cut.BEFORE_HEADERS, text: str = "never read") -> Fault:
    return Fault(cut=where, text=text)


def truncated_stream() -> Fault:
    return Fault(cut=Cut.IN_CHUNKS, text="never read")


def not_json() -> Fault:
    return Fault(body=b'{"id": "chatcmpl-1", "choices": [{"mess')


def web_page() -> Fault:
    """Status 200 from something that is no such API."""
    return Fault(body=b"<html>Welcome to the guest network</html>", headers={"content-type": "text/html"})


def no_choices() -> Fault:
    return Fault(body={"id": "chatcmpl-1", "object": "chat.completion", "model": "test-model", "choices": []})


def no_text() -> Fault:
    return Fault(text="")


def content_filtered() -> Fault:
    """The answer was held back."""
    return Fault(text="", finish_reason="content_filter")


def prompt_filtered() -> Fault:
    """The question was refused, as Azure does it."""
    message = "The response was filtered due to the prompt triggering Azure OpenAI's content management policy."
    return error(400, message, code="content_filter")


def huge(size: int = 20_000_000) -> Fault:
    """An answer of so many bytes."""
    return Fault(text="x" * size)


def cut_off(text: str) -> Fault:
    """The answer reached `max_tokens`."""
    return Fault(text=text, finish_reason="length")
