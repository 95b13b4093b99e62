"""The JSONL formats: what stands before, between and after the two texts of a row."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from core.export.options import ExportFormat


@dataclass(frozen=True, slots=True)
class Envelope:
    """A row is `head`, prompt, `middle`, completion, `tail`; the texts as the inside of a JSON string."""

    head: bytes
    middle: bytes
    tail: bytes

    def pieces(self, texts: Iterable[tuple[bytes, bytes]]) -> Iterator[bytes]:
        """Five for each row: a prompt is long, and is copied only where the pieces are joined for writing."""
        return chain.from_iterable((self.head, prompt, self.middle, completion, self.tail) for prompt, completion in texts)

    def row(self, prompt: bytes, completion: bytes) -> bytes:
        return b"".join((self.head, prompt, self.middle, completion, self.tail))

    def with_template_options(self, options: Mapping[str, Any]) -> Envelope:
        """With a last column of the same options in every row; itself without options."""
        if not options:
            return self
        column = b', "chat_template_kwargs": %b}\n' % json.dumps(dict(options), ensure_ascii=False).encode()
        return Envelope(self.head, self.middle, self.tail.removesuffix(b"}\n") + column)


PIECES = 5
_MESSAGES = Envelope(b'{"messages": [{"role": "user", "content": "', b'"}, {"role": "assistant", "content": "', b'"}]}\n')
PLAIN = Envelope(b'{"prompt": "', b'", "completion": "', b'"}\n')

ENVELOPES = {
    ExportFormat.INSTRUCTION: PLAIN,
    ExportFormat.CONVERSATIONAL: _MESSAGES,
    ExportFormat.PROMPT_COMPLETION: PLAIN,
    # TRL renders these with the model's chat template and learns the completion only:
    # https://huggingface.co/docs/trl/dataset_formats#prompt-completion
    ExportFormat.CHAT: Envelope(
        b'{"prompt": [{"role": "user", "content": "',
        b'"}], "completion": [{"role": "assistant", "content": "',
        b'"}]}\n',
    ),
    ExportFormat.MESSAGES: _MESSAGES,
    # https://github.com/tatsu-lab/stanford_alpaca#data-release
    ExportFormat.ALPACA: Envelope(b'{"instruction": "', b'", "input": "", "output": "', b'"}\n'),
    # https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md#sharegpt-format
    ExportFormat.SHAREGPT: Envelope(
        b'{"conversations": [{"from": "human", "value": "', b'"}, {"from": "gpt", "value": "', b'"}]}\n'
    ),
    ExportFormat.OPENAI: _MESSAGES,
}
"""By format; those that are not here are no JSONL."""
