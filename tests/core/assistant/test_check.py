from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.assistant.check import check, check_read
from core.assistant.reading import load_assistant, read_assistant
from tests.core.assistant.small import DOMAIN, findings_of, with_steps, write

FLOWS = """\
    flows:
      f:
        description: d
        steps:
        - collect: name
        - collect: size
          next:
          - if: slots.size is "small" and slots.sure
            then: last
          - else:
            - action: action_save
              next: END
        - id: last
          action: utter_done
    """


def test_an_assistant_without_faults_has_no_findings(tmp_path: Path) -> None:
    assert findings_of(tmp_path, FLOWS) == []


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ("- collect: colour", "error unknown-slot 5 colour"),
        ("- set_slots: [{colour: red}]", "error unknown-slot 5 colour"),
        (
            "- {action: utter_done, next: [{if: 'slots.size = \"big\"', then: END}, {else: END}]}",
            "warning impossible-value 5 big",
        ),
        (
            "- {action: utter_done, next: [{if: '{\"big\"} contains size', then: END}, {else: END}]}",
            "warning impossible-value 5 big",
        ),
        (
            "- {action: utter_done, next: [{if: 'slots.sure = \"yes\"', then: END}, {else: END}]}",
            "warning impossible-value 5 yes",
        ),
        (
            "- {action: utter_done, next: [{if: context.x, then: END}, {else: END}]}",
            "warning context-outside-pattern 5 context.x",
        ),
        (
            "- {action: utter_done, next: [{if: name and size or sure, then: END}, {else: END}]}",
            "warning and-or 5 name and size or sure",
        ),
        ("- action: utter_thanks", "error missing-response 5 utter_thanks"),
        ("- action: action_load", "warning undeclared-action 5 action_load"),
        ("- {collect: name, utter: utter_who}", "error missing-response 5 utter_who"),
        ("- {collect: name, rejections: [{if: slots.sure, utter: utter_no}]}", "error missing-response 5 utter_no"),
        ("- {action: utter_done, next: nowhere}", "error next-to-nowhere 5 nowhere"),
        ("- {action: utter_done, next: [{if: slots.sure, then: nowhere}, {else: END}]}", "error next-to-nowhere 5 nowhere"),
        ("- {action: utter_done, next: END}\n- action: action_save", "warning unreachable-step 6 1_action_save"),
        ("- {id: a, action: utter_done}\n- {id: a, action: action_save}", "error duplicate-step 6 a"),
        ("- {id: a, action: utter_done, next: a}", "error endless-loop 5 a"),
        ("- {id: a, action: utter_done}\n- {action: action_save, next: a}", "error endless-loop 5 a"),
        ("- noop: true", "warning noop-without-next 5 0_noop"),
        ("- {action: utter_done, next: [{if: slots.sure, then: END}]}", "warning missing-else 5 0_utter_done"),
        ("- {action: utter_done, next: [{else: END}, {if: slots.sure, then: END}]}", "warning else-not-last 5"),
        ("- link: g", "error missing-flow 5 g"),
        ("- call: g", "error missing-flow 5 g"),
        ("- {call: tool, mcp_server: trips}", "warning external-call 5 tool"),
        ("- link: pattern_human_handoff\n- action: utter_done", "error link-not-last 5 pattern_human_handoff"),
        ("- {link: pattern_human_handoff, next: END}", "error link-not-last 5 pattern_human_handoff"),
        ("- call: f", "error flow-cycle 5 f → f"),
    ],
)
def test_a_fault_in_a_flow_is_found_with_its_line(tmp_path: Path, steps: str, found: str) -> None:
    assert found in findings_of(tmp_path, with_steps(steps))


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("slots.colour", "error unknown-slot 7 colour"),
        ("slots.size is small", "warning unknown-word 7 small"),
        ("slots.size = 'big'", "warning impossible-value 7 big"),
        ("{'small' 'big'} contains size", "warning impossible-value 7 big"),
        ("slots.sure = 'yes'", "warning impossible-value 7 yes"),
        ("context.reason = 'x'", "warning context-outside-pattern 7 context.reason"),
        ("name and size or sure", "warning and-or 7 name and size or sure"),
        ("(name and size) or sure", ""),
        ("name or size and sure", ""),
        ("slots.name matches '(a+)+$'", "warning slow-pattern 7 (a+)+$"),
        ("slots.name matches '^([0-9]+-)+[0-9]+$'", ""),
    ],
)
def test_a_fault_in_a_condition_is_found_with_its_line(tmp_path: Path, condition: str, found: str) -> None:
    steps = f"- action: utter_done\n  next:\n  - if: {json.dumps(condition)}\n    then: END\n  - else: END"
    assert findings_of(tmp_path, with_steps(steps)) == ([found] if found else [])


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ("name: x", "warning no-description 2 f"),
        ("description: d\nif: slots.colour", "error unknown-slot 2 colour"),
        ("description: d\nif: false", "warning unreachable-flow 2 f"),
        ("description: d\nnlu_trigger: [{intent: ask}]", "warning unknown-intent 2 ask"),
        ("description: d\npersisted_slots: [size]", "error persisted-slot 2 size"),
    ],
)
def test_a_fault_in_what_a_flow_says_of_itself_is_found(tmp_path: Path, head: str, found: str) -> None:
    assert findings_of(tmp_path, with_steps("- collect: name", head=head)) == [found]


@pytest.mark.parametrize(
    ("domain", "found"),
    [
        ("slots: {a: {type: categorical}}", "error no-values 1 a"),
        ("slots: {a: {type: categorical, values: [x], initial_value: y}}", "warning impossible-value 1 y"),
        ("slots: {a: {type: text, validation: {refill_utter: utter_b}}}", "error missing-response 1 utter_b"),
        ("slots: {a: {type: text, validation: {rejections: [{if: slots.b, utter: utter_x}]}}}", "error unknown-slot 1 b"),
        ("responses: {utter_a: [{text: a, condition: slots.b}]}", "error unknown-slot 1 b"),
        ("responses: {utter_a: [{text: a, condition: [{type: slot, name: b, value: 1}]}]}", "error unknown-slot 1 b"),
        ("responses: {utter_a: [{text: '{% if %}', metadata: {template: jinja}}]}", "error bad-template 1"),
        ("responses: {utter_a: [{channel: slack}]}", "warning silent-response 1 utter_a"),
        ("responses: {utter_a: [{text: a, buttons: [{title: b, payload: /SetSlots(b=1)}]}]}", "error unknown-slot 1 b"),
        ("responses: {utter_a: [{text: a, buttons: [{title: b, payload: /greet}]}]}", "warning unknown-intent 1 greet"),
        (
            "responses: {utter_a: [{text: a, buttons: [{title: b, payload: '/SetSlots('}]}]}",
            "warning bad-payload 1 /SetSlots(",
        ),
    ],
)
def test_a_fault_in_the_domain_is_found(tmp_path: Path, domain: str, found: str) -> None:
    assert found in findings_of(tmp_path, "flows: {}\n", f"{domain}\n")


def test_questions_need_a_response_or_an_action(tmp_path: Path) -> None:
    slots = "slots: {a: {type: text}, b: {type: text}, c: {type: text}, d: {type: text}, e: {type: list}}\n"
    said = "responses: {utter_ask_a: [{text: a}], utter_ask_c: [{text: c}]}\n"
    actions = "actions: [action_ask_b, action_ask_c, action_ask_e]\n"
    flows = with_steps("- collect: a\n- collect: b\n- collect: c\n- collect: d\n- collect: e")
    assert findings_of(tmp_path, flows, slots + said + actions) == [
        "warning two-questions 7 c",
        "error missing-question 8 d",
        "error list-slot 9 e",
    ]


def test_a_controlled_slot_can_be_filled_by_buttons_or_by_an_action_that_asks(tmp_path: Path) -> None:
    slots = "slots:\n" + "".join(f"  {name}: {{type: text, mappings: [{{type: controlled}}]}}\n" for name in "abc")
    said = "responses: {utter_ask_a: [{text: a}], utter_ask_b: [{text: b, buttons: [{title: x, payload: '/SetSlots(b=x)'}]}]}\n"
    flows = with_steps("- collect: a\n- collect: b\n- collect: c")
    assert findings_of(tmp_path, flows, f"{slots}{said}actions: [action_ask_c]\n") == ["warning controlled-slot 5 a"]


def test_placeholders_are_checked_where_a_flow_speaks(tmp_path: Path) -> None:
    said = "{text: 'Hi {name}, {nam}, {{no}}'}"
    domain = f"slots: {{name: {{type: text}}}}\nresponses: {{utter_a: [{said}], utter_unused: [{said}]}}\n"
    assert findings_of(tmp_path, with_steps("- action: utter_a"), domain) == ["warning unknown-placeholder 2 nam"]


def test_buttons_know_the_values_of_slots(tmp_path: Path) -> None:
    pairs = ("size=LARGE", "size=huge", "sure=true, size=None", "sure=maybe")
    payloads = [*(f"/SetSlots({pair})" for pair in pairs), "huge"]
    buttons = ", ".join(f"{{title: x, payload: '{payload}'}}" for payload in payloads)
    domain = DOMAIN.replace("[{text: Done.}]", f"[{{text: Done., buttons: [{buttons}]}}]")
    assert findings_of(tmp_path, FLOWS, domain) == ["warning impossible-value 9 huge", "warning impossible-value 9 maybe"]


def test_flows_that_lead_to_each_other(tmp_path: Path) -> None:
    flow = "  {}:\n    description: d\n    steps:\n{}    - link: {}\n"
    ask = "    - collect: name\n"
    waiting = "flows:\n" + flow.format("a", ask, "b") + flow.format("b", "", "c") + flow.format("c", "", "a")
    assert findings_of(tmp_path, waiting) == ["warning flow-cycle 6 a → b → c → a"]
    assert findings_of(tmp_path, waiting.replace(ask, "")) == ["error flow-cycle 5 a → b → c → a"]
    assert findings_of(tmp_path, "flows:\n" + flow.format("a", ask, "b") + flow.format("b", "", "pattern_search")) == []


def test_a_called_flow_may_not_link_and_a_pattern_may_not_call(tmp_path: Path) -> None:
    flows = """\
        flows:
          parent: {description: d, steps: [{call: child}]}
          child:
            description: d
            steps:
            - link: other
          other: {description: d, steps: []}
          pattern_search:
            steps:
            - call: other
        """
    assert findings_of(tmp_path, flows) == ["error child-links 6 other", "error pattern-calls 10 other"]


def test_patterns_may_use_the_context_built_in_names_and_names_known_only_then(tmp_path: Path) -> None:
    flows = """\
        flows:
          pattern_collect_information:
            steps:
            - id: start
              action: action_run_slot_rejections
            - action: validate_{{context.collect}}
              next:
              - if: slots.{{context.collect}} is not null
                then: END
              - if: "'{{context.reason}}' = 'x'"
                then: END
              - else: ask
            - id: ask
              action: "{{context.utter}}"
            - action: utter_can_do_something_else
            - action: action_listen
              next: start
          pattern_serch:
            steps: []
        """
    assert findings_of(tmp_path, flows) == ["warning unknown-pattern 18 pattern_serch"]


def test_a_cycle_of_steps_with_a_question_or_a_condition_is_fine(tmp_path: Path) -> None:
    steps = """
        - id: again
          set_slots: [{name: null}]
        - collect: name
        - action: utter_done
          next:
          - if: slots.sure
            then: again
          - else: END
        """
    assert findings_of(tmp_path, with_steps(steps)) == []
    assert findings_of(tmp_path, with_steps("- {id: a, collect: name}\n- {action: utter_done, next: a}")) == []


def test_what_reading_finds_is_among_the_findings(tmp_path: Path) -> None:
    read = read_assistant(write(tmp_path, {"all.yml": "flows:\n  f: {steps: x, descripton: d}\nslots: {}\n"}))
    assert [(found.level, found.rule, str(found.problem.where)) for found in check_read(read)] == [
        ("warning", "no-description", "all.yml:2:3"),
        ("error", "file", "all.yml:2:14"),
        ("warning", "file", "all.yml:2:17"),
    ]


def test_an_assistant_without_flows_and_a_prompt_template_that_is_missing(tmp_path: Path) -> None:
    config = "pipeline: [{name: ACommandGenerator, prompt_template: prompts/x.jinja2}]\n"
    assistant = load_assistant(write(tmp_path, {"config.yml": config}))
    assert [(found.level, found.rule) for found in check(assistant)] == [("error", "no-flows"), ("warning", "missing-template")]


def test_remedies_name_what_was_probably_meant(tmp_path: Path) -> None:
    text = with_steps("- collect: nmae\n- {id: last, action: utter_don, next: lst}")
    read = read_assistant(write(tmp_path, {"flows.yml": text, "domain.yml": DOMAIN}))
    fixes = [found.problem.fix for found in check_read(read)]
    assert [fix.partition(", or ")[2] for fix in fixes] == ["write `name`.", "write `last`.", "write `utter_done`."]
