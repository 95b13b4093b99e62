"""What is wrong where a small question was not answered: in words, after a look at what else the endpoint offers.

The texts looked for are those of OpenAI, Azure, vLLM, llama.cpp, Ollama and text-generation-inference.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from openai import AsyncOpenAI, OpenAIError

from core.llm.check_connection import Trouble, connection_trouble
from core.llm.models import FailureKind, Role
from core.llm.outcomes import Miss
from core.llm.roles import RoleSettings
from core.llm.secrets import is_openai
from core.yaml.findings import did_you_mean

_NO_TEMPLATE = re.compile(r"chat[ _]template|template not found|no chat handler", re.I)
_NO_CHAT = re.compile(r"not a chat model|does not support chat|chat completions? (is|are) not supported", re.I)
_NO_COMPLETIONS = re.compile(r"this is a chat model|does not support (generate|completions)", re.I)


async def trouble_of(client: AsyncOpenAI, settings: RoleSettings, role: Role, miss: Miss) -> Trouble:
    """`miss`: how the question went wrong. Asks the endpoint a few further things that cost nothing or one token."""
    url = str(client.base_url).rstrip("/")
    by_text = _of_text(settings, miss)
    if by_text is not None:
        return by_text
    match miss.kind:
        case FailureKind.CONNECTION:
            found = await asyncio.to_thread(connection_trouble, url)
            return found or Trouble(miss.what, "The host takes connections: see the log of the server there.")
        case FailureKind.TIMEOUT:
            found = await asyncio.to_thread(connection_trouble, url)
            return found or Trouble(miss.what, "Is the model loaded? See the server's log.")
        case FailureKind.INVALID | FailureKind.EMPTY:
            return await _wrong_path(client, url) or Trouble(miss.what, miss.remedy)
        case FailureKind.UNAUTHORISED if miss.status == 401:
            return Trouble(f"{url} does not accept the key: {miss.what}", _about_key(settings))
        case FailureKind.UNAUTHORISED:
            return Trouble(
                f"the key may not use `{settings.model}`: {miss.what}", "Ask whoever manages it, or choose another model."
            )
        case FailureKind.RATE_LIMITED:
            return Trouble(
                f"{url} lets no question through at present: {miss.what}", "See the account's limits, and try again."
            )
        case FailureKind.NO_MODEL | FailureKind.REFUSED:
            return await _not_found(client, settings, role, miss, url) or Trouble(miss.what, miss.remedy)
    return Trouble(miss.what, miss.remedy)


async def no_model_trouble(client: AsyncOpenAI, role: Role) -> Trouble:
    return Trouble(f"`model` of the role `{role.value}` is not set", offered("", await models_of(client)))


async def models_of(client: AsyncOpenAI) -> dict[str, Mapping[str, Any]]:
    """What `GET /models` lists, by name; empty if the endpoint has no such list."""
    try:
        found = await client.get("/models", cast_to=object)
    except (OpenAIError, ValueError):
        return {}
    listed = found.get("data") if isinstance(found, Mapping) else None
    entries = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    return {str(one["id"]): one for one in entries if "id" in one}


def offered(name: str, names: Mapping[str, Any]) -> str:
    """What to write for a model of that name, which the endpoint does not have."""
    if not names:
        return "Set `model` to a name the server knows."
    shown = list(names)[:20]
    more = f" and {len(names) - 20:,} more" if len(names) > 20 else ""
    meant = did_you_mean(name, list(names))
    listed = f"It offers {', '.join(f'`{one}`' for one in shown)}{more}."
    return f"{meant} {listed}" if meant.startswith("Did you mean") else listed


def _of_text(settings: RoleSettings, miss: Miss) -> Trouble | None:
    if miss.status is None or miss.status < 400:
        return None
    if _NO_TEMPLATE.search(miss.what):
        return Trouble(
            f"the model has no chat template: {miss.what}",
            "Start the server with one (vLLM: `--chat-template`, llama.cpp: `--chat-template-file`), take an instruct model, "
            'or set `api = "completions"`.',
        )
    if _NO_CHAT.search(miss.what):
        return Trouble(f"`{settings.model}` is no chat model: {miss.what}", 'Set `api = "completions"`.')
    if _NO_COMPLETIONS.search(miss.what):
        return Trouble(f"`{settings.model}` answers chats only: {miss.what}", 'Set `api = "chat"`.')
    return None


async def _not_found(client: AsyncOpenAI, settings: RoleSettings, role: Role, miss: Miss, url: str) -> Trouble | None:
    """404 is said of a path, of a model and of a deployment alike; which one shows in what else the endpoint knows."""
    if settings.provider == "azure":
        if miss.status == 404:
            remedy = "`model` is the deployment's name there, and `api_version` one that the resource knows."
            return Trouble(f"the resource has no deployment `{settings.model}`: {miss.what}", remedy)
        return None
    wrong = await _wrong_path(client, url)
    if wrong is not None:
        return wrong
    names = await models_of(client)
    if names and settings.model not in names:
        return Trouble(f"{url} has no model `{settings.model}`: {miss.what}", offered(settings.model, names))
    if miss.status not in (404, 405) or role is Role.EMBEDDINGS:
        return None
    other, path = ("completions", "/completions") if settings.api == "chat" else ("chat", "/chat/completions")
    question = {"prompt": "yes"} if other == "completions" else {"messages": [{"role": "user", "content": "yes"}]}
    if await _answers(client, path, {"model": settings.model, "max_tokens": 1, **question}):
        return Trouble(f"{url} speaks {other} only", f'Set `api = "{other}"`.')
    return None


async def _wrong_path(client: AsyncOpenAI, url: str) -> Trouble | None:
    for ending in ("/chat/completions", "/completions", "/embeddings"):
        if url.endswith(ending):
            return Trouble(f"`base_url` ends with {ending}", f'Write `base_url = "{url.removesuffix(ending)}"`.')
    if await models_of(client) or not await models_of(client.with_options(base_url=f"{url}/v1")):
        return None
    return Trouble(f"the API is not at {url} but below it", f'Write `base_url = "{url}/v1"`.')


async def _answers(client: AsyncOpenAI, path: str, body: Mapping[str, Any]) -> bool:
    try:
        found = await client.post(path, body=dict(body), cast_to=object)
    except (OpenAIError, ValueError):
        return False
    return isinstance(found, Mapping) and bool(found.get("choices"))


def _about_key(settings: RoleSettings) -> str:
    if settings.api_key_keyring and not settings.api_key_env:
        return f"Check the keyring's entry `{settings.api_key_keyring}`."
    usual = "AZURE_OPENAI_API_KEY" if settings.provider == "azure" else "OPENAI_API_KEY" if is_openai(settings) else ""
    variable = settings.api_key_env or usual
    if variable:
        return f"Check {variable} (in the environment, or in .env beside workbench.toml)."
    return "It wants one: name the environment variable that holds it with `api_key_env`."
