"""A ferry assistant that the engine can run, its tests with commands, and their prompts as the engine has them."""

from __future__ import annotations

from contextlib import closing
from textwrap import dedent
from typing import Any

from core.pipeline.known_prompts import work_out_prompts
from core.project import Project
from core.prompts.template import make_template
from core.store.connection import transaction
from core.testing.replay_setup import replay_setup
from tests.core.pipeline.small import jsonl, take, use_template, write

ASSISTANT = {
    "config.yml": """
        pipeline:
          - name: CompactLLMCommandGenerator
        """,
    "data/flows.yml": """
        flows:
          buy_ticket:
            description: sell tickets for the ferry
            steps:
              - collect: ticket_count
                next:
                  - if: slots.ticket_count > 9
                    then:
                      - collect: group_name
                        next: day
                  - else: day
              - id: day
                collect: travel_day
              - collect: with_bike
              - action: utter_bought
          rent_cabin:
            description: rent a cabin
            steps:
              - collect: cabin_beds
              - action: action_cabin_price
              - collect: cabin_night
              - action: utter_rented
        """,
    "domain.yml": """
        actions: [action_cabin_price]
        slots:
          ticket_count: {type: float}
          group_name: {type: text}
          travel_day: {type: text}
          with_bike: {type: bool}
          cabin_beds: {type: float}
          cabin_night: {type: text}
        responses:
          utter_ask_ticket_count: [{text: How many?}]
          utter_ask_group_name: [{text: For which group?}]
          utter_ask_travel_day: [{text: "{ticket_count} tickets. For which day?"}]
          utter_ask_with_bike: [{text: With a bicycle?}]
          utter_bought: [{text: Bought.}]
          utter_ask_cabin_beds: [{text: How many beds?}]
          utter_ask_cabin_night: [{text: Which night?}]
          utter_rented: [{text: Rented.}]
          utter_can_do_something_else: [{text: What else?}]
        """,
    "e2e_tests/ferry.yml": """
        test_cases:
        - test_case: buys tickets
          steps:
          - user: tickets to the island
          - bot: How many?
          - user: two
          - user: on Friday
          - bot: With a bicycle?
          - user: no bicycle
        - test_case: rents a cabin
          steps:
          - user: a cabin with two beds
          - bot: That is 40 crowns.
          - bot: Which night?
          - user: on Friday
        """,
}
TEMPLATE = """\
`start flow x` or `set slot x y`
{% for slot in flow_slots %}{{ slot.name }}={{ slot.value }};{% endfor %}
{{ current_conversation }}
###
{{ user_message }}"""

_LABELS: list[tuple[str, int, str, list[str]]] = [
    ("buys tickets", 1, "tickets to the island", ["start flow buy_ticket"]),
    ("buys tickets", 2, "two", ["set slot ticket_count 2"]),
    ("buys tickets", 3, "on Friday", ["set slot travel_day Friday"]),
    ("buys tickets", 4, "no bicycle", ["set slot with_bike false"]),
    ("rents a cabin", 1, "a cabin with two beds", ["start flow rent_cabin", "set slot cabin_beds 2"]),
    ("rents a cabin", 2, "on Friday", ["set slot cabin_night Friday"]),
]


def played_project(project: Project, rephrasings: dict[tuple[str, int], list[dict[str, Any]]]) -> Project:
    """`rephrasings`: by test and user step, as rows of labels have them. Every prompt is that of the engine."""
    for name, text in ASSISTANT.items():
        write(project, name, dedent(text).lstrip("\n"))
    rows = [
        {"file": "e2e_tests/ferry.yml", "test_case": test, "user_step": step, "text": text, "commands": commands,
         "rephrasings": rephrasings.get((test, step), [])}
        for test, step, text, commands in _LABELS
    ]  # fmt: skip
    write(project, "labels.jsonl", jsonl(rows))
    project = use_template(project, TEMPLATE)
    report = take(project)
    assert (report.problems, report.left_out) == ([], [])
    keep_prompts(project)
    return project


def keep_prompts(project: Project) -> None:
    """Gives every step the prompt that the engine has for it."""
    template = make_template((project.root / "own.jinja2").read_text(encoding="utf-8"), name="own.jinja2")
    with closing(project.open()) as connection:
        setup = replay_setup(project, connection)
        steps = connection.execute(
            "SELECT s.id, c.file, c.name, c.occurrence, s.ordinal, s.text, (SELECT min(id) FROM source) FROM user_step s"
            " JOIN conversation c ON c.id = s.conversation_id WHERE s.active = 1"
        ).fetchall()
        with transaction(connection):
            for step_id, file, name, occurrence, ordinal, text, source_id in steps:
                state = setup.replays.before((file, name, occurrence), ordinal, text)
                assert state is not None, (name, ordinal)
                connection.execute(
                    "INSERT INTO prompt (step_id, source_id, context) VALUES (?, ?, ?)",
                    (step_id, source_id, setup.prompts.context(state).to_json()),
                )
            work_out_prompts(connection, template)


def same(text: str) -> dict[str, Any]:
    return {"text": text, "verdict": "same"}


def changed(text: str, *commands: str) -> dict[str, Any]:
    """A rephrasing with another value."""
    return {"text": text, "verdict": "different", "reasons": ["value_changed: by the way"], "commands": list(commands)}
