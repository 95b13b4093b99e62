"""The fast loop: one key, one commit, one paint; undo and redo."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from textual.pilot import Pilot

from bench.synthetic import make_project
from core.project import Project
from core.store.states import State
from review.decisions import DecisionLog
from review.models import Decision
from tests.tui.review_app import ReviewApp, lines, settle, states

OPEN, ACCEPT, REJECT, SKIP, FLAG = State.UNDECIDED, State.ACCEPT, State.REJECT, State.SKIP, State.FLAG


async def test_each_key_decides_and_goes_on(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test() as pilot:
        screen = await settle(pilot)
        await pilot.press("a", "x", "space", "f")
        assert states(library)[:5] == [ACCEPT, REJECT, SKIP, FLAG, OPEN]
        assert screen.rows.cursor == 4
        assert screen.item is not None
        assert screen.item.text == "It's Harbour Birds"
        assert screen.status.status.session == 4
        assert (screen.status.status.total, screen.status.status.left) == (11, 7)
        assert screen.status.status.saved_at.count(":") == 2


@pytest.mark.parametrize("key", ["a", "x", "space", "f"])
async def test_a_decision_is_one_paint(library: Project, key: str) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("a")
        for _ in range(3):
            before = app.paints
            await pilot.press(key)
            await pilot.pause(0.1)
            assert app.paints - before == 1


@pytest.mark.parametrize("key", ["j", "u", "U", "n"])
async def test_moving_and_undoing_is_one_paint(library: Project, key: str) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("a", "a", "u")
        before = app.paints
        await pilot.press(key)
        await pilot.pause(0.1)
        assert app.paints - before == 1


async def test_the_decision_is_on_disk_before_the_paint(library: Project) -> None:
    app = ReviewApp(library)
    seen: list[int] = []
    async with app.run_test() as pilot:
        screen = await settle(pilot)
        show = screen.rows.move_to

        def spy(position: int, *, ahead: bool = False) -> None:
            seen.append(states(library)[0])
            show(position, ahead=ahead)

        screen.rows.move_to = spy  # type: ignore[method-assign]
        await pilot.press("a")
    assert seen == [ACCEPT]


async def test_going_on_wraps_around(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test() as pilot:
        screen = await settle(pilot)
        await pilot.press("G", "a")
        assert screen.rows.cursor == 0
        await pilot.press("N")
        assert screen.rows.cursor == 9
        await pilot.press("n")
        assert screen.rows.cursor == 0


async def test_when_nothing_is_left_it_says_what_remains(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test() as pilot:
        screen = await settle(pilot)
        await pilot.press("f", "space", *"aaaaaaaaa")
        assert screen.status.status.left == 0
        assert "Nothing left to decide" in screen.hint.text
        assert "1 flagged and 1 skipped remain" in screen.hint.text
        assert screen.item is not None
        assert screen.item.state is ACCEPT  # stays on the last one, shown as decided
        await pilot.press("n")
        assert "Nothing left to decide" in screen.hint.text


async def test_undo_and_redo_go_to_what_they_changed(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test() as pilot:
        screen = await settle(pilot)
        await pilot.press("a", "x", "G", "u")
        assert screen.rows.cursor == 1
        assert states(library)[:2] == [ACCEPT, OPEN]
        assert "undo of reject" in screen.hint.text
        await pilot.press("u")
        assert screen.rows.cursor == 0
        assert screen.status.status.session == 0
        await pilot.press("u")
        assert "Nothing to undo" in screen.hint.text
        await pilot.press("U", "U")
        assert states(library)[:2] == [ACCEPT, REJECT]
        assert screen.rows.cursor == 1
        await pilot.press("U")
        assert "Nothing to redo" in screen.hint.text


async def test_undo_reaches_back_beyond_a_restart(library: Project) -> None:
    async with ReviewApp(library).run_test() as pilot:
        await settle(pilot)
        await pilot.press("a", "a")
    app = ReviewApp(library)
    async with app.run_test() as pilot:
        screen = await settle(pilot)
        assert screen.rows.cursor == 2
        await pilot.press("u")
        assert states(library)[:3] == [ACCEPT, OPEN, OPEN]
        assert screen.rows.cursor == 1


async def test_undo_of_something_the_filter_hides_says_so(library: Project) -> None:
    async with ReviewApp(library).run_test() as pilot:
        await settle(pilot)
        await pilot.press("a")
    app = ReviewApp(library, "verdict:ambiguous")
    async with app.run_test() as pilot:
        screen = await settle(pilot)
        await pilot.press("u")
        assert states(library)[0] == OPEN
        assert "not in what the filter shows" in screen.hint.text


async def test_a_locked_database_is_a_toast_and_nothing_is_lost(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test() as pilot:
        screen = await settle(pilot)
        assert screen.session is not None
        screen.session.connection.execute("PRAGMA busy_timeout = 10")
        other = library.open()
        other.execute("BEGIN IMMEDIATE")
        await pilot.press("a")
        assert screen.rows.cursor == 0
        assert screen.status.status.session == 0
        assert "locked" in toast(pilot)
        other.execute("ROLLBACK")
        other.close()
        await pilot.press("a")
        assert states(library)[0] == ACCEPT


async def test_a_failing_write_is_a_toast(library: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    app = ReviewApp(library)
    async with app.run_test() as pilot:
        screen = await settle(pilot)
        assert screen.session is not None
        monkeypatch.setattr(screen.session.log, "decide", fail)
        await pilot.press("a")
        assert "disk I/O error" in toast(pilot)
        assert screen.rows.cursor == 0


async def test_a_rephrasing_that_went_away_is_a_toast_and_leaves_the_queue(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test() as pilot:
        screen = await settle(pilot)
        other = library.open()
        other.execute("UPDATE rephrasing SET active = 0 WHERE id = 1")
        other.close()
        await pilot.press("a")
        await settle(pilot)
        assert "no longer part of the project" in toast(pilot)
        assert len(screen.rows.queue) == 10
        assert screen.rows.current_id == 2


async def test_decisions_of_another_process_are_taken_over(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test() as pilot:
        screen = await settle(pilot)
        await pilot.press("j")
        other = library.open()
        DecisionLog(other, "maria", "cli").decide([1, 3], Decision.FLAG)
        screen.poll()
        assert screen.rows.queue.states[0] == screen.rows.queue.states[2] == FLAG
        assert screen.status.status.left == 9
        assert screen.rows.cursor == 1
        DecisionLog(other, "maria", "cli").undo()
        screen.poll()
        assert screen.status.status.left == 11
        other.close()
        await pilot.pause()
        assert "⚑" not in "".join(lines(app))


async def test_what_another_process_adds_appears_and_the_cursor_stays(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test() as pilot:
        screen = await settle(pilot)
        await pilot.press("G")
        kept = screen.rows.current_id
        other = library.open()
        DecisionLog(other, "maria", "cli").add(1, "please extend my loan")
        other.close()
        screen.poll()
        await settle(pilot)
        assert len(screen.rows.queue) == 12
        assert screen.rows.current_id == kept
        assert screen.rows.cursor == 11


def toast(pilot: Pilot[None]) -> str:
    return " ".join(f"{note.title} {note.message}" for note in pilot.app._notifications)


async def test_a_range_survives_what_others_add(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test() as pilot:
        screen = await settle(pilot)
        await pilot.press("j", "j", "j", "j", "j", "v", "j")
        other = library.open()
        DecisionLog(other, "maria", "cli").add(1, "please extend my loan")
        other.close()
        screen.poll()
        await settle(pilot)
        assert [screen.rows.queue.ids[at] for at in screen.rows.selected] == [6, 7]


async def test_a_second_acceptance_of_ones_own_records_nothing(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        await pilot.press("a", "k", "a")
        assert screen.hint.text.startswith("✓ accepted already, by you")
        assert screen.rows.cursor == 1
        assert screen.status.status.session == 1
        await pilot.press("u")
        assert states(library)[0] == OPEN
        await pilot.press("a", "k", "x")  # another decision is one
        assert states(library)[0] == REJECT


async def test_deciding_over_a_colleagues_head_is_said(library: Project) -> None:
    connection = library.open()
    DecisionLog(connection, "maria", "cli").decide([1], Decision.REJECT)
    connection.close()
    app = ReviewApp(library)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.press("g", "a")
        assert "over maria's rejection; u takes it back" in screen.hint.text
        assert not screen.hint.has_class("-long")
        assert states(library)[0] == ACCEPT
        await pilot.press("u")
        assert states(library)[0] == REJECT


async def test_going_round_the_end_is_said(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        await pilot.press("G", "n")
        assert (screen.rows.cursor, screen.hint.text) == (0, "From the top again.")
        await pilot.press("N")
        assert (screen.rows.cursor, screen.hint.text) == (10, "From the end again.")
        await pilot.press("N")
        assert (screen.rows.cursor, screen.hint.text) == (9, "")
        await pilot.press("G", "a")
        assert screen.hint.text.endswith("from the top again")


async def test_what_was_said_goes_when_the_cursor_moves(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.press("U")
        assert screen.hint.text == "Nothing to redo."
        before = app.paints
        await pilot.press("j")
        await pilot.pause(0.1)
        assert screen.hint.text == ""
        assert app.paints - before == 1
        await pilot.press("v", "j")
        assert screen.hint.text.startswith("Range:")  # holds until the range ends


async def test_a_long_message_takes_two_lines(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.press("r")
        await pilot.pause()
        assert screen.hint.size.height == 2
        assert "under the" in lines(app)[-3]
        assert lines(app)[-2].strip() == "cursor."
        await pilot.press("j")
        await pilot.pause()
        assert screen.hint.size.height == 1


@pytest.mark.parametrize("key", ["a", "x", "space", "f"])
async def test_what_the_fast_loop_says_stays_on_one_line(library: Project, key: str) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(60, 16)) as pilot:
        screen = await settle(pilot)
        await pilot.press("G", *"kkkkkkkk", key)
        assert not screen.hint.has_class("-long")
        assert screen.rows.cursor == 3


async def test_undoing_a_correction_leaves_the_cursor_in_its_place(library: Project) -> None:
    connection = library.open()
    DecisionLog(connection, "tester", "cli").decide([1], Decision.ACCEPT)
    DecisionLog(connection, "tester", "cli").correct(1, '[["start flow","other"]]')
    connection.close()
    app = ReviewApp(library)
    async with app.run_test() as pilot:
        screen = await settle(pilot)
        await pilot.press("g", "j", "j", "u")
        assert states(library)[0] == ACCEPT
        assert screen.rows.cursor == 2


async def test_a_database_that_was_replaced_takes_no_decision(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        await pilot.press("a")
        library.state_folder.rename(library.root / "elsewhere")
        await pilot.press("a", "a", "u", "A", "y")
        told = {note.message for note in app._notifications}
        assert len(told) == 1
        assert "was removed, moved or replaced" in told.pop()
        assert (screen.status.status.session, screen.rows.cursor) == (1, 1)
        assert not library.state_folder.exists()
        (library.root / "elsewhere").rename(library.state_folder)
        await pilot.press("a")
        assert states(library)[:3] == [ACCEPT, ACCEPT, OPEN]


async def test_a_poll_tells_that_the_database_went_away(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test() as pilot:
        screen = await settle(pilot)
        library.database_path.unlink()
        screen.poll()
        screen.poll()
        await pilot.pause()
        assert len(app._notifications) == 1


async def test_a_damaged_database_shows_what_it_can_and_says_so_once(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", 2_000)
    with closing(project.open()) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    app = ReviewApp(project)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        with project.database_path.open("r+b") as file:
            size = file.seek(0, 2)
            file.seek(4096)
            file.write(b"\xff" * (size - 4096))
        assert screen.session is not None
        screen.session.connection.execute("PRAGMA shrink_memory")
        await pilot.press("G")
        await pilot.pause()
        assert "(cannot be read)" in "\n".join(lines(app))
        await pilot.press("a", "k", "k", "u", "c", "l")
        told = [note.message for note in app._notifications]
        assert len(told) == len(set(told)) <= 2  # reading, and recording
        assert all("The database is damaged" in message for message in told)
