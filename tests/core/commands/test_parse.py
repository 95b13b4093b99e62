"""Choosing the dialect, places in the text, and properties that hold for every text."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.commands import CancelFlow, Dialect, StartFlow, detect_dialect, parse, parse_any
from tests.core.commands.strategies import untidy_texts


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("text", ["", " ", "\n\n", "---", "```"])
def test_nothing_is_complete_and_holds_no_command(text: str, dialect: Dialect) -> None:
    result = parse(text, dialect)
    assert (result.found, result.complete, result.dialect) == ((), True, dialect)


def test_places_point_into_the_text() -> None:
    text = "Sure:\n 1. start flow pay,  cancel flow\n  Thanks !"
    result = parse(text, Dialect.V2)
    assert [text[found.start : found.end] for found in result.commands] == ["start flow pay", "cancel flow"]
    assert [text[left.start : left.end] for left in result.leftovers] == ["Sure:", "Thanks !"]


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("StartFlow(a)", Dialect.V1),
        ("start flow a", Dialect.V2),
        ("provide info", Dialect.V2),
        ("search and reply", Dialect.V3),
        ("start flow a\nsearch and reply", Dialect.V3),
        ("set slot a StartFlow(b)", Dialect.V2),
        ("SetSlot(a, start flow b)", Dialect.V1),
        ("", Dialect.V2),
        ("hello", Dialect.V2),
    ],
)
def test_parse_any_leaves_the_least_over(text: str, dialect: Dialect) -> None:
    assert parse_any(text).dialect is dialect


@pytest.mark.parametrize(
    ("texts", "dialect"),
    [
        ([], None),
        (["", "hello"], None),
        (["start flow a", "cancel flow"], Dialect.V2),
        (["start flow a", "search and reply"], Dialect.V3),
        (["start flow a", "search and reply", "provide info", "hand over"], Dialect.V2),
        (["StartFlow(a)", "CancelFlow()", "start flow a"], Dialect.V1),
        (["Sure! StartFlow(a)"], Dialect.V1),
    ],
)
def test_detect_dialect_counts_what_is_accepted(texts: list[str], dialect: Dialect | None) -> None:
    assert detect_dialect(texts) is dialect


def test_detect_dialect_reads_its_texts_once() -> None:
    assert detect_dialect(text for text in ["CancelFlow()"]) is Dialect.V1


# Written apart from the parser's own idea of decoration: no letter and no digit but in numbering and code fences.
_HARMLESS = re.compile(r"(?:[\W_]|(?<!\w)\d{1,3}[.):])*")
_FENCE = re.compile(r"```[a-z]*[^\S\n]*(?=\n|\Z)")


@given(untidy_texts, st.sampled_from(Dialect))
def test_every_character_is_accounted_for(text: str, dialect: Dialect) -> None:
    result = parse(text, dialect)
    spans = [(found.start, found.end) for found in result.commands]
    spans = sorted(spans + [(leftover.start, leftover.end) for leftover in result.leftovers])
    done = 0
    for start, end in [*spans, (len(text), len(text))]:
        assert done <= start <= end <= len(text)
        gap = _FENCE.sub("", text[done:start])
        assert _HARMLESS.fullmatch(gap), gap
        done = end
    for leftover in result.leftovers:
        assert leftover.text == text[leftover.start : leftover.end] == leftover.text.strip() != ""
    for command in result.commands:
        assert text[command.start : command.end].strip() == text[command.start : command.end] != ""


@given(untidy_texts)
def test_parse_any_is_the_parse_of_its_dialect(text: str) -> None:
    result = parse_any(text)
    assert result == parse(text, result.dialect)


@given(st.lists(untidy_texts, max_size=3))
def test_detect_dialect_never_raises(texts: list[str]) -> None:
    detect_dialect(texts)


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize(
    "piece",
    [
        *(
            'set slot a "',
            'set slot a """',
            "set slot a b, ",
            "disambiguate flows ",
            "1. ",
            '"',
            "` ",
            "set slot a `x` ; ",
        ),
        *(
            "SetSlot(a, ",
            "SetSlot(a, (",
            "SetSlot(a, b\n)\n",
            "Clarify(a, ",
            "Clarify(a    ",
            "SetSlot(a, 'b' ",
            ")",
            " ",
            "\n",
        ),
    ],
)
def test_hostile_text_takes_no_quadratic_time(piece: str, dialect: Dialect) -> None:
    text = "set slot a " + piece * (60_000 // len(piece)) + "x"
    began = time.process_time()
    parse(text, dialect)
    assert time.process_time() - began < 10  # measured: 0.5 s at most; quadratic patterns take minutes


def test_result_gives_the_commands_alone() -> None:
    assert parse("start flow a\ncancel flow", Dialect.V2).found == (StartFlow("a"), CancelFlow())
