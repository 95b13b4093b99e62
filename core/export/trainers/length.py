"""How long a row may get. A trainer that is told too little cuts the label off the end of the prompt, and says nothing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.export.row_files import Progress
from core.export.source import Source
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
    """`model`: that of the last preflight of the dataset, else the one the reference recipe takes. `pad_token`, `eos_token`,
    `template_options`: what that preflight was told to use in the place of the model's own."""

    model: str
    model_why: str
    length: Length
    pad_token: str | None = None
    eos_token: str | None = None
    template_options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def note(self) -> str:
        """A comment on what no setting can say; empty if there is nothing to say."""
        if not self.template_options:
            return ""
        told = json.dumps(dict(self.template_options), ensure_ascii=False)
        return f"\n# The preflight rendered the chat template with {told}: the trainer and the server need that too.\n"


DEFAULT_MODEL = "meta-llama/Llama-3.1-8B-Instruct"


def target_of(
    project: Project, connection: sqlite3.Connection, source: Source, *, templated: bool, progress: Progress
) -> Target:
    """`templated`: the trainer puts the chat template around a row.

    The length is that of the last preflight, whose model it then is; else counted with the project's tokenizer; else a bound
    that no tokenizer exceeds.
    """
    found = connection.execute(
        "SELECT model, report, parameters FROM preflight WHERE dataset_id = ? ORDER BY id DESC LIMIT 1", (source.version.id,)
    ).fetchone()
    if found is not None:
        report = json.loads(found[1])
        model = (str(found[0]), "the model of the last preflight")
        if not templated or report["target"]["form"] == "chat":
            longest = int(report["lengths"]["needed"])
            why = f"the longest row has {longest:,} tokens (workbench preflight with this model)"
            told = json.loads(found[2])
            length = Length(int(report["lengths"]["advised"]), why)
            return Target(*model, length, told.get("pad_token"), told.get("eos_token"), told.get("template_options") or {})
    else:
        model = (DEFAULT_MODEL, "the reference recipe's default; put yours here")
    if project.settings.project.tokenizer is not None:
        return Target(*model, _counted(project, source, templated, progress))
    return Target(*model, _bound(source, templated))


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
