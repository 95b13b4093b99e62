"""The list of dataset versions: a line each, and what the pane says where there is none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.content import Content

from core.dataset.models import Part
from tui.screens.dataset_lines import PaneLine, key_does, sentence
from tui.screens.dataset_loading import ListedVersion, PreflightMark
from tui.styles import BAD, GOOD, HEADING, MUTED
from tui.widgets.line_list import Line

_NAME, _TIME, _ROWS, _STRATEGY = 12, 16, 9, 10


def header(width: int) -> Content:
    """Above the list, with the cells of its cursor."""
    return Content.styled("  ", MUTED) + _row(
        width, ("dataset", MUTED), "built (UTC)", ("rows", "train", "val", "holdout"), "strategy", ("preflight", MUTED)
    )


def version_lines(versions: Sequence[ListedVersion], width: int) -> list[Line[ListedVersion]]:
    return [Line(_version(one, width), one) for one in versions]


def _version(listed: ListedVersion, width: int) -> Content:
    version = listed.version
    counts = (sum(version.points.values()), *(version.points.get(part, 0) for part in Part))
    split = version.summary.get("split") or {}
    strategy = str(split.get("strategy") or version.parameters.get("strategy") or "")
    return _row(
        width, (version.name, "bold"), version.at[:16].replace("T", " "), tuple(f"{count:,}" for count in counts), strategy,
        preflight_mark(listed.preflight),
    )  # fmt: skip


def preflight_mark(found: PreflightMark | None) -> tuple[str, str]:
    if found is None:
        return "none", MUTED
    return ("✓ passed", GOOD) if found.passed else ("✗ failed", BAD)


def _row(width: int, name: tuple[str, str], at: str, counts: tuple[str, ...], strategy: str, mark: tuple[str, str]) -> Content:
    """At 80 columns the sum of the rows goes, its parts stay."""
    shown = counts if width >= 96 else counts[1:]
    cells = [(f"{name[0]:<{_NAME}}", name[1]), (f"{at:<{_TIME}}", MUTED)]
    cells += [(f"{count:>{_ROWS if width >= 96 else _ROWS - 2}}", "" if count != "0" else MUTED) for count in shown]
    cells += [(f"{strategy:<{_STRATEGY}}", MUTED), mark]
    return Content(" " if width < 96 else "  ").join([Content.styled(text, style) for text, style in cells])


def nothing_built(width: int) -> Iterator[PaneLine]:
    """The pane of a project without a dataset."""
    yield Line(Content.styled("No dataset yet", HEADING))
    yield Line()
    what = "builds one from the tests and the rephrasings that were accepted or found the same; in a terminal:"
    yield from key_does("b", what, width)
    yield Line(Content("  workbench dataset build"))
    yield Line()
    for text in (
        "Every build is a version that never changes: the same rows give the same name.",
        "Duplicates are taken out, tests are put on sides so that no utterance in one state stands on two of them,"
        " and this screen shows how that came out.",
        "A model to be trained reads it after a preflight (p): are all rows short enough, is the label learned?",
    ):
        yield from sentence(text, width, MUTED)
