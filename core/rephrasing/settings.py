"""The sections `[rephrase]` and `[rephrase.mix]` of `workbench.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from core.section import Section

_LONGEST_NAME = 60


def _some_share(shares: Mapping[str, float]) -> Mapping[str, float]:
    if not any(shares.values()):
        raise PydanticCustomError("shares", "at least one share must be greater than 0")
    return shares


def _names(shares: Mapping[str, float]) -> Mapping[str, float]:
    for name in shares:
        if not (name.strip() and name.isprintable() and len(name) <= _LONGEST_NAME):
            raise PydanticCustomError("name", "a name must be 1 to {most} printable characters", {"most": _LONGEST_NAME})
    return shares


_Share = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
_Named = Annotated[dict[str, _Share], AfterValidator(_some_share), AfterValidator(_names)]
"""Values that are names of the user's own."""


class MixSection(Section):
    """What share of the wordings has which style; an axis is a table, shares are relative to each other.

    An axis that is given replaces its default as a whole.
    """

    register_: Annotated[dict[Literal["neutral", "casual", "formal"], _Share], AfterValidator(_some_share)] = Field(
        default={"neutral": 4, "casual": 4, "formal": 2}, alias="register"
    )
    length: Annotated[dict[Literal["similar", "shorter", "longer"], _Share], AfterValidator(_some_share)] = Field(
        default={"similar": 2, "shorter": 1, "longer": 1}
    )
    typos: Annotated[dict[Literal["none", "few", "many"], _Share], AfterValidator(_some_share)] = Field(
        default={"none": 9, "few": 1}
    )
    speech: Annotated[dict[Literal["none", "some"], _Share], AfterValidator(_some_share)] = Field(default={"none": 1})
    """What a speech recogniser makes of a message: no punctuation, filler words, words that sound alike."""
    dialect: _Named = Field(default={"none": 1})
    """`none`, and the names of dialects or varieties: `Bavarian`, `Indian English`."""
    language: _Named = Field(default={"same": 1})
    """`same`, and the names of languages; a wording that was asked for in another language is no language switch."""


class RephraseSection(Section):
    count: int = Field(default=10, ge=0, le=49)
    """Rephrasings per user step; 0 skips the stage. 49 is the reference's limit."""
    rounds: int = Field(default=2, ge=0, le=10)
    """How often more are asked for where repetitions or unusable answers leave a user step with too few."""
    per_call: int = Field(default=80, ge=1, le=500)
    """Wordings asked for in one call; a conversation that needs more is asked for in several."""
    prompt: str | None = None
    """Jinja template of the prompt, relative to `workbench.toml`; default: Workbench's own."""
    structured: Literal["auto", "never"] = "auto"
    """auto: the answer's JSON schema is sent along, unless the server refuses it."""
    near_duplicate: float = Field(default=0.9, gt=0, le=1)
    """Similarity from which two wordings are one (1 less their edit distance per character), beside what validation calls a
    near-duplicate; 1: that alone."""
    seed: int = 42
    """Of the choice which wording gets which style."""
    mix: MixSection = MixSection()
