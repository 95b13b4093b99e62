"""Write the rows of an export while they are made.

Writing and hashing run in a thread of their own: both release the interpreter for large blocks, so on two cores they
cost little beside the composing (measured: a third of the time of an export of a million rows).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from queue import Queue
from threading import Thread
from types import TracebackType

from core.dataset.composing import DataPoint
from core.dataset.corpus import Conversation
from core.export import folder as tree
from core.export.options import ExportOptions
from core.prompts.segments import json_inside

_QUEUED_BLOCKS = 2
_BLOCK_BYTES = 1 << 20


class BackgroundFile:
    """A file that a thread of its own writes and hashes. An error of the thread is raised by the next call."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("wb", buffering=0)
        self._hash = sha256()
        self._blocks: Queue[bytes | None] = Queue(_QUEUED_BLOCKS)
        self._error: OSError | None = None
        self._pending: list[bytes] = []
        self._size = 0
        self._thread = Thread(target=self._work, name=f"write {path.name}", daemon=True)
        self._thread.start()

    def write(self, rows: list[bytes]) -> None:
        self._pending += rows
        self._size += sum(map(len, rows))
        if self._size >= _BLOCK_BYTES:
            self._hand_over()

    def _hand_over(self) -> None:
        if self._error is not None:
            raise self._error
        self._blocks.put(b"".join(self._pending))
        self._pending, self._size = [], 0

    def _work(self) -> None:
        while (block := self._blocks.get()) is not None:
            if self._error is not None:
                continue  # keep emptying the queue, so that the writer of rows never waits for ever
            try:
                view = memoryview(block)
                while view:
                    view = view[self._file.write(view) or 0 :]
                self._hash.update(block)
            except OSError as error:
                self._error = error

    def __enter__(self) -> BackgroundFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if kind is None and self._pending:
                self._hand_over()
        finally:
            self._blocks.put(None)
            self._thread.join()
            self._file.close()
        if kind is None and self._error is not None:
            raise self._error

    @property
    def sha256(self) -> str:
        """Of everything written; known when the file is closed."""
        return self._hash.hexdigest()


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows of a conversation each step (by id) gave, how many of them say its original text, and how many have
    other commands (canonical JSON) than the step's."""

    points: Counter[int] = field(default_factory=Counter)
    originals: Counter[int] = field(default_factory=Counter)
    own_labels: Counter[tuple[int, str]] = field(default_factory=Counter)


class RowWriter:
    """Writes every data point as a row of its split and of the lineage, and if asked of the recipe's common file.

    A prompt is kept as its pieces until the block is joined: it is by far the longest part, and is copied once.
    """

    def __init__(self, folder: Path, stack: ExitStack, options: ExportOptions) -> None:
        self._conversational = options.format == "conversational"
        self._files: dict[str, BackgroundFile] = {}

        def create(name: str) -> BackgroundFile:
            file = self._files[name] = stack.enter_context(BackgroundFile(folder / name))
            return file

        sides = ("train", "val") if options.train_frac < 1 else ("train",)
        self._splits = {side: create(f"{tree.SPLITS}/{side}.jsonl") for side in sides}
        self._lineage = create(tree.LINEAGE)
        self._common = create(tree.ROWS) if options.full_tree else None

    @classmethod
    @contextmanager
    def open(cls, folder: Path, options: ExportOptions) -> Iterator[RowWriter]:
        with ExitStack() as stack:
            yield cls(folder, stack, options)

    def hashes(self) -> dict[str, str]:
        """SHA-256 of each file by its name in the tree, once they are closed."""
        return {name: file.sha256 for name, file in self._files.items()}

    def write(self, side: str, conversation: Conversation, points: Iterable[DataPoint]) -> Written:
        written = Written()
        counts = written.points
        rows: list[bytes] = []
        common: list[bytes] = []
        lineage: list[bytes] = []
        file, name = json_inside(conversation.file), json_inside(conversation.name)
        place = b'{"split": "%b", "file": "%b", "test": "%b", "occurrence": %d, ' % (
            side.encode(), file, name, conversation.occurrence,
        )  # fmt: skip
        if self._conversational:
            head, middle, tail = b'{"messages": [{"role": "user", "content": "', _ASSISTANT, b'"}]}\n'
        else:
            head, middle, tail = b'{"prompt": "', b'", "completion": "', b'"}\n'
        for point in points:
            step, choice = point.step, point.choice
            rows.append(head)
            rows += point.prompt
            rows += (middle, point.completion, tail)
            lineage.append(
                b'%b"line": %b, "user_step": %d, "step": %d, "variant": %d, "rephrasing": %b, "decision": %b}\n'
                % (
                    place, _number(step.line), step.ordinal, step.id, point.variant,
                    _number(choice.rephrasing_id if choice else None), _number(choice.decision_id if choice else None),
                )
            )  # fmt: skip
            if self._common is not None:
                rephrased = b"null" if point.rephrased is None else b'"%b"' % point.rephrased
                common.append(b'{"prompt": "')
                common += point.prompt
                common.append(
                    b'", "output": "%b", "original_test_name": "%b::%b", "original_user_utterance": "%b",'
                    b' "rephrased_user_utterance": %b}\n' % (point.completion, file, name, point.original, rephrased)
                )
            counts[step.id] += 1
            if choice is None:
                written.originals[step.id] += 1
            elif choice.commands is not None:
                written.own_labels[step.id, choice.commands] += 1
        if rows:
            self._splits[side].write(rows)
            self._lineage.write(lineage)
            if self._common is not None:
                self._common.write(common)
        return written


_ASSISTANT = b'"}, {"role": "assistant", "content": "'


def _number(value: int | None) -> bytes:
    return b"null" if value is None else b"%d" % value
