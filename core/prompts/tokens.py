"""How many tokens a prompt has for a model: exact with the model's own tokenizer, else an estimate that says so."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.errors import Location, TemplateError

_WIDE = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]")
_CHARACTERS_PER_TOKEN = 4
"""Of English text in the vocabularies of Llama 3, Qwen and GPT-4o alike; a wide character is about one token."""


@dataclass(frozen=True, slots=True)
class TokenCount:
    count: int
    exact: bool

    def __str__(self) -> str:
        return f"{self.count:,} tokens" if self.exact else f"about {self.count:,} tokens (an estimate: no tokenizer is set)"


def estimate(text: str) -> TokenCount:
    """A guess from the number of characters."""
    wide = len(_WIDE.findall(text))
    return TokenCount(wide + -(-(len(text) - wide) // _CHARACTERS_PER_TOKEN), exact=False)


def token_counter(tokenizer: Path | None) -> Callable[[str], TokenCount]:
    """Counts with a `tokenizer.json` (or the folder it lies in), without special tokens; `estimate` if None is given.

    Raises:
        TemplateError: the file is missing or no tokenizer, or the package `tokenizers` is not installed.
    """
    if tokenizer is None:
        return estimate
    file = tokenizer / "tokenizer.json" if tokenizer.is_dir() else tokenizer
    where = Location(str(file))
    if not file.is_file():
        raise TemplateError("there is no tokenizer", where=where, remedy="Set `tokenizer` in workbench.toml to tokenizer.json.")
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise TemplateError(
            "exact token counts need the package `tokenizers`", remedy="pip install 'finetune-workbench[hf]'"
        ) from error
    try:
        loaded = Tokenizer.from_file(str(file))
    except Exception as error:  # the library raises bare Exception for whatever is wrong with the file
        raise TemplateError(f"this is no tokenizer: {error}", where=where, remedy="Take the model's tokenizer.json.") from error
    return lambda text: TokenCount(len(loaded.encode(text, add_special_tokens=False).ids), exact=True)
