"""An estimate counts what will be asked and what that costs, and leaves out what is answered already."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from core.errors import ProjectError
from core.llm.estimate import estimate_calls, guess_calls
from core.llm.models import Message, Request, Role
from core.llm.session import llm_session
from core.project import Project
from tests.llm_server import scripted_server


def configured(project: Project, **settings: Any) -> Project:
    given = {"base_url": "http://127.0.0.1:1/v1", "model": "test-model", **settings}
    lines = ["[llm.annotator]", *(f"{name} = {json.dumps(value)}" for name, value in given.items())]
    project.config_path.write_text("\n".join(lines))
    return Project(project.root)


def question(text: str, sample: int = 0) -> Request:
    return Request("annotate", (Message("user", text),), sample)


def test_prompts_are_counted_and_priced(project: Project, connection: sqlite3.Connection) -> None:
    project = configured(project, price_input=2.0, price_output=10.0, currency="EUR")
    found = estimate_calls(
        project, Role.ANNOTATOR, [question("a" * 400), question("b" * 800)], connection, completion_tokens=20
    )
    assert (found.calls, found.stored, found.exact) == (2, 0, False)
    assert found.prompt_tokens == 100 + 200 + 2 * 7  # the marks of the chat template
    assert found.completion_tokens == 40
    assert found.cost == pytest.approx((314 * 2 + 40 * 10) / 1e6)
    assert (found.role, found.model, found.currency) == (Role.ANNOTATOR, "test-model", "EUR")


def test_the_same_question_counts_once_and_another_sample_is_another_question(
    project: Project, connection: sqlite3.Connection
) -> None:
    requests = [question("a"), question("a"), question("a", sample=1)]
    assert estimate_calls(configured(project), Role.ANNOTATOR, requests, connection, completion_tokens=1).calls == 2


async def test_what_is_answered_is_stored_and_costs_nothing(project: Project, connection: sqlite3.Connection) -> None:
    with scripted_server("yes") as server:
        project = configured(project, base_url=server.base_url, price_input=1.0)
        async with llm_session(project) as session:
            await session(Role.ANNOTATOR).ask(question("a"))
    found = estimate_calls(project, Role.ANNOTATOR, [question("a"), question("b")], connection, completion_tokens=1)
    assert (found.calls, found.stored) == (1, 1)
    only = estimate_calls(project, Role.ANNOTATOR, [question("b")], connection, completion_tokens=1)
    assert found.prompt_tokens == only.prompt_tokens
    assert found.cost == only.cost


def test_the_role_s_tokenizer_makes_the_count_exact(project: Project, connection: sqlite3.Connection) -> None:
    tokenizers = pytest.importorskip("tokenizers")
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    words.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    words.save(str(Path(project.root, "tokenizer.json")))
    project = configured(project, tokenizer="tokenizer.json", api="completions")
    found = estimate_calls(project, Role.ANNOTATOR, [question("one two three")], connection, completion_tokens=1)
    assert (found.prompt_tokens, found.exact) == (3, True)


def test_without_a_price_the_cost_is_not_known_but_the_embedded_model_costs_nothing(
    project: Project, connection: sqlite3.Connection
) -> None:
    assert guess_calls(configured(project), Role.ANNOTATOR, 10, 100, 5).cost is None
    assert guess_calls(configured(project, provider="embedded"), Role.ANNOTATOR, 10, 100, 5).cost == 0


def test_a_guess_is_of_so_many_calls_of_that_size(project: Project) -> None:
    found = guess_calls(configured(project, price_input=1.0, price_output=1.0), Role.ANNOTATOR, 10, 100, 5)
    assert (found.calls, found.stored, found.prompt_tokens, found.completion_tokens) == (10, 0, 1000, 50)
    assert found.exact is False
    assert found.cost == pytest.approx(1050 / 1e6)


def test_a_role_that_is_not_configured_says_what_to_add(project: Project) -> None:
    with pytest.raises(ProjectError, match="no model is set for the role `judge`") as error:
        guess_calls(project, Role.JUDGE, 1, 1, 1)
    assert "[llm.judge]" in error.value.remedy
    with pytest.raises(ProjectError, match="no model is set for the role `rephraser`") as error:
        guess_calls(project, Role.REPHRASER, 1, 1, 1)
    assert "Add a section [llm.annotator]" in error.value.remedy
