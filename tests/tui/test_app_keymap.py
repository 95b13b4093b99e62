"""The user's keymap: what is applied, and what is told and left out."""

from __future__ import annotations

import pytest

from core.project import Project
from core.user import User
from tests.tui.apps import fill, press, running, screen_of, shown, toasts
from tui.actions import ACTIONS
from tui.keymap import check_keymap, shown_key, shown_keys
from tui.screens.conversations import ConversationsScreen


def test_the_keys_as_shipped_do_not_clash() -> None:
    everything = {action.id: action.keys for action in ACTIONS}
    assert check_keymap(everything).problems == ()


def test_ids_are_unique() -> None:
    assert len({action.id for action in ACTIONS}) == len(ACTIONS)


def test_unknown_action_is_named_with_the_nearest() -> None:
    checked = check_keymap({"review.acept": "y"})
    assert checked.keys == {}
    assert checked.problems == ("There is no action `review.acept`: did you mean `review.accept`?",)


def test_taken_key_is_named_with_who_has_it() -> None:
    checked = check_keymap({"review.accept": "x", "review.skip": "S"})
    assert checked.keys == {"review.skip": "S"}
    assert checked.problems == ("`review.accept`: x is `review.reject` (Reject) already. Give one of them another key.",)


def test_a_key_of_the_whole_app_is_taken_on_every_screen() -> None:
    assert "app.quit" in check_keymap({"review.accept": "q"}).problems[0]


def test_screens_may_use_the_same_key() -> None:
    assert check_keymap({"overview.refresh": "x"}).problems == ()


def test_two_actions_may_swap_keys() -> None:
    swapped = {"review.accept": "x", "review.reject": "a"}
    assert check_keymap(swapped) == check_keymap(swapped)
    assert check_keymap(swapped).keys == swapped


@pytest.mark.parametrize(
    ("written", "meant"), [("/", "slash"), ("ctrl+/", "ctrl+slash"), ("Y", "Y"), ("j, down", "j,down"), (" ", "space")]
)
def test_keys_may_be_written_as_characters(written: str, meant: str) -> None:
    assert check_keymap({"settings.refresh": written, "settings.down": "f9"}).keys["settings.refresh"] == meant


@pytest.mark.parametrize("written", ["", "ctrl++", "a b", "💥x"])
def test_what_is_no_key_is_told(written: str) -> None:
    assert "names no key" in check_keymap({"review.accept": written}).problems[0]


def test_keys_are_shown_as_people_write_them() -> None:
    assert shown_keys(("slash", "ctrl+d", "f1", "escape")) == "/ ^d F1 esc"
    assert shown_key("ctrl+shift+a") == "ctrl+shift+a"


async def test_keymap_works_and_help_shows_it(project: Project) -> None:
    fill(project)
    user = User("tester", keymap={"conversations.down": "n", "conversations.filter": "F5"})
    async with running(project, "conversations", user=user) as (app, pilot):
        await press(app, pilot, "n")
        assert screen_of(app, ConversationsScreen).list.cursor == 1
        await press(app, pilot, "j")
        assert screen_of(app, ConversationsScreen).list.cursor == 1
        await press(app, pilot, "question_mark")
        line = next(line for line in shown(app).splitlines() if "Next conversation" in line)
        assert "n  " in line


async def test_problems_are_toasts(project: Project) -> None:
    user = User("tester", keymap={"review.acept": "y", "review.accept": "x"})
    async with running(project, user=user) as (app, _):
        texts = [text for title, text in toasts(app) if title == "Keymap"]
        assert len(texts) == 2
        assert "review.acept" in texts[0]
        assert "review.reject" in texts[1]
