"""Connecting to the project's Argilla server.

The SDK takes two seconds to import, so it is imported here and at no other place, when a connection is wanted.
"""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any, Final

from core.errors import Location, ProjectError
from core.llm.keys import without_credentials
from core.llm.secrets import read_variable
from review.argilla.faults import ArgillaError, Fault, foreign
from review.argilla.server import ArgillaServer

if TYPE_CHECKING:
    from core.project import Project

CONNECT_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 120.0
"""A server on a small machine takes 100 records/s, and the largest batch is 500."""
_OLDEST: Final = (2, 1)
"""Argilla's first version in which a dataset says how many answers it wants of each record."""


def connect(project: Project) -> ArgillaServer:
    """A connection in the name of the key's owner, to be closed by the caller.

    Raises:
        ProjectError: no server or no key is set, or the SDK is not installed.
        ArgillaError: the server cannot be reached (told within seconds), is none of version 2, or does not know the key; or
            the key's owner only answers there.
    """
    url, key = server_url(project), _key(project)
    settings = project.settings.argilla
    client = _client(url, key)
    server = ArgillaServer(client.http_client, without_credentials(url), settings.api_key_env)
    try:
        _check(server)
    except BaseException:
        server.close()
        raise
    return server


def server_url(project: Project) -> str:
    """As it stands in `workbench.toml`. Raises ProjectError where none is set."""
    url = project.settings.argilla.url.rstrip("/")
    if not url:
        raise ProjectError(
            "no Argilla server is set",
            where=Location(str(project.config_path)),
            remedy='Write `url = "https://…"` into a section [argilla]; without a server: `workbench review pack`.',
        )
    return url


def _key(project: Project) -> str:
    variable = project.settings.argilla.api_key_env
    key = read_variable(project, variable)
    if not key:
        raise ProjectError(
            f"no key for Argilla: {variable} is neither in the environment nor in {project.root / '.env'}",
            where=Location(str(project.config_path)),
            remedy=f"export {variable}=..., or write it as a line of .env (and keep that out of version control).",
        )
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ProjectError(
            f"the key in {variable} holds a space, a line break or another character that no key has",
            where=Location(str(project.config_path)),
            remedy=f"Set {variable} again, to the key alone.",
        )
    return key


def _client(url: str, key: str) -> Any:
    """The SDK's client. It asks nothing yet: what it asks by itself fails in ways of its own."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Argilla 2.8 uses what pydantic gives up
            import argilla
            import httpx
    except ImportError as error:
        raise ProjectError(
            f"the Argilla SDK is not installed ({error})", remedy="pip install 'finetune-workbench[argilla]'"
        ) from error

    class Client(argilla.Argilla):  # type: ignore[misc]
        """Without the SDK's own first question, and without becoming the client of the whole process."""

        def _validate_connection(self) -> None:
            pass

        @classmethod
        def _set_default(cls, client: Any) -> None:
            pass

    # One more try at once, for a connection that was just closed; the SDK's five take 7.5 s before they tell.
    timeout = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
    return Client(api_url=url, api_key=key, timeout=timeout, retries=1)


def _check(server: ArgillaServer) -> None:
    found = re.match(r"(\d+)\.(\d+)", server.version)
    if found is None:
        raise foreign(server.url, "it names no version")
    if (int(found[1]), int(found[2])) < _OLDEST or int(found[1]) > 2:
        raise foreign(server.url, f"it is version {server.version}")
    if server.role == "annotator":
        raise ArgillaError(
            Fault.ROLE,
            f"the API key in {server.variable} is that of {server.user}, who has the role `annotator`",
            remedy="Use the key of an owner, or of an admin who is a member of the workspace.",
        )
