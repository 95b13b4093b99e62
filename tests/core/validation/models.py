"""A model that answers by what the user says in the prompt, and what a stage made of its answers."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.llm.models import Answer, Asker, CallFailure, Request, Role, Usage
from core.project import Project
from core.stages.models import StageReport
from core.validation.stage import prepare_validate
from tests.core.pipeline.small import query

Reply = Callable[[Request], str | CallFailure]
CONFIG = '\n[llm.annotator]\nmodel = "scripted"\n'


def message_of(request: Request) -> str:
    """What the user says last in a prompt of `tests.core.pipeline.played`."""
    return request.messages[-1].content.rpartition("\n###\n")[2]


class Model:
    """Answers alike to like questions, as one that has stored its answers."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self.requests: list[Request] = []
        self.roles: list[Role] = []
        self.at_once = self.most_at_once = 0

    def __call__(self, role: Role) -> Asker:
        return _As(self, role)

    async def ask(self, role: Role, request: Request) -> Answer | CallFailure:
        self.requests.append(request)
        self.roles.append(role)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        reply = self._reply(request)
        if isinstance(reply, CallFailure):
            return reply
        said = json.dumps([role.value, request.messages[-1].content, request.sample])
        return Answer(hashlib.sha256(said.encode()).hexdigest(), reply, "stop", Usage(1, 1), None, 0.0)


@dataclass(frozen=True, slots=True)
class _As:
    model: Model
    role: Role

    async def ask(self, request: Request) -> Answer | CallFailure:
        return await self.model.ask(self.role, request)


def by_message(answers: Mapping[str, str], otherwise: str = "") -> Model:
    """A model that finds these command lines for these words of the user."""
    return Model(lambda request: answers.get(message_of(request), otherwise))


def configure(project: Project, more: str = "", config: str = CONFIG) -> Project:
    """The project with an annotator, and more lines of workbench.toml."""
    text = project.config_path.read_text(encoding="utf-8")
    project.config_path.write_text(f"{text}{config}{more}", encoding="utf-8")
    return Project(project.root)


def validate(project: Project, model: Model, **options: Any) -> StageReport:
    stage = prepare_validate(project, reviewer="tester", **options)
    return asyncio.run(stage.run(model, lambda what, done, total: None))


def verdicts(project: Project) -> dict[str, tuple[str | None, list[str]]]:
    """Verdict and reasons of each rephrasing, by its wording."""
    rows = query(
        project,
        "SELECT coalesce(r.edited_text, r.text), r.verdict, v.reasons FROM rephrasing r"
        " LEFT JOIN verdict v ON v.id = r.verdict_id WHERE r.active = 1",
    )
    return {text: (verdict, json.loads(reasons or "[]")) for text, verdict, reasons in rows}


def codes(project: Project, text: str) -> list[str]:
    return [reason.partition(":")[0] for reason in verdicts(project)[text][1]]
