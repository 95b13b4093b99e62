"""What the screen shows: sizes, themes, text that looks like markup, wide characters, mouse, empty states."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.geometry import Offset

from bench.synthetic import make_project
from core.project import Project
from core.store.states import State
from review import queue
from review.decisions import DecisionLog
from review.models import Decision
from tests.tui.review_app import ReviewApp, Said, Step, fill, lines, settle
from tui.screens import review_loading


async def test_an_item_in_full(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        await pilot.press("j", "j")
        shown = screen.item_pane.text
        assert "was  I want to [renew] my library book" in shown
        assert "now  I want to {return} my library book" in shown
        assert "expected  start flow renew_loan" in shown
        assert "found     start flow return_item !" in shown
        assert "! different" in shown
        assert "2 of 3 samples give other commands" in shown
        assert "❯ user I want to renew my library book" in screen.conversation.text
        assert "e2e_tests/loans.yml:4" in screen.conversation.text
        assert "renew book" in screen.others.text


async def test_decided_siblings_come_first(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test() as pilot:
        screen = await settle(pilot)
        await pilot.press("j", "j", "x", "g")
        assert screen.others.text.splitlines()[:2] == ["Siblings  1 of 3 decided", "✗! I want to return my library book"]


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 16)])
@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "ansi-dark", "ansi-light"])
async def test_every_line_fills_the_screen_exactly(library: Project, size: tuple[int, int], theme: str) -> None:
    app = ReviewApp(library)
    app.theme = theme
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("a", "v", "j", "j")
        shown = lines(app)
        assert len(shown) == size[1]
        assert {cell_len(line) for line in shown} == {size[0]}


async def test_at_80_by_24_everything_needed_is_there(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.press("a")
        shown = "\n".join(lines(app))
        for needed in (
            "1 done / 10 left",
            "saved ",
            "was ",
            "now ",
            "expected",
            "machine",
            "Siblings",
            "Conversation",
            "a Accept",
        ):
            assert needed in shown, needed
        assert screen.rows.size.height >= 9
        assert screen.item_pane.size.height >= 10


async def test_panes_can_be_hidden(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        height = screen.rows.size.height
        await pilot.press("2")
        await pilot.pause()
        assert not screen.conversation.display
        assert screen.rows.size.height > height
        await pilot.press("1", "4")
        await pilot.pause()
        assert screen.item_pane.size.width > 70
        await pilot.press("a", "1", "2", "3")
        await pilot.pause()
        assert screen.rows.queue.states[0] == State.ACCEPT  # keys work while the queue is hidden
        assert screen.rows.size.width > 70


async def test_the_last_pane_stays(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.press("1", "2", "3", "4")
        await pilot.pause()
        assert screen.others.display
        assert "One pane stays" in "\n".join(lines(app))
        await pilot.press("1", "4")
        await pilot.pause()
        assert screen.rows.size.width > 70


async def test_at_120_columns_the_queue_tells_siblings_apart(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        assert screen.rows.size.width >= 43
        assert "the one called Harbour Birds" in lines(app)[7]


async def test_a_long_rephrasing_is_scrolled_by_keys_in_one_paint(project: Project) -> None:
    fill(project, {"long": [Step("hi", "[]", [Said("word " * 200)])]})
    app = ReviewApp(project)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        before = app.paints
        await pilot.press("J")
        await pilot.pause(0.1)
        assert app.paints - before == 1
        await pilot.press(*"JJJJJJJJJJJJ")
        await pilot.pause()
        assert "decision  undecided" in "\n".join(lines(app))
        await pilot.press(*"KKKKKKKKKKKK", "K")
        await pilot.pause()
        assert "was  " in "\n".join(lines(app))


async def test_without_colour_every_mark_is_there(library: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = ReviewApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("a", "x", "space", "f")
        shown = lines(app)
        queue = [line[:2] for line in shown[2:7]]
        assert queue == [" ✓", " ✗", " »", " ⚑", "❯ "]


async def test_stale_is_marked(library: Project) -> None:
    connection = library.open()
    log = DecisionLog(connection, "tester", "cli")
    log.decide([1], Decision.ACCEPT)
    log.correct(1, '[["start flow","other"]]')
    connection.close()
    app = ReviewApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        assert lines(app)[2].startswith("❯~=")
        assert "~ to be decided again" in screen.item_pane.text
        assert "~ on other commands" in screen.item_pane.text
        assert "corrected by hand" in screen.item_pane.text
        assert screen.status.status.left == 11


async def test_text_is_never_markup_and_never_control(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        await pilot.press("G", "k")
        shown = "\n".join(lines(app))
        assert "[/foo] hello [b]x" in shown
        assert "say [bold]hello[/bold]" in screen.conversation.text
        await pilot.press("a", "x", "l")
        shown = "\n".join(lines(app))
        assert "\x1b" not in shown
        assert "␛[31m" in shown


async def test_wide_characters_are_measured(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.press(*"jjjjjjj")
        assert "[我想]续借这本书" in screen.item_pane.text
        assert "{请帮我}续借{一下}这本书{，谢谢}" in screen.item_pane.text
        assert {cell_len(line) for line in lines(app)} == {80}


async def test_long_text_scrolls_with_the_wheel(project: Project) -> None:
    fill(project, {"long": [Step("hi", "[]", [Said("word " * 400)])]})
    app = ReviewApp(project)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        assert "more" in "\n".join(lines(app))
        screen.item_pane.scroll_lines(1000)
        await pilot.pause()
        assert "decision  undecided" in "\n".join(lines(app))


async def test_the_mouse_selects_and_scrolls(tmp_path: Path) -> None:
    app = ReviewApp(make_project(tmp_path / "p", 500))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        await pilot.click(screen.rows, offset=Offset(10, 5))
        assert screen.rows.cursor == 5
        assert screen.item is not None
        assert screen.item.id == screen.rows.current_id
        screen.rows.scroll_to(y=100, animate=False)
        await pilot.pause()
        assert screen.rows.cursor == 5
        await pilot.press("a")
        assert screen.rows.cursor == 6
        assert screen.rows.scroll_offset.y <= 6 < screen.rows.scroll_offset.y + screen.rows.size.height


async def test_a_key_in_the_footer_can_be_clicked(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        at = lines(app)[-1].index("x Reject")
        await pilot.click("#keys", offset=Offset(at, 0))
        assert screen.rows.queue.states[0] == State.REJECT


async def test_pages_first_and_last(tmp_path: Path) -> None:
    app = ReviewApp(make_project(tmp_path / "p", 500))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.press("G")
        assert screen.rows.cursor == len(screen.rows.queue) - 1
        await pilot.press("pageup")
        assert screen.rows.cursor < len(screen.rows.queue) - 5
        await pilot.press("home", "down", "down", "up")
        assert screen.rows.cursor == 1


async def test_copy_and_open(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("y", "o")
        assert app.copied == ["Could you extend the loan for my library book?"]
        assert app.opened == [1]


async def test_an_empty_project_says_what_to_do(project: Project) -> None:
    app = ReviewApp(project)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        shown = "\n".join(lines(app))
        assert "No rephrasings yet" in shown
        assert "workbench ingest PATH" in shown
        await pilot.press(*"axfjknNuUvAXyolecir", "space", "escape", "G", "enter")  # no key has anything to act on
        fill(project, {"new": [Step("hi", "[]", [Said("hello")])]})
        app.review.poll()
        await settle(pilot)
        assert app.review.item is not None


async def test_a_project_that_cannot_be_opened_says_why(project: Project) -> None:
    project.database_path.write_bytes(b"not a database at all, but long enough to be looked at" * 50)
    app = ReviewApp(project)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press(*"axu/", "escape")
        assert "is not a" in "\n".join(lines(app))


async def test_a_large_queue_starts_at_the_first_open_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review_loading, "FIRST_PAGE", 20)
    project = make_project(tmp_path / "p", 200)
    connection = project.open()
    DecisionLog(connection, "tester", "cli").decide(range(1, 101), Decision.ACCEPT)
    page, _, complete = review_loading.first_page(connection, review_loading.Scope())
    assert not complete
    assert page.ids[0] == 101
    connection.close()
    app = ReviewApp(project)
    async with app.run_test() as pilot:
        screen = await settle(pilot)
        assert screen.rows.current_id == 101
        assert (screen.status.status.total, screen.status.status.left) == (200, 100)


async def test_decisions_made_while_the_queue_is_read_are_kept(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test() as pilot:
        screen = await settle(pilot)
        assert screen.session is not None
        old = queue.load(screen.session.connection)
        screen._load_number += 1
        screen._loading = True
        await pilot.press("a")
        screen.post_message(review_loading.QueueLoaded(screen._load_number, screen.scope, old))
        await pilot.pause()
        assert screen.rows.queue.states[0] == State.ACCEPT
        assert screen.status.status.left == 10
        assert screen.rows.cursor == 1
