"""A project that hands out rounds, the server, and the people who answer there."""

from __future__ import annotations

import itertools
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import Any

from core.project import Project, create_project
from review.argilla.choosing import Wanted
from review.argilla.connection import connect
from review.argilla.pull import Pulled, pull
from review.argilla.push import Pushed, push
from review.argilla.server import ArgillaServer
from review.team.models import Answer, Outcome, Record, Round
from review.team.recording import answers_to
from review.team.rounds import find_round, records_of
from tests.argilla_server import OWNER, LocalArgilla, Person
from tests.review.small import Step, add_conversation

KEY_VARIABLE = "ARGILLA_API_KEY"
_numbers = itertools.count(1)  # the tests of one worker share a server, and a dataset is named after the project


def make_project(
    parent: Path,
    *,
    conversations: int,
    url: str = "http://127.0.0.1:1",
    workspace: str = "team",
    batch: int = 5,
    name: str | None = None,
    test: str = "renew",
) -> Project:
    """Four ambiguous rephrasings in each conversation. `name`: of the project, None: of its folder."""
    folder = parent / f"assistant-{next(_numbers)}"
    folder.mkdir()
    create_project(folder)
    (folder / "workbench.toml").write_text(
        f'[project]\nname = "{name or folder.name}"\n[argilla]\nurl = "{url}"\nworkspace = "{workspace}"\nbatch = {batch}\n',
        encoding="utf-8",
    )
    project = Project(folder)
    with closing(project.open(create=True)) as connection:
        for number in range(conversations):
            steps = [
                Step(
                    f"renew the book {number}", [(f"keep book {number}", "ambiguous"), (f"book {number}, again?", "ambiguous")]
                ),
                Step("the one about birds", [(f"birds {number}", "ambiguous"), (f"{number}: the bird one", "ambiguous")]),
            ]
            add_conversation(connection, steps, name=f"{test} {number}")
    return project


class Handed:
    """Records are named by their rephrasing's id; the people's answers go to the server, over HTTP."""

    def __init__(self, stack: LocalArgilla, project: Project) -> None:
        self.stack = stack
        self.project = project
        self.owner = stack.annotator(OWNER)

    @cached_property
    def server(self) -> ArgillaServer:
        return connect(self.project)

    def close(self) -> None:
        if "server" in self.__dict__:
            self.server.close()

    def push(self, wanted: Wanted | None = None, **given: Any) -> Pushed:
        return push(self.project, self.server, wanted, **given)

    def pull(self, **given: Any) -> Pulled:
        return pull(self.project, self.server, **given)

    def round(self, name: str = "round-1") -> Round:
        with closing(self.project.open()) as connection:
            found = find_round(connection, name)
        assert found is not None
        return found

    def records(self, name: str = "round-1") -> list[Record]:
        with closing(self.project.open()) as connection:
            return records_of(connection, self.round(name).id)

    def record(self, rephrasing_id: int) -> Record:
        return next(one for one in self.records() if one.rephrasing_id == rephrasing_id)

    def outcome(self, rephrasing_id: int) -> Outcome:
        return self.record(rephrasing_id).outcome

    def answers(self, rephrasing_id: int) -> list[Answer]:
        with closing(self.project.open()) as connection:
            return answers_to(connection, self.record(rephrasing_id).id)

    def dataset_id(self, name: str = "round-1") -> str:
        return str(self.round(name).place["dataset_id"])

    def on_server(self, name: str = "round-1") -> list[dict[str, Any]]:
        """The records as the server stores them."""
        return self.owner.records(self.dataset_id(name))

    def says(self, person: Person, rephrasing_id: int, decision: str | None = "accept", **values: str) -> dict[str, Any]:
        """Submits; returns the stored response."""
        given = {"decision": decision, **values} if decision is not None else values
        return self.stack.annotator(person).submit({self._there(rephrasing_id): given})[0]

    def discards(self, person: Person, rephrasing_id: int, **values: str) -> None:
        self.stack.annotator(person).discard([self._there(rephrasing_id)], values)

    def drafts(self, person: Person, rephrasing_id: int, **values: str) -> None:
        self.stack.annotator(person).save_draft({self._there(rephrasing_id): values})

    def takes_back(self, person: Person, response: dict[str, Any]) -> None:
        self.stack.annotator(person).delete(response["id"])

    def _there(self, rephrasing_id: int) -> str:
        found = self.record(rephrasing_id).server_id
        assert found is not None
        return found
