"""Is what is trained what is served: the same tokens before the completion, and the same tokens of it."""

from __future__ import annotations

from collections.abc import Iterator

from core.preflight.checks.row_checks import Offenders, shown
from core.preflight.models import Finding, Severity
from core.preflight.rendering import Rendered, common
from core.preflight.target import Target


class Parity:
    """`train-serve` and `border`."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._parted, self._otherwise, self._merged = Offenders(), Offenders(), Offenders()

    def see(self, row: Rendered) -> None:
        if row.served != row.opened:
            at = common(row.served, row.opened)
            served, trained = self._target.decode([row.served[at : at + 8], row.opened[at : at + 8]])
            self._otherwise.add(row, f"trained {shown(trained)}, served {shown(served)}")
        elif row.border < len(row.opened):
            served, trained = self._target.decode([row.opened[row.border :][:8], row.learned[:8]])
            self._parted.add(row, f"trained {shown(trained)}, served {shown(served)}")
        if not _holds(row.learned, row.alone):
            self._merged.add(row)

    def findings(self) -> Iterator[Finding]:
        for offenders, what, fix in (
            (
                self._otherwise,
                "the model has a chat template, and vLLM's chat endpoint renders it, but training joins the texts without it",
                "Train on messages of prompt and completion (`--form chat`), or serve by the completions endpoint.",
            ),
            (
                self._parted,
                "the rendered prompt with its opened answer is not how the trained row begins",
                "Render the prompt the same way in both: an option of the template (`--template-option enable_thinking=false`),"
                " a template that keeps prefixes, or a prompt that ends at a token's border.",
            ),
        ):
            yield from offenders.finding(
                "train-serve",
                Severity.FAIL,
                f"in {{rows}} the prompt of serving is not that of training: {what}"
                + (f"; {offenders.first_note}" if offenders.count else ""),
                fix,
            )
        yield from self._merged.finding(
            "border",
            Severity.INFO,
            "in {rows} the completion has other tokens after its prompt than alone: a trainer that tokenises the two apart"
            " (LLaMA-Factory) trains tokens the model would not give here",
            "TRL renders and tokenises them as one, and the server goes on as it was trained: nothing needs to be done there.",
        )


def _holds(tokens: list[int], part: list[int]) -> bool:
    return any(tokens[start : start + len(part)] == part for start in range(len(tokens) - len(part) + 1))
