"""The prompt shows the conversation, the messages and their styles; the reference's templates work as they are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import TemplateError
from core.rephrasing.plan import ConversationPlan, Said, StepNeed
from core.rephrasing.prompt import RephrasePrompt, Wanted, load_prompt, make_request, response_format
from core.rephrasing.styles import Style

REFERENCE_STYLE = """\
"{{ test_case_name }}": {{ transcript or "Not provided." }}
{{ number_of_rephrasings }} for each {{ user_prefix }}, {{ number_of_user_messages }} in all:
{% for message in user_messages -%}
- {{ message }}
{% endfor %}"""

FIRST = StepNeed(11, 1, "k1", "two tickets\nto the island", ((5, "a pair of tickets"),), (0, 1))
SECOND = StepNeed(12, 2, "k2", "yes", (), (0,))
SAID = (Said("USER", "two tickets to the island", 1), Said("AI", "For which day?"), Said("USER", "yes", 2), Said("USER", "/x"))
PLAN = ConversationPlan(1, "e2e/t.yml", "buys a ticket", SAID, (FIRST, SECOND))
CASUAL, FORMAL = Style((("register", "casual"),)), Style((("register", "formal"),))
WANTED = (Wanted(FIRST, ((0, CASUAL), (1, FORMAL)), ("a pair of tickets",)), Wanted(SECOND, ((0, CASUAL),), ()))


def _text(prompt: RephrasePrompt) -> str:
    (message,) = make_request(prompt, PLAN, WANTED, sample=0, parameters={}).messages
    assert message.role == "user"
    return message.content


def _own(tmp_path: Path, text: str) -> RephrasePrompt:
    path = tmp_path / "own.jinja2"
    path.write_text(text, encoding="utf-8")
    return load_prompt(path)


def test_the_default_prompt_shows_the_conversation_and_what_is_asked_for() -> None:
    lines = _text(load_prompt()).splitlines()
    start = lines.index("# Conversation")
    assert lines[start + 1 : start + 5] == [
        "USER (m1): two tickets to the island",
        "AI: For which day?",
        "USER (m2): yes",
        "USER: /x",
    ]
    start = lines.index("# Messages")
    assert lines[start + 1 : start + 9] == [
        "m1: two tickets to the island",
        f"  1: {CASUAL.words}",
        f"  2: {FORMAL.words}",
        "  Others have said already:",
        "  - a pair of tickets",
        "m2: yes",
        f"  1: {CASUAL.words}",
        "",
    ]
    assert '"buys a ticket"' in lines[0]


def test_messages_are_known_by_their_place_and_not_by_their_text() -> None:
    twice = (WANTED[1], replace(WANTED[1], step=replace(SECOND, ordinal=7)))
    schema = response_format(twice)["json_schema"]["schema"]
    assert schema["required"] == ["m2", "m7"]
    assert schema["properties"]["m7"]["required"] == ["1"]


def test_every_object_of_the_schema_is_closed_as_strict_mode_wants_it() -> None:
    schema = response_format(WANTED)["json_schema"]
    assert schema["strict"] is True
    for part in (schema["schema"], *schema["schema"]["properties"].values()):
        assert part["additionalProperties"] is False
        assert part["required"] == list(part["properties"])
    assert schema["schema"]["properties"]["m1"]["properties"]["1"] == {"type": "string"}


def test_where_the_server_keeps_to_it_a_text_may_not_run_on() -> None:
    schema = response_format(WANTED, bounded=True)["json_schema"]["schema"]
    assert schema["properties"]["m2"]["properties"]["1"]["maxLength"] == 46


def test_a_template_of_the_references_has_its_variables(tmp_path: Path) -> None:
    prompt = _own(tmp_path, REFERENCE_STYLE)
    assert not prompt.lists_wordings
    assert _text(prompt).splitlines() == [
        '"buys a ticket": USER: two tickets to the island',
        "AI: For which day?",
        "USER: yes",
        "USER: /x",
        "2 for each USER, 2 in all:",
        "- two tickets to the island",
        "- yes",
    ]


def test_one_step_alone_is_named_by_its_line_and_a_conversation_by_its_test() -> None:
    prompt = load_prompt()
    one = make_request(prompt, PLAN, (Wanted(replace(FIRST, line=4), WANTED[0].styles, ()),), sample=1, parameters={})
    assert (one.item, one.sample, one.stage) == ("e2e/t.yml:4", 1, "rephrase")
    assert make_request(prompt, PLAN, WANTED, sample=0, parameters={}).item == "e2e/t.yml::buys a ticket"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{{ user_messages }", "syntax error"),
        ("nothing", "never prints the messages"),
        ("a\n{{ user_messages.x.y }}", "cannot be rendered"),
        ("a\n{{ ''.__class__.__mro__ }} {{ messages }}", "cannot be rendered"),
    ],
)
def test_a_template_that_cannot_be_used_is_refused_with_its_line(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(TemplateError, match=what) as raised:
        _text(_own(tmp_path, text))
    assert raised.value.where is not None
    assert raised.value.where.path.endswith("own.jinja2")
    if what == "cannot be rendered":
        assert raised.value.where.line == 2


def test_a_template_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="cannot be read"):
        load_prompt(tmp_path / "none.jinja2")
