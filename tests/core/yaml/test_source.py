from __future__ import annotations

import math
from typing import Any

import pytest
import yaml
from yaml.nodes import MappingNode

from core.yaml import source
from core.yaml.findings import Findings
from core.yaml.nodes import fields_of, plain
from core.yaml.source import compose, load_mapping


@pytest.fixture(params=["libyaml", "pure Python"])
def _both_parsers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "pure Python":
        monkeypatch.setattr(source, "_Composer", source._PureComposer)
    else:
        assert source._Composer is not source._PureComposer


def _load(text: str) -> tuple[Any, list[str]]:
    findings = Findings("f")
    root = load_mapping(text.encode(), findings)
    value = plain(root, findings) if root is not None else None
    return value, [str(problem) for problem in findings.problems]


@pytest.mark.usefixtures("_both_parsers")
@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        *((text, text) for text in ("yes", "No", "on", "OFF", "y", "12:30:45", "2024-01-01", "1_000", "0b1", "=", "tRUE")),
        *(("true", True), ("True", True), ("FALSE", False), ("null", None), ("~", None), ("", None), ("Null", None)),
        *(
            ("010", 10),
            ("0o17", 15),
            ("0x1F", 31),
            ("+7", 7),
            ("-0", 0),
            ("1.50", 1.5),
            (".5", 0.5),
            ("1e5", 1e5),
            ("1.", 1.0),
        ),
        *(
            (".inf", math.inf),
            ("-.INF", -math.inf),
            ("9" * 5000, "9" * 5000),
            ("+", "+"),
            (".", "."),
            ("1.2.3", "1.2.3"),
        ),
        *(
            ("'true'", "true"),
            ('"1"', "1"),
            ("!!str 1", "1"),
            ("!!int '3'", 3),
            ("!!float 3", 3.0),
            ("[1, ~]", [1, None]),
        ),
    ],
)
def test_scalars_mean_what_yaml_1_2_says(scalar: str, value: object) -> None:
    read, problems = _load(f"a: {scalar}\n")
    assert problems == []
    assert read == {"a": value}
    assert type(read["a"]) is type(value)


@pytest.mark.usefixtures("_both_parsers")
def test_aliases_and_merge_keys() -> None:
    text = "base: &b {a: 1, c: [x]}\nother: &o {a: 2, d: 3}\none: {<<: *b, a: 9}\ntwo: {<<: [*b, *o]}\nsame: *b\n'<<': 1\n"
    read, problems = _load(text)
    assert problems == []
    assert read["one"] == {"a": 9, "c": ["x"]}
    assert read["two"] == {"a": 1, "c": ["x"], "d": 3}
    assert read["same"] == {"a": 1, "c": ["x"]}
    assert read["<<"] == 1


@pytest.mark.usefixtures("_both_parsers")
def test_an_alias_bomb_is_refused_before_it_expands() -> None:
    rows = [f"k{n}: &k{n} [{', '.join([f'*k{n - 1}'] * 9)}]" for n in range(1, 9)]
    _, problems = _load("k0: &k0 [x, x, x]\n" + "\n".join(rows))
    assert len(problems) == 1
    assert "the aliases of this file expand to" in problems[0]


@pytest.mark.usefixtures("_both_parsers")
def test_many_small_aliases_are_fine() -> None:
    read, problems = _load("base: &b [1, 2, 3]\nuses: [" + ", ".join(["*b"] * 5000) + "]\n")
    assert problems == []
    assert len(read["uses"]) == 5000


@pytest.mark.usefixtures("_both_parsers")
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\nb: 2\na: 3\n", "f:3:1: the same key as in line 1 `a`. Keep one of the two."),
        ("x: {1: a, 1: b}\n", "f:1:11: the same key as in line 1 `1`. Keep one of the two."),
        ("x: {[a]: b}\n", "f:1:5: a key must be text, found `a list`. Write a single word before the colon."),
        ("- a\n", "f:1:1: the file must be a mapping of keys, found `a list`. Start it with a key."),
        (
            "a: b: c\n",
            "f:1:5: unexpected `:` in `a: b: c`. Put the text in double quotes if it holds `: `, or mend the indentation.",
        ),
        ("a: 'x\n", "f:1:4: a quote or bracket never closed in `a: 'x`. Close it, or quote the whole text."),
        ("a: &x 1\nb: {<<: *x}\n", "f:1:4: `<<` must name a mapping. Point it at an anchor on a mapping."),
        ("a: 1\n---\nb: 2\n", "f:3:1: a second YAML document. Put it into a file of its own, or join the two."),
        (
            "a: !!python/object:os.system x\n",
            "f:1:4: unknown tag `!!python/object:os.system`. "
            "If it is text, put all of it in double quotes; else remove the tag.",
        ),
    ],
)
def test_problems_are_the_same_with_both_parsers(text: str, problem: str) -> None:
    findings = Findings("f")
    root = load_mapping(text.encode(), findings)
    if root is not None:
        fields_of(root, findings)
        for _, value in root.value:
            plain(value, findings)
    assert [str(found) for found in findings.problems] == [problem]


@pytest.mark.usefixtures("_both_parsers")
@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 100_000, "{a: " * 100_000])
def test_deep_nesting_is_a_problem_and_not_a_crash(text: str) -> None:
    assert len(compose(text, "f").findings.problems) == 1


@pytest.mark.usefixtures("_both_parsers")
def test_unicode_line_separators_are_ordinary_characters() -> None:
    text = "a: one\u2028two\x85three # \u2029\nb: '\u2028'\nc: 1\n"
    findings = Findings("f")
    root = load_mapping(text.encode(), findings)
    assert isinstance(root, MappingNode)
    assert plain(root, findings) == {"a": "one\u2028two\x85three", "b": "\u2028", "c": 1}
    assert [key.start_mark.line for key, _ in root.value] == [0, 1, 2]


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "---\n---\n", "~\n", "\ufeff"])
def test_an_empty_file_is_no_problem(text: str) -> None:
    assert _load(text) == (None, [])


@pytest.mark.parametrize("text", ["\ufeffa: 1\r\nb: x\r\n", "%YAML 1.2\n---\na: 1\nb: x\n...\n", "---\na: 1\nb: x\n---\n"])
def test_byte_order_marks_line_ends_and_markers(text: str) -> None:
    assert _load(text) == ({"a": 1, "b": "x"}, [])


def test_both_parsers_are_safe_loaders_without_constructors() -> None:
    assert not issubclass(source._PureComposer, yaml.constructor.BaseConstructor)
    assert not hasattr(source._Composer, "construct_document")
