"""This project's own templates: in step with each other, and with what a fixed prefix costs."""

from __future__ import annotations

import re

import pytest

from core.commands import Dialect
from core.commands.dialects import BARE_COMMANDS
from core.prompts.invert import Inverted, invert_prompt
from core.prompts.template import detect_dialect, load_template
from tests.core.prompts.examples import context_of


def parts(dialect: Dialect) -> tuple[str, str, str]:
    source = load_template(None, dialect).source
    found = re.fullmatch(r"(.*# Commands\n)(.*)(\n# Rules\n.*)", source, re.DOTALL)
    assert found
    return found[1], found[2], found[3]


def test_the_three_differ_in_their_commands_only() -> None:
    v1, v2, v3 = (parts(dialect) for dialect in (Dialect.V1, Dialect.V2, Dialect.V3))
    assert v1[0] == v2[0] == v3[0]
    assert v1[2] == v2[2] == v3[2]
    assert len({v1[1], v2[1], v3[1]}) == 3


@pytest.mark.parametrize("dialect", list(Dialect))
def test_every_command_is_explained(dialect: Dialect) -> None:
    assert detect_dialect(load_template(None, dialect).source) is dialect
    commands = parts(dialect)[1]
    for words in BARE_COMMANDS[dialect].values():
        if words != "continue agent":  # only assistants with agents know it
            assert re.search(rf"^{re.escape(words)}(\(\))? - ", commands, re.MULTILINE), words


@pytest.mark.parametrize("dialect", list(Dialect))
def test_prompt_changes_from_its_end(dialect: Dialect) -> None:
    """All that the steps of an assistant share comes first, the message last: servers cache the common prefix."""
    template = load_template(None, dialect)
    asked, idle = template.render(context_of(4)), template.render(context_of(1))
    order = ["# Commands", "# Rules", "# Flows", "cancel_berth", "# State", "# Conversation", "# Newest message"]
    places = [asked.index(part) for part in order]
    assert places == sorted(places)
    assert asked[: asked.index("# State")] == idle[: idle.index("# State")]
    assert asked.endswith("# Newest message\nnorth\n\n# Your commands")


def test_how_flows_and_state_are_shown() -> None:
    prompt = load_template(None, Dialect.V2).render(context_of(5))
    assert prompt[prompt.index("# Flows") : prompt.index("# Conversation")] == (
        "# Flows\n"
        "book_berth: reserve a berth in the harbour\n"
        '  - boat_length: length over all, in metres ("LOA")\n'
        "  - pier ['north', \"guests' pier\"]\n"
        "  - with_power [True, False]\n"
        "opening_hours: tell when the harbour office is open\n"
        "cancel_berth: 给出预订号后取消\n"
        "  - booking_number: 预订号，例如 \\d{6}\n"
        "\n"
        "# State\n"
        "active flow: book_berth\n"
        "asked slot: berth_confirmation (whether the booking is right)\n"
        "  - boat_length = 12.0, float\n"
        "  - pier = north, categorical ['north', \"guests' pier\"]\n"
        "  - with_power = False, bool [True, False]\n"
        "  - berth_confirmation = undefined, bool [True, False]\n"
        "\n"
    )
    assert "\nno flow is active\n" in load_template(None, Dialect.V2).render(context_of(1))


@pytest.mark.parametrize("dialect", list(Dialect))
@pytest.mark.parametrize("step", range(1, 6))
def test_prompts_of_our_own_templates_can_be_taken_apart(dialect: Dialect, step: int) -> None:
    template, context = load_template(None, dialect), context_of(step)
    found = invert_prompt(template, template.render(context))
    assert isinstance(found, Inverted)
    assert found.context.history == context.history
    assert found.context.variables["available_flows"] == context.variables["available_flows"]


@pytest.mark.parametrize("dialect", list(Dialect))
def test_works_with_the_variables_rasa_leaves_out(dialect: Dialect) -> None:
    prompt = load_template(None, dialect).render_variables(
        {"available_flows": [], "current_conversation": "\nUSER: hi", "user_message": "hi"}
    )
    assert "no flow is active" in prompt
