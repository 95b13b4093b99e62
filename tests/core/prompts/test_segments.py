"""Prompts cut at their two changing texts render as the whole template does."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.commands import Dialect
from core.prompts.context import PromptContext
from core.prompts.segments import SegmentCache, Text, json_inside, segment
from core.prompts.template import PromptTemplate, load_template, make_template
from tests.core.prompts.examples import anything, context_of, texts

FAST = [
    *(load_template(None, dialect) for dialect in Dialect),
    make_template("start flow {{ user_message }}{{- current_conversation -}} {{ user_message }}", name="adjacent"),
    make_template("start flow {% for flow in available_flows %}{{ user_message }};{% endfor %}", name="in_a_loop"),
    make_template("start flow {{ current_flow }}\x020\x03{{ user_message }}", name="has_the_mark"),
]
SLOW = [
    make_template("start flow {{ user_message | to_json_escaped_string }}", name="filter"),
    make_template("start flow {% if user_message == 'x' %}X{% endif %}{{ user_message }}", name="condition"),
    make_template("start flow {% filter upper %}{{ user_message }}{% endfilter %}", name="filter_block"),
    make_template("start flow {% set a = current_conversation %}{{ a }}{{ user_message }}", name="set"),
    make_template("start flow {% autoescape true %}{{ user_message }}{% endautoescape %}", name="autoescape"),
    make_template("start flow {{ user_message[:5] }} {{ current_conversation }}", name="slice"),
]


def whole(template: PromptTemplate, variables: Mapping[str, object], history: str, message: str) -> str:
    return template.render_variables({**variables, "current_conversation": history, "user_message": message})


@given(st.sampled_from(FAST + SLOW), st.integers(1, 5), texts, anything)
def test_same_as_a_full_rendering(template: PromptTemplate, step: int, history: str, message: str) -> None:
    variables = context_of(step).variables
    cut = segment(template, variables)
    expected = whole(template, variables, history, message)
    assert cut.render(history, message) == expected
    assert json.loads(b'"%s"' % cut.render_json(json_inside(history), json_inside(message))) == expected


@pytest.mark.parametrize("template", FAST, ids=lambda template: template.name)
def test_templates_that_only_print_the_texts_are_cut(template: PromptTemplate) -> None:
    cut = segment(template, context_of(4).variables)
    assert cut.pieces is not None
    assert Text.MESSAGE in cut.pieces
    parts = cut.json_parts()
    assert parts is not None
    assert [part for part in parts if isinstance(part, Text)] == [part for part in cut.pieces if isinstance(part, Text)]


@pytest.mark.parametrize("template", SLOW, ids=lambda template: template.name)
def test_templates_that_do_more_are_rendered_whole(template: PromptTemplate) -> None:
    cut = segment(template, context_of(4).variables)
    assert cut.pieces is None
    assert cut.json_parts() is None


@given(st.text())
def test_escaped_parts_are_what_json_writes(text: str) -> None:
    assert b'"%s"' % json_inside(text) == json.dumps(text, ensure_ascii=False).encode()


def test_half_a_surrogate_pair_stays_escaped() -> None:
    assert json.loads(b'"%s"' % json_inside("a\ud83d你")) == "a\ud83d你"


def test_cache_shares_what_variants_have_in_common() -> None:
    cache, template, context = SegmentCache(), FAST[0], context_of(4)
    first = cache.get(template, context)
    variant = PromptContext.from_json(context.to_json())
    assert cache.get(template, variant) is first
    assert cache.get(FAST[1], context) is not first
    assert cache.get(template, context_of(5)) is not first
    assert cache.get(template, context_of(1)) is cache.get(template, context_of(2))


def test_cache_forgets_what_was_used_longest_ago() -> None:
    cache, template = SegmentCache(capacity=2), FAST[0]
    first = cache.get(template, context_of(3))
    cache.get(template, context_of(4))
    assert cache.get(template, context_of(3)) is first
    cache.get(template, context_of(5))
    assert len(cache) == 2
    assert cache.get(template, context_of(3)) is first
