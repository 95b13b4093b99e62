"""A small assistant in files, and runs of tests on it. Commands stand in the tests themselves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from core.testing.action_sources import ActionMode
from core.testing.results import CaseResult, RunResult
from core.testing.run_setup import RunOptions, prepare_run

FILES = {
    "config.yml": """
        pipeline:
          - name: CompactLLMCommandGenerator
        """,
    "data/flows.yml": """
        flows:
          send:
            name: send a parcel
            description: send a parcel
            steps:
              - collect: weight
              - action: action_price
                next:
                  - if: slots.price_level = 'heavy'
                    then:
                      - action: utter_heavy
                        next: END
                  - if: slots.price_level = 'light'
                    then: tell
                  - else:
                      - action: utter_no_price
                        next: END
              - id: tell
                action: utter_price
              - collect: insured
                ask_before_filling: true
                next:
                  - if: slots.insured
                    then:
                      - action: action_insure
                        next: END
                  - else:
                      - action: utter_sent
                        next: END
          where:
            name: find a parcel
            description: find a parcel
            steps:
              - collect: number
              - action: action_find
          choose:
            description: choose a shop
            steps:
              - collect: shop
              - action: utter_chosen
        """,
    "domain.yml": """
        actions: [action_price, action_insure, action_find, action_ask_shop, validate_number]
        slots:
          weight: {type: float}
          insured: {type: bool}
          price: {type: any}
          price_level: {type: text}
          number: {type: text}
          shop: {type: text}
          late: {type: bool}
          language: {type: text, initial_value: en}
        responses:
          utter_ask_weight: [{text: How heavy is it?}]
          utter_ask_insured:
            - text: "Shall we insure it?"
              buttons:
                - {title: "Yes", payload: "/SetSlots(insured=true)"}
                - {title: "No", payload: "/SetSlots(insured=false)"}
          utter_ask_number: [{text: Which number?}]
          utter_heavy: [{text: That is too heavy for us.}]
          utter_no_price: [{text: There is no price for that.}]
          utter_price: [{text: "It costs {price} crowns."}]
          utter_sent: [{text: "Sent."}, {text: "It is on its way."}]
          utter_chosen: [{text: "You chose {shop}."}]
          utter_found: [{text: "Parcel {number} is {place}."}]
          utter_can_do_something_else: [{text: "What else?"}]
        """,
}


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Writes files, their text without its common indentation; returns the folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return folder


def run(folder: Path, tests: str, actions: ActionMode = ActionMode.AUTO, *, jobs: int | None = None) -> RunResult:
    """Runs one file of tests on the small assistant."""
    write(folder, {**FILES, "e2e_tests/tests.yml": tests})
    options = RunOptions((str(folder / "e2e_tests"),), actions=actions, jobs=jobs, assistant=folder)
    prepared = prepare_run(options, folder=folder)
    return prepared.runner.run(prepared.tests, jobs=prepared.jobs)


def run_one(folder: Path, tests: str, actions: ActionMode = ActionMode.AUTO) -> CaseResult:
    (case,) = run(folder, tests, actions).cases
    return case


def failures(case: CaseResult) -> list[tuple[str, str, tuple[str, ...]]]:
    """Kind, what was expected, what came instead."""
    return [(failure.kind, failure.expected, failure.actual) for failure in case.failures]
