"""The client of the action server, against a server that answers what a test tells it to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from core.dialogue.actions import ActionRequest
from core.dialogue.events import ActionExecuted, BotUttered, SlotSet, UserUttered
from core.errors import ActionError, UsageError
from core.testing.action_server import ActionServer, Endpoint
from core.testing.action_sources import ActionMode
from core.testing.results import RunResult
from core.testing.run_setup import RunOptions, prepare_run
from tests.core.testing.small import FILES, write

Reply = Callable[[dict[str, Any]], tuple[int, Any]]


@dataclass
class Server:
    """`calls`: the bodies received; `connections`: how many were opened. `reply` gives the status and the answer."""

    reply: Reply
    url: str = ""
    calls: list[dict[str, Any]] = field(default_factory=list)
    connections: int = 0
    closes: bool = False
    silent: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving(reply: Reply) -> Iterator[Server]:
    server = Server(reply)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            server.connections += 1
            super().setup()

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.calls.append(body)
            status, answer = server.reply(body)
            data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
            self.close_connection = server.closes

        def log_message(self, *args: Any) -> None:
            """Says nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    server.url = f"http://127.0.0.1:{http.server_address[1]}/webhook"
    try:
        yield server
    finally:
        server.silent.set()
        http.shutdown()
        http.server_close()
        thread.join()


EVENTS = (UserUttered("hi"), SlotSet("a", 1), ActionExecuted("action_y"), BotUttered("Hello", "utter_hello"))
REQUEST = ActionRequest("action_x", {"a": 1}, EVENTS, "hi", "send", "2_action_x")


@contextmanager
def client(url: str, timeout: float = 10.0) -> Iterator[ActionServer]:
    action_server = ActionServer(Endpoint(url, timeout), '{"slots": {"a": {}}}', "sender-1", lambda name, values: None, "3.12")
    try:
        yield action_server
    finally:
        action_server.close()


@pytest.fixture
def say_hello() -> Iterator[Server]:
    with serving(lambda body: (200, {"events": [], "responses": [{"text": f"Hello from {body['next_action']}"}]})) as server:
        yield server


def test_a_call_has_what_rasa_sdk_reads(say_hello: Server) -> None:
    with client(say_hello.url) as action_server:
        action_server.metadata = {"device": "kiosk"}
        result = action_server.run(REQUEST)
    assert result is not None
    assert [(message.text, message.source) for message in result.messages] == [("Hello from action_x", "action server")]
    (call,) = say_hello.calls
    assert (call["next_action"], call["sender_id"], call["version"]) == ("action_x", "sender-1", "3.12")
    assert call["domain"] == {"slots": {"a": {}}}
    tracker = call["tracker"]
    assert (tracker["sender_id"], tracker["slots"], tracker["latest_action_name"]) == ("sender-1", {"a": 1}, "action_y")
    assert tracker["latest_message"]["text"] == "hi"
    assert tracker["latest_message"]["metadata"] == {"device": "kiosk"}
    assert [event["event"] for event in tracker["events"]] == ["user", "slot", "action", "bot"]
    assert tracker["stack"] == [{"type": "flow", "flow_id": "send", "step_id": "2_action_x"}]


def test_the_connection_is_kept_and_opened_again_if_the_server_closes_it(say_hello: Server) -> None:
    with client(say_hello.url) as action_server:
        assert all(action_server.run(REQUEST) for _ in range(3))
        assert say_hello.connections == 1
        say_hello.closes = True
        assert all(action_server.run(REQUEST) for _ in range(3))
    assert say_hello.connections > 1


def test_an_action_the_server_does_not_have_is_left_to_others() -> None:
    with (
        serving(lambda body: (404, {"error": "No registered action", "action_name": "action_x"})) as server,
        client(server.url) as action_server,
    ):
        assert action_server.run(REQUEST) is None


@pytest.mark.parametrize(
    ("status", "answer", "said"),
    [
        (400, {"error": "not now", "action_name": "action_x"}, "refused to run: not now"),
        (500, {"error": "KeyError: 'price'"}, "failed: KeyError: 'price'"),
        (502, b"<html>", "failed: status 502"),
        (200, b"<html>", "its answer is no JSON"),
        (200, b"[" + b" " * 5_000_001, "the answer is longer than"),
    ],
)
def test_what_goes_wrong_at_the_server_is_an_error_that_says_so(status: int, answer: Any, said: str) -> None:
    with serving(lambda body: (status, answer)) as server, client(server.url) as action_server:
        with pytest.raises(ActionError) as caught:
            action_server.run(REQUEST)
        assert "`action_x`" in caught.value.what
        assert said in caught.value.what


def test_an_action_that_takes_too_long_is_an_error() -> None:
    def never(body: dict[str, Any]) -> tuple[int, Any]:
        server.silent.wait(20)
        return 200, {}

    with serving(never) as server, client(server.url, timeout=0.2) as action_server:
        with pytest.raises(ActionError, match=r"no answer within 0\.2 seconds"):
            action_server.run(REQUEST)
        server.silent.set()


def test_a_server_that_is_not_there_is_an_error() -> None:
    with serving(lambda body: (200, {})) as server:
        url = server.url
    assert not Endpoint(url).is_reachable()
    with client(url) as action_server, pytest.raises(ActionError, match="nothing listens there"):
        action_server.run(REQUEST)


@pytest.mark.parametrize("url", ["localhost:5055", "ftp://host/webhook", "http://", "http://host:99999/", "http://[/"])
def test_an_address_that_is_none_is_an_error(url: str) -> None:
    with pytest.raises(UsageError, match="no address of an action server"):
        Endpoint(url).is_reachable()


def test_events_that_mean_nothing_here_are_a_warning() -> None:
    warnings: list[str] = []
    answer = {"events": [{"event": "undo"}, {"event": "slot", "name": "a"}]}
    with serving(lambda body: (200, answer)) as server, client(server.url) as action_server:
        action_server.warn = warnings.append
        action_server.run(REQUEST)
    assert warnings == ["the action `action_x` sent an event `undo`, which has no effect here"]


TESTS = """
    metadata:
    - kiosk: {device: kiosk}
    stub_custom_actions:
      %s: {responses: [{text: stubbed}]}
    test_cases:
    - test_case: send
      metadata: kiosk
      steps:
      - user: send 2 kilos
        commands: [start flow send, set slot weight 2]
      - bot: It costs 12 crowns.
    - test_case: send
      steps:
      - user: send 2 kilos
        commands: [start flow send, set slot weight 2]
      - bot: It costs 12 crowns.
    """


def priced(body: dict[str, Any]) -> tuple[int, Any]:
    if body["next_action"] != "action_price":
        return 404, {"error": "unknown"}
    price = 6 * body["tracker"]["slots"]["weight"]
    slots = {"price_level": "light", "price": int(price)}
    return 200, {"events": [{"event": "slot", "name": name, "value": value} for name, value in slots.items()]}


def run(folder: Path, url: str, stubbed: str, mode: ActionMode) -> RunResult:
    endpoint = {"endpoints.yml": f"action_endpoint:\n  url: {url}\n"}
    write(folder, {**FILES, **endpoint, "e2e_tests/t.yml": TESTS % stubbed})
    prepared = prepare_run(RunOptions((str(folder / "e2e_tests"),), actions=mode), folder=folder)
    return prepared.runner.run(prepared.tests, jobs=prepared.jobs)


@pytest.mark.parametrize("mode", [ActionMode.AUTO, ActionMode.SERVER])
def test_tests_are_run_with_the_assistant_s_server(tmp_path: Path, mode: ActionMode) -> None:
    with serving(priced) as server:
        result = run(tmp_path, server.url, "action_other", mode)
    assert result.all_passed
    assert "the test" not in str([case.assumed for case in result.cases])
    assert server.url in result.notes[0]
    senders = {call["sender_id"] for call in server.calls}
    assert len(senders) == 2  # one for each conversation
    devices = [call["tracker"]["latest_message"]["metadata"] for call in server.calls]
    assert {"device": "kiosk"} in devices
    assert {} in devices


def test_stubs_go_before_the_server_unless_only_the_server_is_wanted(tmp_path: Path) -> None:
    with serving(priced) as server:
        assert not run(tmp_path / "a", server.url, "action_price", ActionMode.AUTO).all_passed
        assert server.calls == []
        assert run(tmp_path / "b", server.url, "action_price", ActionMode.SERVER).all_passed


def test_without_the_server_auto_goes_on_and_server_does_not(tmp_path: Path) -> None:
    with serving(priced) as server:
        url = server.url
    result = run(tmp_path, url, "action_other", ActionMode.AUTO)
    assert result.all_passed
    assert all(case.is_test_led for case in result.cases)
    assert f"no action server listens at {url}" in result.notes[0]
    with pytest.raises(UsageError, match="no action server listens"):
        run(tmp_path, url, "action_other", ActionMode.SERVER)
