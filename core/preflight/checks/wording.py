"""What template and tokenizer do to the texts: nothing may be lost, added or taken for a control token."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from core.preflight.checks.row_checks import Offenders, shown
from core.preflight.models import Finding, Severity
from core.preflight.rendering import Rendered
from core.preflight.target import Target


class Wording:
    """`altered-text` and `added-text`: the template's side."""

    def __init__(self) -> None:
        self._changed, self._trimmed = Offenders(), Offenders()
        self._added: Counter[str] = Counter()
        self._with_added = Offenders()

    def see(self, row: Rendered) -> None:
        answer = row.answer if row.answer is not None else row.text
        for what, text, rendered in (("prompt", row.row.prompt, row.opened_text), ("completion", row.row.completion, answer)):
            if text in rendered:
                continue
            (self._trimmed if text.strip() in rendered else self._changed).add(row, f"its {what}")
        completion = row.row.completion.strip()
        before = (
            answer.partition(completion)[0].strip() if row.answer is not None and completion and completion in answer else ""
        )
        if before:
            self._with_added.add(row)
            if len(self._added) < 100:
                self._added[before] += 1

    def findings(self) -> Iterator[Finding]:
        yield from self._changed.finding(
            "altered-text",
            Severity.FAIL,
            "in {rows} the template changes what is written",
            "Templates of thinking models take out what stands before `</think>`: take such text out of the rows.",
        )
        yield from self._trimmed.finding(
            "altered-text",
            Severity.WARN,
            "in {rows} the template cuts blanks or line breaks off the ends, in training and serving alike",
            "Nothing needs to be done as long as every trainer and server uses this template.",
        )
        if self._added:
            text = self._added.most_common(1)[0][0]
            yield from self._with_added.finding(
                "added-text",
                Severity.WARN,
                f"in {{rows}} the template puts {shown(text)} before the completion: the model learns to answer with it",
                "Render without it (`--template-option enable_thinking=false`, the same in training and serving), or"
                " have the server"
                " take it off (vLLM: --reasoning-parser).",
            )


class Decoding:
    """`decoding`, `unknown-tokens` and `special-text`: the tokenizer's side."""

    def __init__(self, target: Target, controls: int) -> None:
        """`controls`: how many control tokens the rendering itself has."""
        self._target, self._controls = target, controls
        self._special = target.special
        self._unknown_id = target.tokenizer.unk_token_id
        self._prompt, self._completion = Offenders(), Offenders()
        self._unknown_prompt, self._unknown_completion = Offenders(), Offenders()
        self._injected = Offenders()

    def see(self, row: Rendered) -> None:
        if row.text not in row.decoded:
            self._see_text(row)
        if self._unknown_id is not None and self._unknown_id not in self._target.stops and self._unknown_id in row.tokens:
            where = self._unknown_completion if self._unknown_id in row.learned else self._unknown_prompt
            where.add(row)
        if sum(map(self._special.__contains__, row.tokens)) > self._controls:
            self._see_injected(row)

    def _see_text(self, row: Rendered) -> None:
        """Which text it is: some tokenizers only lose a blank between a control token and a word, which is no loss."""
        texts = (row.row.completion, row.row.prompt)
        for text, back, offenders in zip(
            texts, self._target.decode(self._target.encode(texts, special=False)), (self._completion, self._prompt), strict=True
        ):
            if back.strip() != text.strip():
                at = next((i for i, (a, b) in enumerate(zip(text, back, strict=False)) if a != b), min(len(text), len(back)))
                offenders.add(row, f"{shown(text[at : at + 12])} becomes {shown(back[at : at + 12])}")

    def _see_injected(self, row: Rendered) -> None:
        names = {self._target.tokenizer.convert_ids_to_tokens(one) for one in self._special}
        for what, text in (
            ("the message", row.lineage.said),
            ("the completion", row.row.completion),
            ("the prompt", row.row.prompt),
        ):
            if found := next((name for name in names if name and name in text), None):
                self._injected.add(row, f"{shown(found)} in {what}")
                return

    def findings(self) -> Iterator[Finding]:
        for offenders, severity, what in (
            (self._completion, Severity.FAIL, "completion"),
            (self._prompt, Severity.WARN, "prompt"),
        ):
            yield from offenders.finding(
                "decoding",
                severity,
                f"in {{rows}} the {what} comes back from its tokens changed"
                + (f": {offenders.first_note}" if offenders.count else ""),
                "The tokenizer normalises such characters: write them as it does, or take another model.",
            )
        for offenders, severity, what in (
            (self._unknown_completion, Severity.FAIL, "completion"),
            (self._unknown_prompt, Severity.WARN, "prompt"),
        ):
            yield from offenders.finding(
                "unknown-tokens",
                severity,
                f"in {{rows}} the {what} has characters the tokenizer does not know",
                "Replace these characters, or take a model whose tokenizer falls back on bytes.",
            )
        yield from self._injected.finding(
            "special-text",
            Severity.FAIL,
            "in {rows} stands the text of a control token: the model would read it as the end of a turn, or as another one",
            "Reject these rephrasings or correct the text.",
        )
