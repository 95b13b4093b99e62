"""Checks across rows: contradictions, rows of val that train has already, and how rows spread over commands and flows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from core.commands import from_json
from core.dataset.models import Part
from core.preflight.checks.row_checks import rows_in_words, shown
from core.preflight.models import Finding, Severity
from core.preflight.rendering import Rendered
from core.preflight.seen import SeenRows

FEW_ROWS: Final = 10
"""A command with fewer rows in train is hardly learned."""
MOST_OF_ALL: Final = 0.5
"""One combination of flow and commands above this share outweighs all others together."""
_SAME_ROW: Final = (
    "EXISTS (SELECT 1 FROM seen t WHERE t.prompt = v.prompt AND t.part = 'train' AND t.completion = v.completion)"
)
_SAME_MOMENT: Final = "EXISTS (SELECT 1 FROM seen t WHERE t.moment = v.moment AND t.part = 'train')"


def contradictions(seen: SeenRows) -> Iterator[Finding]:
    """`contradictions`: the same prompt with different completions. Names the rows of a prompt side by side."""
    seen.index()
    (prompts, rows) = seen.find(
        "SELECT count(*), coalesce(sum(rows), 0) FROM"
        " (SELECT count(*) AS rows FROM seen GROUP BY prompt HAVING count(DISTINCT completion) > 1)"
    ).fetchone()
    if not prompts:
        return
    places = seen.places(
        "SELECT s.part, s.row, s.place, 'prompt ' || dense_rank() OVER (ORDER BY s.prompt) FROM seen s JOIN"
        " (SELECT prompt FROM seen GROUP BY prompt HAVING count(DISTINCT completion) > 1) p ON p.prompt = s.prompt"
        " ORDER BY s.prompt, s.part, s.row"
    )
    yield Finding(
        "contradictions",
        Severity.FAIL,
        f"different completions for {prompts:,} prompt{'' if prompts == 1 else 's'}, in {rows_in_words(rows)}",
        "Decide which label is right and correct the others: `workbench why ROW` shows where each comes from.",
        rows,
        places,
    )


def repeats_in_val(seen: SeenRows) -> tuple[int, int]:
    """Rows of val that train has word for word, and rows whose dialogue state and message it has."""
    seen.index()
    (rows, moments) = seen.find(
        f"SELECT coalesce(sum({_SAME_ROW}), 0), coalesce(sum({_SAME_MOMENT}), 0) FROM seen v WHERE part = 'val'"
    ).fetchone()
    return rows, moments


def val_repeats_train(seen: SeenRows, rows: int, moments: int) -> Iterator[Finding]:
    """`val-repeats-train`, from what `repeats_in_val` counted."""
    if not rows and not moments:
        return
    places = seen.places(
        f"SELECT part, row, place, CASE WHEN {_SAME_ROW} THEN 'the same row' ELSE 'the same state and message' END FROM seen v"
        f" WHERE part = 'val' AND ({_SAME_ROW} OR {_SAME_MOMENT}) ORDER BY row"
    )
    yield Finding(
        "val-repeats-train",
        Severity.FAIL,
        f"train has the state and message of {rows_in_words(moments)} of val, and all of {rows_in_words(rows)}: what val then"
        " measures is memory",
        "Build the dataset with `--strategy components` or `--strategy tests`, which take such rows out of val.",
        max(rows, moments),
        places,
    )


class Balance:
    """`balance`, and the counts that the report keeps. A row counts once for each kind of command and each flow it has."""

    def __init__(self) -> None:
        self.commands: dict[str, Counter[str]] = {}
        self.flows: dict[str, Counter[str]] = {}
        self._kinds: Counter[tuple[tuple[str, ...], tuple[str, ...]]] = Counter()

    def see(self, row: Rendered) -> None:
        part, kinds = row.row.part.value, _kinds(row.lineage.commands)
        self.commands.setdefault(part, Counter()).update(kinds)
        self.flows.setdefault(part, Counter()).update(row.lineage.flows)
        if row.row.part is Part.TRAIN:
            self._kinds[row.lineage.flows, kinds] += 1

    def findings(self) -> Iterator[Finding]:
        train, val = (self.commands.get(part.value, Counter()) for part in (Part.TRAIN, Part.VAL))
        few = {name: train[name] for name in sorted({*train, *val}) if train[name] < FEW_ROWS}
        if few:
            yield _imbalance(
                f"train has under {FEW_ROWS} rows with {_listed(few)}",
                "Write tests that say these, or rephrase more of their steps.",
            )
        missing = [name for name in sorted(train) if val and not val[name]]
        if missing:
            yield _imbalance(
                f"val has no row with {', '.join(missing)}", "Write a second test for each: val cannot measure them."
            )
        if self._kinds and len(self._kinds) > 1:
            (flows, kinds), rows = self._kinds.most_common(1)[0]
            if rows > MOST_OF_ALL * (total := self._kinds.total()):
                what = f"{' + '.join(kinds) or 'no command'} in {shown(', '.join(flows) or 'no flow')}"
                yield _imbalance(
                    f"{rows / total:.0%} of train is {what}", "Build the dataset with `--max-points`, which samples."
                )


def _imbalance(what: str, fix: str) -> Finding:
    return Finding("balance", Severity.WARN, what, fix)


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} ({count})" for name, count in counts.items())


@lru_cache(maxsize=65536)
def _kinds(canonical: str) -> tuple[str, ...]:
    return tuple(sorted({type(command).__name__ for command in from_json(canonical)}))
