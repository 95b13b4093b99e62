"""What an Argilla server tells, as plain records read from its JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

KEY_NAME: Final = "workbench"
"""Entry of a dataset's metadata that tells the round it was made for from all others."""
ROUND_NAME: Final = "workbench_round"
"""Entry with the round's name where it was made."""


@dataclass(frozen=True, slots=True)
class ServerDataset:
    """`last_activity`: when an answer was last given, changed or taken back; it goes back in time where two people answer at
    once, so only being another one says something. `key`: of the round it was made for, None: not made by Workbench.
    `round_name`: what it is called where it was made. `overlap`: answers wanted of each record.
    """

    id: str
    name: str
    workspace_id: str
    is_published: bool
    last_activity: str
    key: str | None
    round_name: str | None
    overlap: int


@dataclass(frozen=True, slots=True)
class Response:
    """What a user said of a record. `status`: submitted, discarded or draft. `values`: question → value.

    `updated_at`: ISO 8601 without a zone, in UTC.
    """

    user_id: str
    status: str
    values: Mapping[str, Any]
    updated_at: str


@dataclass(frozen=True, slots=True)
class ServerRecord:
    """`fields`: what is shown. `suggestions`: id of the question → what the machine has filled in."""

    id: str
    external_id: str | None
    fields: Mapping[str, Any]
    suggestions: Mapping[str, Any]
    responses: tuple[Response, ...]


@dataclass(frozen=True, slots=True)
class PersonsProgress:
    name: str
    submitted: int
    discarded: int
    drafts: int


def read_dataset(item: Mapping[str, Any]) -> ServerDataset:
    metadata = item.get("metadata") or {}
    key, name = metadata.get(KEY_NAME), metadata.get(ROUND_NAME)
    return ServerDataset(
        id=str(item["id"]),
        name=str(item["name"]),
        workspace_id=str(item["workspace_id"]),
        is_published=item["status"] == "ready",
        last_activity=str(item["last_activity_at"]),
        key=None if key is None else str(key),
        round_name=None if name is None else str(name),
        overlap=int((item.get("distribution") or {}).get("min_submitted") or 1),
    )


def read_record(item: Mapping[str, Any]) -> ServerRecord:
    return ServerRecord(
        id=str(item["id"]),
        external_id=item.get("external_id"),
        fields=item["fields"],
        suggestions={str(one["question_id"]): one["value"] for one in item.get("suggestions") or ()},
        responses=tuple(
            Response(
                user_id=str(one["user_id"]),
                status=str(one["status"]),
                values=read_values(one.get("values")),
                updated_at=str(one["updated_at"]),
            )
            for one in item.get("responses") or ()
        ),
    )


def read_values(values: Any) -> dict[str, Any]:
    """A discard may have none at all (null), and any value may be null."""
    if not isinstance(values, dict):
        return {}
    found = {str(name): value.get("value") for name, value in values.items() if isinstance(value, dict)}
    return {name: value for name, value in found.items() if value is not None}


def read_person(one: Mapping[str, Any]) -> PersonsProgress:
    def both(status: str) -> int:
        return sum(int((one.get(part) or {}).get(status, 0)) for part in ("completed", "pending"))

    return PersonsProgress(str(one["username"]), both("submitted"), both("discarded"), both("draft"))
