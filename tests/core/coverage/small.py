"""A small assistant read from files, and traces of tests through it."""

from __future__ import annotations

from pathlib import Path

from core.assistant.models import Assistant
from core.assistant.reading import load_assistant
from core.commands import Command
from core.coverage.measure import Trace
from core.dialogue.events import Event
from core.dialogue.turn import StepVisit

FLOWS = """\
flows:
  book_table:
    name: book a table
    description: book
    steps:
      - collect: guests
        description: how many
        rejections:
          - if: slots.guests < 1
            utter: utter_no_guests
        next:
          - if: slots.guests > 8
            then:
              - action: utter_too_many
                next: END
          - else: ask_day

      - id: ask_day
        collect: day
      - set_slots:
          - note: null
      - noop: true
        next:
          - if: slots.is_member
            then:
              - call: greet_member
                next: closing
          - else: closing
      - id: closing
        action: action_book
      # a comment that belongs to the step above it

  greet_member:
    description: greet
    if: False
    steps:
      - action: utter_hello_member
      - collect: wants_points
        next:
          - if: slots.wants_points
            then:
              - action: utter_points
                next: END
          - else: END
  say_hours:
    description: hours
    steps:
      - action: utter_hours
      - link: book_table
  pattern_chitchat:
    description: small talk
    steps:
      - action: utter_chat
"""

DOMAIN = """\
slots:
  guests: {type: float, mappings: [{type: from_llm}]}
  day: {type: categorical, values: [Monday, Friday], mappings: [{type: from_llm}]}
  note: {type: text}
  is_member: {type: bool, mappings: [{type: controlled}]}
  wants_points: {type: bool}
responses:
  utter_ask_guests: [{text: How many?}]
  utter_ask_day: [{text: Which day?}]
  utter_ask_wants_points: [{text: Points?}]
  utter_no_guests: [{text: At least one.}]
  utter_too_many: [{text: Too many.}]
  utter_hello_member: [{text: Hello.}]
  utter_points: [{text: Done.}]
  utter_hours: [{text: Always.}]
  utter_chat: [{text: Nice.}]
actions: [action_book]
"""


def read(folder: Path, flows: str = FLOWS, domain: str = DOMAIN) -> Assistant:
    """An assistant of these files, whose places are relative to `folder`."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / "data" / "flows.yml").write_text(flows, encoding="utf-8")
    (folder / "domain.yml").write_text(domain, encoding="utf-8")
    (folder / "config.yml").write_text("language: en\npipeline: []\n", encoding="utf-8")
    return load_assistant(folder)


def trace(path: str, *, passed: bool = True, commands: tuple[Command, ...] = (), events: tuple[Event, ...] = ()) -> Trace:
    """A test that visited these steps: `flow/step flow/step`."""
    visits = tuple(StepVisit(*visit.split("/")) for visit in path.split())
    return Trace(passed, visits, commands, events)
