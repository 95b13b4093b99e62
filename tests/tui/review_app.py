"""The review screen in the smallest app that can hold it, and a project whose texts are worth looking at."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from rich.console import RenderableType
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

from core.conversations.identity import basis_of, step_keys
from core.project import Project
from core.store.connection import transaction
from core.user import User
from review import queue
from tui.actions import bindings_of
from tui.messages import OpenConversation
from tui.screens.review import ReviewScreen

USER = User("tester")


class ReviewApp(App[None]):
    """Remembers which conversations it was asked to open."""

    BINDINGS = [*bindings_of("app")]  # noqa: RUF012

    def __init__(self, project: Project, filter_text: str = "", conversation_id: int | None = None, user: User = USER) -> None:
        super().__init__()
        self.animation_level = "none"
        self.opened: list[int] = []
        self.copied: list[str] = []
        self.paints = 0
        self.review = ReviewScreen(project, user, filter_text, conversation_id)

    def get_default_screen(self) -> Screen[None]:
        self._load_screen_css(self.review)
        return self.review

    def on_open_conversation(self, message: OpenConversation) -> None:
        self.opened.append(message.conversation_id)

    def copy_to_clipboard(self, text: str) -> None:
        self.copied.append(text)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        self.paints += renderable is not None
        super()._display(screen, renderable)


async def settle(pilot: Pilot[None]) -> ReviewScreen:
    """Wait for the workers and for what they posted; returns the review screen."""
    app = pilot.app
    assert isinstance(app, ReviewApp)
    await app.workers.wait_for_complete()
    await pilot.pause()
    return app.review


def lines(app: App[None]) -> list[str]:
    """The screen as text, as a terminal would show it."""
    return ["".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()]


@dataclass
class Said:
    """One rephrasing of a test project."""

    text: str
    verdict: str | None = "same"
    reasons: list[str] = field(default_factory=list)
    commands: str | None = None


@dataclass
class Step:
    text: str
    commands: str
    rephrasings: list[Said]
    reply: str = "utter_ok"


def fill(project: Project, conversations: dict[str, list[Step]]) -> None:
    """Write conversations straight into the store, as an ingest of one file would."""
    connection = project.open()
    with transaction(connection):
        connection.execute("INSERT INTO ingest (id, at, reviewer, paths) VALUES (1, '2026-01-01T00:00:00.000Z', 'x', '[]')")
        connection.execute("INSERT INTO source (id, path, kind, sha256, ingest_id) VALUES (1, 'r.yml', 'rephrasings', '-', 1)")
        connection.execute("INSERT INTO meta VALUES ('dialect', 'v2')")
        step_id = rephrasing_id = 0
        for conversation_id, (name, steps) in enumerate(conversations.items(), start=1):
            turns = [turn for step in steps for turn in (("user", step.text), ("utter", step.reply))]
            transcript = [{"kind": kind, "text": text, "line": line} for line, (kind, text) in enumerate(turns, start=4)]
            connection.execute(
                "INSERT INTO conversation VALUES (?, 'e2e_tests/loans.yml', ?, 1, 3, ?, 1)",
                (conversation_id, name, json.dumps(transcript)),
            )
            keys = step_keys(turns)
            for ordinal, step in enumerate(steps, start=1):
                step_id += 1
                key = next(keys)
                basis = basis_of(key, step.commands)
                connection.execute(
                    "INSERT INTO user_step (id, conversation_id, ordinal, turn_index, key, text, line, ingested_commands,"
                    " commands, basis) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (step_id, conversation_id, ordinal, 2 * ordinal - 2, key, step.text, 2 * ordinal + 2,
                     step.commands, step.commands, basis),
                )  # fmt: skip
                for name_, *_ in [row[1:] for row in json.loads(step.commands) if row[0] == "start flow"]:
                    connection.execute("INSERT INTO step_flow VALUES (?, ?, 'commands')", (step_id, name_))
                for position, said in enumerate(step.rephrasings, start=1):
                    rephrasing_id += 1
                    connection.execute(
                        "INSERT INTO rephrasing (id, step_id, conversation_id, ordinal, position, text, source_id, verdict,"
                        " verdict_id) VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?)",
                        (rephrasing_id, step_id, conversation_id, ordinal, position, said.text, said.verdict,
                         rephrasing_id if said.verdict else None),
                    )  # fmt: skip
                    if said.verdict:
                        connection.execute(
                            "INSERT INTO verdict (id, rephrasing_id, verdict, reasons, commands, basis, ingest_id)"
                            " VALUES (?, ?, ?, ?, ?, ?, 1)",
                            (rephrasing_id, rephrasing_id, said.verdict, json.dumps(said.reasons), said.commands, basis),
                        )
    connection.close()


RENEW = '[["start flow","renew_loan"]]'
TITLE = '[["set slot","title","Harbour Birds"]]'

CONVERSATIONS = {
    "renew a loan with a title": [
        Step(
            "I want to renew my library book",
            RENEW,
            [
                Said("Could you extend the loan for my library book?"),
                Said("I'd like to keep my book a bit longer, please"),
                Said(
                    "I want to return my library book",
                    "different",
                    ["2 of 3 samples give other commands"],
                    '[["start flow","return_item"]]',
                ),
                Said("renew book", "ambiguous", ["only 1 of 3 samples agrees", "very short"]),
            ],
            "utter_ask_title",
        ),
        Step(
            "Harbour Birds",
            TITLE,
            [
                Said("It's Harbour Birds"),
                Said("the one called Harbour Birds"),
                Said("Harbour Bards", "different", ["value changed"]),
            ],
            "utter_renewed",
        ),
    ],
    "续借（中文）": [
        Step(
            "我想续借这本书",
            RENEW,
            [Said("请帮我续借一下这本书，谢谢"), Said("这本书可以再借两周吗？", "ambiguous", ["一个样本不同"])],
        ),
    ],
    "text that looks like markup": [
        Step(
            "say [bold]hello[/bold]", '[["chitchat"]]', [Said("[/foo] hello [b]x"), Said("a tab\tand an escape \x1b[31m red")]
        ),
    ],
}


def states(project: Project) -> list[int]:
    """The states of all active rephrasings in queue order, as another process would read them."""
    connection = project.open()
    found = list(queue.load(connection).states)
    connection.close()
    return found
