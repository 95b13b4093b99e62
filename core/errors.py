"""The exception tree of the whole project.

WorkbenchError              anything a user can mend; the command line prints it without a traceback
├── UsageError              the call itself is wrong (exit code 2)
├── ProjectError            no project here, or its configuration is wrong
├── InputError              a file that was read is wrong; carries every problem found in it
├── StoreError              the database cannot be opened, is locked, or is newer than this program
├── TemplateError           a prompt template cannot be used
├── AssistantError          the assistant's files cannot be used
├── EngineError             a conversation cannot go on: a flow that never ends
├── ActionError             a custom action failed, or nothing can run it
└── DecisionError           a decision that cannot be recorded (unknown id, nothing to undo)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file. `line` and `column` are 1-based."""

    path: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one input: where it stands, the offending text, and the fix."""

    where: Location
    what: str
    fix: str
    offending: str = ""

    def __str__(self) -> str:
        quoted = f" `{self.offending}`" if self.offending else ""
        return f"{self.where}: {self.what}{quoted}. {self.fix}"


class WorkbenchError(Exception):
    """Something went wrong that the user can do something about.

    `what` happened, `where` (file:line:column when there is one), and the `remedy`: what to do next.
    """

    title: ClassVar[str] = "Something went wrong"
    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, where: Location | None = None, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what}" + (f" {self.remedy}" if self.remedy else "")


class UsageError(WorkbenchError):
    title = "Wrong usage"
    exit_code = 2


class ProjectError(WorkbenchError):
    title = "Project"


class InputError(WorkbenchError):
    """A file that was read is wrong. `problems` lists all that was found, in file order."""

    title = "Input"

    def __init__(self, what: str, problems: tuple[Problem, ...] = (), *, remedy: str = "") -> None:
        super().__init__(what, where=problems[0].where if len(problems) == 1 else None, remedy=remedy)
        self.problems = problems


class StoreError(WorkbenchError):
    title = "Database"


class TemplateError(WorkbenchError):
    title = "Prompt template"


class AssistantError(InputError):
    title = "Assistant"


class EngineError(WorkbenchError):
    title = "Conversation"


class ActionError(WorkbenchError):
    title = "Custom action"


class DecisionError(WorkbenchError):
    title = "Decision"
