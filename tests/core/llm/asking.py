"""Projects whose annotator is a test server, and questions put to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from core.llm.control import Control
from core.llm.meter import MeterReading
from core.llm.models import Answer, CallFailure, Message, Request, Role
from core.llm.session import LlmSession, llm_session
from core.project import Project, create_project

Result = Answer | CallFailure


def question(text: str = "Hello", **more: Any) -> Request:
    return Request("annotate", (Message("user", text),), **more)


def make_project(folder: Path, base_url: str, *, role: str = "annotator", **settings: Any) -> Project:
    """`settings` are those of `[llm.annotator]`."""
    lines = [f"{name} = {_toml(value)}" for name, value in {"model": "test-model", "base_url": base_url, **settings}.items()]
    root = folder / "assistant"
    root.mkdir(exist_ok=True)
    (root / "workbench.toml").write_text("\n".join([f"[llm.{role}]", *lines, ""]), encoding="utf-8")
    return create_project(root)[0]


def ask_all(
    project: Project, requests: Sequence[Request], *, control: Control | None = None, max_cost: float | None = None
) -> list[Result]:
    """All at once, in a session of their own."""

    async def ask(session: LlmSession) -> list[Result]:
        asker = session(Role.ANNOTATOR)
        return list(await asyncio.gather(*(asker.ask(request) for request in requests)))

    results: list[Result] = in_session(project, ask, control=control, max_cost=max_cost)[0]
    return results


def ask_one(project: Project, request: Request | None = None) -> Result:
    return ask_all(project, [request or question()])[0]


def in_session(
    project: Project, what: Callable[[LlmSession], Any], *, control: Control | None = None, max_cost: float | None = None
) -> tuple[Any, MeterReading]:
    """What `what` comes to in a session, and the last reading."""

    async def run() -> tuple[Any, MeterReading]:
        async with llm_session(project, control=control, max_cost=max_cost) as session:
            found = await what(session)
            return found, session.reading()

    return asyncio.run(run())


def text_of(result: Result) -> str:
    assert isinstance(result, Answer), result
    return result.text


def failure_of(result: Result) -> CallFailure:
    assert isinstance(result, CallFailure), result
    return result


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_toml(one)}" for name, one in value.items()) + " }"
    return f'"{value}"' if isinstance(value, str) else str(value)
