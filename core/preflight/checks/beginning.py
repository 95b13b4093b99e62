"""The beginning of the sequence: one BOS token, not two and not none."""

from __future__ import annotations

from collections.abc import Iterator

from core.preflight.checks.row_checks import Offenders, shown
from core.preflight.models import Finding, Severity
from core.preflight.rendering import Rendered
from core.preflight.target import Target


class Beginning:
    """`double-bos`."""

    def __init__(self, target: Target) -> None:
        self._bos = target.tokenizer.bos_token_id
        self._name = target.tokenizer.bos_token
        self._adds = self._bos is not None and target.encode(["a"], special=True)[0][:1] == [self._bos]
        self._double, self._missing = Offenders(), Offenders()
        self._twice_if_tokenised_again = False

    def see(self, row: Rendered) -> None:
        if self._bos is None:
            return
        if row.tokens[:2] == [self._bos, self._bos]:
            self._double.add(row)
        elif row.tokens[:1] != [self._bos]:
            if self._adds:
                self._missing.add(row)
        elif self._adds and row.text.startswith(self._name):
            self._twice_if_tokenised_again = True

    def findings(self) -> Iterator[Finding]:
        name = shown(self._name or "")
        yield from self._double.finding(
            "double-bos",
            Severity.FAIL,
            f"in {{rows}} the sequence begins with {name} twice: the text has it and the tokenizer adds it",
            "Take it out of the template or the prompts, or set `add_bos_token` to false.",
        )
        yield from self._missing.finding(
            "double-bos",
            Severity.WARN,
            f"in {{rows}} the sequence begins without {name}, which the tokenizer puts before plain text: a model"
            " trained with it"
            " answers badly without",
            "Put `{{ bos_token }}` at the beginning of the chat template, if the model was trained with it.",
        )
        if self._twice_if_tokenised_again:
            yield Finding(
                "double-bos",
                Severity.INFO,
                f"the template writes {name} and the tokenizer adds it too: rendered to text and tokenised as text, it"
                " stands there twice",
                "Let TRL and vLLM's chat endpoint render; with text of your own tokenise with add_special_tokens=False.",
            )
