"""What template and tokenizer do to the texts: nothing may be lost, added or taken for a control token."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from core.preflight.checks.row_checks import Offenders, shown
from core.preflight.models import Finding, Severity
from core.preflight.rendering import Rendered
from core.preflight.target import Target


class Change(StrEnum):
    """What a template does to a text that it does not write as it is; the wording is printed."""

    THINKING = "takes out what stands before `</think>`"
    CASE = "changes capital and small letters"
    CUT = "cuts a part of the text off"
    OTHER = "changes what is written"


_MENDED_BY: Final = {
    Change.THINKING: "Templates of thinking models do so: take such text out of the rows.",
    Change.CASE: "Take `upper`, `lower`, `capitalize` or `title` out of the template: names are known as they are written.",
    Change.CUT: "Take `truncate` or the slice out of the template, and choose a length for training instead (--max-length).",
    Change.OTHER: "Mend the template: it must write every message as it is.",
}
_LAST: Final = 12
"""Characters at an end of a text by which it is known."""


def change_of(text: str, rendered: str) -> Change:
    """`text` does not stand in `rendered`, not even without the blanks around it."""
    _, mark, kept = text.rstrip().rpartition("</think>")
    if mark and kept.strip() in rendered and mark + kept not in rendered:
        return Change.THINKING
    if text.strip().casefold() in rendered.casefold():
        return Change.CASE
    words = text.strip()
    begins, ends = words[:_LAST] in rendered, words[-_LAST:] in rendered
    return Change.CUT if begins != ends else Change.OTHER


class Wording:
    """`altered-text` and `added-text`: the template's side."""

    def __init__(self, opens_answers: bool) -> None:
        """`opens_answers`: the template has a generation prompt (`core.preflight.checks.template.opens_answers`)."""
        self._opens_answers = opens_answers
        self._changed = {change: Offenders() for change in Change}
        self._trimmed = Offenders()
        self._added: Counter[str] = Counter()
        self._with_added = Offenders()

    def see(self, row: Rendered) -> None:
        answer = row.answer if row.answer is not None else row.text
        for what, text, rendered in (("prompt", row.row.prompt, row.opened_text), ("completion", row.row.completion, answer)):
            if text in rendered:
                continue
            offenders = self._trimmed if text.strip() in rendered else self._changed[change_of(text, rendered)]
            offenders.add(row, f"its {what}")
        completion = row.row.completion.strip()
        before = (
            answer.partition(completion)[0].strip() if row.answer is not None and completion and completion in answer else ""
        )
        if before:
            self._with_added.add(row)
            if len(self._added) < 100:
                self._added[before] += 1

    def findings(self) -> Iterator[Finding]:
        for change, offenders in self._changed.items():
            yield from offenders.finding(
                "altered-text", Severity.FAIL, f"in {{rows}} the template {change}", _MENDED_BY[change]
            )
        yield from self._trimmed.finding(
            "altered-text",
            Severity.WARN,
            "in {rows} the template cuts blanks or line breaks off the ends, in training and serving alike",
            "Nothing needs to be done as long as every trainer and server uses this template.",
        )
        if not self._added:
            return
        text = self._added.most_common(1)[0][0]
        if not self._opens_answers:
            yield from self._with_added.finding(
                "added-text",
                Severity.FAIL,
                f"the template ignores add_generation_prompt, and in {{rows}} puts {shown(text)} before the completion: a"
                " served prompt ends without it, so the model would have to write the header itself",
                "Mend the template: it must end with the header of the answer where add_generation_prompt is true.",
            )
        else:
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
