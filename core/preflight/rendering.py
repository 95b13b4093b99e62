"""Rows as the trainer and the server will see them, token by token.

The trainer is TRL's SFTTrainer on prompt and completion (trl/trainer/sft_trainer.py, 1.16, `_prepare_dataset`). `chat`: the
template renders the user's message with the opened answer, and the message with the answer; the completion begins where
the two sequences of ids part. `plain`: prompt and prompt + completion + EOS go through the tokenizer with the tokens it adds by
itself. The server is vLLM's: the chat endpoint renders the message with the opened answer and adds no tokens, the completions
endpoint encodes the text with those the tokenizer adds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import Literal

from core.dataset.folder import Lineage, Row, read_lineage, read_rows
from core.dataset.models import DatasetVersion, Part
from core.errors import ProjectError
from core.preflight.models import RowPlace
from core.preflight.pair_encoder import PairEncoder
from core.preflight.target import Message, ModelError, Target

BATCH = 128
"""Rows encoded at a time: 128 rows of 1,100 tokens keep both cores busy and stay under 10 MB."""
PARTS = (Part.TRAIN, Part.VAL)
"""The holdout stays sealed: nothing is learned from its rows, so nothing of it is looked at."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A row of the dataset with its tokens. `tokens`: of prompt and completion as trained, learned from `border` on.

    `opened`: the training prompt alone, `served`: what the server makes of the prompt, `alone`: the completion by itself, as
    ids. `opened_text`, `text`: prompt and row before the tokenizer; `decoded`: the row's ids turned back into text.
    """

    row: Row
    lineage: Lineage
    opened_text: str
    text: str
    opened: list[int]
    tokens: list[int]
    served: list[int]
    alone: list[int]
    border: int
    decoded: str

    @property
    def learned(self) -> list[int]:
        return self.tokens[self.border :]

    def place(self, note: str = "") -> RowPlace:
        line = f":{self.lineage.line}" if self.lineage.line else ""
        return RowPlace(self.row.part.value, self.row.number, f"{self.lineage.file}{line}", note)

    @property
    def answer(self) -> str | None:
        """The text after the opened answer, None where the template renders it another way."""
        return self.text[len(self.opened_text) :] if self.text.startswith(self.opened_text) else None


class Renderer:
    """Renders batches of rows in one form."""

    def __init__(self, target: Target, form: Literal["chat", "plain"]) -> None:
        """Raises ModelError: `chat` without a chat template, `plain` without an EOS token."""
        if form == "chat" and not target.template:
            raise ModelError(
                f"{target.model} has no chat template", remedy="Take an instruction-tuned model, or train with `--form plain`."
            )
        if form == "plain" and not target.tokenizer.eos_token:
            raise ModelError(f"{target.model} has no EOS token", remedy="Name the one the trainer will set with --eos-token.")
        self._target, self._form = target, form
        self._pair_encoder = PairEncoder(target)

    def render(self, rows: Iterable[tuple[Row, Lineage]]) -> Iterator[Rendered]:
        """In order, in batches.

        Raises:
            ModelError: the template refuses a row.
        """
        source = iter(rows)
        while batch := list(islice(source, BATCH)):
            yield from self._batch(batch)

    def _batch(self, batch: list[tuple[Row, Lineage]]) -> Iterator[Rendered]:
        target, chat = self._target, self._form == "chat"
        if chat:
            opened_texts = target.render([_asked(row) for row, _ in batch], opened=True)
            texts = target.render(
                [[*_asked(row), {"role": "assistant", "content": row.completion}] for row, _ in batch], opened=False
            )
        else:
            opened_texts = [row.prompt for row, _ in batch]
            texts = [row.prompt + _ended(row.completion, target.tokenizer.eos_token) for row, _ in batch]
        if chat:
            opened, tokens = self._pair_encoder.encode(opened_texts, texts)
        else:
            opened, tokens = (target.encode(one, special=True) for one in (opened_texts, texts))
        served = opened
        if not chat and target.template:  # trained on plain text, but a model with a template is served by the chat endpoint
            served = target.encode(target.render([_asked(row) for row, _ in batch], opened=True), special=False)
        alone = target.encode([row.completion for row, _ in batch], special=False)
        decoded = target.decode(tokens)
        for number, (row, lineage) in enumerate(batch):
            yield Rendered(
                row, lineage, opened_texts[number], texts[number], opened[number], tokens[number], served[number],
                alone[number], common(opened[number], tokens[number]), decoded[number],
            )  # fmt: skip


def common(first: list[int], second: list[int]) -> int:
    """How many leading ids two sequences share."""
    if second[: len(first)] == first:  # the usual case, without a step of Python per token
        return len(first)
    return next((index for index, (one, other) in enumerate(zip(first, second, strict=False)) if one != other), len(second))


def read_with_lineage(version: DatasetVersion) -> Iterator[tuple[Row, Lineage]]:
    """The rows of train and val, each with where it comes from.

    Raises:
        ProjectError: the version's files are gone or damaged.
    """
    for part in PARTS:
        for row, lineage in zip_longest(read_rows(version, part), read_lineage(version, part)):
            if row is None or lineage is None or row.number != lineage.number:
                raise ProjectError(
                    f"the dataset {version.name} is damaged: its lineage does not follow the rows of {part.value}",
                    remedy="Build it again: `workbench dataset build` with the same options gives the same rows.",
                )
            yield row, lineage


def _asked(row: Row) -> list[Message]:
    return [{"role": "user", "content": row.prompt}]


def _ended(completion: str, eos: str) -> str:
    return completion if completion.endswith(eos) else completion + eos
