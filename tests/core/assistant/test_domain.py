from __future__ import annotations

from pathlib import Path

import pytest

from core.assistant.conditions import Condition
from core.assistant.models import Button, SlotIs, SlotType
from tests.core.assistant.small import assistant_of, problems_of, warnings_of


def test_slots_of_every_type(tmp_path: Path) -> None:
    slots = assistant_of(
        tmp_path,
        """\
        slots:
          text: {type: text}
          choice:
            type: categorical
            values: [low, True, 1.50, yes]
            initial_value: low
          sure: {type: bool, initial_value: false}
          amount: {type: float, initial_value: 1}
          many: {type: list}
          thing: {type: any, initial_value: {a: [1]}}
          own: {type: my.package.OwnSlot}
        """,
    ).slots
    assert [slot.type for slot in slots.values()] == [
        *list(SlotType)[:1],
        *("categorical", "bool", "float", "list", "any", "any"),
    ]
    assert slots["choice"].values == ("low", "True", "1.50", "yes")
    assert [slots[name].initial_value for name in ("choice", "sure", "amount", "thing")] == ["low", False, 1, {"a": [1]}]
    assert slots["text"].initial_value is None
    assert all(slot.filled_by_llm for slot in slots.values())


def test_mappings_say_who_may_fill_a_slot(tmp_path: Path) -> None:
    slots = assistant_of(
        tmp_path,
        """\
        slots:
          a: {type: text, mappings: []}
          b: {type: text, mappings: [{type: from_llm, allow_nlu_correction: true}, {type: from_text}]}
          c: {type: text, mappings: [{type: controlled}]}
          d:
            type: text
            shared_for_coexistence: true
            mappings:
            - type: from_entity
              entity: person
              conditions: [{active_flow: f}]
          e: {type: text, mappings: [{type: custom, action: action_e}]}
        """,
    ).slots
    assert [slot.mappings for slot in slots.values()] == [
        *(("from_llm",), ("from_llm", "from_text"), ("controlled",), ("from_entity",), ("custom",))
    ]
    assert [slot.filled_by_llm for slot in slots.values()] == [True, True, False, False, False]
    assert [name for name, slot in slots.items() if slot.allow_nlu_correction] == ["b"]
    assert [name for name, slot in slots.items() if slot.shared_for_coexistence] == ["d"]


def test_validation_of_a_slot(tmp_path: Path) -> None:
    text = """\
        slots:
          age:
            type: float
            validation:
              rejections:
              - if: slots.age < 18
                utter: utter_too_young
              refill_utter: utter_again
        """
    age = assistant_of(tmp_path, text).slots["age"]
    assert [(one.condition.text, one.utter, one.where.line) for one in age.rejections] == [
        ("slots.age < 18", "utter_too_young", 6)
    ]
    assert age.refill_utter == "utter_again"


def test_responses_with_everything(tmp_path: Path) -> None:
    text = """\
        responses:
          utter_a:
          - text: |
              Hello {name}
            buttons:
            - {title: Yes, payload: "/SetSlots(sure=true)"}
            - {title: Open, type: web_url, url: there}
            channel: slack
            image: here
            metadata: {rephrase: True, template: jinja}
          - condition: slots.sure
            custom: {any: [1, thing]}
          - text: old
            condition:
            - {type: slot, name: size, value: large}
            - {name: sure, value: true}
        """
    first, second, third = assistant_of(tmp_path, text).responses["utter_a"].variations
    assert (first.text, first.channel, first.image) == ("Hello {name}\n", "slack", "here")
    assert first.buttons == (Button("Yes", "/SetSlots(sure=true)"), Button("Open", ""))
    assert (first.is_jinja, first.is_rephrased, first.condition) == (True, True, None)
    assert isinstance(second.condition, Condition)
    assert (second.text, second.custom, second.where.line) == (None, {"any": [1, "thing"]}, 11)
    assert (third.condition, third.is_jinja) == ((SlotIs("size", "large"), SlotIs("sure", True)), False)


def test_names_of_actions_and_intents(tmp_path: Path) -> None:
    text = """\
        actions: [action_a, {action_b: {send_domain: true}}]
        intents: [ask, {tell: {use_entities: []}}]
        forms: {a_form: {required_slots: []}}
        session_config: {session_expiration_time: 60, carry_over_slots_to_new_session: true}
        """
    assistant = assistant_of(tmp_path, text)
    assert assistant.actions == {"action_a", "action_b", "a_form"}
    assert assistant.intents == {"ask", "tell"}
    assert assistant.session == {"session_expiration_time": 60, "carry_over_slots_to_new_session": True}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("slots: []", "`slots` must be a mapping of keys, found `a list`"),
        ("slots:\n  a:", "all.yml:2:3: a slot without a type `a`"),
        ("slots:\n  a: {}", "all.yml:2:3: a slot without a type `a`"),
        ("slots:\n  a: {type: txt}", "all.yml:2:13: unknown slot type `txt`. Did you mean `text`?"),
        ("slots:\n  a: {type: [text]}", "`type` must be text, found `a list`"),
        ("slots:\n  a: {type: text, mappings: {type: x}}", "`mappings` must be a list, found `a mapping`"),
        (
            "slots:\n  a: {type: text, mappings: [from_llm]}",
            "an item of `mappings` must be a mapping of keys",
        ),
        ("slots:\n  a: {type: categorical, values: [[x]]}", "a value must be a single text, found `a list`"),
        ("slots:\n  a: {type: text, validation: [x]}", "`validation` must be a mapping of keys, found `a list`"),
        ("responses:\n  utter_a: hello", "all.yml:2:3: the response `utter_a` must be a list of variations, found `hello`"),
        ("responses:\n  utter_a:", "the response `utter_a` must be a list of variations, found `nothing`"),
        ("responses:\n  utter_a: [hello]", "a variation must be a mapping of keys, found `hello`"),
        ("responses:\n  utter_a: []", "a response without variations `utter_a`"),
        ("responses:\n  utter_a: [{text: [a]}]", "`text` must be text, found `a list`"),
        ("responses:\n  utter_a: [{text: a, buttons: x}]", "`buttons` must be a list, found `x`"),
        ("responses:\n  utter_a: [{text: a, buttons: [{payload: x}]}]", "a button needs `title`"),
        ("responses:\n  utter_a: [{text: a, condition: 'slots.a =='}]", "bad condition: the condition ends too early"),
        ("responses:\n  utter_a: [{text: a, condition: [{type: intent, name: a}]}]", "a condition can only be of type `slot`"),
        ("actions: action_a", "`actions` must be a list, found `action_a`"),
        ("actions: [[a]]", "an item of `actions` must be a name, found `a list`"),
        ("session_config: [x]", "`session_config` must be a mapping of keys, found `a list`"),
    ],
)
def test_what_is_no_domain_is_a_problem(tmp_path: Path, text: str, problem: str) -> None:
    found = problems_of(tmp_path, text)
    assert any(problem in one for one in found), found


def test_unknown_keys_are_warnings(tmp_path: Path) -> None:
    text = """\
        slots:
          a: {type: text, inital_value: 1, mappings: [{type: from_lm}]}
        responses:
          utter_a: [{text: a, chanel: b}]
        """
    assert warnings_of(tmp_path, text) == [
        "all.yml:2:19: unknown key `inital_value`. Did you mean `initial_value`?",
        "all.yml:2:54: unknown mapping type `from_lm`. Did you mean `from_llm`?",
        "all.yml:4:23: unknown key `chanel`. Did you mean `channel`?",
    ]
