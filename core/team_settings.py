"""The sections `[team]` and `[argilla]` of `workbench.toml`."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from core.section import Section

DEFAULT_THRESHOLD: Final = 0.25
"""Reached by a rephrasing with the verdict `same` and one strong sign or two weaker ones (review/ambiguity.py)."""


class TeamSection(Section):
    """What goes to the team, and what its answers come to (review/team/resolution.py)."""

    threshold: float = Field(default=DEFAULT_THRESHOLD, ge=0, le=1)
    """Ambiguity score from which a rephrasing goes to people; `workbench review calibrate` proposes one."""
    overlap: int = Field(default=2, ge=1, le=20)
    """Answers wanted of each record."""
    rule: Literal["unanimous", "majority", "adjudicate"] = "majority"
    """unanimous: all agree; majority: more than half, by `margin`; adjudicate: all that was answered is decided here."""
    margin: int = Field(default=1, ge=1, le=20)
    """How many votes a majority must be ahead."""
    experts: tuple[str, ...] = ()
    """Annotators whose answer decides, whatever the others say; where they disagree with one another, it is decided here."""
    guidelines: str | None = None
    """Markdown file with the guidelines for annotators, relative to `workbench.toml`; ours are used without one."""


class ArgillaSection(Section):
    """The server that the team labels on. The API key is read from the environment, never from the file."""

    url: str = Field(default="", pattern=r"^(https?://\S+)?$")
    """Address of the server, e.g. `https://labels.example.org`."""
    api_key_env: str = "ARGILLA_API_KEY"
    """Name of the environment variable that holds an owner's or admin's key; a `.env` beside `workbench.toml` counts."""
    workspace: str = Field(default="workbench", min_length=1)
    """Made where it is missing and the key's owner may make it."""
    batch: int = Field(default=100, ge=1, le=500)
    """Records per call; the server takes at most 500."""
