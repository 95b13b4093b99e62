"""Trees of conditions, and values for the slots and the context they read."""

from __future__ import annotations

from hypothesis import strategies as st

from core.assistant.predicates.tree import (
    CONSTANTS,
    Both,
    Collection,
    Compare,
    Constant,
    Contains,
    DynamicName,
    DynamicText,
    Either,
    Empty,
    Matches,
    Name,
    Node,
    Not,
    Number,
    Reference,
    Text,
    Value,
)

_RESERVED = {*CONSTANTS, "empty", "and", "or", "not", "is", "contains", "matches", "slots", "context"}
_words = st.from_regex(r"[a-zé_][a-z0-9_-]{0,6}", fullmatch=True)
_paths = st.one_of(_words, st.builds("{}.{}".format, _words, _words))
_bare = _words.filter(lambda word: word.lower() not in _RESERVED)
_plain = st.text(max_size=8).map(lambda text: text.replace("{", "").replace("}", ""))
# jinja takes a dash before `}}` for a sign of its own
_references = st.builds(Reference, st.sampled_from(("slots", "context")), _words.filter(lambda word: word[-1] != "-"))
_texts = st.text(max_size=12).filter(lambda text: "{{" not in text).map(Text)
_dynamic_texts = st.tuples(_plain, _references, _plain).map(lambda parts: DynamicText(tuple(part for part in parts if part)))
_dynamic_names = _references.map(lambda reference: DynamicName(("slots.", reference)))
_numbers = st.one_of(
    st.integers(-(10**9), 10**9), st.floats(-1e9, 1e9, allow_nan=False).filter(lambda value: "e" not in repr(value))
).map(Number)
_names = st.one_of(
    st.builds(Name, st.sampled_from(("slots", "context")), _paths),
    st.builds(Name, st.just("slots"), _bare, st.just(True)),
)
_constants = st.sampled_from((Constant(True), Constant(False), Constant(None)))
_items: st.SearchStrategy[Name | DynamicName | Text | DynamicText | Number | Constant] = st.one_of(
    _names, _dynamic_names, _texts, _dynamic_texts, _numbers, _constants
)
_collections = st.lists(_items, max_size=4).map(lambda items: Collection(tuple(items)))
_values: st.SearchStrategy[Value] = st.one_of(_items, st.just(Empty()), _collections)
_patterns = st.sampled_from(("a+", "^x$", "(?i)yes", r"\d{2}", "[\"']", "", "a|b")).map(Text)


def _larger(children: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(children, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Compare, st.sampled_from(("=", "!=", "<", "<=", ">", ">=")), children, children),
        st.builds(Contains, children, children),
        st.builds(Matches, children, _patterns),
        st.builds(Not, children),
        several.map(Both),
        several.map(Either),
    )


trees: st.SearchStrategy[Node] = st.recursive(_values, _larger, max_leaves=8)

slot_values = st.recursive(
    st.one_of(
        *(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6)),
        st.sampled_from(("true", "False", "5", "-1.5", "a", "")),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=5,
)
"""What actions and commands can put into a slot."""
