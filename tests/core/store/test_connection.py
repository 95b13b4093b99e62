"""The database: its schema in step with its migrations, append-only logs, and several processes at once."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import StoreError
from core.project import Project
from core.store.connection import MIGRATION_NAMES, open_database, read_meta, transaction, utc_now, write_meta
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
    with pytest.raises(StoreError, match=r"cannot open the database .*: file is not a database"):
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


def test_times_are_utc_with_milliseconds_and_sort_as_text() -> None:
    first, second = utc_now(), utc_now()
    assert len(first) == len("2026-11-21T09:30:00.123Z")
    assert first <= second
