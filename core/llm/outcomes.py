"""What went wrong with a call: in words, with what helps, and whether asking again may help."""

from __future__ import annotations

import json
import re
import socket
import ssl
from dataclasses import dataclass
from typing import Final

import httpx2
import openai

from core.llm.keys import public_url
from core.llm.models import FailureKind, Usage
from core.llm.roles import RoleSettings
from core.llm.transport import AnswerTooLargeError
from core.llm.wire import NoReply

_MOST_TEXT: Final = 300
_CONTEXT = re.compile(
    r"context[_ ](length|size|window)|maximum (model|context) length|max_model_len|too many tokens|prompt is too long", re.I
)
_QUOTA = re.compile(
    r"insufficient_quota|exceeded your current quota|billing|insufficient (balance|credits)|credit balance", re.I
)
_FILTER = re.compile(r"content_filter|content management policy|ResponsibleAI|content_policy", re.I)
_MODEL = re.compile(r"model|deployment|adapter|lora", re.I)
_TEMPLATE = re.compile(r"chat[_ ]template|apply_chat_template", re.I)
OVERLOADED: Final = frozenset({429, 503, 529})
"""Statuses that ask for fewer requests."""


@dataclass(frozen=True, slots=True)
class Miss:
    """A call without an answer. `retry`: asking again may help. `overload`: fewer at once may help.

    `ends_run`: no other question will fare better, whatever its kind says. `headers`: of the answer, if one came.
    """

    kind: FailureKind
    what: str
    remedy: str = ""
    status: int | None = None
    retry: bool = False
    overload: bool = False
    ends_run: bool = False
    headers: httpx2.Headers | None = None
    usage: Usage | None = None
    raw: bytes = b""


def from_no_reply(found: NoReply, headers: httpx2.Headers) -> Miss:
    return Miss(found.kind, found.what, found.remedy, 200, headers=headers, usage=found.usage, raw=found.raw)


def from_exception(error: Exception, settings: RoleSettings) -> Miss:
    """Of whatever the SDK, its HTTP library or the time limit raises.

    Raises:
        Exception: `error` itself, if it is none of these: a mistake of this program.
    """
    for cause in _causes(error):
        if isinstance(cause, AnswerTooLargeError):
            return Miss(FailureKind.INVALID, f"{cause}; it was not read", "Set `max_tokens`.")
        if isinstance(cause, httpx2.ConnectTimeout):
            what = f"{public_url(settings)} takes no connections (nothing came in time)"
            return Miss(FailureKind.CONNECTION, what, "Check `base_url`, the network and firewalls.", retry=True)
    if isinstance(error, openai.APIStatusError):
        return _from_status(error.response, settings)
    if isinstance(error, TimeoutError | openai.APITimeoutError | httpx2.TimeoutException):
        what = f"no answer within {settings.timeout:g} s"
        remedy = "Raise `timeout`, or ask for fewer at once (`max_in_flight`)."
        return Miss(FailureKind.TIMEOUT, what, remedy, retry=True, overload=True)
    if isinstance(error, openai.APIConnectionError | httpx2.RequestError | OSError):
        return _from_connection(error, settings)
    raise error


def _from_status(response: httpx2.Response, settings: RoleSettings) -> Miss:
    status, headers, raw = response.status_code, response.headers, response.content
    message, codes = _error_text(raw)
    said = f"the server says {status}" + (f": {message}" if message else "")

    def miss(kind: FailureKind, remedy: str, what: str = said, *, retry: bool = False, ends_run: bool = False) -> Miss:
        overload = status in OVERLOADED
        return Miss(kind, what, remedy, status, retry, overload, ends_run, headers, raw=raw)

    everything = f"{codes} {message}"
    if status == 402 or (status in (400, 403, 429) and _QUOTA.search(everything)):
        return miss(
            FailureKind.QUOTA, "Add credit or raise the limit at the provider, then run again: only what is missing is asked."
        )
    if status == 429:
        return miss(FailureKind.RATE_LIMITED, "Set `requests_per_minute` or `tokens_per_minute` below the limit.", retry=True)
    if status in (408, 409, 425):
        return miss(FailureKind.TIMEOUT if status == 408 else FailureKind.SERVER, "Ask again later.", retry=True)
    if status in (400, 413, 422, 500) and _CONTEXT.search(everything):
        return miss(FailureKind.CONTEXT, "Take a model or a server setting with a longer context, or shorten the prompt.")
    if status == 413:
        return miss(FailureKind.TOO_LARGE, "Shorten the prompt, or raise the size that the server or its proxy takes.")
    if status in (401, 403):
        remedy = "Check the key: `api_key_env` or `api_key_keyring` of this role, and what it may use."
        return miss(FailureKind.UNAUTHORISED, remedy)
    if status in (400, 422) and _FILTER.search(everything):
        return miss(FailureKind.CONTENT_FILTER, "Change the text, or the filter's settings.")
    if status in (400, 500) and _TEMPLATE.search(everything):
        return miss(FailureKind.REFUSED, 'Set `api = "completions"`, or give the server a chat template.', ends_run=True)
    if status in (404, 405) or (status == 400 and "model_not_found" in codes):
        return _from_not_found(miss(FailureKind.NO_MODEL, ""), message, codes, settings)
    if status >= 500 and status not in (501, 505):
        return miss(FailureKind.SERVER, "See the server's log; run again later: only what is missing is asked.", retry=True)
    if 300 <= status < 400:
        what = f"the server sends elsewhere ({status}): {headers.get('location', 'it does not say where')}"
        return miss(FailureKind.REFUSED, "Set `base_url` to that address.", what, ends_run=True)
    return miss(FailureKind.REFUSED, "Check the parameters of this role against what the server takes.")


def _from_not_found(found: Miss, message: str, codes: str, settings: RoleSettings) -> Miss:
    if "model" in codes or _MODEL.search(message):
        what, remedy = found.what, f"Set `model` to one that the server has; `{settings.model}` is not known there."
    else:
        what = f"{public_url(settings)} has no such API (the server says {found.status})"
        remedy = "Check `base_url`: it ends before `/chat/completions`, usually with `/v1`."
    return Miss(FailureKind.NO_MODEL, what, remedy, found.status, headers=found.headers, raw=found.raw)


def _from_connection(error: Exception, settings: RoleSettings) -> Miss:
    """In words; what the operating system and OpenSSL say is in the causes."""
    address = public_url(settings)
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            what = f"the certificate of {address} is not trusted ({cause.verify_message})"
            remedy = "Name your authority's certificate in SSL_CERT_FILE, or correct `base_url`."
            return Miss(FailureKind.CONNECTION, what, remedy, ends_run=True)
        if isinstance(cause, ssl.SSLError):
            what = f"no secure connection with {address} ({cause.reason or cause})"
            return Miss(FailureKind.CONNECTION, what, "Perhaps it speaks `http://`, not `https://`.", ends_run=True)
        if isinstance(cause, socket.gaierror):
            return Miss(
                FailureKind.CONNECTION,
                f"the name of {address} is not known (DNS)",
                "Check `base_url` and the network.",
                retry=True,
            )
        if isinstance(cause, ConnectionRefusedError):
            what = f"nothing listens at {address} (connection refused)"
            return Miss(FailureKind.CONNECTION, what, "Start the server, or correct `base_url`.", retry=True)
    if isinstance(root := error.__cause__ or error, httpx2.UnsupportedProtocol | httpx2.InvalidURL):
        what = f"`{address}` is no address of an API ({root})"
        return Miss(FailureKind.CONNECTION, what, "Write `base_url` with http:// or https://.", ends_run=True)
    why = str(root) or type(root).__name__
    what = f"the connection with {address} was cut ({why})"
    return Miss(FailureKind.CONNECTION, what, "Check the network and the server; run again later.", retry=True)


def _causes(error: BaseException) -> list[BaseException]:
    """The exception and all that it came from, those of groups too."""
    found: list[BaseException] = []
    open_ends: list[BaseException | None] = [error]
    while open_ends:
        one = open_ends.pop()
        if one is None or one in found:
            continue
        found.append(one)
        open_ends += [one.__context__, one.__cause__]
        if isinstance(one, BaseExceptionGroup):
            open_ends += one.exceptions
    return found


def _error_text(raw: bytes) -> tuple[str, str]:
    """The message of an error, and its code and type; servers have a dozen ways to write them."""
    text = raw[:20_000].decode("utf-8", "replace")
    try:
        body = json.loads(text)
    except ValueError:
        plain = re.sub(r"<[^>]*>", " ", text) if "<" in text else text
        return _short(plain), ""
    error = body.get("error", body) if isinstance(body, dict) else body
    if not isinstance(error, dict):
        return _short(str(error)), ""
    message = error.get("message") or error.get("detail") or error.get("error") or ""
    inner = error.get("innererror")
    codes = [error.get("code"), error.get("type"), inner.get("code") if isinstance(inner, dict) else None]
    return _short(str(message)), " ".join(str(code) for code in codes if code)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _MOST_TEXT else f"{text[:_MOST_TEXT]}…"
