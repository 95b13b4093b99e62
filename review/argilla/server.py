"""Everything that is asked of an Argilla server: one method per question, plain records as answers.

It asks over the SDK's own HTTP client and not through the SDK's objects, which do not do here: its records crash on a discard
without values and leave out those with empty ones, its settings reach for a client of the whole process and know nothing of
a dataset's metadata, and its `log` does not say which ids the server gave. `tests/review/argilla/test_contract.py` checks
against a real server all that is relied on here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from review.argilla.faults import ArgillaError, Fault, foreign, refused, unreachable
from review.argilla.server_records import (
    KEY_NAME,
    ROUND_NAME,
    PersonsProgress,
    ServerDataset,
    ServerRecord,
    read_dataset,
    read_person,
    read_record,
)

if TYPE_CHECKING:
    import httpx

    from review.argilla.definition import Definition

_TRIES: Final = 3
PAGE: Final = 500
"""Records per page of a listing; the server gives at most 1,000."""


class ArgillaServer:
    """`url` is without a password in it, to be shown. `variable`: where the key came from. Every method raises ArgillaError."""

    def __init__(self, http: httpx.Client, url: str, variable: str) -> None:
        self.url = url
        self.variable = variable
        self._http = http
        self._who = ""

    def close(self) -> None:
        self._http.close()

    @cached_property
    def version(self) -> str:
        try:
            found = self._ask("GET", "version")
        except ArgillaError as error:
            if error.fault is Fault.MISSING:
                raise foreign(self.url, "it names no version") from error
            raise
        if not isinstance(found, dict) or not isinstance(found.get("version"), str):
            raise foreign(self.url, "it names no version")
        return str(found["version"])

    @cached_property
    def _me(self) -> dict[str, Any]:
        found: dict[str, Any] = self._ask("GET", "me")
        self._who = f"{found['username']} ({found['role']})"
        return found

    @property
    def user(self) -> str:
        """Whose key it is."""
        return str(self._me["username"])

    @property
    def role(self) -> str:
        """owner, admin or annotator."""
        return str(self._me["role"])

    def workspace(self, name: str) -> str | None:
        """Its id; None where there is none of that name, or none that the key's owner sees."""
        items = self._ask("GET", "me/workspaces")["items"]
        return next((str(item["id"]) for item in items if item["name"] == name), None)

    def make_workspace(self, name: str) -> str:
        return str(self._ask("POST", "workspaces", json={"name": name})["id"])

    def users(self, workspace_id: str) -> dict[str, str]:
        """Id → name of all who may answer in the workspace. Owners see everybody, admins the workspace's members."""
        path = "users" if self.role == "owner" else f"workspaces/{workspace_id}/users"
        found = {str(user["id"]): str(user["username"]) for user in self._ask("GET", path)["items"]}
        return found | {str(self._me["id"]): self.user}

    def members(self, workspace_id: str) -> list[str]:
        """Names of those who were let into the workspace; owners need not be, and are not among them."""
        return [str(user["username"]) for user in self._ask("GET", f"workspaces/{workspace_id}/users")["items"]]

    def datasets(self) -> list[ServerDataset]:
        """All that the key's owner sees."""
        return [read_dataset(item) for item in self._ask("GET", "me/datasets")["items"]]

    def make_dataset(
        self, name: str, workspace_id: str, key: str, definition: Definition, round_name: str = ""
    ) -> ServerDataset:
        """A draft, without fields and questions yet. Raises CONFLICT where the name is taken."""
        return read_dataset(
            self._ask(
                "POST",
                "datasets",
                json={
                    "name": name,
                    "workspace_id": workspace_id,
                    "guidelines": definition.guidelines,
                    "allow_extra_metadata": True,
                    "distribution": {"strategy": "overlap", "min_submitted": definition.overlap},
                    "metadata": {KEY_NAME: key, ROUND_NAME: round_name},
                },
            )
        )

    def publish(self, dataset: ServerDataset, definition: Definition) -> None:
        """Adds what a draft lacks of its definition, and lets people in. A published one stays as it is, also one that another
        process publishes meanwhile.
        """
        if dataset.is_published:
            return
        try:
            self._publish(dataset, definition)
        except ArgillaError as error:
            if error.fault is Fault.UNREACHABLE or not self._is_published(dataset):
                raise

    def _add(self, listing: str, part: Mapping[str, Any]) -> None:
        try:
            self._ask("POST", listing, json=part)
        except ArgillaError as error:
            if error.fault is not Fault.CONFLICT:  # what is there has this definition: only its round's push makes it
                raise

    def _is_published(self, dataset: ServerDataset) -> bool:
        return any(one.id == dataset.id and one.is_published for one in self.datasets())

    def _publish(self, dataset: ServerDataset, definition: Definition) -> None:
        parts = (
            ("fields", f"datasets/{dataset.id}/fields", definition.fields),
            ("questions", f"datasets/{dataset.id}/questions", definition.questions),
            ("metadata-properties", f"me/datasets/{dataset.id}/metadata-properties", definition.metadata),
        )
        for part, listing, wanted in parts:
            there = {item["name"] for item in self._ask("GET", listing)["items"]}
            for one in wanted:
                if one["name"] not in there:
                    self._add(f"datasets/{dataset.id}/{part}", one)
        self._ask("PUT", f"datasets/{dataset.id}/publish")

    def question_ids(self, dataset_id: str) -> dict[str, str]:
        """Name → id."""
        return {str(item["name"]): str(item["id"]) for item in self._ask("GET", f"datasets/{dataset_id}/questions")["items"]}

    def put_records(self, dataset_id: str, records: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        """Adds records and changes those whose external id is there; at most 500. External id → the server's.

        Where another process adds the same in this moment, the server fails; asked again it finds them there.
        """
        for tries_left in range(_TRIES - 1, -1, -1):
            try:
                found = self._ask("PUT", f"datasets/{dataset_id}/records/bulk", json={"items": list(records)})
                break
            except ArgillaError as error:
                if error.fault is not Fault.CONFLICT or not tries_left:
                    raise
        return {str(item["external_id"]): str(item["id"]) for item in found["items"]}

    def records_from(self, dataset_id: str, offset: int, limit: int = PAGE) -> tuple[list[ServerRecord], int]:
        """A page, oldest first, with everybody's responses, from the database (the search index may lag); and the total."""
        page = {"include": ["responses", "suggestions"], "offset": offset, "limit": limit}
        found = self._ask("GET", f"datasets/{dataset_id}/records", params=page)
        return [read_record(item) for item in found["items"]], int(found["total"])

    def record(self, record_id: str) -> ServerRecord | None:
        """One record with everybody's responses; None where it is gone."""
        try:
            return read_record(self._ask("GET", f"records/{record_id}"))
        except ArgillaError as error:
            if error.fault is Fault.MISSING:
                return None
            raise

    def completed(self, dataset_id: str) -> tuple[int, int]:
        """Records with as many answers as wanted, and records at all."""
        found = self._ask("GET", f"datasets/{dataset_id}/progress")
        return int(found["completed"]), int(found["total"])

    def people(self, dataset_id: str) -> list[PersonsProgress]:
        """Who has answered how much."""
        found = self._ask("GET", f"datasets/{dataset_id}/users/progress")["users"]
        return [read_person(one) for one in found]

    def page_of(self, dataset_id: str) -> str:
        """The web page where a dataset is answered."""
        return f"{self.url}/dataset/{dataset_id}/annotation-mode"

    def _ask(self, method: str, path: str, **given: Any) -> Any:
        import httpx

        try:
            try:
                response = self._http.request(method, f"/api/v1/{path}", **given)
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                # The server hangs up after each failure of its own, and a kept connection then breaks on its next use. Nothing
                # that is asked here does harm twice: what is there already is a conflict, or found.
                response = self._http.request(method, f"/api/v1/{path}", **given)
        except httpx.TransportError as error:
            raise unreachable(self.url, error) from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise foreign(self.url, str(error)) from error
        if not response.is_success:
            raise refused(self.url, response, variable=self.variable, who=self._who)
        try:
            return response.json() if response.content else None
        except ValueError as error:
            raise foreign(self.url, "it does not answer in JSON") from error
