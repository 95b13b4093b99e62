"""V2 and V3: commands in words."""

from __future__ import annotations

import pytest

from core.commands import (
    CancelFlow,
    ChitChat,
    Clarify,
    Command,
    ContinueAgent,
    Dialect,
    HumanHandoff,
    KnowledgeAnswer,
    RepeatLastBotMessages,
    RestartAgent,
    SetSlot,
    StartFlow,
    parse,
)

SHARED: list[tuple[str, Command]] = [
    ("start flow pay", StartFlow("pay")),
    ("set slot recipient Freddy", SetSlot("recipient", "Freddy")),
    ("cancel flow", CancelFlow()),
    ("disambiguate flows list_contacts add-contact", Clarify(("list_contacts", "add-contact"))),
    ("repeat message", RepeatLastBotMessages()),
    ("continue agent", ContinueAgent()),
    ("restart agent helper", RestartAgent("helper")),
]
ONLY_V2: list[tuple[str, Command]] = [
    ("provide info", KnowledgeAnswer()),
    ("offtopic reply", ChitChat()),
    ("hand over", HumanHandoff()),
]
ONLY_V3: list[tuple[str, Command]] = [("search and reply", KnowledgeAnswer())]


@pytest.mark.parametrize(
    ("dialect", "text", "command"),
    [(Dialect.V2, *row) for row in SHARED + ONLY_V2] + [(Dialect.V3, *row) for row in SHARED + ONLY_V3],
)
def test_every_command_of_the_reference(dialect: Dialect, text: str, command: Command) -> None:
    result = parse(text, dialect)
    assert result.found == (command,)
    assert result.complete
    assert (result.commands[0].start, result.commands[0].end) == (0, len(text))


@pytest.mark.parametrize(
    ("dialect", "text"), [(Dialect.V3, text) for text, _ in ONLY_V2] + [(Dialect.V2, text) for text, _ in ONLY_V3]
)
def test_words_of_the_other_dialect_are_left_over(dialect: Dialect, text: str) -> None:
    result = parse(text, dialect)
    assert result.found == ()
    assert [leftover.text for leftover in result.leftovers] == [text]


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("1. start flow a\n2) cancel flow\n(3) hand over", (StartFlow("a"), CancelFlow(), HumanHandoff())),
        ("* `start flow a`\n- 'cancel flow'", (StartFlow("a"), CancelFlow())),
        ("**set slot a b**, **set slot c d**", (SetSlot("a", "b"), SetSlot("c", "d"))),
        ("`set slot a b`, `set slot c d`.", (SetSlot("a", "b"), SetSlot("c", "d"))),
        ("“set slot a b”, “start flow c”", (SetSlot("a", "b"), StartFlow("c"))),
        ('"set slot a "b""', (SetSlot("a", "b"),)),
        ("set slot num_pizza 1, start flow order_pizza", (SetSlot("num_pizza", "1"), StartFlow("order_pizza"))),
        ("set slot a b， start flow c", (SetSlot("a", "b"), StartFlow("c"))),
        ("start flow a set slot b c", (StartFlow("a"), SetSlot("b", "c"))),
        ("disambiguate flows a, b start flow c", (Clarify(("a", "b")), StartFlow("c"))),
        ("disambiguate flows a,b ...", (Clarify(("a", "b")),)),
        ("disambiguate flows 'a' \"b\"", (Clarify(("a", "b")),)),
        ("disambiguate flows", (Clarify(),)),
        ("Start Flow a\nCANCEL  FLOW", (StartFlow("a"), CancelFlow())),
        ('start flow "a".', (StartFlow("a"),)),
        ("\n\n start flow a \r\n\r\ncancel flow\r\n", (StartFlow("a"), CancelFlow())),
        ("```text\nstart flow a\n```", (StartFlow("a"),)),
        ("set slot a b,\nset slot c d", (SetSlot("a", "b"), SetSlot("c", "d"))),
        ("ſearch and reply", ()),
    ],
)
def test_untidy_answers(text: str, commands: tuple[Command, ...]) -> None:
    result = parse(text, Dialect.V2)
    assert result.found == commands
    assert result.complete is bool(commands)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("set slot a '30 Pine Road'", "30 Pine Road"),
        ("set slot a 30 Pine Road, London (UK).", "30 Pine Road, London (UK)."),
        ("set slot a he said, hand over the keys", "he said, hand over the keys"),
        ("set slot a please start flow b", "please start flow b"),
        ('set slot a "x, start flow y"', "x, start flow y"),
        ('set slot a "two\\nlines"', "two\nlines"),
        ('set slot a 6"', '6"'),
        ("set slot a None", None),
        ("set slot a undefined", None),
        ("set slot `a` ''", ""),
        ("set slot a C:\\new", "C:\\new"),
        ("set slot a True", "True"),
        ("set slot a 不想要了", "不想要了"),
    ],
)
def test_slot_values(text: str, value: str | None) -> None:
    result = parse(text, Dialect.V2)
    assert result.found == (SetSlot("a", value),)
    assert result.complete


@pytest.mark.parametrize(
    ("text", "commands", "leftovers"),
    [
        ("I will start flow a", (), ["I will start flow a"]),
        ("start flow order pizza", (StartFlow("order"),), ["pizza"]),
        ("provide info about fees", (KnowledgeAnswer(),), ["about fees"]),
        ("set slot a\nstart flow b", (StartFlow("b"),), ["set slot a"]),
        ("set slot a , start flow b", (StartFlow("b"),), ["set slot a ,"]),
        ("start flow", (), ["start flow"]),
        ("start flows", (), ["start flows"]),
        ("restart agent", (), ["restart agent"]),
        ("start flow a please, cancel flow", (StartFlow("a"), CancelFlow()), ["please,"]),
        ("2024 start flow a", (StartFlow("a"),), ["2024"]),
        ("7.", (), ["7."]),
        ("StartFlow(a)", (), ["StartFlow(a)"]),
        ("Actions:\nstart flow a\nDone!", (StartFlow("a"),), ["Actions:", "Done!"]),
    ],
)
def test_what_is_no_command_is_left_over(text: str, commands: tuple[Command, ...], leftovers: list[str]) -> None:
    result = parse(text, Dialect.V2)
    assert result.found == commands
    assert [leftover.text for leftover in result.leftovers] == leftovers
