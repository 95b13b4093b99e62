"""Requests and answers as the API has them: chat completions and completions, nothing else of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from core.llm.keys import model_name, parameters_of
from core.llm.models import FailureKind, Request, Usage
from core.llm.roles import RoleSettings
from core.prompts.tokens import estimate


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that can be used. `raw`: as it came."""

    text: str
    finish_reason: str
    usage: Usage
    raw: bytes


@dataclass(frozen=True, slots=True)
class NoReply:
    """What came with status 200 and is no answer."""

    kind: FailureKind
    what: str
    remedy: str
    usage: Usage | None
    raw: bytes


def path_of(settings: RoleSettings) -> str:
    path = "/chat/completions" if settings.api == "chat" else "/completions"
    return f"/deployments/{settings.model}{path}" if settings.provider == "azure" else path


def request_body(settings: RoleSettings, request: Request, model: str = "") -> bytes:
    """The JSON that is sent. `model`: as the server names it, if that is another name than the settings'."""
    body: dict[str, Any] = {"model": model or model_name(settings)}
    if settings.api == "chat":
        body["messages"] = [{"role": message.role, "content": message.content} for message in request.messages]
    else:
        (message,) = request.messages
        body["prompt"] = message.content
    body |= parameters_of(settings, request)
    try:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:  # half of a surrogate pair, as in texts that were cut in the middle of an emoji
        return json.dumps(body, separators=(",", ":")).encode()


def read_reply(settings: RoleSettings, request: Request, raw: bytes, content_type: str) -> Reply | NoReply:
    """What a body with status 200 says."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        if "json" in content_type:
            what = f"the answer is no valid JSON: {_excerpt(raw)}"
            return NoReply(FailureKind.INVALID, what, "The server or a proxy cut it off; ask again.", None, raw)
        what = f"the answer is no JSON but {content_type.partition(';')[0] or 'of no type'}: {_excerpt(raw)}"
        remedy = "Something else than a model's API answers there: check `base_url`, and whether a proxy is in the way."
        return NoReply(FailureKind.INVALID, what, remedy, None, raw)
    if not isinstance(body, dict) or not isinstance(choices := body.get("choices", []), list):
        return NoReply(FailureKind.INVALID, f"the answer is not what the API promises: {_excerpt(raw)}", _CHECK_API, None, raw)
    usage = _usage(body.get("usage"))
    choice = choices[0] if choices else None
    if not isinstance(choice, dict):
        if isinstance(body.get("error"), dict | str):
            return NoReply(FailureKind.SERVER, f"an error with status 200: {_excerpt(raw)}", "Ask again.", usage, raw)
        return NoReply(FailureKind.EMPTY, "the answer has no choices", "Ask again; see the server's log.", usage, raw)
    text, refusal = _text_of(choice, settings)
    finish_reason = str(choice.get("finish_reason") or "stop")
    if finish_reason == "content_filter" or (refusal and not text):
        what = f"the answer was held back{f': {refusal}' if refusal else ' by a content filter'}"
        return NoReply(FailureKind.CONTENT_FILTER, what, "Change the text, or the filter's settings.", usage, raw)
    if not text:
        return _nothing(finish_reason, usage, raw)
    return Reply(text, finish_reason, usage or _guess(request, text), raw)


_CHECK_API = "Check `base_url` and `api` (chat or completions)."


def _nothing(finish_reason: str, usage: Usage | None, raw: bytes) -> NoReply:
    if finish_reason == "length":
        what = "the answer was cut off before its first word"
        return NoReply(FailureKind.EMPTY, what, "Raise `max_tokens`: a model may think before it answers.", usage, raw)
    return NoReply(FailureKind.EMPTY, "the answer is empty", "Look at the prompt and the chat template.", usage, raw)


def _text_of(choice: dict[str, Any], settings: RoleSettings) -> tuple[str, str]:
    """The text, and the refusal that some models give in its place."""
    if settings.api == "completions":
        return _clean(choice.get("text")), ""
    message = choice.get("message")
    if not isinstance(message, dict):
        return "", ""
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return _clean(content), _clean(message.get("refusal"))


def _clean(text: object) -> str:
    """Half surrogate pairs, which JSON can hold and UTF-8 cannot, become question marks."""
    return text.encode("utf-8", "replace").decode() if isinstance(text, str) else ""


def _usage(found: object) -> Usage | None:
    if not isinstance(found, dict):
        return None
    prompt, completion = found.get("prompt_tokens"), found.get("completion_tokens", 0)
    if not isinstance(prompt, int) or not isinstance(completion, int):
        return None
    details = found.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else None
    return Usage(prompt, completion, cached if isinstance(cached, int) else 0)


def _guess(request: Request, text: str) -> Usage:
    asked = sum(estimate(message.content).count for message in request.messages)
    return Usage(asked, estimate(text).count, exact=False)


def _excerpt(raw: bytes) -> str:
    text = " ".join(raw[:2000].decode("utf-8", "replace").split())
    return f"`{text[:200]}{'…' if len(text) > 200 else ''}`" if text else "nothing"
