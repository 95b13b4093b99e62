"""The models of one run: clients by role, what they may spend together, and what they have done so far."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from core.errors import Location, ProjectError, UsageError
from core.llm.budget import Budget, has_price
from core.llm.control import Control
from core.llm.masking import masked
from core.llm.meter import Meter, MeterReading
from core.llm.missing_role import no_model
from core.llm.models import Asker, Role
from core.llm.roles import RoleSettings
from core.project import Project
from core.store.llm_writer import CallWriter

if TYPE_CHECKING:
    from core.llm.client import Client
    from core.llm.connecting import Endpoint
    from core.llm.gate import Gate
    from core.prompts.tokens import TokenCount

_EMBEDDED_TIMEOUT: Final = 600.0


class LlmSession:
    """Askers by role, made when they are first asked for; no server is started or called before the first question."""

    def __init__(
        self,
        project: Project,
        control: Control,
        max_cost: float | None,
        narrate: Callable[[str], None],
        reader: sqlite3.Connection,
        stack: AsyncExitStack,
    ) -> None:
        self._project, self._control, self._max_cost, self._narrate = project, control, max_cost, narrate
        self._reader, self._stack = reader, stack
        self._writer = CallWriter(project.open)
        stack.push_async_callback(self._writer.close)
        self._meter = Meter()
        self._budget: Budget | None = None
        self._clients: dict[Role, Client] = {}
        self._gates: dict[tuple[object, ...], Gate] = {}

    def __call__(self, role: Role) -> Asker:
        """
        Raises:
            ProjectError: the role is not configured, or its key is missing.
            UsageError: the run has a cost limit, and the role no price, or one in another currency.
        """
        if role not in self._clients:
            self._clients[role] = self._client(role)
        return self._clients[role]

    def role_settings(self, role: Role) -> RoleSettings:
        """Raises ProjectError if the role is not configured."""
        settings = self._project.settings.llm.role(role)
        where = Location(str(self._project.config_path))
        if settings is None:
            raise no_model(self._project, role)
        if not settings.model and settings.provider != "embedded":
            raise ProjectError(
                f"the role `{role.value}` names no model", where=where, remedy=f"Set `model` in [llm.{role.value}]."
            )
        if settings.provider == "azure" and not settings.base_url:
            remedy = f"Set `base_url` in [llm.{role.value}] to https://NAME.openai.azure.com."
            raise ProjectError(f"the role `{role.value}` names no Azure resource", where=where, remedy=remedy)
        if settings.provider != "embedded" and settings.base_url and not _is_address(settings.base_url):
            remedy = f"Write `base_url` in [llm.{role.value}] as http://HOST:PORT/v1 or https://HOST/v1."
            raise ProjectError(f"`{masked(settings.base_url)}` is no address of an API", where=where, remedy=remedy)
        return settings

    def reading(self) -> MeterReading:
        """Of all roles together. From any thread."""
        meter, clients = self._meter, tuple(self._clients.values())
        gates = tuple(self._gates.values())
        currencies = [client.settings.currency for client in clients if has_price(client.settings)]
        return MeterReading(
            answered=meter.answered, stored=meter.stored, failed=meter.failed,
            retries=sum(client.caller.retries for client in clients), in_flight=sum(gate.in_flight for gate in gates),
            limit=sum(gate.window.size for gate in gates), prompt_tokens=meter.prompt_tokens,
            completion_tokens=meter.completion_tokens, cached_tokens=meter.cached_tokens, cost=meter.cost,
            currency=currencies[0] if currencies else "USD", rate=meter.rate, elapsed=meter.elapsed,
            waiting=next((gate.reason for gate in gates if gate.reason), ""),
        )  # fmt: skip

    def _client(self, role: Role) -> Client:
        from core.llm.calling import Caller  # with it comes the SDK, half a second of start-up
        from core.llm.client import Client
        from core.llm.gate import Gate
        from core.llm.secrets import api_key
        from core.llm.sizes import Sizes

        settings = _with_patience(self.role_settings(role))
        self._check_price(role, settings)
        key = api_key(self._project, settings, role)
        if self._budget is None:
            self._budget = Budget(self._max_cost, settings.currency)
        limits = (settings.max_in_flight, settings.requests_per_minute, settings.tokens_per_minute)
        # Roles that share a model share its limits.
        place = (settings.provider, settings.base_url, settings.model, settings.model_path, key, limits)
        gate = self._gates.get(place)
        if gate is None:
            gate = self._gates[place] = Gate(_within_slots(settings), self._control)
        sizes = Sizes(settings, needed=self._max_cost is not None, count=self._tokenizer(settings))
        caller = Caller(settings, self._connector(settings, key), gate, self._budget, sizes, self._control.running_time)
        return Client(role, settings, caller, gate, self._meter, self._reader, self._writer, key)

    def _check_price(self, role: Role, settings: RoleSettings) -> None:
        if self._max_cost is None or settings.provider == "embedded":
            return
        if not has_price(settings):
            remedy = (
                f"Set `price_input` and `price_output` (per million tokens) in [llm.{role.value}], or leave --max-cost away."
            )
            raise UsageError(f"a cost limit needs a price, and the role `{role.value}` has none", remedy=remedy)
        others = {client.settings.currency for client in self._clients.values() if has_price(client.settings)}
        if others - {settings.currency}:
            both = " and ".join(sorted({*others, settings.currency}))
            raise UsageError(f"a cost limit needs one currency, and the roles have {both}", remedy="Give all prices in one.")

    def _tokenizer(self, settings: RoleSettings) -> Callable[[str], TokenCount] | None:
        from core.prompts.tokens import token_counter

        if settings.tokenizer is None or settings.context_length is None:
            return None
        return token_counter(Path(self._project.root, settings.tokenizer))

    def _connector(self, settings: RoleSettings, key: str | None) -> Callable[[], Awaitable[Endpoint]]:
        """Connects at the first question, once."""
        lock = asyncio.Lock()
        made: list[Endpoint] = []

        async def endpoint() -> Endpoint:
            if made:
                return made[0]
            async with lock:
                if not made:
                    made.append(await self._connect(settings, key))
            return made[0]

        return endpoint

    async def _connect(self, settings: RoleSettings, key: str | None) -> Endpoint:
        from core.llm.connecting import connect

        if settings.provider == "embedded":
            from core.llm.embedded import embedded_server

            server = await self._stack.enter_async_context(embedded_server(self._project, settings, narrate=self._narrate))
            endpoint = connect(settings, None, base_url=server.base_url, model=server.model)
        else:
            endpoint = connect(settings, key)
        self._stack.push_async_callback(endpoint.sdk.close)
        return endpoint


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets that do not close, a port that is no number
        return False


def _with_patience(settings: RoleSettings) -> RoleSettings:
    """A small machine may read a thousand tokens a minute: the embedded model gets longer, where nobody set a timeout."""
    if settings.provider != "embedded" or "timeout" in settings.model_fields_set:
        return settings
    return settings.model_copy(update={"timeout": _EMBEDDED_TIMEOUT})


def _within_slots(settings: RoleSettings) -> RoleSettings:
    """The embedded server works on a few questions at a time; more would only wait there until their time is up."""
    if settings.provider != "embedded":
        return settings
    from core.llm.embedded import SLOTS

    return settings.model_copy(update={"max_in_flight": min(SLOTS, settings.max_in_flight)})


@asynccontextmanager
async def llm_session(
    project: Project,
    *,
    control: Control | None = None,
    max_cost: float | None = None,
    narrate: Callable[[str], None] = lambda text: None,
) -> AsyncIterator[LlmSession]:
    """The models of a run. When it ends, all answers that came are stored and every server that was started has stopped.

    `narrate` is told what takes its time before the first question: the embedded model's file is fetched.

    Raises:
        StoreError: the database cannot be opened.
    """
    async with AsyncExitStack() as stack:
        reader = project.open()
        stack.callback(reader.close)
        yield LlmSession(project, control or Control(), max_cost, narrate, reader, stack)
