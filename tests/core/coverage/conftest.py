"""The small assistant."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.assistant.models import Assistant
from tests.core.coverage.small import read


@pytest.fixture
def assistant(tmp_path: Path) -> Assistant:
    return read(tmp_path / "assistant")
