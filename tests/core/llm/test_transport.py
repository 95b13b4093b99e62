"""Connections: how many are made, how much is read, through which proxy."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from core.llm.models import FailureKind
from core.llm.transport import proxy_for
from tests.core.llm.asking import ask_all, ask_one, failure_of, make_project, question, text_of
from tests.llm_server import Fault, scripted_server


def test_connections_are_used_again(tmp_path: Path) -> None:
    with scripted_server("yes", latency=0.01) as server:
        project = make_project(tmp_path, server.base_url, max_in_flight=4)
        ask_all(project, [question(str(number)) for number in range(40)])
        assert server.opened == 4


def test_a_compressed_answer_is_read_and_its_size_is_that_of_its_text(tmp_path: Path) -> None:
    body = b'{"choices": [{"message": {"content": "yes"}}]}'
    small = Fault(body=gzip.compress(body), headers={"content-encoding": "gzip"})
    large = Fault(body=gzip.compress(b" " * 50_000_000 + body), headers={"content-encoding": "gzip"})
    with scripted_server(lambda asked: large if "large" in str(asked) else small) as server:
        project = make_project(tmp_path, server.base_url)
        assert text_of(ask_one(project, question("small"))) == "yes"
        failure = failure_of(ask_one(project, question("large")))
    assert failure.kind is FailureKind.INVALID
    assert "larger than 4 MB" in failure.what


def test_a_large_error_is_not_read_either(tmp_path: Path) -> None:
    with scripted_server(Fault(400, b"x" * 20_000_000, {"content-type": "text/plain"})) as server:
        assert "larger than 4 MB" in failure_of(ask_one(make_project(tmp_path, server.base_url))).what


def test_the_proxy_of_the_environment_is_used_but_not_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    assert proxy_for("https://api.example.com/v1") is None
    monkeypatch.setenv("https_proxy", "http://proxy.example.com:3128")
    monkeypatch.setenv("no_proxy", "inside.example.com")
    assert proxy_for("https://api.example.com/v1") == "http://proxy.example.com:3128"
    assert proxy_for("https://inside.example.com/v1") is None
    assert proxy_for("http://api.example.com/v1") is None
    monkeypatch.setenv("http_proxy", "http://proxy.example.com:3128")
    assert proxy_for("http://127.0.0.1:8000/v1") is None
