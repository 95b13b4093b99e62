"""How long a row may get. A trainer that is told too little cuts the label off the end of the prompt, and says nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.export.row_files import Progress
from core.export.source import Source
from core.export.trainers.told import Told
from core.project import Project
from core.prompts.tokens import token_counter

_STEP = 64
_TEMPLATE_TOKENS = 256
"""Room for what a chat template adds around one message and its answer: a default system prompt is its largest part."""


@dataclass(frozen=True, slots=True)
class Length:
    """`tokens`: what to train with. `why`: where the number comes from, for a comment."""

    tokens: int
    why: str


@dataclass(frozen=True, slots=True)
class Target:
    """`model`: that of the last preflight of the dataset, else the one the reference recipe takes: a name on the hub, or the
    absolute path of a folder. `pad_token`, `eos_token`, `template_options`: what that preflight was told to use in the place of
    the model's own (no options where no chat template is rendered); `tokens_why`: where the two tokens come from."""

    model: str
    model_why: str
    length: Length
    pad_token: str | None = None
    eos_token: str | None = None
    tokens_why: str = "as in the preflight"
    template_options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def tokens(self) -> dict[str, str]:
        """The tokens to set, by the name of the setting."""
        named = (("pad_token", self.pad_token), ("eos_token", self.eos_token))
        return {name: token for name, token in named if token is not None}

    def options_note(self, what: str) -> str:
        """A comment on the template options in `what` words; empty if there are none. `{}` stands for them."""
        if not self.template_options:
            return ""
        told = json.dumps(dict(self.template_options), ensure_ascii=False)
        return "\n" + "".join(f"# {line}\n" for line in what.format(told).splitlines())


DEFAULT_MODEL = "meta-llama/Llama-3.1-8B-Instruct"
DEFAULT_PAD_TOKEN = "<|finetune_right_pad_id|>"
"""Of the default model's vocabulary; its tokenizer names none, and a batch of two rows needs one."""


def target_of(project: Project, told: Told | None, source: Source, *, templated: bool, progress: Progress) -> Target:
    """`told`: by the last preflight. `templated`: the trainer puts the chat template around a row.

    The length is that of the preflight; else counted with the project's tokenizer; else a bound that no tokenizer exceeds.
    """
    if told is None:
        length = _without_preflight(project, source, templated, progress)
        why = "the default model's tokenizer names none, this one of its vocabulary is meant for it; leave it away for another"
        return Target(DEFAULT_MODEL, "the reference recipe's default; put yours here", length, DEFAULT_PAD_TOKEN, None, why)
    model, why = told.model, "the model of the last preflight"
    if told.folder is not None:
        model, why = told.folder, f"{why}: a folder of the machine it ran on; elsewhere put where it lies there"
    if templated and told.form != "chat":
        length = _without_preflight(project, source, templated, progress)
    else:
        length = Length(told.advised, f"the longest row has {told.needed:,} tokens (workbench preflight with this model)")
    options = told.template_options if templated else {}
    return Target(model, why, length, told.pad_token, told.eos_token, template_options=options)


def _without_preflight(project: Project, source: Source, templated: bool, progress: Progress) -> Length:
    if project.settings.project.tokenizer is not None:
        return _counted(project, source, templated, progress)
    return _bound(source, templated)


def _counted(project: Project, source: Source, templated: bool, progress: Progress) -> Length:
    name = project.settings.project.tokenizer
    assert name is not None
    count = token_counter(project.root / name)
    longest = 0
    for done, (prompt, completion) in enumerate(_texts(source)):
        if done % 1000 == 0:
            progress("counting tokens", done, source.rows)
        longest = max(longest, count(json.loads(b'"%b%b"' % (prompt, completion))).count)
    room = f" and room for {_TEMPLATE_TOKENS} of the chat template" if templated else ""
    return Length(_rounded(longest, templated), f"the longest row has {longest:,} tokens (the project's tokenizer){room}")


def _bound(source: Source, templated: bool) -> Length:
    """Escapes make a text longer, never shorter, so the bytes as they stand in the file are a bound too."""
    longest = max(len(prompt) + len(completion) for prompt, completion in _texts(source))
    return Length(
        _rounded(longest, templated),
        f"AN UPPER BOUND: the longest row has {longest:,} bytes, of which no tokenizer makes more tokens than that. What is"
        "\n# needed, `workbench preflight` says",
    )


def _texts(source: Source) -> Iterator[tuple[bytes, bytes]]:
    for part in source.parts:
        yield from source.texts(part)


def _rounded(tokens: int, templated: bool) -> int:
    return -(-(tokens + 2 + (_TEMPLATE_TOKENS if templated else 0)) // _STEP) * _STEP  # two: BOS and EOS
