"""Answers in JSON give up no text that came whole, whatever surrounds it or cuts it off."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rephrasing.read_json import Wording, json_wordings

_IDS = ["m1", "m2", "m10"]
_TEXTS = st.dictionaries(st.integers(1, 12).map(str), st.text(max_size=30), max_size=5)
_ANSWERS = st.dictionaries(st.sampled_from([*_IDS, "m3"]), _TEXTS, max_size=4)


def _expected(answer: dict[str, dict[str, str]]) -> list[Wording]:
    return [(id_, int(number), text) for id_, texts in answer.items() if id_ in _IDS for number, text in texts.items()]


@given(_ANSWERS, st.booleans(), st.sampled_from([None, 2]), st.sampled_from(["", "Here you are:\n```json\n"]))
def test_every_text_is_found_under_its_message_and_number(
    answer: dict[str, dict[str, str]], ascii_only: bool, indent: int | None, before: str
) -> None:
    written = json.dumps(answer, ensure_ascii=ascii_only, indent=indent)
    after = "\n```\nI hope that helps {truly}." if before else ""
    assert json_wordings(f"{before}{written}{after}", _IDS) == _expected(answer)


@given(_ANSWERS, st.integers(0, 400))
def test_an_answer_that_was_cut_off_keeps_what_came_whole(answer: dict[str, dict[str, str]], end: int) -> None:
    written, whole = "{", list[Wording]()
    for id_, texts in answer.items():
        written += ("," if written != "{" else "") + f"{json.dumps(id_)}:{{"
        for at, (number, text) in enumerate(texts.items()):
            written += ("," if at else "") + f"{json.dumps(number)}:{json.dumps(text)}"
            if id_ in _IDS and len(written) <= end:
                whole.append((id_, int(number), text))
        written += "}"
    assert json_wordings((written + "}")[:end], _IDS) == whole


@given(st.text(max_size=80), st.lists(st.sampled_from(_IDS), min_size=1, unique=True))
def test_nothing_is_too_broken_to_be_read(answer: str, ids: list[str]) -> None:
    assert all(id_ in ids and isinstance(text, str) for id_, _, text in json_wordings(answer, ids))


@given(st.text(alphabet='{}[],:"m1 2\\', max_size=60))
def test_no_heap_of_brackets_is_too_broken_either(answer: str) -> None:
    assert all(id_ == "m1" for id_, _, _ in json_wordings(answer, ["m1"]))


@pytest.mark.parametrize(
    "answer",
    [
        '{"m1": {"1": "a", "2": "b"}}',
        '{"m1": ["a", "b"]}',
        '{"rephrasings": {"m1": ["a", "b"]}}',
        '{"m1": [{"text1": "a"}, {"text2": "b"}]}',
        '[{"m1": ["a", "b"]}]',
        '{"m1": {"1": "a", "2": "b",},}',
        '{"m1": {"wording 1": "a", "wording 2": "b"}}',
        '{"1": "a", "2": "b"}',  # the only message that was asked for
        '["a", "b"]',
    ],
)
def test_other_shapes_that_models_make_of_it_are_read_too(answer: str) -> None:
    assert json_wordings(answer, ["m1"]) == [("m1", 1, "a"), ("m1", 2, "b")]


def test_without_an_id_nothing_is_guessed_where_several_messages_were_asked_for() -> None:
    assert json_wordings('{"1": "a", "2": "b"}', ["m1", "m2"]) == []


def test_a_bad_escape_costs_one_text_only() -> None:
    assert json_wordings(r'{"m1": {"1": "bad \x", "2": "good"}}', ["m1"]) == [("m1", 2, "good")]


def test_an_answer_nested_without_end_is_given_up_in_time() -> None:
    assert json_wordings('{"m1":' * 100_000, ["m1"]) == []
