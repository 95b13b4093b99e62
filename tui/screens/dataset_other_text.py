"""The smaller panes: what was left out with its twins, the preflight's findings, and who looked at the holdout."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

from textual.content import Content

from core.dataset.models import DatasetVersion, LeftOutPoint, Part
from core.preflight.models import Finding, Preflight, Severity
from core.preflight.names import CHECKS
from core.preflight.text import gpu_notes, gpu_rows
from core.store.left_out_points import LeftOutRow
from tui.screens.dataset_lines import BLANK, PaneLine, cut, heading, key_does, muted, row, sentence, wrapped
from tui.screens.dataset_loading import PreflightMark, is_sealed
from tui.stage_words import count
from tui.styles import BAD, DOUBTFUL, GOOD, MUTED
from tui.widgets.line_list import Line
from tui.widgets.stage_rows import both_ends

_SHORT = {
    LeftOutPoint.EXACT: ("=", MUTED),
    LeftOutPoint.NEAR: ("≈", DOUBTFUL),
    LeftOutPoint.LEAK: ("⇄", DOUBTFUL),
    LeftOutPoint.SAMPLED: ("-", MUTED),
}

_WIDE, _NARROW, _LEAST_FOR_WIDE = 44, 24, 100
"""Cells for the place of a text."""


# -- left out -------------------------------------------------------------------------------------------------------


class LeftOutLines(Sequence[PaneLine]):
    """A heading, and two lines for each point, made when they are drawn: there may be many thousands."""

    def __init__(self, version: DatasetVersion, found: Sequence[LeftOutRow], width: int) -> None:
        self._found, self._width = found, width
        self._head = list(_left_out_head(version, len(found), sum(map(is_sealed, found)), width))

    def __len__(self) -> int:
        return len(self._head) + 2 * len(self._found)

    @overload
    def __getitem__(self, index: int) -> PaneLine: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[PaneLine]: ...
    def __getitem__(self, index: int | slice) -> PaneLine | Sequence[PaneLine]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        if index < len(self._head):
            return self._head[index]
        place, second = divmod(index - len(self._head), 2)
        return _twin(self._found[place], self._width) if second else _point(self._found[place], self._width)


def _left_out_head(version: DatasetVersion, shown: int, sealed: int, width: int) -> Iterator[PaneLine]:
    counts: Mapping[str, Any] = version.summary.get("left_out") or {}
    total = sum(counts.values())
    yield heading("Left out", f"{count(total, 'data point')} of {version.summary.get('composed', '?'):,}" if total else "")
    if not total:
        yield from muted("Nothing: no data point repeats another, and no limit was set.", width)
        return
    for reason, number in counts.items():
        if number:
            mark, style = _SHORT.get(LeftOutPoint(reason), ("-", MUTED))
            yield from wrapped(Content.assemble((f"{mark} ", style), (f"{number:>7,}  ", "bold")), reason, width)
    if sealed:
        what = "repeats a row" if sealed == 1 else "repeat rows"
        yield from sentence(
            f"{sealed:,} of these {what} of the sealed holdout; what they say is not shown.", width, MUTED, mark="-"
        )
    if shown < total:
        yield from muted(f"The first {shown:,} are listed.", width)
    yield BLANK


def _target(point: LeftOutRow) -> str:
    return point.place if point.rephrasing is None else f"#{point.rephrasing}"


def _point(point: LeftOutRow, width: int) -> PaneLine:
    mark, style = _SHORT.get(LeftOutPoint(point.reason), ("-", MUTED))
    if is_sealed(point):
        return Line(Content.assemble((f"{mark} not shown", style)))
    return Line(Content.assemble((f"{mark} ", style)) + _said(point.said, point.place, width - 2), _target(point))


def _twin(point: LeftOutRow, width: int) -> PaneLine:
    """Below the point it repeats, or takes the place of."""
    if is_sealed(point):
        return Line(Content.styled("  → in the sealed holdout", MUTED))
    if point.twin_place is None:
        return Line(Content.styled("    of its own: nothing repeats it", MUTED), _target(point))
    where = f"{point.twin_part.value}:{point.twin_row}" if point.twin_part is not None else "left out too"
    target = where if point.twin_part in (Part.TRAIN, Part.VAL) else point.twin_place
    place = f"{where}  {both_ends(point.twin_place, _WIDE - len(where) - 2)}" if width >= _LEAST_FOR_WIDE else where
    return Line(Content.styled("  → ", MUTED) + _said(point.twin_said or "", place, width - 4, MUTED), target)


def _said(text: str, place: str, width: int, style: str = "") -> Content:
    cells = _WIDE if width >= _LEAST_FOR_WIDE - 4 else _NARROW
    return Content.assemble((cut(text, max(12, width - cells - 2)), style), "  ", (both_ends(place, cells), MUTED))


# -- preflight ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PreflightProblem:
    """Why the last preflight of a version (`dataset`: its address) could not be run."""

    dataset: str
    model: str
    what: str
    remedy: str


def preflight_lines(
    found: Preflight | None, mark: PreflightMark | None, problem: PreflightProblem | None, width: int
) -> Iterator[PaneLine]:
    if problem is not None:
        yield heading("The last preflight could not be run", problem.model)
        yield from sentence(problem.what, width, BAD, mark="✗")
        for line in sentence(problem.remedy, width - 2, MUTED, mark="→"):
            yield Line(Content("  ") + line.content)
        yield BLANK
    if mark is None:
        yield from _no_preflight(width)
        return
    if found is None:
        yield heading("Preflight", f"{mark.model}, {mark.at[:16].replace('T', ' ')} UTC")
        text = "Its report is of another version of Workbench and cannot be read here: p runs it again."
        yield from sentence(text, width, DOUBTFUL, mark="!")
        return
    yield heading("Preflight", f"{found.target.model}, {mark.at[:16].replace('T', ' ')} UTC")
    failed = [one for one in found.findings if one.severity is Severity.FAIL]
    waived = set(found.parameters.get("waived") or ())
    if mark.passed:
        how = f", {count(len(waived), 'check')} waived" if waived else ""
        yield from sentence(f"Passed: a training may start{how}.", width, GOOD, mark="✓")
    else:
        yield from sentence(f"{count(len(failed), 'check')} failed: no training starts until they pass or are waived.", width,
                            BAD, mark="✗")  # fmt: skip
    for one in sorted(found.findings, key=lambda one: list(Severity).index(one.severity)):
        yield BLANK
        yield from _finding(one, width, waived=one.check in waived)
    told = {one.check for one in found.findings}
    good = [name for name in CHECKS if name not in told]
    if good:
        yield BLANK
        yield heading("Nothing found by", f"{len(good)} of {len(CHECKS)} checks")
        for name in good:
            yield from wrapped(Content.assemble(("✓ ", GOOD), f"{name:<18}"), CHECKS[name], width)
    yield from _gpus(found, width)


def _no_preflight(width: int) -> Iterator[PaneLine]:
    yield heading("No preflight yet")
    yield BLANK
    what = "checks the rows with the tokenizer and the chat template of the model to be trained; in a terminal:"
    yield from key_does("p", what, width)
    yield Line(Content("  workbench preflight --model FOLDER_OR_NAME"))
    yield BLANK
    yield heading("What it proves")
    for name, what in CHECKS.items():
        yield from wrapped(Content(f"  {name:<18}"), what, width)


def _finding(one: Finding, width: int, *, waived: bool) -> Iterator[PaneLine]:
    mark, style = {Severity.FAIL: ("✗", BAD), Severity.WARN: ("!", DOUBTFUL), Severity.INFO: ("-", MUTED)}[one.severity]
    if waived:
        style = MUTED
    words = f"{one.check}{' (waived)' if waived else ''}"
    yield Line(
        Content.assemble(
            (f"{mark} ", style), (words, f"bold {style}"), (f"  {count(one.count, 'row')}" if one.count else "", MUTED)
        )
    )
    for line in sentence(one.what, width - 2):
        yield Line(Content("  ") + line.content)
    for line in sentence(one.fix, width - 4, MUTED, mark="→"):
        yield Line(Content("  ") + line.content)
    for place in one.rows:
        target = f"{place.part}:{place.row}" if place.part != Part.HOLDOUT else None
        yield from wrapped(
            Content(f"    {place.part}:{place.row}  "), f"{place.place}  {place.note}".strip(), width, target=target
        )


def _gpus(found: Preflight, width: int) -> Iterator[PaneLine]:
    yield BLANK
    yield heading("GPU types", f"for {found.parameters.get('recipe') or 'unsloth'}, estimated")
    if found.gpu_note:
        yield from muted(found.gpu_note, width)
    if found.gpus:
        names = ("GPU", "peak of GiB", "minutes", "s/step", "cost", "")
        rows = [names, *gpu_rows(found)]
        widths = [max(len(one[column]) for one in rows) for column in range(len(names))]
        for number, one in enumerate(rows):
            cells = [(text, -cells if 0 < column < 5 else cells, MUTED if not number else "")
                     for column, (text, cells) in enumerate(zip(one, widths, strict=True))]  # fmt: skip
            yield Line(row(cells).truncate(width, ellipsis=True))
        for note in gpu_notes(found):
            yield from sentence(note, width, MUTED, mark="-")


# -- holdout --------------------------------------------------------------------------------------------------------


def holdout_lines(version: DatasetVersion, looks: Sequence[tuple[str, str, str]], width: int) -> Iterator[PaneLine]:
    rows = version.points.get(Part.HOLDOUT, 0)
    yield heading("Holdout", count(rows, "row") if rows else "")
    if not rows:
        yield from muted(
            "This version has none. A holdout is a third part that stays sealed: build one with b, or `--holdout-frac 0.1`.",
            width,
        )
        return
    if not looks:
        yield from sentence(
            "Sealed: nobody has looked at it. Every look is recorded with name and purpose.", width, GOOD, mark="✓"
        )
        return
    yield from sentence(
        f"Opened {count(len(looks), 'time')}. Every look makes what is measured on it a little less worth.", width, DOUBTFUL,
        mark="!",
    )  # fmt: skip
    yield BLANK
    yield Line(row([("when (UTC)", 16, MUTED), ("who", 14, MUTED), ("what for", 20, MUTED)]))
    for at, reviewer, purpose in looks:
        yield Line(row([(at[:16].replace("T", " "), 16, ""), (reviewer, 14, ""), (purpose, max(12, width - 34), MUTED)]))
