"""The section `[rephrase]` of `workbench.toml`."""

from __future__ import annotations

from pydantic import Field

from core.section import Section


class RephraseSection(Section):
    count: int = Field(default=10, ge=0, le=49)
    """Rephrasings per user step; 0 skips the stage. 49 is the reference's limit."""
