"""Hypothesis strategies for records with nasty strings, and a way to compare records without their places."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from core.conversations.models import AnnotatedConversation, Rephrasing, TestCase, TestFile, Turn, TurnKind, Verdict

NASTY = (
    *("yes", "No", "on", "OFF", "y", "N", "true", "False", "null", "Null", "~", "", "=", "<<", "none"),
    *("1.50", "2022", "010", "0o17", "0x1F", "1e5", "1e+20", "12:30:45", "1_000", ".inf", "-.INF", ".nan", ".", "-"),
    *("2024-01-01", "2024-01-01 10:00:00 Z", "0b11", "+1", "1.", ".5", "-0", "3 weeks", "7-day pass", "1 2", "٣"),
    *(
        "- a",
        "? a",
        ": a",
        "a: b",
        "a:",
        "a #b",
        "#b",
        "a#b",
        "&x y",
        "*x",
        "!x",
        "|",
        ">",
        "%x",
        "@x",
        "`x`",
        "[a",
        "{a",
    ),
    *("'q'", '"q"', "it's", 'say "hi"', "C:\\new\\table", "/SetSlots(a=b)", "a, b", "---", "...", "--- a", "----"),
    *(
        " a",
        "a ",
        "\ta",
        "a\t",
        "a\nb",
        "a\n",
        "\n",
        "a\r\nb",
        "a\rb",
        "a\x85b",
        "a\u2028b",
        "\u2029",
        "\ufeffa",
        "\x00",
        "\x7f",
    ),
    *(
        "\xa0a\xa0",
        "物流信息",
        "请选择：",
        "😀",
        "e\u0301",
        "\u200bx",
        "\u202eabc",
        "\ue000\u2028",
        "\ufffe",
        "x" * 2000,
    ),
)

texts = st.sampled_from(NASTY) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
# An empty item of a list of texts is a problem, so records have none.
full_texts = texts.filter(lambda text: text.strip() != "")
names = full_texts.filter(lambda text: "::" not in text)
# `a:` and `b` would be one reference with `a` and `:b`.
files = names.filter(lambda text: not text.endswith(":"))
_scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts
data: st.SearchStrategy[Any] = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts | st.integers(), inner, max_size=3)
)

rephrasing_lists = st.tuples(st.lists(full_texts, max_size=3), st.lists(full_texts, max_size=3)).map(
    lambda lists: tuple(
        Rephrasing(text, verdict)
        for verdict, texts in zip((Verdict.SAME, Verdict.DIFFERENT), lists, strict=True)
        for text in texts
    )
)
command_lists = st.none() | st.lists(full_texts, max_size=3).map(tuple)
said = st.builds(Turn, st.sampled_from([TurnKind.BOT, TurnKind.UTTER]), texts, st.just(0), st.just(0))
slot_turns = st.builds(
    lambda kind, value: Turn(kind, "", 0, 0, extra={kind.value: value}),
    st.sampled_from([TurnKind.SLOT_WAS_SET, TurnKind.SLOT_WAS_NOT_SET]),
    st.lists(texts | st.dictionaries(texts, data, min_size=1, max_size=1), max_size=3),
)


def _asked(rephrasings: st.SearchStrategy[tuple[Rephrasing, ...]], **extra: Any) -> st.SearchStrategy[Turn]:
    extras = st.fixed_dictionaries({}, optional=extra)
    return st.builds(Turn, st.just(TurnKind.USER), texts, st.just(0), st.just(0), command_lists, rephrasings, extras)


_test_turns = _asked(
    st.just(()),
    metadata=names | st.lists(names, max_size=2),
    assertions=st.lists(st.dictionaries(st.just("bot_uttered"), data, min_size=1, max_size=1), max_size=2),
    assertion_order_enabled=st.booleans(),
)
_cases = st.builds(
    TestCase,
    full_texts,
    st.just(1),
    st.just(0),
    st.just(0),
    st.lists(_test_turns | said | slot_turns, max_size=4).map(tuple),
    st.fixed_dictionaries({}, optional={"fixtures": st.lists(names, max_size=2), "metadata": names}),
)
_named_data = st.lists(st.dictionaries(texts, data, min_size=1, max_size=1), max_size=2)
_stubs = st.dictionaries(texts, data, max_size=2)
files_of_tests = st.builds(
    TestFile,
    st.lists(_cases, max_size=3).map(tuple),
    st.fixed_dictionaries({}, optional={"fixtures": _named_data, "metadata": _named_data, "stub_custom_actions": _stubs}),
)


def conversations(*, rephrased: bool) -> st.SearchStrategy[tuple[AnnotatedConversation, ...]]:
    turns = _asked(rephrasing_lists if rephrased else st.just(())) | said
    one = st.builds(
        AnnotatedConversation,
        files,
        full_texts,
        st.just(1),
        st.just(0),
        st.just(0),
        st.lists(turns, max_size=4).map(tuple),
    )
    return st.lists(one, max_size=3).map(tuple)


def without_places(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    return tuple(
        replace(turn, line=0, column=0, rephrasings=tuple(replace(item, line=None) for item in turn.rephrasings))
        for turn in turns
    )


def plain_tests(tests: TestFile) -> TestFile:
    cases = (replace(case, line=0, column=0, occurrence=1, turns=without_places(case.turns)) for case in tests.cases)
    return replace(tests, cases=tuple(cases))


def plain_conversations(read: tuple[AnnotatedConversation, ...]) -> tuple[AnnotatedConversation, ...]:
    return tuple(replace(item, line=0, column=0, occurrence=1, turns=without_places(item.turns)) for item in read)
