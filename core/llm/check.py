"""`workbench llm check`: one small real question to each configured role, and what is wrong in words if it is not answered."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
from openai import AsyncOpenAI

from core.errors import ProjectError, TemplateError
from core.llm.check_answers import no_model_trouble, trouble_of
from core.llm.check_connection import WRITE_ADDRESS, Trouble
from core.llm.check_context import context_trouble, longest_prompt
from core.llm.connecting import connect
from core.llm.embedded import embedded_server
from core.llm.keys import model_name, public_url
from core.llm.masking import masked, password_of
from core.llm.model_file import Narrate
from core.llm.models import FailureKind, Message, Request, Role
from core.llm.outcomes import Miss, from_exception, from_no_reply
from core.llm.roles import RoleSettings
from core.llm.secrets import api_key
from core.llm.wire import NoReply, path_of, read_reply, request_body
from core.project import Project
from core.prompts.tokens import token_counter

_TIMEOUT: Final = 60.0
"""Seconds at most for one question, whatever the role allows: a check is waited for."""
_CONNECT: Final = 10.0
_CAP = re.compile(r"max_tokens|max_completion_tokens", re.I)


@dataclass(frozen=True, slots=True)
class RoleCheck:
    """`what` is wrong, empty if the role answers; `context`: tokens that its model takes, None if the server does not say.

    `notes`: what will do, but should be known.
    """

    role: Role
    model: str
    address: str
    what: str = ""
    remedy: str = ""
    seconds: float = 0.0
    context: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        return not self.what

    def as_data(self) -> dict[str, Any]:
        return {**asdict(self), "role": self.role.value, "good": self.is_good}


async def check_roles(project: Project, *, narrate: Narrate = lambda text: None) -> tuple[RoleCheck, ...]:
    """Every configured role, all at once. Nothing is stored.

    Raises:
        ProjectError: workbench.toml cannot be read, or configures no role.
    """
    section = project.settings.llm
    found = {role: settings for role in Role if (settings := section.role(role)) is not None}
    # A role that another one stands in for is tested with that.
    configured = [(role, settings) for role, settings in found.items() if getattr(section, role.value) is settings]
    if not configured:
        raise ProjectError(
            "no model is configured",
            remedy='Write a section [llm.annotator] into workbench.toml: `provider = "embedded"`, or `base_url` and `model`.',
        )
    need = await asyncio.to_thread(longest_prompt, project)
    return tuple(await asyncio.gather(*(_check(project, role, settings, need, narrate) for role, settings in configured)))


async def _check(project: Project, role: Role, settings: RoleSettings, need: int, narrate: Narrate) -> RoleCheck:
    key: str | None = None
    check = RoleCheck(role, model_name(settings), settings.base_url)
    try:
        check = replace(check, address=_address(settings))
        key = api_key(project, settings, role)
        check = await _asked(project, check, settings, key, need, narrate)
        if check.is_good and settings.tokenizer:
            await asyncio.to_thread(token_counter, Path(project.root, settings.tokenizer))
    except ProjectError as error:
        check = _with(check, Trouble(error.what, error.remedy))
    except TemplateError as error:
        place = f"{error.where}: " if error.where else ""
        check = _with(check, Trouble(f"`tokenizer`: {place}{error.what}", error.remedy))
    return _without_secrets(check, key, password_of(settings.base_url))


def _address(settings: RoleSettings) -> str:
    try:
        _ = urlsplit(settings.base_url).port
        return public_url(settings)
    except ValueError as error:  # brackets that do not close, a port that is no number
        raise ProjectError(f"`{settings.base_url}` is no web address", remedy=WRITE_ADDRESS) from error


def _without_secrets(check: RoleCheck, *secrets: str | None) -> RoleCheck:
    """Servers repeat keys in what they say, and the address may hold a password."""
    return replace(
        check,
        address=masked(check.address, *secrets),
        what=masked(check.what, *secrets),
        remedy=masked(check.remedy, *secrets),
        notes=tuple(masked(note, *secrets) for note in check.notes),
    )


async def _asked(
    project: Project, check: RoleCheck, settings: RoleSettings, key: str | None, need: int, narrate: Narrate
) -> RoleCheck:
    role = check.role
    async with _client(project, role, settings, key, narrate) as (client, model):
        if not model:
            return _with(check, await no_model_trouble(client, role))
        started = time.monotonic()
        miss = await _ask(client, role, settings, model)
        check = replace(check, seconds=time.monotonic() - started)
        if miss is not None:
            return _with(check, await trouble_of(client, settings, role, miss))
        if role is Role.EMBEDDINGS:
            return check
        found = await context_trouble(client, settings, model, need)
        check = replace(check, context=found.tokens, notes=found.notes)
        return check if found.trouble is None else _with(check, found.trouble)


def _with(check: RoleCheck, trouble: Trouble) -> RoleCheck:
    return replace(check, what=trouble.what, remedy=trouble.remedy)


@asynccontextmanager
async def _client(
    project: Project, role: Role, settings: RoleSettings, key: str | None, narrate: Narrate
) -> AsyncIterator[tuple[AsyncOpenAI, str]]:
    """A client that tries once, and the name of the model."""
    async with AsyncExitStack() as opened:
        base_url, model = "", settings.model
        if settings.provider == "embedded":
            server = await opened.enter_async_context(embedded_server(project, settings, narrate=narrate))
            base_url, model = server.base_url, server.model
        if settings.provider == "azure" and not settings.base_url:
            raise ProjectError(f"`base_url` of the role `{role.value}` is not set", remedy="Azure's portal shows the endpoint.")
        sdk = await opened.enter_async_context(connect(settings, key, base_url=base_url, model=model).sdk)
        seconds = min(settings.timeout, _TIMEOUT)
        yield sdk.with_options(timeout=httpx2.Timeout(seconds, connect=min(seconds, _CONNECT))), model


async def _ask(client: AsyncOpenAI, role: Role, settings: RoleSettings, model: str) -> Miss | None:
    """The smallest question that goes the way of the real ones; None if it was answered."""
    if role is Role.EMBEDDINGS:
        return await _send(client, settings, "/embeddings", {"model": model, "input": "yes", **settings.extra_body})
    miss = await _ask_text(client, settings, model, {"max_tokens": 16})
    if miss is not None and miss.status == 400 and settings.max_tokens is None and _CAP.search(miss.what):
        return await _ask_text(client, settings, model, {})  # reasoning models know that parameter under another name
    return miss


async def _ask_text(client: AsyncOpenAI, settings: RoleSettings, model: str, parameters: dict[str, Any]) -> Miss | None:
    request = Request("check", (Message("user", "Answer yes."),), parameters=parameters)
    return await _send(client, settings, path_of(settings), json.loads(request_body(settings, request, model)), request)


async def _send(
    client: AsyncOpenAI, settings: RoleSettings, path: str, body: dict[str, Any], request: Request | None = None
) -> Miss | None:
    """`request`: for whose answer the body must hold one; None for embeddings."""
    try:
        response = await client.post(path, body=body, cast_to=httpx2.Response)
    except Exception as error:  # from_exception raises again what is none of a network or a server
        return from_exception(error, settings)
    if request is None:
        return None
    reply = read_reply(settings, request, response.content, response.headers.get("content-type", ""))
    if isinstance(reply, NoReply) and not _was_thinking(reply):
        return from_no_reply(reply, response.headers)
    return None


def _was_thinking(reply: NoReply) -> bool:
    """Whether the few tokens of the check were used up before the first word: the way to the model is good."""
    return reply.kind is FailureKind.EMPTY and "cut off" in reply.what
