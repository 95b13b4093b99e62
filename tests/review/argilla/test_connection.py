"""Connecting, and what is said where that fails. Without a server, or with a small false one."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from core.errors import ProjectError
from core.project import Project
from review.argilla.connection import connect
from review.argilla.faults import ArgillaError, Fault
from tests.review.argilla.handed import KEY_VARIABLE

Answer = Mapping[str, object] | tuple[int, str, dict[str, str]]
ANSWERS: dict[str, Answer] = {
    "/api/v1/version": {"version": "2.8.0"},
    "/api/v1/me": {"id": "1", "username": "olga", "role": "owner"},
}


@contextmanager
def false_server(answers: Mapping[str, Answer]) -> Iterator[str]:
    """Answers paths with JSON, or with status, text and headers; 404 for others. Yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = answers.get(self.path, (404, '{"detail": "Not Found"}', {"Content-Type": "application/json"}))
            if isinstance(answer, Mapping):
                answer = (200, json.dumps(answer), {"Content-Type": "application/json"})
            status, text, headers = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def at(project: Project, url: str) -> Project:
    project.config_path.write_text(f'[argilla]\nurl = "{url}"\n', encoding="utf-8")
    return Project(project.root)


def fault_at(project: Project, answers: dict[str, Answer]) -> ArgillaError:
    with false_server(answers) as url, pytest.raises(ArgillaError) as caught:
        connect(at(project, url))
    assert caught.value.remedy
    return caught.value


def test_a_connection_tells_whose_key_it_is(uncertain: Project) -> None:
    with false_server(ANSWERS) as url, closing(connect(at(uncertain, url + "/"))) as server:
        assert (server.url, server.version, server.user, server.role) == (url, "2.8.0", "olga", "owner")


def test_without_an_address_it_says_where_to_write_one(uncertain: Project) -> None:
    with pytest.raises(ProjectError, match="no Argilla server is set"):
        connect(at(uncertain, ""))


def test_without_a_key_it_says_where_it_looked(uncertain: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE)
    with pytest.raises(ProjectError, match=f"{KEY_VARIABLE} is neither in the environment nor in"):
        connect(uncertain)


def test_the_key_may_stand_in_env_beside_the_configuration(uncertain: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE)
    (uncertain.root / ".env").write_text(f"{KEY_VARIABLE}=from-the-file\n", encoding="utf-8")
    with false_server(ANSWERS) as url, closing(connect(at(uncertain, url))) as server:
        assert server.user == "olga"


def test_a_key_with_a_line_break_is_refused_before_it_is_sent(uncertain: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "a\nb")
    with pytest.raises(ProjectError, match="no key has"):
        connect(uncertain)


def test_that_nobody_answers_is_told_at_once(uncertain: Project) -> None:
    pytest.importorskip("argilla")  # its import takes longer than what is measured
    begin = time.monotonic()
    with pytest.raises(ArgillaError, match="cannot be reached") as caught:
        connect(at(uncertain, "http://127.0.0.1:1"))
    assert caught.value.fault is Fault.UNREACHABLE
    assert time.monotonic() - begin < 3


def test_a_password_in_the_address_is_not_shown(uncertain: Project) -> None:
    with pytest.raises(ArgillaError) as caught:
        connect(at(uncertain, "http://olga:secret@127.0.0.1:1"))
    assert "secret" not in str(caught.value)


HTML = {"Content-Type": "text/html"}
SQL = '{"detail": {"message": "(sqlite3.IntegrityError) UNIQUE constraint failed: records.id [SQL: INSERT INTO records"}}'
BROKEN = '{"detail": {"message": "(sqlite3.OperationalError) database is locked [SQL: SELECT a FROM b]"}}'


@pytest.mark.parametrize(
    ("answers", "fault", "words"),
    [
        ({}, Fault.FOREIGN, "names no version"),
        ({"/api/v1/version": (404, "<html>nothing here</html>", HTML)}, Fault.FOREIGN, "no such page"),
        ({"/api/v1/version": (200, "<html>hello</html>", HTML)}, Fault.FOREIGN, "does not answer in JSON"),
        ({"/api/v1/version": {"name": "another"}}, Fault.FOREIGN, "names no version"),
        ({"/api/v1/version": {"version": "1.29.1"}}, Fault.FOREIGN, "it is version 1.29.1"),
        ({"/api/v1/version": {"version": "3.0.0"}}, Fault.FOREIGN, "it is version 3.0.0"),
        ({"/api/v1/version": (301, "", {"Location": "https://x.org"})}, Fault.FOREIGN, "leads to https://x.org"),
        ({**ANSWERS, "/api/v1/me": (401, '{"detail": "no"}', {})}, Fault.KEY, "does not know the API key in ARGILLA_API_KEY"),
        ({**ANSWERS, "/api/v1/me": (500, "<h1>Oh</h1> no", HTML)}, Fault.FAILED, "failed (500): Oh no"),
        ({**ANSWERS, "/api/v1/me": (500, SQL, {})}, Fault.CONFLICT, "another process has just stored the same"),
        ({**ANSWERS, "/api/v1/me": (500, BROKEN, {})}, Fault.FAILED, "its database refused what it asked of it"),
        ({**ANSWERS, "/api/v1/me": {"id": "2", "username": "ann", "role": "annotator"}}, Fault.ROLE, "the role `annotator`"),
    ],
)
def test_what_is_wrong_is_told_with_a_remedy(uncertain: Project, answers: dict[str, Answer], fault: Fault, words: str) -> None:
    error = fault_at(uncertain, answers)
    assert error.fault is fault
    assert words in error.what
    assert "SQL" not in error.what


def test_no_client_of_the_whole_process_is_left_behind(uncertain: Project) -> None:
    import argilla

    before = argilla.Argilla._default_client
    with false_server(ANSWERS) as url, closing(connect(at(uncertain, url))):
        assert argilla.Argilla._default_client is before


def test_without_the_sdk_it_says_what_to_install(uncertain: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "argilla", None)
    with pytest.raises(ProjectError, match="SDK is not installed") as caught:
        connect(uncertain)
    assert caught.value.remedy == "pip install 'finetune-workbench[argilla]'"


def test_the_sdk_is_imported_by_nothing_but_a_connection() -> None:
    modules = "connection, push, pull, looking, choosing"
    code = f"import sys; from review.argilla import {modules}; import tui.cli.main; print('argilla' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
