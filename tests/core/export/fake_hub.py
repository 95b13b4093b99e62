"""A small Hugging Face hub on this machine: the endpoints that pushing a dataset uses, repositories kept in memory."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import yaml

OID = "0" * 40


@dataclass
class Repository:
    private: bool
    files: dict[str, bytes] = field(default_factory=dict)
    commits: int = 0

    @property
    def head(self) -> str:
        """Another one after every commit: the client remembers what lay in a folder by it."""
        return f"{self.commits:040x}"


@dataclass
class FakeHub:
    """`refuse`: answer every request with 403. `tokens`: those the requests came with."""

    address: str = ""
    repositories: dict[str, Repository] = field(default_factory=dict)
    stored: dict[str, bytes] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    refuse: bool = False


@contextmanager
def fake_hub() -> Iterator[FakeHub]:
    hub = FakeHub()

    class Handler(_Handler):
        pass

    Handler.hub = hub
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: FakeHub

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._serve("GET")

    def do_HEAD(self) -> None:
        self._serve("HEAD")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_PUT(self) -> None:
        self._serve("PUT")

    def _serve(self, verb: str) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(length)
        path = self.path.partition("?")[0]
        if token := self.headers.get("Authorization"):
            self.hub.tokens.add(token)
        if self.hub.refuse:
            self._answer(403, {"error": "no"})
            return
        for pattern, verbs, answer in _ROUTES:
            if verb in verbs and (found := re.fullmatch(pattern, path)):
                answer(self, *found.groups(), body)
                return
        self._answer(404, {"error": f"{verb} {path}"}, {"X-Error-Code": "RepoNotFound"})

    def _answer(self, code: int, data: Any, headers: dict[str, str] | None = None) -> None:
        content = data if isinstance(data, bytes) else json.dumps(data).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Type", "application/json")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def validate(self, body: bytes) -> None:
        """The card's front matter; the real hub knows licences and tasks, this one only reads it."""
        yaml.safe_load(json.loads(body)["content"].split("---\n")[1])
        self._answer(200, {"errors": [], "warnings": []})

    def create(self, body: bytes) -> None:
        asked = json.loads(body)
        name = f"{asked['organization']}/{asked['name']}" if asked.get("organization") else asked["name"]
        self.hub.repositories[name] = Repository(asked.get("visibility") == "private" or bool(asked.get("private")))
        self._answer(200, {"url": f"{self.hub.address}/datasets/{name}", "name": name})

    def info(self, name: str, _: bytes) -> None:
        repository = self.hub.repositories.get(name)
        if repository is None:
            self._answer(404, {"error": "Repository not found"}, {"X-Error-Code": "RepoNotFound"})
            return
        siblings = [{"rfilename": file} for file in repository.files]
        self._answer(200, {"_id": "1", "id": name, "private": repository.private, "sha": repository.head, "siblings": siblings,
                           "tags": [], "downloads": 0, "likes": 0, "gated": False, "disabled": False})  # fmt: skip

    def preupload(self, name: str, body: bytes) -> None:
        files = [
            {"path": file["path"], "uploadMode": "lfs" if file["path"].endswith(".parquet") else "regular",
             "shouldIgnore": False, "oid": None}
            for file in json.loads(body)["files"]
        ]  # fmt: skip
        self._answer(200, {"files": files})

    def lfs_batch(self, name: str, body: bytes) -> None:
        objects = [
            {"oid": one["oid"], "size": one["size"], "authenticated": True,
             "actions": {"upload": {"href": f"{self.hub.address}/storage/{one['oid']}"}}}
            for one in json.loads(body)["objects"]
        ]  # fmt: skip
        self._answer(200, {"transfer": "basic", "objects": objects})

    def store(self, oid: str, body: bytes) -> None:
        assert sha256(body).hexdigest() == oid
        self.hub.stored[oid] = body
        self._answer(200, {})

    def commit(self, name: str, body: bytes) -> None:
        repository = self.hub.repositories[name]
        repository.commits += 1
        files = repository.files
        for line in filter(None, body.splitlines()):
            entry = json.loads(line)
            value = entry["value"]
            if entry["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif entry["key"] == "lfsFile":
                files[value["path"]] = self.hub.stored[value["oid"]]
            elif entry["key"] == "deletedFile":
                del files[value["path"]]
        url = f"{self.hub.address}/datasets/{name}/commit/{repository.head}"
        self._answer(200, {"success": True, "commitOid": repository.head, "commitUrl": url})

    def tree(self, name: str, folder: str | None, _: bytes) -> None:
        below = f"{folder}/" if folder else ""
        files = {path: data for path, data in self.hub.repositories[name].files.items() if path.startswith(below)}
        if not files:
            self._answer(404, {"error": "Entry not found"}, {"X-Error-Code": "EntryNotFound"})
            return
        found = [_entry(path, data) for path, data in files.items()]
        if "recursive=true" not in self.path.lower():
            found = [one for one in found if "/" not in one["path"][len(below) :]]
            inner = {path[: len(below)] + path[len(below) :].split("/")[0] for path in files if "/" in path[len(below) :]}
            found += [{"type": "directory", "path": path, "oid": OID} for path in sorted(inner)]
        self._answer(200, found)

    def paths(self, name: str, body: bytes) -> None:
        asked = parse_qs(body.decode()).get("paths", []) if body[:1] != b"{" else json.loads(body)["paths"]
        files = self.hub.repositories[name].files
        found = [_entry(path, files[path]) for path in asked if path in files]
        folders = [path for path in asked if any(file.startswith(f"{path}/") for file in files)]
        self._answer(200, [*found, *({"type": "directory", "path": path, "oid": OID} for path in folders)])

    def file(self, name: str, path: str, _: bytes) -> None:
        repository = self.hub.repositories[name]
        content = repository.files.get(path)
        if content is None:
            self._answer(404, {"error": "Entry not found"}, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": repository.head})
            return
        self._answer(200, content, {"ETag": f'"{sha256(content).hexdigest()}"', "X-Repo-Commit": repository.head})


def _entry(path: str, content: bytes) -> dict[str, Any]:
    return {"type": "file", "path": path, "size": len(content), "oid": OID}


_NAME = r"([\w.-]+/[\w.-]+)"
_ROUTES: tuple[tuple[str, tuple[str, ...], Any], ...] = (
    (r"/api/validate-yaml", ("POST",), _Handler.validate),
    (r"/api/repos/create", ("POST",), _Handler.create),
    (rf"/api/datasets/{_NAME}(?:/revision/\w+)?", ("GET",), _Handler.info),
    (rf"/api/datasets/{_NAME}/preupload/\w+", ("POST",), _Handler.preupload),
    (rf"/datasets/{_NAME}\.git/info/lfs/objects/batch", ("POST",), _Handler.lfs_batch),
    (r"/storage/(\w+)", ("PUT",), _Handler.store),
    (rf"/api/datasets/{_NAME}/commit/\w+", ("POST",), _Handler.commit),
    (rf"/api/datasets/{_NAME}/tree/\w+(?:/(.*))?", ("GET",), _Handler.tree),
    (rf"/api/datasets/{_NAME}/paths-info/\w+", ("POST",), _Handler.paths),
    (rf"/datasets/{_NAME}/resolve/\w+/(.*)", ("GET", "HEAD"), _Handler.file),
)
