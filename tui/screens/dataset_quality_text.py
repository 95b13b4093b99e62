"""How varied the wordings are beside the originals, and what rows and further rephrasings are worth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from textual.content import Content

from core.dataset.quality.models import DatasetQuality, KindValue, PartDiversity, SlotValues, StepValue
from core.rephrasing.diversity import Diversity
from tui.screens.dataset_lines import BLANK, PaneItem, PaneLine, bar_of, figure, heading, muted, row, sentence, share
from tui.styles import DOUBTFUL, GOOD, MUTED
from tui.widgets.line_list import Line

_NAMES, _FIGURE = 13, -11
_LEAST_FOR_KINDS = 100
_SAME = 0.02
"""Differences of distinct-2 below it are no difference."""


def diversity_lines(found: DatasetQuality, width: int) -> Iterator[PaneLine]:
    yield heading("Wordings beside the originals")
    wide = width >= _LEAST_FOR_KINDS
    yield Line(
        row([("", _NAMES, MUTED), ("texts", -7, MUTED), *((name, _FIGURE if wide else -10, MUTED) for name in _columns())])
    )
    for part, diversity in found.parts.items():
        yield Line(Content.styled(part, "bold"))
        for name, figures in _samples(diversity):
            yield Line(_figures(name, figures, wide=wide))
    yield BLANK
    yield from _reading(next(iter(found.parts.values())), width)
    yield BLANK
    for text in (
        "distinct-1, distinct-2: different words and word pairs over all of them; falls with the number of texts, so only"
        " originals and one each are to be compared.",
        "self-BLEU: how alike texts are, 1 is all the same: of originals and one each among texts of one kind, of"
        " rephrasings among those of one step. Edit distance: how far from the original; 1: nothing of it is left.",
    ):
        yield from muted(text, width)
    if found.alike:
        yield BLANK
        yield heading("Rephrasings most alike", "self-BLEU, rephrasings, step")
        for one in found.alike:
            yield _alike(one, width)


def _columns() -> tuple[str, ...]:
    return "distinct-1", "distinct-2", "self-BLEU", "edit dist."


def _samples(diversity: PartDiversity) -> tuple[tuple[str, Diversity], ...]:
    return ("  originals", diversity.originals), ("  one each", diversity.one_each), ("  rephrasings", diversity.rephrasings)


def _figures(name: str, figures: Diversity, *, wide: bool) -> Content:
    values = (figures.distinct_1, figures.distinct_2, figures.self_bleu, figures.edit_distance)
    cells = [(figure(value), _FIGURE if wide else -10, "" if value is not None else MUTED) for value in values]
    return row([(name, _NAMES, MUTED), (f"{figures.texts:,}", -7, ""), *cells])


def _reading(part: PartDiversity, width: int) -> Iterator[PaneLine]:
    own, one = part.originals.distinct_2, part.one_each.distinct_2
    if not part.rephrasings.texts:
        yield from sentence("There are no rephrasings in it.", width, DOUBTFUL, mark="!")
    elif own is not None and one is not None:
        if one >= own - _SAME:
            words, mark, style = "are as varied as the originals" if one <= own + _SAME else "are more varied", "✓", GOOD
        else:
            words, mark, style = "are less varied than the originals: they borrow from each other", "!", DOUBTFUL
        text = f"Text for text, the rephrasings {words} (distinct-2 {figure(one)} beside {figure(own)})."
        yield from sentence(text, width, style, mark=mark)


def _alike(one: StepValue, width: int) -> PaneLine:
    left = row([(figure(one.diversity.self_bleu), -5, ""), (f"{one.diversity.texts:,}", -4, MUTED)])
    return Line(left + Content("  ") + _step(one, width - left.cell_length - 2), one.place)


def _step(one: StepValue, width: int) -> Content:
    """Its words, and where they stand if there is room."""
    text = one.original
    if width < 64:
        return row([(text, max(8, width), "")])
    place = one.place.rpartition("/")[2]
    return row([(text, max(8, width - 34), ""), (place, 32, MUTED)])


# -- value ----------------------------------------------------------------------------------------------------------


def value_lines(found: DatasetQuality, width: int) -> Iterator[PaneItem]:
    if found.novelty is not None:
        yield from sentence(
            f"{share(found.novelty)} of the words and word pairs of train's rows were new in their state when they came.",
            width, mark="-",
        )  # fmt: skip
        yield BLANK
    yield heading("Steps that more would help most", f"{len(found.gains):,} of {found.step_count:,} of train")
    yield Line(
        row([("wants", 11, MUTED), ("gain", -5, MUTED), ("rows", -5, MUTED), ("of kind", -7, MUTED), ("step", 12, MUTED)])
    )
    for one in found.gains:
        yield _gain(one, width)
    for text in (
        "gain: share of a further rephrasing's words and word pairs that the step does not have yet, as expected from"
        " those it has. Ranked by it and by how rare the kind is.",
    ):
        yield from muted(text, width)
    yield BLANK
    yield heading("Kinds that hold most rows and add least", f"{len(found.kinds):,} of {found.kind_count:,}")
    yield from _kinds(found.kinds, width)
    yield BLANK
    yield heading("Values of slots in train")
    yield from _slots(found.slots, width)


def _gain(one: StepValue, width: int) -> PaneLine:
    style = "$text-accent" if one.wants == "tests" else "$text-primary"
    gain = "none" if one.gain is None else share(one.gain)
    left = row([(one.wants, 11, style), (gain, -5, ""), (f"{one.rows:,}", -5, ""), (f"{one.kind_rows:,}", -7, MUTED)])
    return Line(left + Content("  ") + _step(one, width - left.cell_length - 2), one.place)


def _kinds(kinds: Sequence[KindValue], width: int) -> Iterator[PaneLine]:
    bars = width >= _LEAST_FOR_KINDS
    most = max((one.rows for one in kinds), default=0)
    head = [("rows", -6), ("val", -5), ("tests", -5), ("new", -5), *([("", 16)] if bars else []), ("kind", 20)]
    yield Line(row([(name, cells, MUTED) for name, cells in head]))
    for one in kinds:
        cells = row([(f"{one.rows:,}", -6, ""), (f"{one.val:,}", -5, MUTED if one.val else DOUBTFUL),
                     (f"{one.tests:,}", -5, MUTED), (share(one.novelty), -5, "")])  # fmt: skip
        if bars:  # the part of the bar that is full was new
            drawn = bar_of(one.rows, most, 16, MUTED)
            new = round(one.novelty * one.rows / most * 16) if most else 0
            cells += Content("  ") + drawn.stylize(GOOD, 0, new)
        yield Line(cells + Content("  ") + row([(one.kind, max(12, width - cells.cell_length - 2), "")]))
    yield from muted(
        "new: mean share of a row's words and word pairs that no earlier row of train in the same state has.", width
    )


def _slots(slots: Sequence[SlotValues], width: int) -> Iterator[PaneItem]:
    names = max(12, min(28, width - 48))
    head = [("slot", names), ("rows", -6), ("values", -7), ("only val", -8), ("commonest", 18)]
    yield Line(row([(name, cells, MUTED) for name, cells in head]))
    yield from (partial(_slot, one, names, width) for one in slots)


def _slot(one: SlotValues, names: int, width: int) -> PaneLine:
    one_sided = one.most > 0.9 and one.rows > 1
    commonest = f"{share(one.most):>5} {one.commonest}"
    cells = [
        (one.slot, names, ""),
        (f"{one.rows:,}", -6, "" if one.rows else DOUBTFUL),
        (f"{one.values:,}{'+' if one.capped else ''}", -7, ""),
        (f"{one.only_val:,}", -8, MUTED),
        (commonest, max(14, width - names - 29), DOUBTFUL if one_sided else MUTED),
    ]
    return Line(row(cells))
