from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings

from core.conversations.models import (
    AnnotatedConversation,
    FileKind,
    Rephrasing,
    TestCase,
    TestFile,
    Turn,
    TurnKind,
    Verdict,
)
from core.conversations.reading import read_bytes
from core.conversations.writing import yaml_of_annotations, yaml_of_rephrasings, yaml_of_tests
from core.errors import InputError
from core.yaml.scalars import quoted, scalar, value_of
from tests.core.conversations.strategies import (
    NASTY,
    conversations,
    files_of_tests,
    full_texts,
    plain_conversations,
    plain_tests,
    texts,
)


def _user(text: str, **fields: Any) -> Turn:
    return Turn(TurnKind.USER, text, 1, 1, **fields)


def _conversation(*turns: Turn) -> AnnotatedConversation:
    return AnnotatedConversation("e2e_tests/a.yml", "pays: a fine", 1, 1, 1, turns)


def test_test_files_look_like_the_recipe_writes_them() -> None:
    turns = (
        _user("1.50", commands=("set slot amount 1.50",), extra={"metadata": "phone"}),
        Turn(TurnKind.BOT, "两行\nhere", 1, 1),
        Turn(TurnKind.UTTER, "utter_done", 1, 1),
        Turn(TurnKind.SLOT_WAS_SET, "", 1, 1, extra={"slot_was_set": ["paid", {"amount": 1.5}, {"note": "1.5"}]}),
    )
    preamble = {"fixtures": [{"member": [{"logged_in": True}]}], "metadata": [], "stub_custom_actions": {}}
    tests = TestFile((TestCase("pays", 1, 1, 1, turns, {"fixtures": ["member"]}),), preamble)
    assert yaml_of_tests(tests).decode() == (
        "fixtures:\n"
        "- member:\n"
        "  - logged_in: true\n"
        "metadata: []\n"
        "stub_custom_actions: {}\n"
        "test_cases:\n"
        "- test_case: pays\n"
        "  fixtures:\n"
        "  - member\n"
        "  steps:\n"
        '  - user: "1.50"\n'
        "    metadata: phone\n"
        "    commands:\n"
        "    - set slot amount 1.50\n"
        '  - bot: "两行\\nhere"\n'
        "  - utter: utter_done\n"
        "  - slot_was_set:\n"
        "    - paid\n"
        "    - amount: 1.5\n"
        '    - note: "1.5"\n'
    )


def test_annotations_are_plain_where_they_can_be() -> None:
    turns = (
        _user("yes", commands=("start flow pay", "set slot paid yes")),
        Turn(TurnKind.BOT, "Which one?\n- this", 1, 1),
        _user("no commands here"),
        _user("nothing to do", commands=()),
    )
    assert yaml_of_annotations([_conversation(*turns)]).decode() == (
        "conversations:\n"
        '- original_test_case: "e2e_tests/a.yml::pays: a fine"\n'
        "  steps:\n"
        '  - user: "yes"\n'
        "    llm_commands:\n"
        "    - start flow pay\n"
        "    - set slot paid yes\n"
        '  - bot: "Which one?\\n- this"\n'
        "  - user: no commands here\n"
        "  - user: nothing to do\n"
        "    llm_commands: []\n"
    )


def test_rephrasings_use_the_key_of_the_real_files_and_know_two_verdicts() -> None:
    rephrasings = (
        Rephrasing("may I pay", Verdict.SAME),
        Rephrasing("how much?", Verdict.DIFFERENT),
        Rephrasing("fine", Verdict.AMBIGUOUS),
    )
    turns = (_user("pay", commands=("start flow pay",), rephrasings=rephrasings), _user("/pay"))
    assert yaml_of_rephrasings([_conversation(*turns)]).decode().split("steps:\n")[1] == (
        "  - user: pay\n"
        "    llm_commands:\n"
        "    - start flow pay\n"
        "    passing_rephrasings:\n"
        "    - may I pay\n"
        "    failing_rephrasings:\n"
        "    - how much?\n"
        "    - fine\n"
        "  - user: /pay\n"
    )


def test_nothing_is_still_a_file() -> None:
    assert yaml_of_annotations([]) == b"conversations: []\n"
    assert yaml_of_tests(TestFile(())) == b"test_cases: []\n"


def test_half_a_character_is_refused() -> None:
    with pytest.raises(InputError, match="half of a character"):
        yaml_of_annotations([_conversation(_user("a \ud83d"))])


@pytest.mark.parametrize("text", NASTY)
def test_every_loader_reads_a_written_scalar_as_the_same_text(text: str) -> None:
    for written in (scalar(text), quoted(text)):
        assert yaml.load(f"- a: {written}\n", yaml.CSafeLoader) == [{"a": text}]
        assert yaml.load(f"- a: {written}\n", yaml.SafeLoader) == [{"a": text}]
        assert written.startswith('"') or value_of(written) == text


@pytest.mark.parametrize("text", ["3 weeks", "7-day pass", "/SetSlots(a=b)", "it's", "请选择：", "QWxyJpr5EO7", "a#b"])
def test_ordinary_texts_stay_plain(text: str) -> None:
    assert scalar(text) == text


@given(texts)
def test_any_text_survives_both_ways_of_writing_it(text: str) -> None:
    assert yaml.load(f"a:\n- {scalar(text)}\n- {quoted(text)}\n", yaml.CSafeLoader) == {"a": [text, text]}


@settings(deadline=None)
@given(files_of_tests)
def test_a_written_test_file_reads_back_equal(tests: TestFile) -> None:
    read = read_bytes(yaml_of_tests(tests), "tests.yml")
    assert read.problems == ()
    assert isinstance(read.content, TestFile)
    assert plain_tests(read.content) == plain_tests(tests)
    assert yaml_of_tests(read.content) == yaml_of_tests(tests)


@settings(deadline=None)
@given(conversations(rephrased=False))
def test_written_annotations_read_back_equal(written: tuple[AnnotatedConversation, ...]) -> None:
    read = read_bytes(yaml_of_annotations(written), "a.yml")
    assert read.problems == ()
    assert isinstance(read.content, tuple)
    assert plain_conversations(read.content) == plain_conversations(written)  # type: ignore[arg-type]


@settings(deadline=None)
@given(conversations(rephrased=True))
def test_written_rephrasings_read_back_equal(written: tuple[AnnotatedConversation, ...]) -> None:
    read = read_bytes(yaml_of_rephrasings(written), "a.yml")
    assert read.problems == ()
    assert isinstance(read.content, tuple)
    assert plain_conversations(read.content) == plain_conversations(written)  # type: ignore[arg-type]


@given(full_texts)
def test_a_key_of_any_length_and_kind_survives(key: str) -> None:
    turn = Turn(TurnKind.SLOT_WAS_SET, "", 1, 1, extra={"slot_was_set": [{key: {key: [key, 1]}}]})
    content = read_bytes(yaml_of_tests(TestFile((TestCase("a", 1, 1, 1, (turn,)),))), "a.yml").content
    assert isinstance(content, TestFile)
    assert content.cases[0].turns[0].extra == turn.extra


def test_the_kind_of_a_rephrasings_file_is_seen_even_without_rephrasings() -> None:
    written = [_conversation(_user("pay", commands=("start flow pay",)))]
    assert read_bytes(yaml_of_rephrasings(written), "a.yml").kind is FileKind.REPHRASINGS
    assert read_bytes(yaml_of_annotations(written), "a.yml").kind is FileKind.ANNOTATIONS
