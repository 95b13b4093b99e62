"""What determines an answer, as one hash: a question that was answered under it is never asked again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from core.llm.models import Request
from core.llm.roles import RoleSettings

OPENAI = "https://api.openai.com/v1"
_FROM_ROLE = ("temperature", "top_p", "max_tokens", "seed")


def parameters_of(settings: RoleSettings, request: Request) -> dict[str, Any]:
    """What is sent beside model and messages: the role's parameters, those of the question before them, `extra_body` last.

    A parameter of the question that is None takes the role's away.
    """
    given = {name: value for name in _FROM_ROLE if (value := getattr(settings, name)) is not None}
    given |= request.parameters
    given |= settings.extra_body
    return {name: value for name, value in given.items() if value is not None}


def public_url(settings: RoleSettings) -> str:
    """The API's address as it is stored and shown: without a user name or password in it.

    The embedded model's address is another one at every start, so its name stands there instead.
    """
    if settings.provider == "embedded":
        return "embedded"
    return without_credentials(settings.base_url or OPENAI)


@lru_cache(maxsize=64)
def without_credentials(url: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path.rstrip("/"), parts.query, ""))


def model_name(settings: RoleSettings) -> str:
    """The model; for the embedded one, its file where no name is given."""
    return settings.model or (settings.model_path or "default" if settings.provider == "embedded" else "")


def call_key(settings: RoleSettings, request: Request) -> str:
    """64 hexadecimal digits over model, address, API, parameters, messages and sample; not the key of the API, the stage
    or the item."""
    digest = sha256()
    head = (public_url(settings), model_name(settings), settings.model_path, settings.api, request.sample)
    _add(digest, _canonical([*head, parameters_of(settings, request)]))
    for message in request.messages:
        _add(digest, message.role)
        _add(digest, message.content)
    return digest.hexdigest()


def _canonical(value: Mapping[str, Any] | list[Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _add(digest: Any, text: str) -> None:
    """With its length, so that no two sequences of texts run together to the same bytes."""
    encoded = text.encode("utf-8", "surrogatepass")
    digest.update(b"%d:" % len(encoded))
    digest.update(encoded)
