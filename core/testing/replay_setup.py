"""The tests of a project, made ready to be played again with the commands that the database has for their steps."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from core.assistant.models import Assistant
from core.dialogue.prompt import PromptBuilder
from core.errors import UsageError
from core.project import Project
from core.testing.action_sources import ActionMode
from core.testing.replay import Replays
from core.testing.run_setup import RunOptions, prepare_run


@dataclass(frozen=True, slots=True)
class ReplaySetup:
    """`prompts`: computes the prompt's context for a state that a replay came to."""

    assistant: Assistant
    replays: Replays
    prompts: PromptBuilder


def replay_setup(project: Project, connection: sqlite3.Connection) -> ReplaySetup:
    """Reads the assistant and all test files that the project's conversations come from.

    Raises:
        WorkbenchError: there is no test file any more, or the assistant cannot be read.
    """
    named = connection.execute(
        "SELECT DISTINCT c.file FROM conversation c JOIN face f ON f.conversation_id = c.id"
        " WHERE c.active = 1 AND f.kind = 'test' ORDER BY c.file"
    )
    files = [path for (file,) in named if (path := project.root / file).is_file()]
    if not files:
        raise UsageError("no test file of the project is there", remedy="Put the tests back where they were ingested from.")
    # Of the modes this one looks for no action server: a replay asks none.
    options = RunOptions(tuple(map(str, files)), actions=ActionMode.TEST_LED)
    prepared = prepare_run(options, folder=project.root, project=project, with_problems=True)
    replays = Replays(prepared.runner, prepared.tests)
    return ReplaySetup(prepared.assistant, replays, PromptBuilder(prepared.runner.tested.engine))
