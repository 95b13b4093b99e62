from __future__ import annotations

from core.conversations.models import ContextFlow, ContextSlot, ContextStep, FileKind, PromptContexts, TestContext
from core.conversations.reading import read_bytes


def test_prompt_contexts() -> None:
    text = """\
prompt_contexts:
  flows:
  - name: renew_loan
    description: extend a loan
    slots:
    - {name: loan_title, type: text, description: the item}
    - {name: loan_confirm, type: bool, ask_before_filling: true}
    - {name: branch, type: categorical, allowed_values: [central, yes, 1.50, true]}
  - name: pay
    description: pay a fine
  tests:
  - test: e2e/loans.yml::renew
    steps:
    - user: 2022
      active_flow: null
      asked_slot: ~
      slots: {}
      replies: ["Which one?", 7]
    - user: Dune
      active_flow: renew_loan
      asked_slot: loan_title
      slots: {loan_weeks: 3.0, loan_confirm: true, note: "3"}
"""
    read = read_bytes(text.encode(), "f")
    assert (read.kind, read.problems, read.warnings) == (FileKind.CONTEXTS, (), ())
    slots = (
        ContextSlot("loan_title", "text", "the item"),
        ContextSlot("loan_confirm", "bool", ask_before_filling=True),
        ContextSlot("branch", "categorical", allowed_values=("central", "yes", "1.50", True)),
    )
    steps = (
        ContextStep("2022", 14, replies=("Which one?", "7")),
        ContextStep("Dune", 19, "renew_loan", "loan_title", {"loan_weeks": 3.0, "loan_confirm": True, "note": "3"}),
    )
    assert read.content == PromptContexts(
        (ContextFlow("renew_loan", "extend a loan", slots), ContextFlow("pay", "pay a fine")),
        (TestContext("e2e/loans.yml", "renew", 1, 12, steps),),
    )


def test_every_problem_of_the_contexts_is_reported() -> None:
    text = """\
prompt_contexts:
  flows:
  - description: x
    slots: [{type: text}, {name: a, ask_before_filling: maybe, allowed_values: [[b]]}, 7]
  tests:
  - test: nowhere
    steps: [{usr: x}, {user: x, slots: [1], asked_slot: [2]}]
  - 7
"""
    problems = read_bytes(text.encode(), "f").problems
    assert [str(problem.where) for problem in problems] == [
        *("f:3:5", "f:4:13", "f:4:57", "f:4:81", "f:4:88"),
        *("f:6:11", "f:7:13", "f:7:40", "f:7:57", "f:8:5"),
    ]
