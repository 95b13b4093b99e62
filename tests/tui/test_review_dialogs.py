"""Reasons, editing, adding, correcting commands, the last decisions."""

from __future__ import annotations

import pytest
from textual.widgets import TextArea

from core.commands import Dialect
from core.project import Project
from core.store.states import State
from review import items
from review.team.models import Say
from tests.tui.review_app import ReviewApp, lines, settle, states
from tests.tui.team_project import answer, hand_out
from tui.screens.dialogs.commands import CorrectCommands
from tui.screens.dialogs.edit_text import EditText
from tui.screens.dialogs.last_decisions import LastDecisions
from tui.screens.dialogs.names import completions, stored_names

OPEN, ACCEPT, REJECT, STALE = State.UNDECIDED, State.ACCEPT, State.REJECT, State.STALE


def reason_of(project: Project, rephrasing_id: int) -> str | None:
    connection = project.open()
    item = items.load_item(connection, rephrasing_id, Dialect.V2)
    connection.close()
    return item.reason


async def test_a_reason_is_one_more_key(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.press("x", "r")
        shown = "\n".join(lines(app))
        assert "m meaning changed" in shown
        assert "u unnatural" in shown
        await pilot.press("m")
        assert reason_of(library, 1) == "meaning changed"
        assert screen.rows.cursor == 1
        assert "rejected: meaning changed" in screen.hint.text
        await pilot.press("u")  # takes back the rejection with its reason
        assert states(library)[0] == OPEN
        await pilot.press("U")
        assert reason_of(library, 1) == "meaning changed"


async def test_any_other_key_does_what_it_always_does(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test() as pilot:
        screen = await settle(pilot)
        await pilot.press("x", "r", "a")
        assert states(library)[:2] == [REJECT, ACCEPT]
        await pilot.press("x", "r", "escape", "m")
        assert reason_of(library, 3) is None
        assert not screen.hint.has_class("-asking")


async def test_a_reason_in_own_words(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test() as pilot:
        screen = await settle(pilot)
        await pilot.press("x", "r", "o", *"too [b]ossy", "enter")
        await pilot.pause()
        assert reason_of(library, 1) == "too [b]ossy"
        assert screen.rows.has_focus


async def test_a_reason_for_a_rejected_row_under_the_cursor(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test() as pilot:
        screen = await settle(pilot)
        await pilot.press("r")
        assert "A reason goes with" in screen.hint.text
        await pilot.press("x", "a", "g", "r", "v")
        assert reason_of(library, 1) == "value changed"
        assert "value changed" in screen.item_pane.text


async def test_an_edit_keeps_the_original_and_goes_on(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.press("e")
        assert isinstance(app.screen, EditText)
        await pilot.press(*" now", "enter")
        await pilot.pause()
        assert states(library)[0] == ACCEPT
        assert screen.rows.cursor == 1
        await pilot.press("k")
        assert "{Could you extend the loan for} my library book{? now}" in screen.item_pane.text
        assert "read Could you extend the loan for my library book?" in screen.item_pane.text
        assert "edited, needs validation" in screen.item_pane.text
        await pilot.press("u")
        assert screen.item is not None
        assert screen.item.edited_text is None


async def test_an_edit_that_cannot_be_stays_open(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("e")
        app.screen.query_one(TextArea).text = "renew book"
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, EditText)
        assert "the step already has this text" in "\n".join(lines(app))
        assert app.screen.query_one(TextArea).text == "renew book"
        await pilot.press("escape")
        assert states(library)[0] == OPEN


async def test_an_unchanged_edit_is_accepted_as_it_is(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test() as pilot:
        screen = await settle(pilot)
        await pilot.press("e", "enter")
        assert app.review.is_current
        assert states(library)[0] == State.ACCEPT
        assert screen.session is not None
        assert screen.session.item(1).edited_text is None
        assert "✓ accepted" in screen.hint.text
        await pilot.press("k", "e", "enter")
        assert screen.pace.session == 1
        assert "already, by you" in screen.hint.text
        await pilot.press("e", "escape")
        assert states(library)[1] == OPEN


async def test_the_wordings_of_the_team_are_listed_and_a_key_puts_them_in(library: Project) -> None:
    round_ = hand_out(library, "round-1", 1)
    for name, text in (("ann", "Please renew my book."), ("bob", "Please renew it."), ("cem", "Please renew it.")):
        answer(library, round_, name, [Say.ACCEPT], text=text)
    app = ReviewApp(library, "team:disagree")
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        id_ = screen.rows.current_id
        assert id_ is not None
        await pilot.press("e", "end", *" x")
        shown = "\n".join(lines(app))
        assert "ann  Please renew my book." in shown
        assert "bob, cem  Please renew it." in shown
        typed = app.screen.query_one(TextArea).text
        for key, text in (
            ("ctrl+n", "Please renew my book."), ("ctrl+n", "Please renew it."), ("ctrl+n", typed),
            ("ctrl+p", "Please renew it."),
        ):  # fmt: skip
            await pilot.press(key)
            assert app.screen.query_one(TextArea).text == text
        await pilot.pause()
        assert "❯ bob, cem" in "\n".join(lines(app))
        await pilot.press("enter")
        assert screen.session is not None
        assert screen.session.item(id_).edited_text == "Please renew it."


async def test_one_is_added_by_hand_and_taken_back(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.press("i", *"extend it", "enter")
        await pilot.pause()
        assert list(screen.rows.queue.ids)[:6] == [1, 2, 3, 4, 12, 5]
        assert screen.rows.queue.states[4] == ACCEPT
        assert screen.rows.cursor == 0
        assert "extend it" in screen.others.text
        assert (screen.status.status.total, screen.status.status.left) == (12, 11)
        await pilot.press("u")
        assert len(screen.rows.queue) == 11
        assert screen.status.status.left == 11
        await pilot.press("U")
        assert list(screen.rows.queue.ids)[4] == 12
        assert screen.rows.cursor == 4
        assert "added by hand" in screen.item_pane.text


async def test_commands_are_corrected(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.press("a", "c")
        assert isinstance(app.screen, CorrectCommands)
        area = app.screen.query_one(TextArea)
        assert area.text == "start flow renew_loan"
        area.text = "start flow pay_fine\nhello there"
        await pilot.pause()
        shown = "\n".join(lines(app))
        assert "? start flow pay_fine" in shown
        assert "✗ hello there" in shown
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert isinstance(app.screen, CorrectCommands)
        assert "`hello there` is no command" in "\n".join(lines(app))
        area.text = "start flow pay_fine"
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert screen.is_current
        assert states(library)[:2] == [STALE, OPEN]
        assert screen.status.status.left == 11
        assert "expected  start flow pay_fine" in screen.item_pane.text
        await pilot.press("u")
        assert states(library)[:2] == [ACCEPT, OPEN]
        assert "expected  start flow renew_loan" in screen.item_pane.text


async def test_a_name_that_no_other_step_uses_is_doubted_and_can_be_kept(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.press("c")
        area = app.screen.query_one(TextArea)
        area.text = "start flow renew_loan\nstart flow renew\nset slot tilte x\ndisambiguate flows renew_loan pay"
        await pilot.pause()
        shown = lines(app)
        assert any("✓ start flow renew_loan" in line for line in shown)
        assert any("? start flow renew  no other step names the flow renew:" in line for line in shown)
        assert any("names the slot tilte" in line for line in shown)
        assert any("names the flow pay:" in line for line in shown)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "expected  start flow renew_loan" in screen.item_pane.text


async def test_with_many_commands_the_error_and_the_keys_stay_in_view(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("c")
        app.screen.query_one(TextArea).text = "\n".join(["set slot title x"] * 9 + ["hello there"])
        await pilot.press("ctrl+s")
        await pilot.pause()
        shown = "\n".join(lines(app))
        assert "`hello there` is no command" in shown
        assert "ctrl+s Save" in shown
        assert "╰" in shown


async def test_quitting_with_a_dialog_open_says_what_to_do(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("e", *" mine", "ctrl+q")
        assert isinstance(app.screen, EditText)
        assert any("esc leaves it" in note.message for note in app._notifications)


async def test_the_verdict_of_an_edited_text_is_said_to_be_of_another(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        await pilot.press("e", *" now", "enter", "k")
        await pilot.pause()
        assert "= same on the text before it was edited" in screen.item_pane.text
        assert lines(app)[2].startswith("❯✓   1 *")
        await pilot.press("j")
        assert "✓  Could you extend" in screen.others.text


async def test_names_are_completed(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        screen.names = lambda: (["pay_fine", "pay_rent"], {"amount": ["5"]})
        await pilot.press("c")
        area = app.screen.query_one(TextArea)
        area.text = ""
        await pilot.press(*"sta", "tab", *"pay_", "tab")
        assert area.text == "start flow pay_fine"
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "expected  start flow pay_fine" in screen.item_pane.text


def test_stored_names(library: Project) -> None:
    connection = library.open()
    assert stored_names(connection) == (["renew_loan"], {"title": ["Harbour Birds"]})
    connection.close()


@pytest.mark.parametrize(
    ("before", "dialect", "word", "first"),
    [
        ("", Dialect.V2, "", "start flow "),
        ("se", Dialect.V2, "se", "set slot "),
        ("set slot ti", Dialect.V2, "ti", "title"),
        ("set slot title x", Dialect.V2, None, None),
        ("set slot title Ti", Dialect.V2, "Ti", "Tides"),
        ("set slot title Harbour B", Dialect.V2, "Harbour B", "Harbour Birds"),
        ("set slot unheard Ti", Dialect.V2, None, None),
        ("start flow re", Dialect.V3, "re", "renew"),
        ("start flow loan", Dialect.V3, "loan", "pay_loan"),
        ("disambiguate flows renew pa", Dialect.V2, "pa", "pay_loan"),
        ("Sta", Dialect.V1, "Sta", "StartFlow("),
        ("StartFlow(r", Dialect.V1, "r", "renew"),
        ("Clarify(renew, p", Dialect.V1, "p", "pay_loan"),
        ("SetSlot(t", Dialect.V1, "t", "title"),
        ("SetSlot(title, x", Dialect.V1, None, None),
        ("SetSlot(title, Har", Dialect.V1, "Har", "Harbour Birds"),
        ("hand", Dialect.V2, "hand", "hand over"),
    ],
)
def test_completions(before: str, dialect: Dialect, word: str | None, first: str | None) -> None:
    found, offered = completions(before, dialect, (["pay_loan", "renew"], {"title": ["Harbour Birds", "Tides"]}))
    if first is None:
        assert offered == []
    else:
        assert (found, offered[0]) == (word, first)


async def test_the_last_decisions_are_actions_and_u_says_which_it_takes(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press(*"aaaaaaaaaaa", *"uuuuu", *"UUU", "l")
        await pilot.pause()
        shown = [line.strip(" │") for line in lines(app) if "accept" in line and "│ " in line]
        entries = [line for line in shown if ":" in line]
        assert len(entries) == 10
        assert not any("undo" in line or "redo" in line for line in entries)
        assert [n for n, line in enumerate(entries) if line.lstrip("❯ ").startswith("u")] == [2]


async def test_a_long_reason_leaves_room_for_the_text(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("x", "r", "o", *("because " * 12), "enter", "l")
        await pilot.pause()
        assert "Could you extend" in "\n".join(lines(app))


async def test_the_last_decisions(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        await pilot.press("a", "x", "r", "m", "G", "l")
        assert isinstance(app.screen, LastDecisions)
        shown = "\n".join(lines(app))
        assert "✓ accept" in shown
        assert "✗ reject" in shown
        await pilot.press("j", "enter")
        assert screen.is_current
        assert screen.rows.cursor == 0
        await pilot.press("l", "u")
        assert states(library)[:2] == [ACCEPT, OPEN]
        assert screen.rows.cursor == 1
        await pilot.press("l", "escape")
        assert screen.rows.has_focus
