from __future__ import annotations

from pathlib import Path

import pytest

from core.assistant.graph import all_steps
from core.assistant.models import Branch, Call, Collect, Link, Noop, RunAction, SetSlots, Step
from core.yaml import source
from tests.core.assistant.small import flow_of, problems_of, warnings_of, with_steps


def steps_of(folder: Path, text: str) -> tuple[Step, ...]:
    return flow_of(folder, with_steps(text)).steps


def test_every_kind_of_step(tmp_path: Path) -> None:
    collect, action, call, sets, noop, bare, link = steps_of(
        tmp_path,
        """
        - collect: name
          description: who it is
          utter: utter_who
          ask_before_filling: true
          reset_after_flow_ends: false
          force_slot_filling: true
          rejections:
          - if: slots.name is "x"
            utter: utter_not_x
        - action: action_save
        - call: other
        - set_slots:
          - name: null
          - size: 1.50
            sure: yes
        - noop: true
          next: last
        - id: check
          next: END
        - id: last
          link: third
        """,
    )
    assert isinstance(collect, Collect)
    assert (collect.slot, collect.description, collect.utter, collect.response) == (
        "name",
        "who it is",
        "utter_who",
        "utter_who",
    )
    assert collect.ask_before_filling
    assert not collect.reset_after_flow_ends
    assert collect.force_slot_filling
    assert [(one.condition.text, one.utter) for one in collect.rejections] == [('slots.name is "x"', "utter_not_x")]
    assert isinstance(action, RunAction)
    assert action.action == "action_save"
    assert isinstance(call, Call)
    assert (call.flow, call.is_external) == ("other", False)
    assert isinstance(sets, SetSlots)
    assert sets.values == (("name", None), ("size", 1.5), ("sure", "yes"))
    assert isinstance(noop, Noop)
    assert noop.next == "last"
    assert isinstance(bare, Noop)
    assert (bare.id, bare.next) == ("check", "END")
    assert isinstance(link, Link)
    assert (link.id, link.flow) == ("last", "third")


def test_a_collect_asks_with_the_response_named_after_its_slot(tmp_path: Path) -> None:
    step = steps_of(tmp_path, "- collect: name")[0]
    assert isinstance(step, Collect)
    assert step.response == "utter_ask_name"
    assert step.reset_after_flow_ends


def test_steps_are_numbered_in_file_order_at_any_depth(tmp_path: Path) -> None:
    flow = flow_of(
        tmp_path,
        with_steps("""
        - collect: a
          next:
          - if: slots.a
            then:
            - action: action_b
              next:
              - if: slots.c
                then:
                - link: d
              - else: END
          - else:
            - set_slots: [{e: 1}]
        - id: named
          call: f
        - noop: true
          next: END
        """),
    )
    assert [step.id for step in all_steps(flow.steps)] == [
        *("0_collect_a", "1_action_b", "2_link_to_d", "3_set_slots", "named", "5_noop")
    ]


def test_next_is_an_id_branches_or_plain_steps(tmp_path: Path) -> None:
    plain, quoted, branching, listed = steps_of(
        tmp_path,
        """
        - action: a
        - action: b
          next: "END"
        - action: c
          next:
          - if: slots.x = 1
            then: END
          - if: false
            then:
            - action: d
          - else: b
        - action: e
          next:
          - action: g
          - action: h
        """,
    )
    assert plain.next is None
    assert quoted.next == "END"
    assert isinstance(branching.next, tuple)
    first, second, last = branching.next
    assert first.condition is not None
    assert (first.condition.text, first.then) == ("slots.x = 1", "END")
    assert second.condition is not None
    assert not second.condition.holds({}, {})
    assert isinstance(second.then, tuple)
    assert (last.condition, last.then) == (None, "b")
    assert isinstance(listed.next, tuple)
    (only,) = listed.next
    assert isinstance(only, Branch)
    assert only.condition is None
    assert isinstance(only.then, tuple)
    assert [step.id for step in only.then] == ["5_g", "6_h"]


RANGES = """\
flows:
  f:
    steps:
    - action: a
    - action: b
      next:
      - if: x
        then:
        - action: c
      - else:
        - action: d

    - action: e
      # a comment
      next: END"""


@pytest.mark.parametrize("parser", ["libyaml", "pure Python"])
@pytest.mark.parametrize(
    ("ending", "last"),
    [("\n", 15), ("\n\n# a comment at the end\n", 17), ("", 14)],
    ids=["final line break", "comment behind", "no final line break, as the reference counts"],
)
def test_a_step_ends_before_the_next_token_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parser: str, ending: str, last: int
) -> None:
    if parser == "pure Python":
        monkeypatch.setattr(source, "_Composer", source._PureComposer)
    found = [(step.where.line, step.last_line) for step in all_steps(flow_of(tmp_path, RANGES + ending).steps)]
    assert found == [(4, 4), (5, 12), (9, 9), (11, 12), (13, last)]


def test_calls_of_tools_and_of_sub_agents_are_marked(tmp_path: Path) -> None:
    text = with_steps("""
        - call: book
          mcp_server: trips
          mapping: {input: [], output: []}
        - call: researcher
        - call: child
        """)
    (tmp_path / "sub_agents" / "one").mkdir(parents=True)
    (tmp_path / "sub_agents" / "one" / "config.yml").write_text("agent:\n  name: researcher\n", encoding="utf-8")
    steps = flow_of(tmp_path, text).steps
    assert [step.is_external for step in steps if isinstance(step, Call)] == [True, True, False]


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        ("- 5", "all.yml:5:9: a step must be a mapping of keys, found `5`"),
        ("- colect: x", "all.yml:5:9: a step without a kind `colect`"),
        ("- {collect: x, action: y}", "a step cannot be `collect` and `action` at once"),
        ("- collect:", "all.yml:5:9: the step needs `collect`"),
        ("- collect: [x]", "all.yml:5:18: `collect` must be text, found `a list`"),
        ("- {collect: x, ask_before_filling: maybe}", "`ask_before_filling` must be true or false, found `maybe`"),
        ("- {collect: x, rejections: [{utter: y}]}", "a rejection needs `if`"),
        ("- {collect: x, rejections: {if: y}}", "`rejections` must be a list, found `a mapping`"),
        ("- set_slots: 5", "`set_slots` must be a list of slots and values"),
        ("- set_slots: [x]", "an item of `set_slots` must be a slot and its value, found `x`"),
        ("- {action: x, next: {a: b}}", "`next` must be an id or a list, found `a mapping`"),
        ("- {action: x, next: [{if: y, then: END}, {action: z}]}", "a step among branches"),
        ("- {action: x, next: [{if: y}, {else: END}]}", "the branch leads nowhere: `then` is missing"),
        ("- {action: x, next: [{if: y, then: {a: b}}]}", "a branch must lead to an id or to steps, found `a mapping`"),
        ("- {action: x, next: [{if: , then: END}]}", "`if` is empty"),
        ("- {action: x, next: [{if: 'slots.a ==', then: END}]}", "all.yml:5:44: bad condition: the condition ends too early"),
        ("- {action: x, next: [{if: [a], then: END}]}", "`if` must be text, found `a list`"),
    ],
)
def test_what_is_no_step_is_a_problem_with_its_place(tmp_path: Path, step: str, problem: str) -> None:
    found = problems_of(tmp_path, with_steps(step))
    assert any(problem in one for one in found), found


def test_unknown_keys_are_warnings_that_name_the_nearest_known_one(tmp_path: Path) -> None:
    text = with_steps("""
        - collect: x
          desciption: y
        - action: z
          next:
          - if: a
            then: END
          - else: END
            next: END
        """)
    assert problems_of(tmp_path, text) == []
    assert warnings_of(tmp_path, text) == [
        "all.yml:6:9: unknown key `desciption`. Did you mean `description`?",
        "all.yml:12:11: unknown key `next`. Known here: `else`.",
    ]


def test_a_flow_of_too_many_steps_is_refused_once(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, with_steps("- action: a\n" * 21_000))
    assert "more than 20,000 steps in one file" in problem
