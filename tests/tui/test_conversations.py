"""Conversations: list, filter, transcript."""

from __future__ import annotations

from contextlib import closing

import pytest
from rich.cells import cell_len

from core.project import Project
from core.store.browse import show_conversation
from review.decisions import DecisionLog
from review.models import Decision
from tests.tui.apps import calm, fill, press, running, say, screen_of, shown, toasts
from tui.messages import OpenConversation
from tui.screens.conversations import ConversationsScreen
from tui.screens.review import ReviewScreen
from tui.widgets.conversation_list import column_widths, header
from tui.widgets.filter_line import FilterLine
from tui.widgets.transcript_text import blocks
from tui.widgets.transcript_view import TranscriptView


def transcript(screen: ConversationsScreen) -> str:
    return screen.query_one(TranscriptView).text


async def test_list_and_transcript(project: Project) -> None:
    fill(project, 150)
    async with running(project, "conversations") as (app, pilot):
        screen = screen_of(app, ConversationsScreen)
        assert "3 conversations" in shown(app)
        assert "test 1\n5 user steps  50 rephrasings  50 open\ne2e_tests/part_0.yml:2" in transcript(screen)
        await press(app, pilot, "j")
        assert transcript(screen).startswith("test 2")
        assert "> start flow" in transcript(screen)


async def test_keys_move(project: Project) -> None:
    fill(project, 5000)
    async with running(project, "conversations", size=(80, 24)) as (app, pilot):
        screen = screen_of(app, ConversationsScreen)
        for key, cursor in (("G", 99), ("up", 98), ("k", 97), ("g", 0), ("down", 1), ("end", 99), ("home", 0)):
            await press(app, pilot, key)
            assert screen.list.cursor == cursor, key
        await press(app, pilot, "pagedown")
        page = screen.list.cursor
        assert 15 < page < 24
        await press(app, pilot, "ctrl+u")
        assert screen.list.cursor == 0
        await press(app, pilot, "J", "J")
        view = screen.query_one(TranscriptView)
        assert view.scroll_offset.y == 6
        await press(app, pilot, "j")
        assert view.scroll_offset.y == 0  # another conversation starts at its beginning


async def test_an_empty_project_says_what_to_do(project: Project) -> None:
    async with running(project, "conversations") as (app, pilot):
        assert "workbench ingest e2e_tests/" in shown(app)
        for key in ("j", "G", "enter", "y", "J", "escape"):
            await press(app, pilot, key)
        screen_of(app, ConversationsScreen)
        assert toasts(app) == []


async def test_filter_while_typing_keep_and_clear(project: Project) -> None:
    fill(project, 1000)
    async with running(project, "conversations") as (app, pilot):
        screen = screen_of(app, ConversationsScreen)
        await press(app, pilot, "slash", *"test:12")
        await pilot.pause(0.3)
        await calm(app, pilot)
        assert list(screen.list.ids) == [12]
        await press(app, pilot, "enter")
        assert screen.list.has_focus
        assert "test:12" in shown(app)
        await press(app, pilot, "escape")
        assert len(screen.list.ids) == 20
        assert screen.list.current_id == 12  # the cursor stays where it was


async def test_escape_in_the_filter_takes_back_what_was_typed(project: Project) -> None:
    fill(project, 1000)
    async with running(project, "conversations") as (app, pilot):
        screen = screen_of(app, ConversationsScreen)
        await press(app, pilot, "slash", *"test:1", "enter")
        count = len(screen.list.ids)
        await press(app, pilot, "slash", *"9", "escape")
        assert len(screen.list.ids) == count
        assert screen.query_one(FilterLine).text == "test:1"


async def test_a_wrong_filter_says_what_is_wrong_and_keeps_the_list(project: Project) -> None:
    fill(project)
    async with running(project, "conversations") as (app, pilot):
        await press(app, pilot, "slash", *"verdict:odd", "enter")
        screen = screen_of(app, ConversationsScreen)
        assert len(screen.list.ids) == 2
        assert screen.query_one(FilterLine).text == ""
        await press(
            app,
            pilot,
            "slash",
            *'"open',
        )
        await pilot.pause(0.3)
        assert "open quote" in shown(app)


async def test_nothing_found_says_how_to_go_back(project: Project) -> None:
    fill(project)
    async with running(project, "conversations") as (app, pilot):
        await press(app, pilot, "slash", *"nothinglikethis", "enter")
        assert "esc clears the filter" in shown(app)


async def test_enter_reviews_this_conversation_and_o_comes_back(project: Project) -> None:
    fill(project, 150)
    async with running(project, "conversations") as (app, pilot):
        await press(app, pilot, "j", "enter")
        review = screen_of(app, ReviewScreen)
        assert review.scope.conversation_id == 2
        review.post_message(OpenConversation(3))
        await calm(app, pilot)
        assert screen_of(app, ConversationsScreen).list.current_id == 3


async def test_without_rephrasings_there_is_nothing_to_review(project: Project) -> None:
    fill(project)
    with closing(project.open()) as connection:
        connection.execute("UPDATE rephrasing SET active = 0 WHERE conversation_id = 1")
    async with running(project, "conversations") as (app, pilot):
        await press(app, pilot, "enter")
        screen_of(app, ConversationsScreen)
        assert "no rephrasings" in toasts(app)[0][1]


async def test_decisions_made_meanwhile_show_on_return(project: Project) -> None:
    fill(project)
    async with running(project, "conversations") as (app, pilot):
        await press(app, pilot, "j", "f1")
        with closing(project.open()) as connection:
            DecisionLog(connection, "other", "cli").decide(range(51, 101), Decision.ACCEPT)
        await press(app, pilot, "f2")
        screen = screen_of(app, ConversationsScreen)
        assert screen.list.current_id == 2
        assert "50 rephrasings  0 open" in transcript(screen)


async def test_mouse(project: Project) -> None:
    fill(project, 500)
    async with running(project, "conversations") as (app, pilot):
        screen = screen_of(app, ConversationsScreen)
        await pilot.click(screen.list, offset=(5, 3))
        assert screen.list.cursor == 3
        assert transcript(screen).startswith("test 4")
        await pilot.click(screen.list, offset=(5, 2), times=2)
        await calm(app, pilot)
        assert screen_of(app, ReviewScreen).scope.conversation_id == 3


async def test_copy_puts_the_transcript_into_the_clipboard(project: Project) -> None:
    fill(project)
    async with running(project, "conversations") as (app, pilot):
        await press(app, pilot, "y")
        assert app.clipboard.startswith("test 1\n")


HOSTILE = "[/foo] [red]not red[/red] [@click=app.quit]x[/] \x1b[31mnor this\x07"


async def test_text_from_data_is_never_markup_and_never_controls_the_terminal(project: Project) -> None:
    fill(project)
    with closing(project.open()) as connection:
        connection.execute("UPDATE conversation SET name = ? || id, file = ?", (HOSTILE, HOSTILE))
        say(connection, 1, [("user", HOSTILE), ("bot", HOSTILE), ("slot_was_set", HOSTILE), ("odd kind", HOSTILE)])
        connection.execute("UPDATE user_step SET unparsed = ?", (f'["{HOSTILE[:12]}"]',))
        connection.execute("UPDATE rephrasing SET text = ?", (HOSTILE,))
    async with running(project, "conversations") as (app, pilot):
        text = shown(app)
        assert "[/foo] [red]not red[/red]" in text
        assert "\x1b" not in text
        assert "\x07" not in text
        await press(app, pilot, "j", "k")
        assert toasts(app) == []


async def test_wide_characters_are_measured(project: Project) -> None:
    fill(project)
    name = "查询订单物流信息并且投诉物流问题的很长很长的测试名称还要更长一些才行"
    with closing(project.open()) as connection:
        connection.execute("UPDATE conversation SET name = ? || id", (name,))
        say(connection, 1, [("user", "请问能不能查看当前的运输信息？" * 8), ("bot", "👩‍👩‍👧 好的，请选择订单 " * 9)])
    for size in ((80, 24), (120, 40)):
        async with running(project, "conversations", size=size) as (app, _):
            lines = shown(app).splitlines()
            assert {cell_len(line) for line in lines} == {size[0]}
            border = {cell_len(line[: line.index("▕")]) for line in lines[2:10]}
            assert len(border) == 1  # the border between list and transcript stands straight


def test_marks_tell_states_and_verdicts_without_colour(project: Project) -> None:
    fill(project)
    with closing(project.open()) as connection:
        log = DecisionLog(connection, "maria", "cli")
        log.decide([1], Decision.ACCEPT)
        log.decide([2], Decision.REJECT, "detail lost")
        log.decide([3], Decision.FLAG)
        log.edit(4, "changed by a person")
        connection.execute("UPDATE user_step SET is_button = 1, commands = NULL WHERE id = 2")
        connection.execute("UPDATE user_step SET skip = 'handed over', commands = NULL WHERE id = 3")
        text = "\n".join(line.plain for block in blocks(show_conversation(connection, 1)) for line in block.lines(200))
    for part in (
        "✓ =",
        "✗ ?",
        "detail lost",
        "⚑ =",
        "changed by a person  accept, edited",
        "a button",
        "no commands: handed over",
    ):
        assert part in text, part


@pytest.mark.parametrize("width", [20, 36, 46, 56, 60, 100])
def test_columns_fill_the_width(width: int) -> None:
    name, file = column_widths(width)
    assert name >= 8
    assert cell_len(header(width, 100_000)) == width
    assert (file > 0) == (width >= 56)


async def test_one_key_is_one_paint(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(project, 5000)
    async with running(project, "conversations") as (app, pilot):
        paints: list[object] = []
        display = type(app)._display

        def count(self: object, screen: object, renderable: object) -> None:
            if renderable is not None:
                paints.append(renderable)
            display(self, screen, renderable)  # type: ignore[arg-type]

        monkeypatch.setattr(type(app), "_display", count)
        await pilot.press("j")
        await pilot.pause(0.1)
        assert len(paints) == 1


async def test_the_headings_fit_a_terminal_that_was_resized_meanwhile(project: Project) -> None:
    fill(project, 150)
    async with running(project, "conversations", size=(80, 24)) as (app, pilot):
        await press(app, pilot, "f3")
        await pilot.resize_terminal(120, 40)
        await press(app, pilot, "f2")
        screen = screen_of(app, ConversationsScreen)
        width = screen.list.scrollable_content_region.width
        assert header(width, 3).rstrip() in shown(app)


async def test_a_filter_that_is_wrong_is_explained_in_full(project: Project) -> None:
    fill(project, 150)
    async with running(project, "conversations") as (app, pilot):
        await press(app, pilot, "slash", *"state:maybe", "enter")
        words = " ".join(line[:59].strip() for line in shown(app).splitlines())
        assert "Known: undecided, accept, reject, skip, flag, stale, open." in words


async def test_a_damaged_database_is_told_and_does_not_end_the_app(project: Project) -> None:
    fill(project, 5_000)
    with closing(project.open()) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    async with running(project, "conversations") as (app, pilot):
        screen = screen_of(app, ConversationsScreen)
        with project.database_path.open("r+b") as file:
            size = file.seek(0, 2)
            file.seek(4096)
            file.write(b"\xff" * (size - 4096))
        screen.connection.execute("PRAGMA shrink_memory")
        await press(app, pilot, "G")
        assert "(cannot be read)" in shown(app)
        assert app.is_running
        assert {title for title, _ in toasts(app)} == {"Database"}
