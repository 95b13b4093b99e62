"""The section `[validate]` of `workbench.toml`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from core.section import Section


class ValidateSection(Section):
    mode: Literal["strict", "documented"] = "strict"
    """documented: slot values do not count, as in the reference's guide."""
    votes: int = Field(default=3, ge=1, le=15)
    """Answers taken where the first one is not clear."""
