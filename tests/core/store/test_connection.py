"""The database: its schema in step with its migrations, append-only logs, and several processes at once."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import StoreError
from core.project import Project, create_project
from core.store.connection import (
    MIGRATION_NAMES,
    database_error,
    open_database,
    read_meta,
    transaction,
    utc_now,
    write_meta,
)
from core.store.migrations import migrations

ROOT = Path(__file__).parents[3]


def test_the_list_of_names_is_the_list_of_migrations() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        from sqlite_utils import Database

        names = [migration.name for migration in migrations.pending(Database(connection))]
    assert tuple(names) == MIGRATION_NAMES


def test_opening_an_up_to_date_database_does_not_import_sqlite_utils(project: Project) -> None:
    code = (
        "import sys; from pathlib import Path; from core.store.connection import open_database\n"
        f"open_database(Path({str(project.database_path)!r})).close(); print('sqlite_utils' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert shown.stdout == "False\n"


def test_the_database_is_in_wal_mode_flushes_every_commit_and_checks_foreign_keys(connection: sqlite3.Connection) -> None:
    pragmas = {
        name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "foreign_keys")
    }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_every_table_is_strict(connection: sqlite3.Connection) -> None:
    tables = connection.execute(
        "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
    ).fetchall()
    assert {name for name, strict in tables if not strict} <= {"sqlite_schema", "_sqlite_migrations", "sqlite_sequence"}
    assert {"decision", "rephrasing", "user_step", "conversation", "face", "export"} <= {name for name, _ in tables}


def test_a_text_where_a_number_belongs_is_refused(connection: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="cannot store TEXT value in INTEGER column"):
        connection.execute("INSERT INTO conversation (file, name, line) VALUES ('a.yml', 'b', 'first')")


@pytest.mark.parametrize("sql", ["UPDATE decision SET kind = 'reject'", "DELETE FROM decision"])
def test_the_decision_log_is_append_only(connection: sqlite3.Connection, sql: str) -> None:
    connection.execute(
        "INSERT INTO decision (id, group_id, at, reviewer, surface, kind) VALUES (1, 1, ?, 'x', 'test', 'accept')", (utc_now(),)
    )
    with pytest.raises(sqlite3.IntegrityError, match="the decision log is append-only"):
        connection.execute(sql)
    assert connection.execute("SELECT kind FROM decision").fetchall() == [("accept",)]


def test_the_views_can_be_read(connection: sqlite3.Connection) -> None:
    assert connection.execute("SELECT * FROM turn").fetchall() == []
    assert connection.execute("SELECT * FROM review").fetchall() == []


def test_opening_again_migrates_nothing(project: Project) -> None:
    def schema() -> list[tuple[object, ...]]:
        with closing(project.open()) as connection:
            return connection.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY 1, 2").fetchall()

    assert schema() == schema()


def test_a_newer_database_is_refused_and_left_alone(project: Project) -> None:
    with closing(project.open()) as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('workbench', 'm999_future', '2030')"
        )
    with pytest.raises(StoreError, match=r"was made by a newer Workbench \(m999_future\)") as error:
        project.open()
    assert error.value.remedy == "Update with `uv tool upgrade finetune-workbench`; nothing was changed."


def test_migrations_of_other_programs_in_the_file_do_not_matter(project: Project) -> None:
    with closing(project.open()) as connection:
        connection.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('mine', 'x', '2030')")
    project.open().close()


def test_a_missing_database_is_an_error_unless_it_may_be_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no database at"):
        open_database(tmp_path / "workbench.db")
    assert not (tmp_path / "workbench.db").exists()
    open_database(tmp_path / "workbench.db", create=True).close()


def test_a_file_that_is_no_database_is_an_error_and_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "workbench.db"
    path.write_text("a text, and a long one at that " * 50)
    before = path.read_bytes()
    with pytest.raises(StoreError, match="file is not a database"):
        open_database(path)
    assert path.read_bytes() == before


def test_a_transaction_is_stored_whole_or_not_at_all(connection: sqlite3.Connection) -> None:
    with transaction(connection):
        write_meta(connection, "kept", "yes")

    def fail_halfway() -> None:
        with transaction(connection):
            write_meta(connection, "kept", "no")
            write_meta(connection, "lost", "yes")
            raise ValueError("halfway")

    with pytest.raises(ValueError, match="halfway"):
        fail_halfway()
    assert (read_meta(connection, "kept"), read_meta(connection, "lost")) == ("yes", None)
    with transaction(connection):  # the connection is fit for the next one
        write_meta(connection, "kept", "again")
    assert read_meta(connection, "kept") == "again"


def test_a_full_disk_is_an_error_for_the_user_and_changes_nothing(connection: sqlite3.Connection) -> None:
    write_meta(connection, "dialect", "v2")
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")

    def fill() -> None:
        with transaction(connection):
            for number in range(1000):
                write_meta(connection, f"key {number}", "x" * 1000)

    with pytest.raises(StoreError, match=r"could not be written \(database or disk is full\)"):
        fill()
    assert connection.execute("SELECT key FROM meta").fetchall() == [("dialect",)]


def test_a_mistake_of_the_program_is_not_blamed_on_the_disk(connection: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"), transaction(connection):
        connection.execute("INSERT INTO nowhere VALUES (1)")
    assert not connection.in_transaction


def test_a_second_writer_waits_and_then_says_who_keeps_it(project: Project) -> None:
    with closing(project.open()) as first, closing(project.open()) as second:
        second.execute("PRAGMA busy_timeout = 20")
        with transaction(first):
            with pytest.raises(StoreError, match="locked by another process"), transaction(second):
                raise AssertionError("never reached")
            assert second.execute("SELECT count(*) FROM decision").fetchone() == (0,)  # a reader never waits
        with transaction(second):
            write_meta(second, "now", "free")


def test_processes_that_open_a_new_database_at_once_all_get_it(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from core.store.connection import *\n"
        "sys.stdin.readline()\n"  # all have imported what they need before any starts
        f"c = open_database(Path({str(tmp_path / 'workbench.db')!r}), create=True)\n"
        "with transaction(c): c.execute(\"INSERT INTO meta VALUES (?, 'x')\", (sys.argv[1],))"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(number)],
            cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for number in range(4)
    ]  # fmt: skip
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    assert [(process.communicate()[1], process.returncode) for process in processes] == [("", 0)] * 4
    with closing(open_database(tmp_path / "workbench.db")) as connection:
        assert [row[0] for row in connection.execute("SELECT key FROM meta ORDER BY key")] == ["0", "1", "2", "3"]
        applied = connection.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = 'workbench'").fetchall()
    assert [name for (name,) in applied] == list(MIGRATION_NAMES)


def _removed(path: Path) -> None:
    for file in path.parent.glob("workbench.db*"):
        file.unlink()


def _moved_away(path: Path) -> None:
    path.parent.rename(path.parent.with_name("elsewhere"))


def _replaced(path: Path) -> None:
    _removed(path)
    open_database(path, create=True).close()


def _log_removed(path: Path) -> None:
    path.with_name("workbench.db-wal").unlink()


@pytest.mark.parametrize("happen", [_removed, _moved_away, _replaced, _log_removed])
def test_a_database_that_is_no_longer_in_its_place_takes_no_writes(project: Project, happen: Callable[[Path], None]) -> None:
    with closing(project.open()) as connection:
        with transaction(connection):
            write_meta(connection, "before", "x")
        happen(project.database_path)
        with pytest.raises(StoreError, match="removed, moved or replaced") as error, transaction(connection):
            raise AssertionError("never reached")
    assert "Nothing was recorded" in error.value.remedy


def test_other_processes_that_come_and_go_do_not_matter(project: Project) -> None:
    with closing(project.open()) as connection:
        for number in range(3):
            with closing(project.open()) as other, transaction(other):
                write_meta(other, "number", f"{number}")
            with transaction(connection):
                write_meta(connection, "other", f"{number}")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("VACUUM")
        with transaction(connection):
            write_meta(connection, "after", "x")


def test_what_sqlite_says_comes_with_the_remedy_that_fits() -> None:
    damaged, full = sqlite3.DatabaseError("malformed"), sqlite3.OperationalError("full")
    damaged.sqlite_errorcode, full.sqlite_errorcode = sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FULL
    assert "The database is damaged" in database_error("it could not be read", damaged).remedy
    assert "the disk's space" in database_error("it could not be written", full).remedy
    assert "workbench doctor" in database_error("it failed", sqlite3.OperationalError("no such table")).remedy


def test_times_are_utc_with_milliseconds_and_sort_as_text() -> None:
    first, second = utc_now(), utc_now()
    assert len(first) == len("2026-11-21T09:30:00.123Z")
    assert first <= second


@pytest.fixture
def read_only() -> Iterator[Project]:
    """A project with something in it that its user may read and not write, also if the tests run as root."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        project, _ = create_project(Path(folder))
        with closing(project.open()) as connection:
            write_meta(connection, "dialect", "v3")
        paths = [project.state_folder, *project.state_folder.iterdir()]
        for path in paths:
            path.chmod(0o555 if path.is_dir() else 0o444)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)
        yield project
        os.seteuid(user)
        for path in paths:
            path.chmod(0o755)


def test_a_database_that_may_only_be_read_is_read(read_only: Project) -> None:
    with closing(read_only.open()) as connection:
        assert read_meta(connection, "dialect") == "v3"


def test_what_would_write_to_a_database_that_may_only_be_read_says_so(read_only: Project) -> None:
    with closing(read_only.open()) as connection:
        with pytest.raises(StoreError, match=r"could not be written \(attempt to write a readonly database\)") as error:
            _write_something(connection)
        assert "permissions" in error.value.remedy


def _write_something(connection: sqlite3.Connection) -> None:
    with transaction(connection):
        write_meta(connection, "dialect", "v1")


def test_a_database_that_may_not_even_be_read_names_the_permission(read_only: Project) -> None:
    if os.getuid() == 0:
        os.seteuid(0)
    read_only.database_path.chmod(0o000)
    if os.getuid() == 0:
        os.seteuid(65534)
    with pytest.raises(StoreError, match="may not be read") as error:
        read_only.open()
    assert "chmod" in error.value.remedy
