"""How the rows were divided: what would have leaked, what could not be had, and every feature by part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from textual.content import Content

from core.coverage.command_types import NAMES
from core.dataset.models import DatasetVersion, Part
from tui.screens.dataset_lines import BLANK, PaneItem, PaneLine, heading, row, sentence, share, wrapped
from tui.stage_words import count
from tui.styles import DOUBTFUL, GOOD, MUTED
from tui.widgets.line_list import Line

_PART_STYLES = {Part.TRAIN: "$text-primary", Part.VAL: GOOD, Part.HOLDOUT: "$text-accent"}
_BAR, _LEAST_FOR_BARS = 24, 92
_NUMBERS = 7
"""Cells of a count: "holdout" stands above it."""
_COMMANDS = {command.__name__: name for command, name in NAMES.items()}
_GROUPS = {"command": "commands", "flow": "flows", "slot": "slots", "language": "languages"}


def split_lines(version: DatasetVersion, width: int) -> Iterator[PaneItem]:
    split: Mapping[str, Any] = version.summary.get("split") or {}
    yield from _parts(version, width)
    yield BLANK
    yield from _told(split, width)
    shortfalls = split.get("shortfalls") or ()
    if shortfalls:
        yield BLANK
        yield heading("Shortfalls", f"{len(shortfalls)}")
        for line in shortfalls:
            yield from sentence(str(line), width, DOUBTFUL, mark="!")
    table = split.get("table") or ()
    if table:
        yield BLANK
        yield from _table(table, [part for part in Part if version.points.get(part)], width)
    notes = version.summary.get("notes") or {}
    if notes:
        yield BLANK
        yield heading("Composed and left out")
        cells = max(len(f"{number:,}") for number in notes.values())
        for name, number in notes.items():
            yield from wrapped(Content.styled(f"{number:>{cells},}  ", "bold"), name, width)


def _parts(version: DatasetVersion, width: int) -> Iterator[PaneLine]:
    """One bar of the whole width, then the parts."""
    total = sum(version.points.values())
    parts = [part for part in Part if version.points.get(part)]
    yield heading("Split", f"{count(total, 'row')}, seed {version.parameters.get('seed', '?')}")
    yield Line(_stacked(version.points, parts, min(width, 100)))
    words = [
        Content.assemble(("━ ", _PART_STYLES[part]), (part.value, "bold"), f" {version.points[part]:,}",
                         (f"  {share(version.points[part] / total)}", MUTED))
        for part in parts
    ]  # fmt: skip
    yield Line(Content("    ").join(words))


def _stacked(points: Mapping[Part, int], parts: list[Part], cells: int) -> Content:
    """Parts that are not empty have a cell at least."""
    total = sum(points[part] for part in parts)
    if not total:
        return Content()
    lengths = {part: max(1, round(points[part] / total * cells)) for part in parts}
    lengths[max(parts, key=lambda part: lengths[part])] += cells - sum(lengths.values())
    return Content.assemble(*[("━" * lengths[part], _PART_STYLES[part]) for part in parts])


def _told(split: Mapping[str, Any], width: int) -> Iterator[PaneLine]:
    asked, used = split.get("asked"), split.get("strategy")
    components = split.get("components") or {}
    if components:
        largest = f"{count(components['number'], 'component')}, the largest holds {share(components['share'])} of the rows"
        if asked != used:
            yield from sentence(
                f"{largest}, more than may stay out of train: whole tests were put on sides instead of components.",
                width, DOUBTFUL, mark="!",
            )  # fmt: skip
        else:
            how = {"components": "No utterance in one state stands on two sides", "recipe": "Divided by the reference's rule"}
            yield from sentence(f"{how.get(str(used), 'Divided by test')}: {largest}.", width, MUTED, mark="-")
    taken = (split.get("totals") or {}).get("taken_out", 0)
    if taken:
        yield from sentence(
            f"{count(taken, 'row')} taken out: their state and utterance occur in another part.", width, MUTED, mark="-"
        )
    recipe = split.get("recipe") or {}
    if recipe.get("rows"):
        leaked, rows = recipe["leaked"], recipe["rows"]
        if used == "recipe":
            text = f"{leaked:,} of {count(rows, 'row')} outside of train leak: their state and utterance occur in train."
            yield from sentence(text, width, DOUBTFUL if leaked else GOOD, mark="!" if leaked else "✓")
        else:
            told = f"{leaked:,} of {count(rows, 'row')} outside of train would have leaked"
            yield from sentence(f"Under the reference's rule {told}; here none does.", width, GOOD, mark="✓")


def _table(table: list[Mapping[str, Any]], parts: list[Part], width: int) -> Iterator[PaneItem]:
    """Features by part, in groups, the commonest first."""
    bars = width >= _LEAST_FOR_BARS
    names = max(12, width - len(parts) * (_NUMBERS + 2 + 6) - (2 + _BAR if bars else 0))
    names = min(names, 40)
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for one in table:
        groups.setdefault(str(one["feature"]).partition(":")[0], []).append(one)
    head = [cell for part in parts for cell in ((part.value, -_NUMBERS, MUTED), ("", -4, MUTED))]
    for name, rows in groups.items():
        yield Line(Content.styled(f"{_GROUPS.get(name, name):<{names}}", "bold $text-primary") + Content("  ") + row(head))
        for one in sorted(rows, key=lambda one: -int(one["all"])):
            yield partial(_feature, one, parts, names, bars=bars)


def _feature(one: Mapping[str, Any], parts: list[Part], names: int, *, bars: bool) -> PaneLine:
    total = int(one["all"])
    kind, _, name = str(one["feature"]).partition(":")
    cells = [(_COMMANDS.get(name, name) if kind == "command" else name, names, "")]
    for part in parts:
        number = int(one[part.value])
        missing = not number
        cells.append((f"{number:,}", -_NUMBERS, DOUBTFUL if missing else ""))
        cells.append(("!" if missing else share(number / total), -4, DOUBTFUL if missing else MUTED))
    line = row(cells)
    points = {part: int(one[part.value]) for part in parts}
    present = [part for part in parts if points[part]]
    return Line(line + Content("  ") + _stacked(points, present, _BAR) if bars else line)
