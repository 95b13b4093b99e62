"""What small talk is about."""

from __future__ import annotations

import pytest

from core.commands import ChitChat, Command, KnowledgeAnswer, StartFlow
from core.validation.small_talk import is_small_talk, other_small_talk


@pytest.mark.parametrize(
    ("original", "text", "expected"),
    [
        ("good morning", "good night", "greeting → farewell"),
        ("thanks a lot", "see you!", "thanks → farewell"),
        ("bye", "who built you?", "farewell → the bot"),
        ("哈喽", "拜拜", "greeting → farewell"),
        ("多谢", "你是真人吗", "thanks → the bot"),
        ("tell me a joke", "how's the weather", "a joke → the weather"),
    ],
)
def test_another_matter_is_named(original: str, text: str, expected: str) -> None:
    assert other_small_talk(original, text) == expected


@pytest.mark.parametrize(
    ("original", "text"),
    [
        ("good morning", "hey there"),
        ("bye", "thanks, bye"),
        ("are you a bot", "hello, am I talking to a real person?"),
        ("where is the lighthouse", "good night"),
        ("hello", "moin moin"),
        ("this is shipping", "the bytes"),
    ],
)
def test_the_same_matter_and_one_that_cannot_be_told_are_left_alone(original: str, text: str) -> None:
    assert other_small_talk(original, text) is None


@pytest.mark.parametrize(
    ("commands", "expected"),
    [((ChitChat(),), True), ((KnowledgeAnswer(),), True), ((ChitChat(), StartFlow("pay")), False), ((), False)],
)
def test_small_talk_asks_for_nothing_but_an_answer(commands: tuple[Command, ...], expected: bool) -> None:
    assert is_small_talk(commands) is expected
