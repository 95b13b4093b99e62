"""A list of texts of which only the latest are in memory."""

from __future__ import annotations

import os
from array import array
from typing import IO, Final

_LATEST: Final = 1024


class TextsOnDisk:
    """Eight bytes a text in memory, the text itself in a file, which is for nothing else and open for writing and reading."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file.fileno()
        self._ends = array("Q", [0])
        self._latest: list[str] = []

    def __len__(self) -> int:
        return len(self._ends) - 1 + len(self._latest)

    def append(self, text: str) -> None:
        self._latest.append(text)
        if len(self._latest) == _LATEST:
            self._write()

    def __getitem__(self, place: int) -> str:
        written = len(self._ends) - 1
        if place >= written:
            return self._latest[place - written]
        start = self._ends[place]
        return os.pread(self._file, self._ends[place + 1] - start, start).decode()

    def clear(self) -> None:
        if len(self._ends) > 1:
            os.truncate(self._file, 0)
            self._ends = array("Q", [0])
        self._latest = []

    def _write(self) -> None:
        texts = [text.encode() for text in self._latest]
        end = start = self._ends[-1]
        for text in texts:
            end += len(text)
            self._ends.append(end)
        os.pwrite(self._file, b"".join(texts), start)
        self._latest = []
