"""The checks by name: what each proves. `--waive` takes these names, and so does the list of what passed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from core.errors import UsageError

CHECKS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "long-rows": "no row loses a token of its completion at the length trained with",
        "trainer-defaults": "the trainers' own default lengths would keep every completion",
        "supervised-share": "every row has tokens that are learned, and neither too few nor too many",
        "empty-completions": "every row has a completion",
        "end-of-turn": "a token that stops the server follows the completion and is learned",
        "pad-token": "there is a token for padding, and it is not the one that ends a turn",
        "double-bos": "the sequence begins with one beginning-of-sequence token, not two and not none",
        "train-serve": "the prompt of training is the prompt of serving, token for token",
        "border": "the completion has the same tokens behind its prompt and alone",
        "added-text": "the template puts nothing before the completion that the server would answer",
        "altered-text": "the template keeps prompt and completion as they are written",
        "clock": "the rendering does not depend on the day",
        "system-prompt": "the template adds no system prompt of its own",
        "special-text": "no prompt or completion holds the text of a control token",
        "decoding": "tokens turn back into the text they were made from",
        "unknown-tokens": "the tokenizer knows every character",
        "label-leak": "no completion stands in its own prompt",
        "contradictions": "no prompt has two different completions",
        "val-repeats-train": "no row of val repeats one of train, nor its state and message",
        "balance": "every command has enough rows, and none outweighs the rest",
    }
)


def known_checks(names: Iterable[str]) -> tuple[str, ...]:
    """The names, sorted and each once.

    Raises:
        UsageError: one is no check.
    """
    wanted = sorted(set(names))
    for name in wanted:
        if name not in CHECKS:
            raise UsageError(f"there is no check `{name}`", remedy=f"The checks are {', '.join(CHECKS)}.")
    return tuple(wanted)
