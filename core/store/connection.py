"""Open the project's database: pragmas, migrations, and errors a user can act on."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import StoreError

# Names of the migrations in `migrations.py`. Kept here as text so that opening an up-to-date database does not import
# sqlite-utils (about 0.1-0.2 s of start-up); a test holds the two lists together.
MIGRATION_NAMES = (
    "m001_conversations", "m002_review", "m003_exports", "m004_views", "m005_coverage", "m006_llm", "m007_datasets",
    "m008_team",
)  # fmt: skip

BUSY_TIMEOUT_MS = 15_000
"""How long a writer waits for another process's transaction (an ingest of 100,000 steps holds one for seconds)."""

_OF_THE_MACHINE = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN}
)
"""Errors of the disk or of another process, not of this program."""

_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})

_Identity = tuple[tuple[int, int] | None, ...]


class StoreConnection(sqlite3.Connection):
    """A connection that remembers which files it was opened on.

    SQLite goes on with a database that was deleted, moved away or replaced under it: it reads and writes files that
    nobody will find again.
    """

    path: Path | None = None
    _opened: _Identity = ()

    def remember(self, path: Path) -> None:
        self.path, self._opened = path, _identity(path)

    def check_in_place(self) -> None:
        """Two stats, some microseconds.

        Raises:
            StoreError: the files at its path are no longer those that this connection was opened on.
        """
        if self.path is not None and _identity(self.path) != self._opened:
            raise StoreError(
                f"the database {self.path} was removed, moved or replaced while it was open",
                remedy="Nothing was recorded. Put it back, or restore it from a copy; then start Workbench again.",
            )


def _identity(path: Path) -> _Identity:
    """Device and inode of the database and of its log, which is there as long as any connection is."""
    return tuple(_inode(name) for name in (f"{path}", f"{path}-wal"))


def _inode(name: str) -> tuple[int, int] | None:
    try:
        found = os.stat(name)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def check_in_place(connection: sqlite3.Connection) -> None:
    """Raises StoreError where the connection's files were removed or replaced; see `StoreConnection`."""
    if isinstance(connection, StoreConnection):
        connection.check_in_place()


def database_error(what: str, error: sqlite3.Error) -> StoreError:
    """What SQLite says, with what helps. `what`: "the queue could not be read"; nothing was changed in any case."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _DAMAGED:
        remedy = "The database is damaged: leave Workbench, keep a copy, and see what `workbench doctor` says."
    elif code in _OF_THE_MACHINE:
        remedy = "Check the disk's space and permissions, and try again; nothing was changed."
    else:
        remedy = "Nothing was changed; try again, and if it stays, see `workbench doctor`."
    return StoreError(f"{what} ({error})", remedy=remedy)


def open_database(path: Path, *, create: bool = False) -> sqlite3.Connection:
    """Open (and migrate) the database at `path`.

    The connection is in autocommit mode; writers use `transaction`. Every commit is flushed to disk
    (`synchronous=FULL`): a decision that was acknowledged survives `kill -9` and power loss.

    One that this user may only read is opened for reading; what would write to it fails in `transaction`.

    Raises:
        StoreError: no database there and not `create`; not a database; made by a newer version; locked; not to be read.
    """
    if not create and not path.is_file():
        raise StoreError(
            f"no database at {path}", remedy="`workbench ingest PATH...` makes one; if there was one, put it back from a copy."
        )
    connection: StoreConnection | None = None
    try:
        connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000, factory=StoreConnection)
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        _switch_to_wal(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        _migrate(connection, path)
        connection.remember(path)
    except (sqlite3.DatabaseError, StoreError) as error:
        if connection is not None:
            connection.close()
        if isinstance(error, StoreError):
            raise
        code = error.sqlite_errorcode & 0xFF
        if code in _DAMAGED:
            raise StoreError(
                f"cannot open the database {path}: it is damaged, or none at all ({error})",
                remedy="Keep it and restore it from a copy, or move it away and ingest again without its decisions.",
            ) from error
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
            return _open_read_only(path)
        raise StoreError(
            f"cannot open the database {path}: {error}", remedy="If another program holds it, close that and try again."
        ) from error
    return connection


def _open_read_only(path: Path) -> sqlite3.Connection:
    """Where nobody is writing, which leaves a log beside the database, SQLite needs no file of its own to read it."""
    options = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "mode=ro&immutable=1"
    connection: sqlite3.Connection | None = None
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?{options}", uri=True, isolation_level=None)
        _migrate(connection, path)
    except (sqlite3.DatabaseError, StoreError) as error:
        if connection is not None:
            connection.close()
        raise StoreError(
            f"the database {path} may not be read or not be brought up to date ({error})",
            remedy="Change the owner or the permissions of it and its folder (`chown`, `chmod`).",
        ) from error
    return connection


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Readers and writers of several processes overlap in WAL; the first opener switches the file over.

    SQLite does not wait here: of two processes that switch a new file at once, one is told that it is locked.
    """
    give_up = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(0.005)
        else:
            return


def _applied(connection: sqlite3.Connection) -> tuple[str, ...]:
    try:
        rows = connection.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = 'workbench'").fetchall()
    except sqlite3.OperationalError as error:
        if "no such table" not in str(error):
            raise
        return ()
    return tuple(row[0] for row in rows)


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    applied = set(_applied(connection))
    unknown = applied - set(MIGRATION_NAMES)
    if unknown:
        raise StoreError(
            f"the database {path} was made by a newer Workbench ({', '.join(sorted(unknown))})",
            remedy="Update with `uv tool upgrade finetune-workbench`; nothing was changed.",
        )
    if applied == set(MIGRATION_NAMES):
        return
    from sqlite_utils import Database

    from core.store.migrations import migrations

    # Two processes may open a new project at once: the second waits here and then finds the work done.
    with transaction(connection):
        if set(_applied(connection)) != set(MIGRATION_NAMES):
            migrations.apply(Database(connection))


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """One write transaction, taken at once (`BEGIN IMMEDIATE`), so that two writers queue instead of failing.

    Raises:
        StoreError: the database was removed or replaced, another process kept it locked longer than the busy timeout, or
            the disk took no more.
    """
    check_in_place(connection)
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_READONLY:
            raise database_error("the database could not be written", error) from error
        raise StoreError(
            f"the database is locked by another process ({error})",
            remedy="Wait for the other command to finish and try again; nothing was changed.",
        ) from error
    try:
        yield
        connection.execute("COMMIT")
    except BaseException as error:
        if connection.in_transaction:  # a full disk may have ended it already
            connection.execute("ROLLBACK")
        if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF in _OF_THE_MACHINE:
            raise database_error("the database could not be written", error) from error
        raise


def utc_now() -> str:
    """The time as ISO 8601 text in UTC with milliseconds, e.g. `2026-11-21T09:30:00.123Z`."""
    now = time.time()
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1000):03d}Z"


def read_meta(connection: sqlite3.Connection, key: str) -> str | None:
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row[0])


def write_meta(connection: sqlite3.Connection, key: str, value: str) -> None:
    connection.execute("INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, value))
