"""What the readers of every file format produce: plain frozen records with the place each thing was read from.

A *test reference* is `file::name`, the file as the input wrote it (relative to the assistant's folder). `occurrence`
is 1 for the first test of that name in its file, 2 for the second: names repeat within files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core.errors import Problem


class Verdict(StrEnum):
    """What a machine found a rephrasing to be, compared with the step's original text."""

    SAME = "same"
    DIFFERENT = "different"
    AMBIGUOUS = "ambiguous"


class TurnKind(StrEnum):
    USER = "user"
    BOT = "bot"  # exact text of a bot message
    UTTER = "utter"  # name of a response in the domain
    SLOT_WAS_SET = "slot_was_set"
    SLOT_WAS_NOT_SET = "slot_was_not_set"


@dataclass(frozen=True, slots=True)
class Rephrasing:
    """Another way to say a user step. `commands` are those found for *this* text, None if unknown.

    `judged_on`: the step's commands the verdict was made on, where another file gives the step other ones now.
    """

    text: str
    verdict: Verdict | None = None
    reasons: tuple[str, ...] = ()
    commands: tuple[str, ...] | None = None
    line: int | None = None
    judged_on: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One step of a conversation, in file order.

    `text` is what the user or bot said, or the response's name. `commands` holds the raw command lines of a user turn,
    None where it carries none. `extra` keeps every other key of the step as plain data (assertions, metadata,
    assertion_order_enabled, the list of a slot step), so that writing the file back loses nothing.
    """

    kind: TurnKind
    text: str
    line: int
    column: int
    commands: tuple[str, ...] | None = None
    rephrasings: tuple[Rephrasing, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def is_button(self) -> bool:
        """A message that starts with `/` is a payload a button sends: the command generator never sees it."""
        return self.kind is TurnKind.USER and self.text.lstrip().startswith("/")


@dataclass(frozen=True, slots=True)
class TestCase:
    """One test of an E2E or dialogue-understanding file. `extra`: its fixtures and metadata names."""

    __test__ = False  # not a pytest class

    name: str
    occurrence: int
    line: int
    column: int
    turns: tuple[Turn, ...]
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TestFile:
    """`preamble`: the file's fixtures, metadata and stub_custom_actions as plain data, in file order."""

    __test__ = False

    cases: tuple[TestCase, ...]
    preamble: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AnnotatedConversation:
    """One conversation of `1_command_annotations` or `2_rephrasings`; `file`/`name` split its `original_test_case`."""

    file: str
    name: str
    occurrence: int
    line: int
    column: int
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class LabelledStep:
    """A row of a commands or rephrasings JSONL: facts about one user step of a test that lives elsewhere.

    `user_step` is 1-based among the test's user steps, `test_line` the step's line in the test's file; where that is
    given, `name` and `text` may be None. `skip`: why no command can answer it. `assistant`: the folder the file path is
    relative to, where the row names one.
    """

    file: str
    name: str | None
    user_step: int
    text: str | None
    line: int
    test_line: int | None = None
    assistant: str | None = None
    commands: tuple[str, ...] | None = None
    rephrasings: tuple[Rephrasing, ...] = ()
    skip: str | None = None


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """A row of fine-tuning JSONL: `prompt/completion`, `prompt/output` or `messages`. `line` is its line in the file."""

    prompt: str
    completion: str
    line: int
    file: str | None = None
    name: str | None = None
    original_text: str | None = None
    rephrased_text: str | None = None


@dataclass(frozen=True, slots=True)
class ContextSlot:
    """A slot as a prompt lists it. One that is asked before filling is listed only while it is being asked."""

    name: str
    type: str = "text"
    description: str | None = None
    allowed_values: tuple[str | bool, ...] = ()
    ask_before_filling: bool = False


@dataclass(frozen=True, slots=True)
class ContextFlow:
    name: str
    description: str
    slots: tuple[ContextSlot, ...] = ()


@dataclass(frozen=True, slots=True)
class ContextStep:
    """State of the dialogue before one user message, and what the assistant says after it."""

    user: str
    line: int
    active_flow: str | None = None
    asked_slot: str | None = None
    slots: dict[str, Any] = field(default_factory=dict)
    replies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TestContext:
    __test__ = False

    file: str
    name: str
    occurrence: int
    line: int
    steps: tuple[ContextStep, ...]


@dataclass(frozen=True, slots=True)
class PromptContexts:
    """A file of hand-written prompt contexts (top-level key `prompt_contexts`)."""

    flows: tuple[ContextFlow, ...]
    tests: tuple[TestContext, ...]


class FileKind(StrEnum):
    """What a file was recognised as, by its content."""

    E2E_TESTS = "E2E tests"
    DU_TESTS = "dialogue-understanding tests"
    ANNOTATIONS = "annotated conversations"
    REPHRASINGS = "rephrasings"
    CONTEXTS = "prompt contexts"
    TRAINING_ROWS = "fine-tuning rows"
    COMMAND_LABELS = "commands (JSONL)"
    REPHRASING_LABELS = "labelled rephrasings (JSONL)"
    RECIPE_PARAMS = "recipe parameters"
    RECIPE_SUMMARY = "recipe summary"
    TEST_CONFIG = "test configuration (conftest)"
    TEST_RESULTS = "test results"
    ASSISTANT = "assistant files (flows, domain, configuration)"
    EXPORT = "Workbench export file"
    STAGE = "a stage of Workbench"  # no file: what annotate and rephrase wrote
    OTHER = "not ours"


Content = (
    TestFile | tuple[AnnotatedConversation, ...] | PromptContexts | tuple[TrainingRow, ...] | tuple[LabelledStep, ...] | None
)


@dataclass(frozen=True, slots=True)
class ReadFile:
    """One file, read to the end: its kind, its content (None for kinds that hold no data points), what is wrong in it.

    If `problems` is not empty nothing of the file may be stored; `warnings` are for the user to know (unknown keys).
    """

    path: str
    kind: FileKind
    sha256: str
    content: Content = None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
