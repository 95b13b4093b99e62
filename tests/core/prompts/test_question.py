"""What a command generator's model is asked, beside the prompt."""

from __future__ import annotations

from core.commands import Dialect
from core.llm.models import Message, Request
from core.llm.roles import RoleSettings
from core.prompts.question import EMBEDDED_MAX_TOKENS, command_question

VARIABLES = {"available_flows": [{"name": "pay", "slots": []}]}


def asked(settings: RoleSettings, sample: int = 0) -> Request:
    return command_question("the prompt", VARIABLES, Dialect.V2, settings, stage="annotate", item="a::b", sample=sample)


def test_the_prompt_is_one_message_and_nothing_else_is_sent() -> None:
    expected = Request("annotate", (Message("user", "the prompt"),), item="a::b")
    assert asked(RoleSettings(model="gpt")) == expected


def test_votes_are_samples_of_their_own_at_their_own_temperature() -> None:
    request = asked(RoleSettings(temperature=0, vote_temperature=0.9), sample=2)
    assert (request.sample, request.parameters) == (2, {"temperature": 0.9})


def test_the_embedded_model_is_held_to_a_grammar_and_to_a_length() -> None:
    request = asked(RoleSettings(provider="embedded"))
    assert '"pay"' in request.parameters["grammar"]
    assert request.parameters["max_tokens"] == EMBEDDED_MAX_TOKENS


def test_what_is_configured_for_the_embedded_model_stays() -> None:
    assert asked(RoleSettings(provider="embedded", constrain="none", max_tokens=7)).parameters == {}
