"""What trainers do to rows that are too long, by their own rules and at their own default lengths.

Read in the trainers' source in 2026: TRL 1.16 `SFTConfig.max_length` 1024, `truncation_mode` keep_start, rows whose labels are
all masked are filtered out; Axolotl `sequence_len` 512, `excess_length_strategy` drop; LLaMA-Factory `cutoff_len` 2048, split
between prompt and answer by `infer_seqlen`, each cut at its end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.preflight.lengths import Pairs
from core.preflight.models import Cut
from core.preflight.options import Side

Keep = Callable[[int, int, int], tuple[int, int]]
"""(prompt, completion, length) in tokens → how many of each are kept; completion 0: the row teaches nothing."""


def keep_start(prompt: int, completion: int, length: int) -> tuple[int, int]:
    return min(prompt, length), min(completion, max(0, length - prompt))


def keep_end(prompt: int, completion: int, length: int) -> tuple[int, int]:
    kept = min(completion, length)
    return min(prompt, length - kept), kept


def drop(prompt: int, completion: int, length: int) -> tuple[int, int]:
    return (prompt, completion) if prompt + completion <= length else (0, 0)


def share_out(prompt: int, completion: int, length: int) -> tuple[int, int]:
    """LLaMA-Factory: the shorter side is spared if it is under half the length, else both lose in proportion."""
    if completion * 2 < length:
        most = length
    elif prompt * 2 < length:
        most = length - prompt
    else:
        most = int(length * (completion / (prompt + completion)))
    kept = min(most, completion)
    return min(max(length - kept, 0), prompt), kept


@dataclass(frozen=True, slots=True)
class Rule:
    trainer: str
    length: int
    words: str
    keep: Keep


DEFAULTS: Final = (
    Rule("TRL's default", 1024, "cuts the end, then leaves out rows without a label", keep_start),
    Rule("Axolotl's default", 512, "leaves out the whole row", drop),
    Rule("LLaMA-Factory's default", 2048, "cuts the end of the prompt, where the message stands", share_out),
)


def of_run(length: int, side: Side) -> Rule:
    """What this run does to rows over its own length."""
    words, keep = ("cuts the end", keep_start) if side == "end" else ("cuts the beginning", keep_end)
    return Rule("this run", length, words, keep)


def cut(pairs: Pairs, rule: Rule) -> Cut:
    """What the rule does to all rows."""
    lost = label = prompt_only = prompt_tokens = completion_tokens = 0
    for (prompt, completion), rows in pairs.items():
        kept_prompt, kept = rule.keep(prompt, completion, rule.length)
        prompt_tokens += (prompt - kept_prompt) * rows
        completion_tokens += (completion - kept) * rows
        if completion and not kept:
            lost += rows
        elif kept < completion:
            label += rows
        elif kept_prompt < prompt:
            prompt_only += rows
    return Cut(rule.trainer, rule.length, rule.words, lost, label, prompt_only, prompt_tokens, completion_tokens)
