"""Does a row give its answer away: a line of the completion that stands literally in the prompt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from core.commands import Dialect
from core.commands.dialects import BARE_COMMANDS
from core.preflight.checks.row_checks import Offenders, shown
from core.preflight.models import Finding, Severity
from core.preflight.rendering import Rendered


class LabelLeak:
    """`label-leak`.

    Prompts list the actions: `SetSlot(slot_name, slot_value)`, `set slot SLOT VALUE`. These are no answers, as no label has
    such names in it, and a command without arguments (`CancelFlow()`) must stand there to be known. So a line leaks if it
    has an argument and stands in the prompt whole, not as a part of a longer word.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._bare = frozenset(
            text for words in BARE_COMMANDS[dialect].values() for text in (words, f"{words}()", f"{words}(") if text
        )
        self._told, self._said = Offenders(), Offenders()

    def see(self, row: Rendered) -> None:
        for line in row.row.completion.splitlines():
            if line not in row.row.prompt or line.strip() in self._bare or not line.strip():
                continue
            found = len(_whole(line).findall(row.row.prompt))
            if found and found <= len(_whole(line).findall(row.lineage.said)):
                self._said.add(row, shown(line))
            elif found:
                self._told.add(row, shown(line))
            else:
                continue
            return

    def findings(self) -> Iterator[Finding]:
        yield from self._told.finding(
            "label-leak",
            Severity.FAIL,
            "in {rows} a command of the completion stands literally in the prompt: the model learns to copy it",
            "Take it out of the prompt template: an example there must use names that no flow or slot has.",
        )
        yield from self._said.finding(
            "label-leak",
            Severity.WARN,
            "in {rows} the user's message itself holds the command",
            "Reject these rephrasings: nobody speaks to an assistant in its commands.",
        )


@lru_cache(maxsize=4096)
def _whole(line: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(line)}(?![\w-])")
