"""OpenAI's Files and Batches API as routes of the test server: `scripted_server(script, route=BatchApi(script))`.

A batch is done after it was looked at `polls` times. Its answers are those of the same script that answers single questions.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.llm_server.faults import Fault
from tests.llm_server.server import _body as answer_body
from tests.llm_server.wire import Reply, Seen

LineScript = Callable[[dict[str, Any]], str | Fault | Mapping[str, Any]]


@dataclass
class Batch:
    id: str
    input_file: str
    endpoint: str
    metadata: dict[str, str]
    polls_left: int
    status: str = "validating"
    output_file: str | None = None
    error_file: str | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class BatchApi:
    """`refuse`: the error of a batch as a whole, for its lines. `expires_after`: so many lines are answered, the others
    expire. `lose_reply`: the next so many answers to `POST /batches` never arrive, though the batch was made.
    """

    script: LineScript
    polls: int = 2
    refuse: Callable[[list[dict[str, Any]]], str] = lambda lines: ""
    expires_after: int | None = None
    fault: Callable[[Seen], Fault | None] = lambda seen: None
    files: dict[str, bytes] = field(default_factory=dict)
    batches: dict[str, Batch] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __call__(self, seen: Seen) -> Reply | None:
        path = seen.path.partition("?")[0].removeprefix("/v1")
        if not path.startswith(("/files", "/batches")):
            return None
        fault = self.fault(seen)
        if fault is not None:
            return Reply(fault.status, fault.bytes, fault.headers, fault.delay, fault.cut)
        match seen.method, path.split("/")[1:]:
            case "POST", ["files"]:
                return self._upload(seen)
            case "GET", ["files", name, "content"]:
                return Reply(200, self.files[name], {"content-type": "application/octet-stream"})
            case "DELETE", ["files", name]:
                del self.files[name]
                return _json({"id": name, "object": "file", "deleted": True})
            case "POST", ["batches"]:
                return self._create(seen.body)
            case "GET", ["batches"]:
                data = [self._shown(batch) for batch in reversed(self.batches.values())]
                return _json({"object": "list", "data": data, "has_more": False, "first_id": None, "last_id": None})
            case "GET", ["batches", name] if name in self.batches:
                return self._look(self.batches[name])
            case "POST", ["batches", name, "cancel"]:
                self.batches[name].status = "cancelled"
                return _json(self._shown(self.batches[name]))
        return _json({"error": {"message": f"No such object: {path}", "type": "invalid_request_error"}}, 404)

    def _upload(self, seen: Seen) -> Reply:
        boundary = re.search(r'boundary="?([^";]+)', seen.headers["content-type"])
        assert boundary is not None
        parts = seen.raw.split(b"--" + boundary[1].encode())
        content = next(part for part in parts if b'name="file"' in part).partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")
        name = f"file-{len(self.files) + 1}"
        self.files[name] = content
        return _json(
            {"id": name, "object": "file", "bytes": len(content), "created_at": 0, "filename": "a", "purpose": "batch"}
        )

    def _create(self, body: dict[str, Any]) -> Reply:
        name = f"batch_{len(self.batches) + 1}"
        batch = Batch(name, body["input_file_id"], body["endpoint"], body.get("metadata") or {}, self.polls)
        self.batches[name] = batch
        why = self.refuse(self._lines(batch))
        if why:
            batch.status, batch.polls_left = "failed", 0
            batch.errors = [{"code": "invalid", "message": why, "line": 1, "param": None}]
        return _json(self._shown(batch))

    def _look(self, batch: Batch) -> Reply:
        if batch.status in ("validating", "in_progress"):
            batch.status, batch.polls_left = "in_progress", batch.polls_left - 1
            if batch.polls_left < 0:
                self._finish(batch)
        return _json(self._shown(batch))

    def _finish(self, batch: Batch) -> None:
        good: list[dict[str, Any]] = []
        bad: list[dict[str, Any]] = []
        for number, line in enumerate(self._lines(batch)):
            name = {"id": f"req_{number}", "custom_id": line["custom_id"]}
            if self.expires_after is not None and number >= self.expires_after:
                message = "This request could not be executed before the completion window expired."
                bad.append({**name, "response": None, "error": {"code": "batch_expired", "message": message}})
                continue
            self.asked.append(line["custom_id"])
            scripted = self.script(line["body"])
            if isinstance(scripted, Fault) and scripted.status != 200:
                response = {"status_code": scripted.status, "request_id": "r", "body": json.loads(scripted.bytes)}
                bad.append({**name, "response": response, "error": None})
            else:
                kind = batch.endpoint.removeprefix("/v1/")
                body = json.loads(answer_body(scripted, "stop", kind, line["body"])) if isinstance(scripted, str) else scripted
                good.append({**name, "response": {"status_code": 200, "request_id": "r", "body": body}, "error": None})
        # In no order, as OpenAI has it.
        batch.output_file = self._store(good[::-1])
        batch.error_file = self._store(bad)
        batch.status = "expired" if self.expires_after is not None else "completed"

    def _store(self, lines: list[dict[str, Any]]) -> str | None:
        if not lines:
            return None
        name = f"file-{len(self.files) + 1}"
        self.files[name] = "".join(json.dumps(line) + "\n" for line in lines).encode()
        return name

    def _lines(self, batch: Batch) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.files[batch.input_file].splitlines()]

    def _shown(self, batch: Batch) -> dict[str, Any]:
        total = len(self._lines(batch))
        done = total if batch.status in ("completed", "expired") else 0
        return {
            "id": batch.id,
            "object": "batch",
            "endpoint": batch.endpoint,
            "input_file_id": batch.input_file,
            "completion_window": "24h",
            "status": batch.status,
            "created_at": int(time.time()),
            "output_file_id": batch.output_file,
            "error_file_id": batch.error_file,
            "errors": {"object": "list", "data": batch.errors} if batch.errors else None,
            "request_counts": {"total": total, "completed": done, "failed": 0},
            "metadata": batch.metadata,
        }


def _json(data: Mapping[str, Any], status: int = 200) -> Reply:
    return Reply(status, json.dumps(data).encode())
