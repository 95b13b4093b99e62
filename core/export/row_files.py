"""Row files of an export, written by threads that hash what they write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path

from core.dataset.background_file import BackgroundFile
from core.dataset.models import Part
from core.export.envelopes import PIECES, PLAIN, Envelope
from core.export.folder import LINEAGE
from core.export.source import Source

Progress = Callable[[str, int, int], None]
_ROWS_AT_ONCE = 500


class RowFiles:
    """Writes whole files; each one's SHA-256 is in `hashes` by its name once it is written."""

    def __init__(self, folder: Path, source: Source, progress: Progress) -> None:
        self._folder, self._source, self._progress = folder, source, progress
        self.hashes: dict[str, str] = {}

    def rows(self, names: dict[Part, str], envelope: Envelope) -> None:
        """Every part's rows in its file. The envelope of the version itself is copied."""
        done = 0
        for part, name in names.items():
            with self._file(name) as file:
                if envelope is PLAIN:
                    for block in self._source.blocks(part):
                        file.write([block])
                    done += self._source.version.points[part]
                else:
                    for pieces in _lists(envelope.pieces(self._source.texts(part)), PIECES * _ROWS_AT_ONCE):
                        file.write(pieces)
                        done += len(pieces) // PIECES
                        self._progress("writing", done, self._source.rows)
                self._progress("writing", done, self._source.rows)

    def lineage(self) -> None:
        """The version's own, without the lines of a part that is not exported."""
        with self._file(LINEAGE) as file:
            for lines in _lists(self._source.lineage_lines(), _ROWS_AT_ONCE):
                file.write(lines)

    def write(self, name: str, rows: Iterable[bytes]) -> None:
        with self._file(name) as file:
            for some in _lists(rows, _ROWS_AT_ONCE):
                file.write(some)

    @contextmanager
    def _file(self, name: str) -> Iterator[BackgroundFile]:
        with ExitStack() as stack:
            file = stack.enter_context(BackgroundFile(self._folder / name))
            yield file
        self.hashes[name] = file.sha256


def _lists(rows: Iterable[bytes], length: int) -> Iterator[list[bytes]]:
    iterator = iter(rows)
    while some := list(islice(iterator, length)):
        yield some
