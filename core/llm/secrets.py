"""The key of a role: from the environment, `.env` beside `workbench.toml`, or the system's keyring. Never stored or shown."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from core.errors import Location, ProjectError
from core.llm.models import Role
from core.llm.roles import RoleSettings
from core.project import Project

OPENAI_HOST = "api.openai.com"


def api_key(project: Project, settings: RoleSettings, role: Role) -> str | None:
    """The key to send, None where none is needed: a host of one's own without `api_key_env` and `api_key_keyring`.

    Order, first wins: environment variable, `.env` beside `workbench.toml`, entry of the keyring. The variable is
    `api_key_env`; if no source is named at all, it is OPENAI_API_KEY for OpenAI's own host and AZURE_OPENAI_API_KEY for Azure.

    Raises:
        ProjectError: a key is needed and there is none, `.env` cannot be read, or the keyring does not open.
    """
    if settings.provider == "embedded":
        return None
    variable = settings.api_key_env or ("" if settings.api_key_keyring else _usual_variable(settings))
    key = read_variable(project, variable) if variable else ""
    if not key and settings.api_key_keyring:
        key = _from_keyring(project, settings.api_key_keyring, role)
    if not key:
        if not variable and not settings.api_key_keyring:
            return None
        raise _missing(project, settings, role, variable)
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ProjectError(
            f"the key of the role `{role.value}` holds a space, a line break or another character that no key has",
            where=Location(str(project.config_path)),
            remedy=f"Set {variable or settings.api_key_keyring} again, to the key alone.",
        )
    return key


def is_openai(settings: RoleSettings) -> bool:
    """Whether questions go to OpenAI's own host."""
    if settings.provider != "openai":
        return False
    return not settings.base_url or urlsplit(settings.base_url).hostname == OPENAI_HOST


def _usual_variable(settings: RoleSettings) -> str:
    if settings.provider == "azure":
        return "AZURE_OPENAI_API_KEY"
    return "OPENAI_API_KEY" if is_openai(settings) else ""


def read_variable(project: Project, variable: str) -> str:
    """Its value in the environment or, without one there, in `.env` beside `workbench.toml`; empty: in neither.

    `.env` is read into a dictionary, never into the environment: child processes must not inherit what stands there.

    Raises:
        ProjectError: `.env` cannot be read.
    """
    value = os.environ.get(variable, "").strip()
    if value:
        return value
    path = project.root / ".env"
    if not path.is_file():
        return ""
    from dotenv import dotenv_values

    try:
        # Without interpolation: a `$` in a key is a `$`.
        found = dotenv_values(path, interpolate=False, encoding="utf-8").get(variable)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ProjectError(f"cannot be read: {why}", where=Location(str(path)), remedy="Mend or remove it.") from error
    return (found or "").strip()


def _from_keyring(project: Project, entry: str, role: Role) -> str:
    where = Location(str(project.config_path))
    service, _, name = entry.rpartition("/")
    if not service or not name:
        raise ProjectError(
            f"`api_key_keyring` of the role `{role.value}` names no entry of the keyring",
            where=where,
            remedy="Write it as `service/name`; the key itself does not belong there.",
        )
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError as error:
        raise ProjectError(
            f"the key of the role `{role.value}` lies in the keyring, and the package `keyring` is not installed",
            where=where,
            remedy="pip install keyring, or name an environment variable with `api_key_env`.",
        ) from error
    try:
        return (keyring.get_password(service, name) or "").strip()
    except KeyringError as error:
        raise ProjectError(
            f"the keyring does not give the key of the role `{role.value}`: {str(error) or type(error).__name__}",
            where=where,
            remedy="Unlock it, or name an environment variable with `api_key_env`.",
        ) from error


def _missing(project: Project, settings: RoleSettings, role: Role, variable: str) -> ProjectError:
    looked, remedies = [], []
    if variable:
        dotenv = Path(project.root, ".env")
        looked.append(f"{variable} is neither in the environment nor in {dotenv}")
        remedies.append(f"export {variable}=..., or write it as a line of .env (and keep that out of version control)")
    if settings.api_key_keyring:
        service, _, name = settings.api_key_keyring.rpartition("/")
        looked.append(f"the keyring has no entry `{settings.api_key_keyring}`")
        remedies.append(f"`keyring set {service} {name}` asks for it")
    return ProjectError(
        f"no key for the role `{role.value}`: {', and '.join(looked)}",
        where=Location(str(project.config_path)),
        remedy=f"{'; or '.join(remedies)}.",
    )
