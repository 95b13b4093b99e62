"""The SDK's client for one model, over connections of our own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import httpx2
from openai import AsyncAzureOpenAI, AsyncOpenAI, Omit, RequestOptions

from core.llm.keys import OPENAI
from core.llm.roles import RoleSettings
from core.llm.transport import MOST_BYTES, ConnectionStack

_CONNECT: Final = 10.0
"""Seconds for a connection to be made; an address that swallows packets would take the whole timeout otherwise."""
_AZURE_VERSION: Final = "2024-10-21"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where questions go. `model`: as the server names it. `secret`: the key, to be kept out of all that is stored."""

    sdk: AsyncOpenAI
    model: str
    secret: str | None

    async def post(self, path: str, body: bytes) -> httpx2.Response:
        """What the server answers with status 200. The body is not parsed into the SDK's models: that takes half its time."""
        options: RequestOptions = {} if self.secret else {"headers": {"Authorization": Omit(), "api-key": Omit()}}
        return await self.sdk.post(path, cast_to=httpx2.Response, content=body, options=options)


def connect(
    settings: RoleSettings, key: str | None, *, base_url: str = "", model: str = "", most_bytes: int = MOST_BYTES
) -> Endpoint:
    """`base_url`, `model`: of a server that was started for the role, where the settings cannot know them.

    The SDK makes no attempts beyond the first and keeps no time: both are the caller's.
    """
    url = base_url or settings.base_url or OPENAI
    timeout = httpx2.Timeout(None, connect=min(_CONNECT, settings.timeout))
    http_client = httpx2.AsyncClient(transport=ConnectionStack(url, most_bytes=most_bytes), timeout=timeout)
    sdk: AsyncOpenAI
    if settings.provider == "azure":
        sdk = AsyncAzureOpenAI(
            base_url=f"{url.rstrip('/')}/openai" if not url.rstrip("/").endswith("/openai") else url,
            api_key=key or "none",
            api_version=settings.api_version or _AZURE_VERSION,
            max_retries=0,
            timeout=timeout,
            http_client=http_client,
        )
    else:
        sdk = AsyncOpenAI(base_url=url, api_key=key or "none", max_retries=0, timeout=timeout, http_client=http_client)
    return Endpoint(sdk, model, key)
