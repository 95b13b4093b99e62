"""Does the model learn to stop: the token that ends an answer, learned in every row, and not the one used for padding."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from core.preflight.checks.row_checks import Offenders, shown
from core.preflight.models import Finding, Severity
from core.preflight.rendering import Rendered
from core.preflight.target import Target

_FOR_PADDING = ("pad", "unused", "reserved", "endoftext", "extra")
"""Words in the names of tokens that models keep for padding or for nothing, the best first."""


class Ending:
    """`end-of-turn` and `pad-token`."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._never = Offenders()
        self._ends: Counter[int] = Counter()
        self._stops = target.stops

    def see(self, row: Rendered) -> None:
        end = next((one for one in row.learned if one in self._stops), None)
        if end is None:
            self._never.add(row, f"ends with {shown(row.text[-24:])}")
        else:
            self._ends[end] += 1

    def findings(self) -> Iterator[Finding]:
        stops = ", ".join(self.named(one) for one in sorted(self._stops)) or "no token at all"
        yield from self._never.finding(
            "end-of-turn",
            Severity.FAIL,
            f"in {{rows}} no token is learned that stops the server (it stops at {stops}): the model will go on after"
            " its answer;"
            f" the first {self._never.first_note if self._never.count else ''}",
            "Name the token that ends the template's answers with --eos-token (TRL: `eos_token`), and list its id in"
            " generation_config.json (`eos_token_id`); or take a template whose answers end with one.",
        )
        yield from self._padding()

    def _padding(self) -> Iterator[Finding]:
        pad = self._target.tokenizer.pad_token_id
        if pad is not None and pad != self._target.tokenizer.eos_token_id and pad not in self._ends:
            return
        if pad is None:
            what = "the tokenizer has no token for padding: trainers then pad with the one that ends the answer"
        else:
            what = f"{self.named(pad)} pads and also ends the answer"
        free = self._free_token()
        advice = f"--pad-token {free!r}" if free else "name one with --pad-token"
        yield Finding(
            "pad-token",
            Severity.FAIL,
            f"{what}, and what masks the padding by its id (transformers' collator for language models, older trainers)"
            " masks the"
            " end of every answer with it: the model then never stops. TRL 1.16 masks by position and keeps the end.",
            f"Pad with a token that rows do not use, and set the same in the trainer: {advice}.",
        )

    def named(self, token: int) -> str:
        return shown(self._target.tokenizer.convert_ids_to_tokens(token))

    def _free_token(self) -> str | None:
        taken = {*self._stops - {self._target.tokenizer.pad_token_id}, *self._ends, self._target.tokenizer.eos_token_id}
        taken.add(self._target.tokenizer.bos_token_id)
        added = self._target.tokenizer.added_tokens_decoder
        free = [str(token.content) for id_, token in sorted(added.items()) if token.special and id_ not in taken]
        for word in _FOR_PADDING:
            for name in free:
                if re.search(word, name):
                    return name
        return None
