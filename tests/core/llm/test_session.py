"""Roles of a run."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from core.errors import ProjectError, StoreError
from core.llm.models import Role
from core.llm.session import LlmSession, llm_session
from core.project import Project, create_project
from tests.core.llm.asking import ask_all, in_session, make_project, question, text_of
from tests.llm_server import scripted_server


def _role(project: Project, role: Role) -> None:
    async def get(session: LlmSession) -> None:
        session(role)

    in_session(project, get)


def test_a_role_that_is_not_configured_says_which_section_to_add(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"\[llm.judge\]"):
        _role(make_project(tmp_path, "http://127.0.0.1:1/v1"), Role.JUDGE)


def test_a_role_needs_a_model(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="names no model"):
        _role(make_project(tmp_path, "http://127.0.0.1:1/v1", model=""), Role.ANNOTATOR)


def test_azure_needs_a_resource(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"openai\.azure\.com"):
        _role(make_project(tmp_path, "", provider="azure"), Role.ANNOTATOR)


@pytest.mark.parametrize("address", ["127.0.0.1:8000/v1", "http://[::1/v1", "http://host:port/v1", "ftp://host/v1"])
def test_an_address_that_is_none_is_told_before_anything_is_asked(address: str, tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="no address of an API"):
        _role(make_project(tmp_path, address), Role.ANNOTATOR)


def test_roles_of_one_model_share_its_limits(tmp_path: Path) -> None:
    with scripted_server("yes", latency=0.05) as server:
        project = make_project(tmp_path, server.base_url, max_in_flight=2)
        text = project.config_path.read_text("utf-8")
        project.config_path.write_text(text + text.replace("annotator", "judge"), "utf-8")

        async def ask(session: LlmSession) -> None:
            askers = session(Role.ANNOTATOR), session(Role.JUDGE)
            await asyncio.gather(*(askers[number % 2].ask(question(str(number))) for number in range(10)))

        _, reading = in_session(create_project(project.root)[0], ask)
        assert server.most_in_flight == 2
    assert reading.limit == 2


def test_an_answer_to_one_role_serves_another_with_the_same_model(tmp_path: Path) -> None:
    with scripted_server("yes") as server:
        project = make_project(tmp_path, server.base_url)
        ask_all(project, [question()])
        text = project.config_path.read_text("utf-8").replace("annotator", "judge")
        project.config_path.write_text(text, "utf-8")

        async def ask(session: LlmSession) -> str:
            return text_of(await session(Role.JUDGE).ask(question()))

        assert in_session(create_project(project.root)[0], ask)[0] == "yes"
        assert server.count == 1


def test_a_project_without_a_database_says_so(tmp_path: Path) -> None:
    project = make_project(tmp_path, "http://127.0.0.1:1/v1")
    for path in project.state_folder.glob("workbench.db*"):
        path.unlink()

    async def enter() -> None:
        async with llm_session(project):
            pass

    with pytest.raises(StoreError, match="no database"):
        asyncio.run(enter())


def test_a_question_known_to_be_too_long_is_not_sent(tmp_path: Path) -> None:
    tokenizers = pytest.importorskip("tokenizers")
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel({"word": 0, "[UNK]": 1}, unk_token="[UNK]"))
    words.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    words.save(str(tmp_path / "tokenizer.json"))
    with scripted_server("yes") as server:
        project = make_project(tmp_path, server.base_url, context_length=50, tokenizer="../tokenizer.json")
        short, long = ask_all(project, [question("word " * 49), question("word " * 51)])
        assert server.count == 1
    assert text_of(short) == "yes"
    assert "51 tokens, the model's context 50" in str(long)
