"""The base of every section of `workbench.toml`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """Unknown keys are errors: a mistyped setting would otherwise do nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)
