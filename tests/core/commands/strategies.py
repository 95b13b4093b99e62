"""Hypothesis strategies for commands and for the untidy answers of models."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

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
    SkipQuestion,
    StartFlow,
)

# Words of the grammars as names and values: the texts most likely to be misread.
_GRAMMAR_WORDS: Final = (
    "start",
    "flow",
    "set",
    "slot",
    "cancel",
    "disambiguate",
    "flows",
    "hand",
    "over",
    "None",
    "agent",
)
_FRAGMENTS: Final = (
    *("start flow ", "set slot ", "cancel flow", "disambiguate flows", "provide info", "search and reply", "hand over"),
    *("restart agent ", "StartFlow(", "SetSlot(", "CancelFlow()", "Clarify(", "SkipQuestion()", "ChitChat()"),
    *(
        ", ",
        ",",
        "(",
        ")",
        '"',
        "'",
        "`",
        "*",
        "\\",
        "\\n",
        "\\u0041",
        "\n",
        "\r\n",
        " ",
        "1. ",
        "- ",
        "```",
        "None",
        "null",
    ),
    *("true", "a", "pay", "x y", "王", "“", "”", "，", ".", "é", "\u2028", "\t", "42"),
)

names: Final = st.one_of(
    st.sampled_from(_GRAMMAR_WORDS),
    st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,12}", fullmatch=True),
    st.sampled_from(("订单", "straße_1", "a.b", "flow-check_account_balance")),
)
untidy_texts: Final = st.one_of(st.text(), st.lists(st.sampled_from(_FRAGMENTS), max_size=14).map("".join))
set_slots: Final = st.builds(SetSlot, names, st.none() | untidy_texts)

_IN_ALL: Final[list[st.SearchStrategy[Command]]] = [
    st.builds(StartFlow, names),
    set_slots,
    st.builds(Clarify, st.lists(names, max_size=4).map(tuple)),
    st.just(CancelFlow()),
    st.just(KnowledgeAnswer()),
    st.just(RepeatLastBotMessages()),
]
_IN_V2: Final[list[st.SearchStrategy[Command]]] = [
    st.just(ContinueAgent()),
    st.builds(RestartAgent, names),
    st.just(ChitChat()),
    st.just(HumanHandoff()),
]

commands_of: Final[dict[Dialect, st.SearchStrategy[Command]]] = {
    Dialect.V1: st.one_of(*_IN_ALL, st.just(SkipQuestion()), st.just(ChitChat()), st.just(HumanHandoff())),
    Dialect.V2: st.one_of(*_IN_ALL, *_IN_V2),
    Dialect.V3: st.one_of(*_IN_ALL, *_IN_V2[:2]),
}
commands: Final[st.SearchStrategy[Command]] = st.one_of(*_IN_ALL, *_IN_V2, st.just(SkipQuestion()))
