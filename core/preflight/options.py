"""What a preflight is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Form = Literal["auto", "chat", "plain"]
Side = Literal["end", "start"]


@dataclass(frozen=True, slots=True)
class PreflightOptions:
    """`model`: a folder or a name on the hub. `max_length`: tokens a row is cut at; None: the length that is needed.

    `cut_side`: which end goes (TRL's `truncation_mode`: keep_start cuts the `end`). `form`: `chat` as TRL renders messages of
    prompt and completion; `plain` as it joins two texts; `auto`: chat where the model has a template. `pad_token` and
    `eos_token`: what the trainer will set in place of the tokenizer's own. `template_options`: handed to the chat template in
    training and serving alike (TRL's and vLLM's `chat_template_kwargs`). `waived`: checks that need not pass. `recipe`: the
    training to estimate (`core.preflight.cost.read_recipe`). `prices`: of an hour, by GPU type.
    """

    model: str
    max_length: int | None = None
    cut_side: Side = "end"
    form: Form = "auto"
    pad_token: str | None = None
    eos_token: str | None = None
    template_options: Mapping[str, Any] = field(default_factory=dict)
    waived: tuple[str, ...] = ()
    recipe: str | None = None
    prices: Mapping[str, float] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        """As JSON gives it back."""
        return asdict(self) | {"waived": list(self.waived)}
