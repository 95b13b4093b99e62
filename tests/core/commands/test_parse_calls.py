"""V1: commands as calls."""

from __future__ import annotations

import pytest

from core.commands import (
    CancelFlow,
    ChitChat,
    Clarify,
    Command,
    Dialect,
    HumanHandoff,
    KnowledgeAnswer,
    RepeatLastBotMessages,
    SetSlot,
    SkipQuestion,
    StartFlow,
    parse,
)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("StartFlow(pay)", StartFlow("pay")),
        ("SetSlot(recipient, Freddy)", SetSlot("recipient", "Freddy")),
        ("CancelFlow()", CancelFlow()),
        ("Clarify(list_contacts, add-contact)", Clarify(("list_contacts", "add-contact"))),
        ("SkipQuestion()", SkipQuestion()),
        ("SearchAndReply()", KnowledgeAnswer()),
        ("ChitChat()", ChitChat()),
        ("HumanHandoff()", HumanHandoff()),
        ("RepeatLastBotMessages()", RepeatLastBotMessages()),
    ],
)
def test_every_command_of_the_reference(text: str, command: Command) -> None:
    result = parse(text, Dialect.V1)
    assert result.found == (command,)
    assert result.complete
    assert (result.commands[0].start, result.commands[0].end) == (0, len(text))


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("Clarify()", (Clarify(),)),
        ("Clarify(\"a\", 'b',`c`)", (Clarify(("a", "b", "c")),)),
        ("StartFlow('pay')", (StartFlow("pay"),)),
        ("StartFlow( pay )", (StartFlow("pay"),)),
        ("StartFlow(\npay\n)", (StartFlow("pay"),)),
        ("SetSlot(a, b\n)\nCancelFlow( )", (SetSlot("a", "b"), CancelFlow())),
        ("SetSlot(a,\n  b\n  )", (SetSlot("a", "b"),)),
        ("Clarify(a,\n b\n)", (Clarify(("a", "b")),)),
        ("* StartFlow(a)\n- SetSlot(b, c)\n1. CancelFlow()", (StartFlow("a"), SetSlot("b", "c"), CancelFlow())),
        ("`StartFlow(a)`, **CancelFlow()**", (StartFlow("a"), CancelFlow())),
        ('["StartFlow(a)", "SetSlot(b, c)"]', (StartFlow("a"), SetSlot("b", "c"))),
        ("StartFlow(a) StartFlow(b);CancelFlow()", (StartFlow("a"), StartFlow("b"), CancelFlow())),
        ("StartFlow(a)\r\nCancelFlow()\r\n", (StartFlow("a"), CancelFlow())),
    ],
)
def test_untidy_answers(text: str, commands: tuple[Command, ...]) -> None:
    result = parse(text, Dialect.V1)
    assert result.found == commands
    assert result.complete


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("SetSlot(a, 1, 2 and 3)", "1, 2 and 3"),
        ("SetSlot(a, Acme (UK), London)", "Acme (UK), London"),
        ("SetSlot(a, sad :( )", "sad :("),
        ("SetSlot(a, sad :()", "sad :("),
        ('SetSlot(a, "closing ) inside")', "closing ) inside"),
        ("SetSlot(a, 'it's (fine)')", "it's (fine)"),
        ("SetSlot(a, call StartFlow(x) please)", "call StartFlow(x) please"),
        ("SetSlot('a', \"b\")", "b"),
        ("SetSlot(a,b)", "b"),
        ("SetSlot(a, '')", ""),
        ("SetSlot(a, None)", None),
        ("SetSlot(a, 王小明)", "王小明"),
    ],
)
def test_slot_values(text: str, value: str | None) -> None:
    result = parse(text, Dialect.V1)
    assert result.found == (SetSlot("a", value),)
    assert result.complete


@pytest.mark.parametrize(
    ("text", "commands", "leftovers"),
    [
        ("SetSlot(a, b) and then SetSlot(c, d)", (SetSlot("a", "b"), SetSlot("c", "d")), ["and then"]),
        ("SetSlot(a, b, StartFlow(c)", (StartFlow("c"),), ["SetSlot(a, b,"]),
        ("SetSlot(a, b\nStartFlow(c)", (StartFlow("c"),), ["SetSlot(a, b"]),
        ("SetSlot(a, cut of", (), ["SetSlot(a, cut of"]),
        ("SetSlot(a, )", (), ["SetSlot(a, )"]),
        ("SetSlot(a)", (), ["SetSlot(a)"]),
        ("SetSlot(a, :) )", (SetSlot("a", ":"),), [")"]),
        ("StartFlow(order pizza)", (), ["StartFlow(order pizza)"]),
        ("StartFlow()", (), ["StartFlow()"]),
        ("Clarify(order pizza, b)", (), ["Clarify(order pizza, b)"]),
        ("ChitChat(hello)", (), ["ChitChat(hello)"]),
        ("cancelflow()", (), ["cancelflow()"]),
        ("MyStartFlow(a)", (), ["MyStartFlow(a)"]),
        ("Sure: StartFlow(a)", (StartFlow("a"),), ["Sure:"]),
        ("start flow a", (), ["start flow a"]),
        ("StartFlow(a", (), ["StartFlow(a"]),
    ],
)
def test_what_is_no_command_is_left_over(text: str, commands: tuple[Command, ...], leftovers: list[str]) -> None:
    result = parse(text, Dialect.V1)
    assert result.found == commands
    assert [leftover.text for leftover in result.leftovers] == leftovers
