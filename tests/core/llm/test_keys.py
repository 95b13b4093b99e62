from __future__ import annotations

import pytest

from core.llm.keys import call_key, parameters_of, public_url
from core.llm.models import Message, Request
from core.llm.roles import RoleSettings

SETTINGS = RoleSettings(model="m", base_url="http://host/v1", temperature=0)
QUESTION = Request("annotate", (Message("system", "Be brief."), Message("user", "Hello")), item="one")


def test_a_key_is_the_same_in_every_run() -> None:
    assert call_key(SETTINGS, QUESTION) == "51256afe5960f62b26ba0b252673cfee97e061467b5198315bd90d1caf9756e2"


@pytest.mark.parametrize(
    "settings",
    [
        {"model": "other"},
        {"base_url": "http://other/v1"},
        {"api": "completions"},
        {"temperature": 0.5},
        {"max_tokens": 5},
        {"seed": 1},
        {"extra_body": {"top_k": 1}},
    ],
)
def test_whatever_determines_the_answer_makes_another_key(settings: dict[str, object]) -> None:
    assert call_key(SETTINGS.model_copy(update=settings), QUESTION) != call_key(SETTINGS, QUESTION)


@pytest.mark.parametrize(
    "settings",
    [{"api_key_env": "KEY"}, {"timeout": 5.0}, {"max_in_flight": 1}, {"price_input": 1.0}, {"base_url": "http://host/v1/"}],
)
def test_key_limits_and_prices_do_not(settings: dict[str, object]) -> None:
    assert call_key(SETTINGS.model_copy(update=settings), QUESTION) == call_key(SETTINGS, QUESTION)


@pytest.mark.parametrize(
    "other",
    [
        Request("annotate", (Message("system", "Be brief.H"), Message("user", "ello"))),
        Request("annotate", (Message("user", "Be brief."), Message("user", "Hello"))),
        Request("annotate", QUESTION.messages, sample=1),
        Request("annotate", QUESTION.messages, parameters={"temperature": 0.7}),
    ],
)
def test_another_question_or_sample_has_another_key(other: Request) -> None:
    assert call_key(SETTINGS, other) != call_key(SETTINGS, QUESTION)


def test_stage_and_item_do_not_make_another_question() -> None:
    assert call_key(SETTINGS, Request("validate", QUESTION.messages, item="two")) == call_key(SETTINGS, QUESTION)


def test_the_order_of_parameters_does_not_matter() -> None:
    one = Request("s", QUESTION.messages, parameters={"stop": "x", "top_p": 0.5})
    other = Request("s", QUESTION.messages, parameters={"top_p": 0.5, "stop": "x"})
    assert call_key(SETTINGS, one) == call_key(SETTINGS, other)


def test_half_a_surrogate_pair_has_a_key_too() -> None:
    assert len(call_key(SETTINGS, Request("s", (Message("user", "\ud83d"),)))) == 64


def test_parameters_of_the_question_go_before_those_of_the_role_and_none_takes_one_away() -> None:
    settings = SETTINGS.model_copy(update={"max_tokens": 10, "extra_body": {"top_k": 4}})
    asked = Request("s", QUESTION.messages, parameters={"temperature": 0.7, "max_tokens": None})
    assert parameters_of(settings, asked) == {"temperature": 0.7, "top_k": 4}


def test_a_password_in_the_address_is_not_part_of_it() -> None:
    assert public_url(SETTINGS.model_copy(update={"base_url": "http://me:secret@host:8000/v1"})) == "http://host:8000/v1"


def test_the_embedded_model_has_the_same_key_at_every_start() -> None:
    embedded = RoleSettings(provider="embedded")
    assert public_url(embedded) == "embedded"
    assert call_key(embedded, QUESTION) != call_key(embedded.model_copy(update={"model_path": "other.gguf"}), QUESTION)
