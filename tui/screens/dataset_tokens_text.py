"""How long rows are: a histogram with the lines where trainers cut, from the preflight, or estimated before there is one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.content import Content

from core.dataset.quality.lengths import LIMITS
from core.dataset.quality.models import DatasetQuality
from core.dataset.quality.models import Lengths as Estimated
from core.preflight.models import Cut, Preflight, Spread
from tui.screens.dataset_lines import BLANK, PaneLine, bar_of, heading, key_does, row, sentence, share
from tui.stage_words import count
from tui.styles import BAD, DOUBTFUL, GOOD, MUTED
from tui.widgets.line_list import Line

Bins = Sequence[tuple[int, int, int]]
"""(from, to, rows): from ≤ tokens < to."""
_MOST_BINS = 14


def token_lines(preflight: Preflight | None, quality: DatasetQuality | None, width: int) -> Iterator[PaneLine]:
    if preflight is not None:
        yield from _counted(preflight, width)
    elif quality is not None:
        yield from _estimated(quality, width)


def _counted(found: Preflight, width: int) -> Iterator[PaneLine]:
    lengths = found.lengths
    yield heading("Tokens of a row", f"counted by {found.target.model}, {found.target.form}, {count(lengths.rows, 'row')}")
    yield from histogram(
        [(one.low, one.high, one.rows) for one in lengths.bins], [(c.length, _cut(c)) for c in found.cuts], width
    )
    yield BLANK
    yield from sentence(
        f"Longest row {lengths.needed:,} tokens: train with a length of {lengths.advised:,}."
        f" {share(found.supervised)} of all tokens are learned.", width, mark="-",
    )  # fmt: skip
    yield BLANK
    yield Line(_spread_head())
    for name, spread in (("prompt", lengths.prompt), ("completion", lengths.completion), ("both", lengths.total)):
        yield Line(_spread(name, spread))
    yield BLANK
    yield heading("What a trainer does at its length")
    for one in found.cuts:
        hurt = one.lost + one.cut_label
        mark, style = ("✗", BAD) if hurt else ("!", DOUBTFUL) if one.cut_prompt else ("✓", GOOD)
        yield from sentence(f"{one.trainer}, {one.length:,} tokens: {_cut_sentence(one)}", width, style, mark=mark)


def _cut(one: Cut) -> tuple[str, str]:
    hurt = one.lost + one.cut_label
    style = BAD if hurt else DOUBTFUL if one.cut_prompt else MUTED
    return f"{one.length:,} {one.trainer}" + (f": {count(hurt, 'row')} without their label" if hurt else ""), style


def _cut_sentence(one: Cut) -> str:
    parts = []
    if one.lost:
        parts.append(f"{count(one.lost, 'row')} lost")
    if one.cut_label:
        parts.append(f"{count(one.cut_label, 'label')} cut")
    if one.cut_prompt:
        parts.append(f"{count(one.cut_prompt, 'prompt')} cut")
    return f"{', '.join(parts)} ({one.rule})" if parts else "nothing is cut"


def _spread_head() -> Content:
    return row([("tokens", 12, MUTED), *((name, -8, MUTED) for name in ("least", "median", "95 %", "99 %", "most"))])


def _spread(name: str, spread: Spread) -> Content:
    numbers = (spread.min, spread.p50, spread.p95, spread.p99, spread.max)
    return row([(name, 12, ""), *((f"{number:,}", -8, "") for number in numbers)])


# -- estimated ------------------------------------------------------------------------------------------------------


def _estimated(found: DatasetQuality, width: int) -> Iterator[PaneLine]:
    lengths = found.prompts
    yield heading("Tokens of a row, estimated", f"from the characters of {count(found.measured, 'row')}")
    limits = [
        (limit, (f"{limit:,} {name}" + (f": {count(over, 'row')} longer" if over else ""), DOUBTFUL if over else MUTED))
        for limit, name in LIMITS.items()
        for over in (lengths.over.get(limit, 0),)
    ]
    yield from histogram(_grouped(lengths), limits, width)
    yield BLANK
    what = (
        "runs the preflight: it counts with the tokenizer of the model to be trained and its chat template, and says what"
        " each trainer would cut."
    )
    yield from key_does("p", what, width)
    yield BLANK
    yield heading(
        "Tokens of a completion, estimated", f"median {found.completions.median:,}, longest {found.completions.longest:,}"
    )
    yield from histogram(_grouped(found.completions), [], width)


def _grouped(lengths: Estimated) -> Bins:
    """Bins of a width doubled until there are few enough of them, empty ones between included."""
    if not lengths.bins:
        return []
    width = lengths.width
    while lengths.longest // width - lengths.bins[0][0] // width >= _MOST_BINS:
        width *= 2
    counts: dict[int, int] = {}
    for first, rows in lengths.bins:
        counts[first // width] = counts.get(first // width, 0) + rows
    return [(one * width, (one + 1) * width, counts.get(one, 0)) for one in range(min(counts), max(counts) + 1)]


# -- the histogram --------------------------------------------------------------------------------------------------


def histogram(bins: Bins, limits: Sequence[tuple[int, tuple[str, str]]], width: int) -> Iterator[PaneLine]:
    """A bar for each bin. Rows below the line of a limit are longer than it, but for those of the bin that it stands under."""
    most = max((rows for _, _, rows in bins), default=0)
    digits = max((len(f"{high:,}") for _, high, _ in bins), default=1)
    numbers = len(f"{most:,}")
    cells = max(8, min(60, width - 2 * digits - numbers - 6))
    waiting = sorted(limits)
    for low, high, rows in bins:
        while waiting and waiting[0][0] <= low:
            yield _limit(*waiting.pop(0)[1], width=width)
        label = Content.styled(f"{low:>{digits},}–{high - 1:<{digits},}", MUTED)
        yield Line(Content.assemble(label, f"  {rows:>{numbers},}  ", bar_of(rows, most, cells, "$text-primary")))
        while waiting and waiting[0][0] < high:
            yield _limit(*waiting.pop(0)[1], width=width)
    for _, limit in waiting:
        yield _limit(*limit, width=width)


def _limit(text: str, style: str, *, width: int) -> PaneLine:
    line = f"── {text} "
    return Line(Content.styled(line + "─" * max(0, min(width, 84) - len(line)), style))
