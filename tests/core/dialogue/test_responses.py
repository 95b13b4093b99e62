"""Which variation a response uses, and what stands in it."""

from __future__ import annotations

import pytest

from core.assistant.models import Button
from core.dialogue.events import BotUttered
from core.dialogue.responses import Responses
from tests.core.dialogue.small import READ


def say(read: READ, body: str, slots: dict[str, object] | None = None, **context: object) -> tuple[BotUttered, list[str]]:
    assistant = read(f"responses:\n  utter_x:\n{body}\nslots:\n  a: {{type: text}}\n")
    warnings: list[str] = []
    message = Responses(assistant.responses.values()).say("utter_x", slots or {}, context, warnings)
    assert message is not None
    return message, warnings


TWO = """
    - text: Hello.
    - text: Hallo.
      condition: slots.language is "de"
"""


@pytest.mark.parametrize(("language", "text"), [("de", "Hallo."), ("en", "Hello."), (None, "Hello.")])
def test_a_variation_whose_condition_holds_goes_before_one_without(read: READ, language: str | None, text: str) -> None:
    assert say(read, TWO, {"language": language})[0].text == text


def test_of_several_that_hold_it_is_the_first(read: READ) -> None:
    body = """
    - {text: one, condition: slots.a is not null}
    - {text: two, condition: slots.a is not null}
"""
    assert say(read, body, {"a": 1})[0].text == "one"


def test_the_older_form_of_a_condition_wants_all_its_slots(read: READ) -> None:
    body = """
    - text: both
      condition:
      - {type: slot, name: a, value: 1}
      - {type: slot, name: b, value: true}
    - text: other
"""
    assert say(read, body, {"a": 1, "b": True})[0].text == "both"
    assert say(read, body, {"a": 1, "b": False})[0].text == "other"


def test_a_variation_for_a_channel_is_used_only_where_there_is_no_other(read: READ) -> None:
    assert say(read, "    - {text: spoken, channel: voice}\n    - {text: written}")[0].text == "written"
    assert say(read, "    - {text: spoken, channel: voice}")[0].text == "spoken"


def test_without_a_variation_that_fits_there_is_no_text_and_a_warning(read: READ) -> None:
    message, warnings = say(read, "    - {text: one, condition: slots.a}")
    assert message == BotUttered(None, "utter_x")
    assert warnings == ["`utter_x` has no variation whose condition holds"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{a} and {b}", "1.5 and None"),
        ("{unknown}", "{unknown}"),
        ("{{a}}", "{a}"),
        ("a { b", "a { b"),
        ("{ }", "{ }"),
        ("{a}{a}", "1.51.5"),
        ("", ""),
    ],
)
def test_slots_stand_in_braces(read: READ, text: str, shown: str) -> None:
    assert say(read, f'    - text: "{text}"', {"a": 1.5, "b": None})[0].text == shown


def test_slots_stand_in_buttons_too(read: READ) -> None:
    body = """
    - text: Which?
      buttons:
      - {title: "{a} please", payload: "/SetSlots(b={a})"}
      - {title: Other, payload: '/inform{{"kind": "other"}}'}
"""
    assert say(read, body, {"a": "tea"})[0].buttons == (
        Button("tea please", "/SetSlots(b=tea)"),
        Button("Other", '/inform{"kind": "other"}'),
    )


def test_a_jinja_text_knows_slots_and_context(read: READ) -> None:
    body = """
    - text: "{% for n in context.names %}{{ n }}{% if not loop.last %}, {% endif %}{% endfor %} / {{ slots.a }} / {{ a }} {b}"
      metadata: {template: jinja}
"""
    assert say(read, body, {"a": 1, "b": 2}, names=["x", "y"])[0].text == "x, y / 1 / 1 {b}"


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ slots.__class__.__init__.__globals__ }}",
        "{{ 1 / 0 }}",
        "{{ a.b.c }}",
        "{% for n in [1] %}",
        "{{ nothing() }}",
        "{% for a in range(99999) %}{% for b in range(99999) %}xxxxxxxxxx{% endfor %}{% endfor %}",
        "{% include '/etc/hosts' %}",
    ],
)
def test_a_jinja_text_that_fails_or_reaches_out_is_a_warning(read: READ, template: str) -> None:
    message, warnings = say(read, f'    - text: "{template}"\n      metadata: {{template: jinja}}')
    assert message.text in (None, "")
    assert message.text == "" or warnings[0].startswith("`utter_x` cannot be rendered: ")


def test_a_text_without_placeholders_is_one_message_for_all(read: READ) -> None:
    responses = Responses(read("responses:\n  utter_x: [{text: Hi.}]\n").responses.values())
    assert responses.say("utter_x", {"a": 1}, {}, []) is responses.say("utter_x", {}, {}, [])


def test_renderings_are_all_texts_that_the_reference_might_pick(read: READ) -> None:
    body = """
responses:
  utter_x:
  - {text: "one {a}"}
  - {text: two}
  - {text: three, condition: slots.a is "t"}
  - {text: four, condition: slots.a is "t"}
"""
    responses = Responses(read(body).responses.values())
    assert responses.renderings("utter_x", {"a": "s"}) == ("one s", "two")
    assert responses.renderings("utter_x", {"a": "t"}) == ("three", "four")
    assert responses.renderings("utter_y", {}) == ()
