"""A person of the team at the server, over HTTP, as the web pages do it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import httpx2

from tests.argilla_server.people import Person

AT_ONCE = 100  # the server takes no more answers in one call
Values = Mapping[str, object]


class Annotator:
    """Answers by the server's record id (`records` of the owner gives it for an external id)."""

    def __init__(self, url: str, person: Person) -> None:
        self.person = person
        # A kept connection would be a dead one after the server was killed.
        limits = httpx2.Limits(max_keepalive_connections=0)
        self._http = httpx2.Client(base_url=url, headers={"X-Argilla-Api-Key": person.api_key}, timeout=60, limits=limits)

    def submit(self, answers: Mapping[str, Values]) -> list[dict[str, Any]]:
        """`answers`: record id -> question -> value. A second time changes the answer. Returns the stored responses."""
        return self._send("submitted", answers)

    def save_draft(self, answers: Mapping[str, Values]) -> list[dict[str, Any]]:
        return self._send("draft", answers)

    def discard(self, records: Sequence[str], values: Values | None = None) -> list[dict[str, Any]]:
        """`values`: what the web page sends along, which are the suggestions it has filled in; None: the empty `{}`."""
        return self._send("discarded", dict.fromkeys(records, values or {}))

    def delete(self, response_id: str) -> None:
        """Takes an answer back."""
        self.call("DELETE", f"/api/v1/responses/{response_id}")

    def records(self, dataset_id: str) -> list[dict[str, Any]]:
        """All records with `responses` and `suggestions`, as stored. For the owner; others are answered 403."""
        found: list[dict[str, Any]] = []
        while True:
            page = {"include": "responses,suggestions", "offset": len(found), "limit": 500}
            items = self.call("GET", f"/api/v1/datasets/{dataset_id}/records", params=page)["items"]
            found += items
            if len(items) < 500:
                return found

    def record_ids(self, dataset_id: str) -> dict[str, str]:
        """External id -> the server's id. For the owner."""
        return {record["external_id"]: record["id"] for record in self.records(dataset_id)}

    def call(self, method: str, path: str, **given: Any) -> Any:
        """The answer's JSON; raises httpx2.HTTPStatusError with the server's words."""
        answer = self._http.request(method, path, **given)
        if answer.is_error:
            raise httpx2.HTTPStatusError(f"{answer.status_code}: {answer.text}", request=answer.request, response=answer)
        return answer.json() if answer.content else None

    def _send(self, status: str, answers: Mapping[str, Values]) -> list[dict[str, Any]]:
        items = [
            {"record_id": record, "status": status, "values": {name: {"value": value} for name, value in values.items()}}
            for record, values in answers.items()
        ]
        stored: list[dict[str, Any]] = []
        for at in range(0, len(items), AT_ONCE):
            done = self.call("POST", "/api/v1/me/responses/bulk", json={"items": items[at : at + AT_ONCE]})["items"]
            # The call is answered 200 even when no item was taken.
            assert not any(item["error"] for item in done), done
            stored += [item["item"] for item in done]
        return stored
