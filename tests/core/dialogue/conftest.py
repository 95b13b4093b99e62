from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from core.assistant.models import Assistant
from core.assistant.reading import load_assistant
from tests.core.dialogue.small import BOOKING, READ, Chat, Scripted, Talk, more


@pytest.fixture
def read(tmp_path: Path) -> READ:
    def read_text(text: str) -> Assistant:
        path = tmp_path / "assistant.yml"
        path.write_text(dedent(text), encoding="utf-8")
        return load_assistant(path)

    return read_text


@pytest.fixture
def talk(read: READ) -> Talk:
    """Begins a conversation with an assistant: the one of `BOOKING` plus what the text adds, or with `alone` only the text."""

    def begin(
        text: str = "",
        *,
        alone: bool = False,
        version: str = "3.12",
        actions: Scripted | None = None,
        slots: Mapping[str, Any] | None = None,
    ) -> Chat:
        assistant = read(text if alone else more(BOOKING, text))
        return Chat(assistant, version, actions or Scripted(), slots or {})

    return begin
