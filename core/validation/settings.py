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
    unanimous: bool = False
    """Whether a single vote against the others makes a rephrasing ambiguous."""
    second_model: Literal["", "candidate", "judge", "rephraser"] = ""
    """Role of a further model that has to agree; empty: none."""
    judge: bool = False
    """Whether `[llm.judge]` is asked about those that commands and text checks find the same."""
