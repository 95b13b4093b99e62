"""Questions in numbers: as Workbench asks them, and as the bare SDK does.

python -m bench.llm_load BASE_URL CALLS: prints MiB after a quarter of the calls, MiB at the end, and seconds.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from openai import AsyncOpenAI

from core.llm.models import Answer, Asker, Message, Request, Role
from core.llm.session import llm_session
from core.project import Project, create_project

PROMPT = "You read a conversation and write the commands that the assistant has to carry out next. " * 40
"""Of about 900 tokens, as a command prompt of a small assistant has."""


def _text(number: int) -> str:
    return f"{PROMPT}\n{number}"


async def bare_rate(base_url: str, at_once: int, calls: int) -> float:
    """Answers a second of `asyncio.gather` over the SDK, nothing stored."""
    async with AsyncOpenAI(base_url=base_url, api_key="none", max_retries=0, timeout=60) as client:
        free = asyncio.Semaphore(at_once)

        async def ask(number: int) -> str | None:
            async with free:
                answer = await client.chat.completions.create(
                    model="test-model", messages=[{"role": "user", "content": _text(number)}]
                )
            return answer.choices[0].message.content

        start = time.perf_counter()
        await asyncio.gather(*(ask(number) for number in range(calls)))
        return calls / (time.perf_counter() - start)


async def client_rate(base_url: str, at_once: int, calls: int, *, requests_per_minute: int | None = None) -> float:
    """Answers a second of the client, from its first question to its last answer on disk."""
    async with _asker(base_url, at_once, requests_per_minute) as asker:
        start = time.perf_counter()
        await asyncio.gather(*(_ask(asker, number) for number in range(calls)))
        return calls / (time.perf_counter() - start)


async def _ask(asker: Asker, number: int) -> None:
    answer = await asker.ask(Request("annotate", (Message("user", _text(number)),), item=str(number)))
    assert isinstance(answer, Answer), answer


@asynccontextmanager
async def _asker(base_url: str, at_once: int, requests_per_minute: int | None = None) -> AsyncIterator[Asker]:
    with tempfile.TemporaryDirectory() as folder:
        limit = f"requests_per_minute = {requests_per_minute}\n" if requests_per_minute else ""
        text = f'[llm.annotator]\nmodel = "test-model"\nbase_url = "{base_url}"\nmax_in_flight = {at_once}\n{limit}'
        Path(folder, "workbench.toml").write_text(text, encoding="utf-8")
        project: Project = create_project(Path(folder))[0]
        async with llm_session(project) as session:
            yield session(Role.ANNOTATOR)


async def _steady(base_url: str, calls: int, at_once: int = 256) -> None:
    """As a stage asks: twice as many workers as may be in flight, each with one question at a time."""
    numbers, done = iter(range(calls)), 0
    marks: list[float] = []

    async def work(numbers: Iterator[int], asker: Asker) -> None:
        nonlocal done
        for number in numbers:
            await _ask(asker, number)
            done += 1
            if done == calls // 4:
                marks.append(_memory())

    async with _asker(base_url, at_once) as asker:
        start = time.perf_counter()
        await asyncio.gather(*(work(numbers, asker) for _ in range(2 * at_once)))
        print(f"{marks[0]:.1f} {_memory():.1f} {time.perf_counter() - start:.1f}")


def _memory() -> float:
    """MiB that this process holds now; its peak where the system does not tell that."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(next(line for line in status.read_text().splitlines() if line.startswith("VmRSS")).split()[1]) / 1024
    from bench.measure import peak_memory_mib

    return peak_memory_mib()


if __name__ == "__main__":
    asyncio.run(_steady(sys.argv[1], int(sys.argv[2])))
