"""Commands from files the caller names: JSONL labels, annotated conversations, dialogue-understanding tests.

A row means a test's step by the end of the test's path and the step's line, or by the test's name and the number of the
step. A row that is skipped says that no commands fit its step; one without commands says nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from core.conversations.files import find_files
from core.conversations.models import AnnotatedConversation, LabelledStep, ReadFile, TestFile, Turn, TurnKind
from core.conversations.reading import read_file
from core.errors import InputError, UsageError
from core.testing.cases import LoadedTest
from core.testing.command_sources import Known, known_lines
from core.testing.expectations import UserTurn


@dataclass(frozen=True, slots=True)
class _Row:
    """`file` and `assistant` as the row writes them, in parts. `line`: of the step, or of its test."""

    assistant: tuple[str, ...]
    file: tuple[str, ...]
    name: str | None
    occurrence: int | None
    line: int | None
    user_step: int
    text: str | None
    known: Known

    def is_of(self, test: LoadedTest, turn: UserTurn) -> bool:
        if self.name is not None and self.name != test.case.name:
            return False
        if self.text is not None and self.text != turn.text:
            return False
        if self.line is not None:
            if self.line == turn.line:
                return True
            if self.line == test.case.line and self.user_step == turn.ordinal:
                return True
        if self.name is None or self.user_step != turn.ordinal:
            return False
        if self.occurrence is not None:
            return self.occurrence == test.case.occurrence
        # The line has moved, or there is none: the name will do if no other test of the file has it.
        return self.line is None or (self.text is not None and _is_single(test))


def _is_single(test: LoadedTest) -> bool:
    return sum(case.name == test.case.name for case in test.source.cases) == 1


@dataclass(slots=True)
class FileCommands:
    """The commands of some files, to be looked up step by step."""

    rows: dict[str, list[_Row]] = field(default_factory=lambda: defaultdict(list))
    assistants: set[tuple[str, ...]] = field(default_factory=set)
    _of_path: dict[Path, list[_Row]] = field(default_factory=dict)

    def __call__(self, test: LoadedTest, turn: UserTurn) -> Known | None:
        if test.path not in self._of_path:
            self._of_path[test.path] = _meant(self.rows.get(test.path.name, ()), self.assistants, test.path.resolve())
        meant = [row for row in self._of_path[test.path] if row.is_of(test, turn)]
        exact = (row for row in meant if row.line == turn.line)
        row = next(exact, None) or next(iter(meant), None)
        return None if row is None else row.known


def file_commands(*paths: Path) -> FileCommands:
    """The commands in files, and in all files of folders.

    Raises:
        UsageError: there is no such file, or none with commands.
        InputError: a file is wrong, with every problem.
    """
    source = FileCommands()
    for file in find_files(paths):
        read = read_file(file, str(file))
        if read.problems:
            raise InputError(f"{file} cannot be used for commands", read.problems, remedy="Mend the rows it names.")
        for row in _rows(read):
            source.rows[row.file[-1]].append(row)
            if row.assistant:
                source.assistants.add(row.assistant)
    if not source.rows:
        remedy = 'Name a JSONL file with rows like {"file": "…", "line": 3, "user_step": 1, "commands": ["…"]}.'
        raise UsageError(f"there are no commands in {', '.join(map(str, paths))}", remedy=remedy)
    return source


def _rows(read: ReadFile) -> Iterator[_Row]:
    content = read.content
    if isinstance(content, TestFile):
        for case in content.cases:
            yield from _rows_of(PurePath(read.path), case.name, case.occurrence, case.turns, is_whole=False)
    elif isinstance(content, tuple):
        for item in content:
            if isinstance(item, LabelledStep):
                if (row := _labelled(item)) is not None:
                    yield row
            elif isinstance(item, AnnotatedConversation):
                yield from _rows_of(PurePath(item.file), item.name, item.occurrence, item.turns, is_whole=True)


def _labelled(step: LabelledStep) -> _Row | None:
    file = _parts(step.file)
    if not file:
        return None
    if step.skip is not None:
        known = Known((), step.skip)
    elif step.commands is None:
        return None
    else:
        known = known_lines(step.commands)
    return _Row(_parts(step.assistant or ""), file, step.name, None, step.test_line, step.user_step, step.text, known)


def _rows_of(path: PurePath, name: str, occurrence: int, turns: Iterable[Turn], *, is_whole: bool) -> Iterator[_Row]:
    """`is_whole`: steps without commands have none, as in an annotation; else they are only not known."""
    file = _parts(path.as_posix())
    steps = (turn for turn in turns if turn.kind is TurnKind.USER)
    for ordinal, turn in enumerate(steps, start=1):
        if file and (turn.commands is not None or is_whole):
            yield _Row((), file, name, occurrence, None, ordinal, turn.text, known_lines(turn.commands or ()))


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part for part in path.replace("\\", "/").split("/") if part not in ("", ".", ".."))


def _meant(rows: Sequence[_Row], assistants: Set[tuple[str, ...]], path: Path) -> list[_Row]:
    """The rows that mean a test file: those whose path ends the file's, the longest ones; else, since the file may lie in a
    copy of the assistant under another name, those of the one path that has the longest end in common with it.

    Where the file lies in a folder that some rows name as their assistant's, rows of other assistants mean others.
    """
    parts = path.parts
    inside = {one for one in assistants if _holds(parts, one)}
    allowed = [row for row in rows if not inside or not row.assistant or row.assistant in inside]
    fitting = [row for row in allowed if parts[-len(row.file) :] == row.file]
    if fitting:
        longest = max(len(row.file) for row in fitting)
        return [row for row in fitting if len(row.file) == longest]
    quoting = [row for row in allowed if row.text is not None]  # only a text shows that the row means this very step
    shared = max((_common_end(row.file, parts) for row in quoting), default=0)
    nearest = [row for row in quoting if _common_end(row.file, parts) == shared]
    return nearest if len({(row.assistant, row.file) for row in nearest}) == 1 else []


def _common_end(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    pairs = zip(reversed(one), reversed(other), strict=False)
    return next((count for count, (left, right) in enumerate(pairs) if left != right), min(len(one), len(other)))


def _holds(parts: tuple[str, ...], folder: tuple[str, ...]) -> bool:
    return any(parts[place : place + len(folder)] == folder for place in range(len(parts)))
