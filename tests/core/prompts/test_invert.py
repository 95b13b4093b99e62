"""Taking rendered prompts apart: what comes back renders to the same bytes, whatever people wrote."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.commands import Dialect
from core.prompts.context import Line, PromptContext
from core.prompts.invert import Inverted, NotInvertible, invert_prompt
from core.prompts.template import PromptTemplate, load_template, make_template
from tests.core.prompts.examples import context_of, messages

JSON_STYLE = make_template(
    "# Flows (start flow)\n"
    '{"flows":[{% for flow in available_flows %}'
    '{"name":"{{ flow.name }}","about":{{ flow.description | to_json_escaped_string }}'
    '{% if flow.slots %},"slots":[{% for slot in flow.slots %}{"name":"{{ slot.name }}"'
    '{% if slot.description %},"about":{{ slot.description | to_json_escaped_string }}{% endif %}'
    '{% if slot.allowed_values %},"values":{{ slot.allowed_values }}{% endif %}}'
    "{% if not loop.last %},{% endif %}{% endfor %}]{% endif %}}{% if not loop.last %},{% endif %}{% endfor %}]}\n"
    "{% if current_flow != None %}In {{ current_flow }} asking {{ current_slot }}: "
    "{{ current_slot_description | to_json_escaped_string }}{% else %}Nothing runs.{% endif %}\n"
    "{{ current_conversation }}\n"
    'Say what to do about """{{ user_message }}""" now.',
    name="json_style",
)
OWN = [load_template(None, dialect) for dialect in Dialect]
TEMPLATES = [JSON_STYLE, *OWN]


def taken_apart(template: PromptTemplate, prompt: str) -> PromptContext:
    found = invert_prompt(template, prompt)
    assert isinstance(found, Inverted), found
    assert found.template == template
    assert template.render(found.context) == prompt
    return found.context


def refused(template: PromptTemplate, prompt: str) -> str:
    found = invert_prompt(template, prompt)
    assert isinstance(found, NotInvertible), found
    return found.reason


def small(source: str, **variables: Any) -> dict[str, Any]:
    """The variables that come back from a short template."""
    tail = "\n{{ current_conversation }}\n>{{ user_message }}"
    template = make_template("start flow\n" + source + tail, name="small")
    return taken_apart(template, template.render(PromptContext(variables, (Line("USER", "x"),), "x"))).variables


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
@pytest.mark.parametrize("step", range(1, 6))
def test_every_step_of_the_example(template: PromptTemplate, step: int) -> None:
    context = context_of(step)
    found = taken_apart(template, template.render(context))
    assert (found.history, found.user_message) == (context.history, context.user_message)
    assert found.variables["available_flows"] == context.variables["available_flows"]
    assert found.variables["current_flow"] == context.variables["current_flow"]
    assert found.variables["current_slot"] == context.variables["current_slot"]


@given(
    st.sampled_from(TEMPLATES),
    st.lists(st.tuples(st.sampled_from(["USER", "AI"]), messages), max_size=4),
    messages,
    st.integers(1, 5),
)
def test_awkward_messages(template: PromptTemplate, said: list[tuple[Any, str]], message: str, step: int) -> None:
    history = (*(Line(speaker, text) for speaker, text in said), Line("USER", message))
    context = replace(context_of(step), history=history, user_message=message)
    found = taken_apart(template, template.render(context))
    assert found.user_message == message
    assert found.history == history


@given(st.sampled_from(TEMPLATES), st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_awkward_descriptions(template: PromptTemplate, first: str, second: str, third: str) -> None:
    flows = [
        {"name": "one", "description": first, "slots": []},
        {
            "name": "two",
            "description": second,
            "slots": [{"name": "s", "description": third, "allowed_values": None}],
        },
    ]
    base = context_of(1)
    prompt = template.render(replace(base, variables={**base.variables, "available_flows": flows}))
    found = invert_prompt(template, prompt)
    if isinstance(found, Inverted):
        assert template.render(found.context) == prompt
        assert found.context.history == base.history
    if template is JSON_STYLE:
        assert isinstance(found, Inverted)
        assert [flow["description"] for flow in found.context.variables["available_flows"]] == [first, second]


@settings(max_examples=25)
@given(st.text(), st.text())
def test_any_text_is_refused_or_comes_back(head: str, tail: str) -> None:
    for template in TEMPLATES:
        for prompt in (head, head + template.source, template.render(context_of(2)) + tail):
            found = invert_prompt(template, prompt)
            assert isinstance(found, NotInvertible) or template.render(found.context) == prompt


def test_moments_answer_the_calls_they_were_asked() -> None:
    source = "{% if now %}{{ now.strftime('%d %B, %Y') }} {{ now.tzname() }}, {{ now.strftime('%A') }}\n{% endif %}-"
    variables = small(source, now=datetime(2026, 3, 2, tzinfo=timezone.utc))  # noqa: UP017
    assert variables["now"].strftime("%d %B, %Y") == "02 March, 2026"
    assert variables["now"].strftime("%A") == "Monday"
    assert variables["now"].tzname() == "UTC"
    assert small(source)["now"] is None


def test_conditions() -> None:
    assert small("{% if a is none %}n{% else %}{{ a }}{% endif %}", a=None)["a"] is None
    assert small("{% if a is not none %}={{ a }}{% else %}n{% endif %}", a="v")["a"] == "v"
    assert small("{% if a %}a{% elif b %}b{% else %}c{% endif %}.", b=True) == {
        **small("."),
        "a": None,
        "b": True,
    }
    assert small("{% if a and not b %}A{% endif %}.", a=True)["a"] is True
    assert small("{% if a or b %}A{% endif %}.") == {**small("."), "a": None, "b": None}
    assert small("{% if s|length > 0 %}{% for i in s %}{{ i.n }};{% endfor %}{% endif %}", s=[{"n": "1"}])["s"] == [{"n": "1"}]
    assert small("{% if s|length == 0 %}none{% else %}{% for i in s %}{{ i }};{% endfor %}{% endif %}", s=[])["s"] == []
    assert small("{% if k == 'bool' %}B{% else %}{{ k }}{% endif %}", k="bool")["k"] == "bool"
    assert small("{{ 'in ' if f else 'out' }}.", f="x")["f"] is True
    assert "g" not in small("{% if g is defined %}g={{ g }}{% else %}no{% endif %}")


def test_loops() -> None:
    items = [{"n": "a"}, {"n": "b"}, {"n": "c"}]
    counted = "{% for i in s %}{{ loop.index }}:{{ i.n }}{{ ', ' if not loop.last }}{% else %}none{% endfor %}."
    assert small(counted, s=items)["s"] == items
    assert small(counted, s=[])["s"] == []
    assert small("{% for i in s %}{% if loop.first %}first {% endif %}{{ i['n'] }} {% endfor %}.", s=items)["s"] == items
    pairs = [{"n": "a", "of": [{"m": "1"}, {"m": "2"}]}, {"n": "b", "of": []}]
    nested = "{% for i in s %}{{ i.n }}({% for j in i.of %}{{ i.n }}{{ j.m }} {% endfor %}){% endfor %}."
    assert small(nested, s=pairs)["s"] == pairs
    twice = "{% for i in s %}{{ i.n }},{% endfor %}|{% for i in s %}{{ i.n }}{{ i.m }},{% endfor %}."
    both = [{"n": "a", "m": "x"}, {"n": "b", "m": "y"}]
    assert small(twice, s=both)["s"] == both


def test_repeated_variables_must_agree() -> None:
    template = make_template("start flow {{ a }}/{{ a }}\n{{ current_conversation }}\n>{{ user_message }}", name="t")
    assert taken_apart(template, "start flow x/x\n\nUSER: m\n>m").variables["a"] == "x"
    refused(template, "start flow x/y\n\nUSER: m\n>m")


@pytest.mark.parametrize(
    "source",
    [
        "{% set a = 1 %}",
        "{{ a | upper }}",
        "{% for a in b if a %}{{ a }}{% endfor %}",
        "{% for k, v in b %}{{ k }}{% endfor %}",
        "{% if a > 3 %}{% endif %}",
        "{% if a in b %}{% endif %}",
        "{{ a ~ b }}",
        "{{ a[0] }}",
        "{{ f(a.b) }}",
        "{{ a.f().g }}",
        "{% for a in b %}{{ loop.revindex }}{% endfor %}",
    ],
)
def test_what_cannot_be_undone_is_said_with_its_line(source: str) -> None:
    template = make_template(f"start flow\n{source}{{{{ user_message }}}}", name="t")
    assert refused(template, "start flow\nx").startswith("template line 2: ")


def test_reason_names_where_the_prompt_leaves_the_template() -> None:
    prompt = OWN[1].render(context_of(4))
    changed = prompt.replace("# Rules\n- A slot", "# Rules\n- Any slot")
    line = OWN[1].source[: OWN[1].source.index("# Rules")].count("\n") + 2
    reason = refused(OWN[1], changed)
    assert reason.startswith(f"it differs from template line {line} at character {prompt.index('A slot') + 1}")
    assert "user_message (template line" in refused(OWN[1], prompt[:-1])


def test_message_that_is_not_in_the_conversation() -> None:
    prompt = OWN[1].render(replace(context_of(4), user_message="south"))
    assert refused(OWN[1], prompt) == "its message is not the last USER line of its conversation"


def test_conversation_of_another_form() -> None:
    prompt = OWN[1].render_variables({"current_conversation": "Customer: hi", "user_message": "hi"})
    assert refused(OWN[1], prompt) == "its conversation is not made of USER: and AI: lines"


@pytest.mark.parametrize("missing", ["current_conversation", "user_message"])
def test_template_that_hides_a_text_in_some_states(missing: str) -> None:
    source = "start flow {% if a %}{{ current_conversation }}|{{ user_message }}{% else %}{{ MISSING }}{% endif %}."
    other = {"current_conversation": "user_message", "user_message": "current_conversation"}[missing]
    template = make_template(source.replace("MISSING", other), name="t")
    prompt = template.render_variables({"a": False, "user_message": "x", "current_conversation": "\nUSER: x"})
    assert missing.split("_")[1] in refused(template, prompt)


def test_indentation_lost_on_a_web_page_is_made_up_for() -> None:
    prompt = OWN[1].render(context_of(4))
    collapsed = prompt.replace("  - ", " - ")
    found = invert_prompt(OWN[1], collapsed)
    assert isinstance(found, Inverted)
    assert found.template != OWN[1]
    assert found.template.render(found.context) == collapsed
    assert found.context.variables["available_flows"] == context_of(4).variables["available_flows"]


def test_hostile_text_cannot_run_forever() -> None:
    """Every reading of these fails at the very end, after exponentially many beginnings."""
    template = make_template(
        "start flow {% for i in s %}{{ i.a }}-{{ i.b }}-{% endfor %}!\n{{ current_conversation }}\n>{{ user_message }}",
        name="t",
    )
    started = time.process_time()
    refused(template, "start flow " + "-a" * 5_000 + "-!\n\nUSER: x\n>y")
    assert "too many ways" in refused(template, "start flow " + "-a" * 5_000 + "-?\n\nUSER: x\n>x")
    assert time.process_time() - started < 20
    assert isinstance(invert_prompt(template, "start flow -a-!\n\nUSER: x\n>x", step_limit=3), NotInvertible)


def test_many_flows() -> None:
    base = context_of(4)
    flows = [
        {
            "name": f"flow_{number}",
            "description": f"does {number}",
            "slots": [{"name": f"s{slot}", "description": "d", "allowed_values": None} for slot in range(5)],
        }
        for number in range(400)
    ]
    context = replace(base, variables={**base.variables, "available_flows": flows})
    for template in TEMPLATES:
        assert taken_apart(template, template.render(context)).variables["available_flows"] == flows
