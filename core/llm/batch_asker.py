"""Askers that ask nobody: they give what is stored, and write down what is missing for a batch."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from core.errors import Location, ProjectError
from core.llm.keys import call_key
from core.llm.missing_role import no_model
from core.llm.models import Answer, Asker, CallFailure, FailureKind, Request, Role, Usage
from core.llm.roles import RoleSettings
from core.project import Project
from core.store.llm_calls import answered_call


class BatchAskers:
    """The askers of one pass of a stage. `missing`: what a batch has to answer, by role and key.

    `failed`: questions that are not to be asked again in this run, by key.
    """

    def __init__(self, project: Project, reader: sqlite3.Connection, failed: Mapping[str, CallFailure]) -> None:
        self.missing: dict[Role, dict[str, Request]] = {}
        self._project, self._reader, self._failed = project, reader, failed

    def __call__(self, role: Role) -> Asker:
        """Raises ProjectError if the role is not configured, or has no batches."""
        return _BatchAsker(batch_settings(self._project, role), self._reader, self._failed, self.missing.setdefault(role, {}))

    @property
    def count(self) -> int:
        return sum(len(requests) for requests in self.missing.values())


class _BatchAsker:
    def __init__(
        self,
        settings: RoleSettings,
        reader: sqlite3.Connection,
        failed: Mapping[str, CallFailure],
        missing: dict[str, Request],
    ) -> None:
        self._settings, self._reader, self._failed, self._missing = settings, reader, failed, missing

    async def ask(self, request: Request) -> Answer | CallFailure:
        key = call_key(self._settings, request)
        row = answered_call(self._reader, key)
        if row is not None:
            usage = Usage(row.prompt_tokens, row.completion_tokens, row.cached_tokens, row.exact_tokens)
            return Answer(key, row.answer or "", row.finish_reason or "stop", usage, row.cost, row.seconds, stored=True)
        if key in self._failed:
            return self._failed[key]
        self._missing[key] = request
        return CallFailure(key, FailureKind.PENDING, "the question waits for a batch", attempts=0)


def batch_settings(project: Project, role: Role) -> RoleSettings:
    """Raises ProjectError if the role is not configured, or has no batches."""
    settings = project.settings.llm.role(role)
    where = Location(str(project.config_path))
    if settings is None:
        raise no_model(project, role, may_be_embedded=False)
    if settings.provider == "embedded":
        raise ProjectError(
            f"the role `{role.value}` is embedded: it has no batches", where=where, remedy="Run without --batch."
        )
    if not settings.model:
        raise ProjectError(f"the role `{role.value}` names no model", where=where, remedy=f"Set `model` in [llm.{role.value}].")
    return settings
