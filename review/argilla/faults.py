"""What goes wrong with an Argilla server, as errors a person can do something about."""

from __future__ import annotations

import json
import re
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Final

from core.errors import WorkbenchError

if TYPE_CHECKING:
    import httpx

_MOST_WORDS: Final = 300
_NOT_UNIQUE: Final = re.compile(r"unique constraint|uniqueviolation|duplicate key|integrityerror.*unique", re.IGNORECASE)
_DATABASE: Final = re.compile(r"sqlalchemy|\[SQL:|(Integrity|Operational|Programming|DBAPI)Error")


class Fault(StrEnum):
    """UNREACHABLE: nobody answers. FOREIGN: somebody answers who is no Argilla server of a version that will do. TAKEN: another
    clone of the project has handed it out.
    """

    UNREACHABLE = "unreachable"
    KEY = "key"
    ROLE = "role"
    MISSING = "missing"
    CONFLICT = "conflict"
    INVALID = "invalid"
    FAILED = "failed"
    FOREIGN = "foreign"
    TAKEN = "taken"


class ArgillaError(WorkbenchError):
    """`fault` tells the kinds apart, for callers that can go on."""

    title: ClassVar[str] = "Argilla"

    def __init__(self, fault: Fault, what: str, *, remedy: str = "") -> None:
        super().__init__(what, remedy=remedy)
        self.fault = fault


def unreachable(url: str, error: httpx.TransportError) -> ArgillaError:
    """Nobody listens, the name is unknown, the line broke, or no answer came in time."""
    import httpx

    if isinstance(error, httpx.TimeoutException) and not isinstance(error, httpx.ConnectTimeout):
        return ArgillaError(
            Fault.UNREACHABLE,
            f"the server at {url} did not answer in time",
            remedy="Look at its log; a smaller `batch` in [argilla] of workbench.toml asks less of it at once.",
        )
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        why = str(error) or type(error).__name__
        return ArgillaError(
            Fault.UNREACHABLE,
            f"the server at {url} cannot be reached ({why})",
            remedy="Start it, or correct `url` in the section [argilla] of workbench.toml.",
        )
    return ArgillaError(
        Fault.UNREACHABLE,
        f"the connection to {url} broke off ({str(error) or type(error).__name__})",
        remedy="See that the server runs, and do it again.",
    )


def refused(url: str, response: httpx.Response, *, variable: str, who: str = "") -> ArgillaError:
    """An answer that is none. `variable`: where the key came from; `who`: its owner and role, as far as known."""
    status, said = response.status_code, _words(response)
    if status == 401:
        return ArgillaError(
            Fault.KEY,
            f"the server at {url} does not know the API key in {variable}",
            remedy="Copy it from `My settings` in Argilla's web pages, as an owner or admin.",
        )
    if status == 403:
        return ArgillaError(
            Fault.ROLE,
            f"the server at {url} does not allow this to {who or 'the owner of the API key'}",
            remedy="Use the key of an owner, or of an admin who is a member of the workspace.",
        )
    if response.is_redirect:
        return ArgillaError(
            Fault.FOREIGN,
            f"{url} leads to {response.headers.get('location', 'another address')}",
            remedy="Write that address as `url` in the section [argilla] of workbench.toml.",
        )
    if status == 404:
        if "json" not in response.headers.get("content-type", ""):
            return foreign(url, "it has no such page")
        return ArgillaError(
            Fault.MISSING,
            f"the server at {url} does not have it (any more): {said}",
            remedy="Somebody may have deleted it just now: do it again.",
        )
    if status == 409 or (status >= 500 and _NOT_UNIQUE.search(response.text)):
        return ArgillaError(
            Fault.CONFLICT,
            f"the server at {url} has that already ({said})",
            remedy="Another process may have been faster: do it again.",
        )
    if status in (400, 422):
        return ArgillaError(
            Fault.INVALID,
            f"the server at {url} refused it: {said}",
            remedy="Its version may ask for something else than 2.8 does; `workbench argilla status` names it.",
        )
    if status == 413:
        return ArgillaError(
            Fault.INVALID,
            f"{url} does not take so much at once",
            remedy="Set a smaller `batch` in the section [argilla] of workbench.toml.",
        )
    return ArgillaError(
        Fault.FAILED,
        f"the server at {url} failed ({status}): {said}",
        remedy="Look at its log, and do it again when it works.",
    )


def foreign(url: str, why: str) -> ArgillaError:
    return ArgillaError(
        Fault.FOREIGN,
        f"what answers at {url} is no Argilla server of version 2 ({why})",
        remedy="Correct `url` in the section [argilla] of workbench.toml: the address of its web pages, without a path.",
    )


def _words(response: httpx.Response) -> str:
    """What the server says, in one short line."""
    try:
        said = response.json()
    except ValueError:
        said = re.sub(r"<[^>]*>", " ", response.text)
    if isinstance(said, dict):
        said = said.get("detail") or said.get("message") or said
    if not isinstance(said, str):
        said = json.dumps(said, ensure_ascii=False)
    if _NOT_UNIQUE.search(said):
        return "another process has just stored the same"
    if _DATABASE.search(said):
        return "its database refused what it asked of it"
    line = " ".join(said.split())
    return line if len(line) <= _MOST_WORDS else line[:_MOST_WORDS] + "…"
