"""Headless Chromium driven over the WebDriver protocol (W3C), which is plain HTTP: no client library is needed."""

from __future__ import annotations

import base64
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx2

from tests.argilla_server.processes import end, free_port, listening, start, wait_for
from tests.argilla_server.programs import CHROMEDRIVER, CHROMIUM, program

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the protocol's name for a reference to an element
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
    "--disable-breakpad", "--disable-crash-reporter", "--no-zygote",
    "--window-size=1440,900",
)  # fmt: skip
WAIT_SECONDS = 30.0


class Page:
    """One tab. Every look-up waits until what it looks for is there."""

    def __init__(self, session: str, http: httpx2.Client) -> None:
        self._session = session
        self._http = http

    def open(self, url: str) -> None:
        self._call("POST", "/url", {"url": url})

    @property
    def url(self) -> str:
        return str(self._call("GET", "/url"))

    def text(self) -> str:
        """All that can be read on the page."""
        return str(self.script("return document.body.innerText"))

    def click(self, xpath: str) -> None:
        def clicked() -> bool:
            self._call("POST", f"/element/{self._element(xpath)}/click")
            return True

        # An element may be replaced, or covered for a moment, between finding and clicking it.
        self._eventually(clicked, xpath)

    def type(self, xpath: str, text: str) -> None:
        def typed() -> bool:
            self._call("POST", f"/element/{self._element(xpath)}/value", {"text": text})
            return True

        self._eventually(typed, xpath)

    def is_checked(self, xpath: str) -> bool:
        return bool(self._call("GET", f"/element/{self._element(xpath)}/selected"))

    def wait_for_text(self, wanted: str) -> None:
        self._eventually(lambda: wanted in self.text(), wanted)

    def wait_for(self, holds: Callable[[], bool], what: str) -> None:
        self._eventually(holds, what)

    def script(self, source: str) -> Any:
        return self._call("POST", "/execute/sync", {"script": source, "args": []})

    def screenshot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self._call("GET", "/screenshot")))

    def _element(self, xpath: str) -> str:
        return str(self._call("POST", "/element", {"using": "xpath", "value": xpath})[ELEMENT])

    def _eventually(self, attempt: Callable[[], bool], what: str) -> None:
        until = time.monotonic() + WAIT_SECONDS
        problem = "not there"
        while time.monotonic() < until:
            try:
                if attempt():
                    return
            except WebDriverError as error:
                problem = str(error)
            time.sleep(0.1)
        raise AssertionError(f"{what}: {problem}\non {self.url}:\n{self.text()}")

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        return _call(self._http, method, f"/session/{self._session}{path}", body)


class WebDriverError(Exception):
    """What the driver refused, in its words."""


def _call(http: httpx2.Client, method: str, path: str, body: Any = None) -> Any:
    answer = http.request(method, path, json=({} if body is None else body) if method == "POST" else None).json()["value"]
    if isinstance(answer, dict) and "error" in answer:
        raise WebDriverError(f"{answer['error']}: {answer['message'].splitlines()[0]}")
    return answer


@contextmanager
def browser() -> Iterator[Page]:
    """A browser with a profile of its own, gone at the end. Raises MissingProgramError without Chromium and its driver."""
    chromium, driver = program(CHROMIUM), program(CHROMEDRIVER)
    with ExitStack() as stack:
        home = Path(tempfile.mkdtemp(prefix="chromium-"))
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        port = free_port()
        process = start([driver, f"--port={port}"], home / "driver.log")
        stack.callback(end, process)
        wait_for(lambda: listening(port), process, home / "driver.log", WAIT_SECONDS)
        http = stack.enter_context(httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=60))
        options = {"binary": chromium, "args": [*FLAGS, f"--user-data-dir={home / 'profile'}"]}
        wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
        session = _call(http, "POST", "/session", wanted)["sessionId"]
        # Ends the browser, which the driver started.
        stack.callback(_call, http, "DELETE", f"/session/{session}")
        yield Page(session, http)
