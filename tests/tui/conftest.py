"""Projects to review in."""

from __future__ import annotations

import pytest

from core.project import Project
from tests.tui.review_app import CONVERSATIONS, fill


@pytest.fixture
def library(project: Project) -> Project:
    """Eleven rephrasings of five steps in three conversations, some Chinese, some that look like markup; none decided."""
    fill(project, CONVERSATIONS)
    return project
