"""The HTTP side of the stand-in: routes of the engine's REST interface."""

from __future__ import annotations

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.argilla_server.search.documents import Document
from tests.argilla_server.search.index import Index
from tests.argilla_server.search.queries import UnknownRequestError

Reply = tuple[int, Document]
DONE: Reply = (200, {"acknowledged": True})


def refused(status: int, kind: str, reason: str) -> Reply:
    return status, {"error": {"type": kind, "reason": reason}, "status": status}


class Engine:
    """All indexes. One call at a time."""

    def __init__(self) -> None:
        self._indexes: dict[str, Index] = {}
        self._lock = threading.Lock()

    def answer(self, method: str, path: str, parameters: dict[str, str], body: bytes) -> Reply:
        with self._lock:
            parts = [unquote(part) for part in path.split("/") if part]
            if not parts:
                return 200, {"name": "stand-in", "cluster_name": "stand-in", "version": {"number": "2.11.0"}}
            if parts == ["_bulk"]:
                return self._bulk(body)
            return self._index_call(method, parts[0], parts[1:], parameters, json.loads(body or b"{}"))

    def _index_call(self, method: str, name: str, rest: list[str], parameters: dict[str, str], body: Document) -> Reply:
        if method == "PUT" and not rest:
            if name in self._indexes:
                return refused(400, "resource_already_exists_exception", name)
            self._indexes[name] = Index(body["mappings"]["properties"])
            return DONE
        index = self._indexes.get(name)
        if index is None:
            return refused(404, "index_not_found_exception", f"no such index [{name}]")
        match method, rest:
            case "DELETE", []:
                del self._indexes[name]
                return DONE
            case "HEAD", []:
                return DONE
            case "PUT", ["_mapping"]:
                index.mapping.add(body["properties"])
                return DONE
            case "POST", ["_update", document]:
                return DONE if index.update(document, body) else refused(404, "document_missing_exception", document)
            case "POST", ["_search"]:
                return 200, index.search(body, int(parameters.get("from", 0)), int(parameters.get("size", 10)))
        raise UnknownRequestError(f"{method} {'/'.join(rest)}")

    def _bulk(self, body: bytes) -> Reply:
        lines = iter(body.splitlines())
        items: list[Document] = []
        for line in lines:
            ((operation, target),) = json.loads(line).items()
            documents, key = self._indexes[target["_index"]].documents, target["_id"]
            if operation == "index":
                status = 200 if key in documents else 201
                documents[key] = json.loads(next(lines))
            elif operation == "delete":
                status = 200 if documents.pop(key, None) else 404
            else:
                raise UnknownRequestError(f"bulk {operation}")
            items.append({operation: {**target, "status": status}})
        return 200, {"took": 0, "errors": False, "items": items}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet per answer
    engine: Engine

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _answer(self) -> None:
        asked = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parameters = {name: values[-1] for name, values in parse_qs(asked.query).items()}
        try:
            status, reply = self.engine.answer(self.command, asked.path, parameters, body)
        except (UnknownRequestError, ValueError, LookupError, TypeError, AttributeError) as problem:
            status, reply = refused(400, type(problem).__name__, str(problem))
            self.log_error("%s %s: %r %s", self.command, self.path, problem, body[:300])
        content = json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        """Only what is refused is worth a line."""


class SearchServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        handler = type("BoundHandler", (Handler,), {"engine": Engine()})
        super().__init__(("127.0.0.1", port), handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"
