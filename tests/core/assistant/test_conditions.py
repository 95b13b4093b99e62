from __future__ import annotations

import math
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.assistant.conditions import Condition, ConditionError, parse_condition
from core.assistant.predicates.parse import parse
from core.assistant.predicates.program import compiled
from core.assistant.predicates.tree import Name, Node, walk
from tests.core.assistant.condition_strategies import slot_values, trees

SLOTS: dict[str, Any] = {
    "text": "abc",
    "number": 5.0,
    "digits": "5",
    "yes": True,
    "no": False,
    "nothing": None,
    "blank": "",
    "said_false": "False",
    "list": ["a", 2],
    "amount-of-money": 3,
    "nested": {"inner": {"deep": 1}},
}
CONTEXT: dict[str, Any] = {"reason": "chitchat", "collect": "text", "flag": True, "missing": None}


def holds(text: str, slots: dict[str, Any] | None = None) -> bool:
    return parse_condition(text).holds(SLOTS if slots is None else slots, CONTEXT)


@pytest.mark.parametrize(
    "text",
    [
        *('slots.text = "abc"', "slots.text == 'abc'", "slots.text is 'abc'", "slots.text is not 'x'", "slots.text != 'x'"),
        *("slots.number > 4", "slots.number>=5", "slots.number < 5.5", "slots.number <= 5", "slots.number > -4"),
        *("slots.yes", "not slots.no", "slots.yes is TRUE", "slots.yes AND slots.text", "slots.no Or slots.yes"),
        *("slots.nothing is null", "slots.nothing is undefined", "slots.nothing is None", "slots.unheard_of is null"),
        *("slots.blank is empty", "slots.nothing is empty", "slots.text is not empty", "empty = empty"),
        *(
            "{'abc' 'd'} contains slots.text",
            "{1 2 5} contains slots.number",
            "slots.list contains 'a'",
            "slots.text contains 'b'",
        ),
        *("slots.text matches '^a.c$'", 'slots.text matches "(?i)B"', "slots.text matches abc"),
        *("text", "amount-of-money > 2", "slots.amount-of-money = 3", "slots.nested.inner.deep = 1"),
        *("not (slots.yes and slots.no)", "(slots.yes) is (true)", "slots.yes # a comment"),
        *("context.flag", "context.reason is 'chitchat'", "'{{context.reason}}' = 'chitchat'", "{{ context.flag }} is true"),
        *("slots.{{context.collect}} is not null", "'{{ context.missing }}' = 'None'", "'<{{context.unheard_of}}>' = '<>'"),
    ],
)
def test_conditions_that_hold(text: str) -> None:
    assert holds(text)
    assert not holds(f"not ({text.partition('#')[0]})")


def test_and_and_or_bind_equally_and_to_the_right_as_in_pypred() -> None:
    assert not holds("slots.no and slots.no or slots.yes")
    assert holds("(slots.no and slots.no) or slots.yes")
    assert str(parse("a and b or c and d")) == "a and (b or (c and d))"


@pytest.mark.parametrize("operator", ["<", "<=", ">", ">="])
@pytest.mark.parametrize("other", ["5", "'a'", "true", "null", "slots.nothing"])
def test_nothing_is_larger_or_smaller_than_null(operator: str, other: str) -> None:
    assert not holds(f"slots.nothing {operator} {other}")
    assert not holds(f"{other} {operator} slots.nothing")


def test_texts_compare_character_by_character() -> None:
    assert holds("slots.a < slots.b", {"a": "10", "b": "9"})
    assert not holds("slots.a < slots.b", {"a": 10, "b": 9})


def test_a_text_that_spells_a_number_or_a_boolean_compares_as_one() -> None:
    assert holds("slots.digits = 5")
    assert holds("slots.digits > 4.5")
    assert not holds("slots.text > 4")
    assert holds("slots.confirmed is true", {"confirmed": "True"})
    assert holds("slots.confirmed is not true", {"confirmed": "False"})
    assert not holds("slots.yes = 'yes'")


def test_a_text_that_says_false_is_true_by_itself() -> None:
    assert holds("slots.said_false")
    assert not holds("slots.blank")


def test_values_from_the_context_cannot_change_what_a_condition_asks() -> None:
    condition = parse_condition("'{{context.reason}}' = 'chitchat'")
    assert not condition.holds({}, {"reason": "x' = 'x' or 'chitchat"})
    assert parse_condition("{{context.word}} = 1").holds({"n": 1}, {"word": "slots.n"})
    assert not parse_condition("{{context.word}} = 1").holds({"n": 1}, {"word": "{{slots.n}} or true"})


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("", 1, "an empty condition"),
        ("   # nothing", 1, "an empty condition"),
        ("slots.a = = 1", 11, "unexpected `=`"),
        ("slots.a and", 12, "the condition ends too early"),
        ("not", 4, "the condition ends too early"),
        ("slots.a slots.b", 9, "unexpected `slots.b`"),
        ("slots.a && slots.b", 9, "Write `and`."),
        ("slots.a = 'it", 11, "a quote that is never closed"),
        ("slots.a and (slots.b", 13, "a parenthesis that is never closed"),
        ("{'a' 'b' contains slots.a", 10, "unexpected `contains`"),
        ("{'a' 'b'", 1, "a set that is never closed"),
        ("{'a', 'b'} contains slots.a", 5, "Items of a set stand side by side"),
        ("slots. is null", 1, "a name is missing after"),
        ("slots.a = 5abc", 11, "neither a name nor a number"),
        ("slots.a matches '(x'", 17, "not a regular expression"),
        ("slots.a matches 5", 17, "`matches` needs a regular expression"),
        ("slots.a = {{context.x | upper}}", 11, "an expression that conditions do not allow"),
        ("slots.a = '{{ ''.__class__ }}'", 12, "an expression that conditions do not allow"),
        ("slots.a = '{{ context.a '", 12, "an expression that conditions do not allow"),
        ("'x{{config}}' = 'a'", 3, "an expression that conditions do not allow"),
        ("(" * 60 + "slots.a" + ")" * 60, 51, "nested deeper than 50 levels"),
        ("not " * 60 + "slots.a", 197, "nested deeper than 50 levels"),
        (" or a and b" * 200, 2, "unexpected `or`"),
        ("a" + " or a and a" * 200, 1, "alternate more than 50 times"),
        ("a" * 10_001, 1, "a condition of 10,001 characters"),
        ("# " * 4_000 + "\n&", 8_002, "an unexpected character"),
        ("'" + "\\" * 9_000, 1, "a quote that is never closed"),
        ("{{" * 4_000, 2, "unexpected `{`"),
    ],
)
def test_errors_name_the_column_and_the_remedy(text: str, column: int, message: str) -> None:
    with pytest.raises(ConditionError) as caught:
        parse_condition(text)
    assert caught.value.column == column
    assert message in str(caught.value)
    assert caught.value.fix


def test_backslashes_stand_for_themselves_except_in_front_of_a_quote() -> None:
    assert holds(r"slots.path matches '\d+\.txt'", {"path": "12.txt"})
    assert holds(r"slots.path = 'it\'s'", {"path": "it's"})
    assert holds(r"slots.path = 'C:\dir\\'", {"path": "C:\\dir\\"})


def test_a_regular_expression_may_not_be_endless_nor_look_at_endless_text() -> None:
    with pytest.raises(ConditionError, match="longer than 1,000 characters"):
        parse_condition(f"slots.a matches '{'a' * 1_001}'")
    assert not holds("slots.a matches 'b'", {"a": "a" * 10_000 + "b"})


def test_names_are_the_slots_a_condition_reads() -> None:
    condition = parse_condition("slots.a and not b or {slots.c 'd'} contains context.e or slots.{{context.f}} = 1")
    assert condition.names == {"a", "b", "c"}
    places = [(node.path, node.column) for node in walk(condition.tree) if isinstance(node, Name)]
    assert places == [("a", 1), ("b", 17), ("c", 23), ("e", 45)]


def test_conditions_are_equal_by_text_and_survive_pickling() -> None:
    one, same, other = parse_condition("slots.a"), parse_condition("slots.a"), parse_condition("slots.a ")
    assert one == same
    assert one != other
    assert len({one, same, other}) == 2
    thawed = pickle.loads(pickle.dumps(one))
    assert isinstance(thawed, Condition)
    assert thawed.holds({"a": 1}, {})


@given(trees)
def test_a_tree_that_is_printed_parses_to_the_same_tree(tree: Node) -> None:
    assert parse(str(tree)) == tree


@given(st.one_of(st.text(), st.lists(st.sampled_from([*"()'\"{}=<>!.#&\\ ab5", " and ", " not ", " is ", "{{"])).map("".join)))
def test_any_text_is_a_condition_or_an_error_with_a_place(text: str) -> None:
    column = 1
    try:
        holds(text, {})
    except ConditionError as error:
        column = error.column
    assert 1 <= column <= len(text) + 1


@given(trees, st.data())
def test_no_values_make_a_condition_fail(tree: Node, data: st.DataObject) -> None:
    names = [node.path for node in walk(tree) if isinstance(node, Name)]
    values = {name: data.draw(slot_values) for name in names}
    assert compiled(tree)(values, values) in (True, False)


@given(slot_values, slot_values)
def test_comparisons_agree_with_each_other(left: Any, right: Any) -> None:
    slots = {"l": left, "r": right}
    results = {sign: holds(f"slots.l {sign} slots.r", slots) for sign in ("=", "!=", "<", ">", "<=", ">=")}
    assert results["="] is not results["!="]
    assert results["="] is holds("slots.r = slots.l", slots)
    assert results["<"] is holds("slots.r > slots.l", slots)
    assert not (results["<"] and results[">"])
    if isinstance(left, float) and math.isnan(left):
        assert not any(results[sign] for sign in ("<", ">", "<=", ">="))
    elif results["<"] or results[">"]:
        assert not results["="]


@given(slot_values, slot_values)
def test_logic_is_that_of_booleans(a: Any, b: Any) -> None:
    slots = {"a": a, "b": b}
    assert holds("not (slots.a and slots.b)", slots) is holds("not slots.a or not slots.b", slots)
    assert holds("slots.a and slots.b", slots) is (holds("slots.a", slots) and holds("slots.b", slots))
    assert holds("slots.a", slots) is bool(a)
