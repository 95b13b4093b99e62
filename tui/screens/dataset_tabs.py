"""The tabs of the Dataset screen: their names, the line they stand on, and the lines each shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from textual.content import Content
from textual.style import Style

from core.dataset.models import DatasetVersion
from tui.screens.dataset_lines import Drawn, PaneLine, heading, muted
from tui.screens.dataset_loading import DetailsRead
from tui.screens.dataset_other_text import LeftOutLines, PreflightProblem, holdout_lines, preflight_lines
from tui.screens.dataset_quality_text import diversity_lines, value_lines
from tui.screens.dataset_split_text import split_lines
from tui.screens.dataset_tokens_text import token_lines
from tui.styles import MUTED


class Tab(StrEnum):
    SPLIT = "Split"
    TOKENS = "Tokens"
    DIVERSITY = "Diversity"
    VALUE = "Value"
    LEFT_OUT = "Left out"
    PREFLIGHT = "Preflight"
    HOLDOUT = "Holdout"


TABS = tuple(Tab)
MEASURED = (Tab.TOKENS, Tab.DIVERSITY, Tab.VALUE)
"""What needs the version measured; tokens only where there is no preflight."""


@dataclass(frozen=True, slots=True)
class Measuring:
    """How far the measuring of the version is; `problem`: why it cannot be measured."""

    doing: str = "measuring"
    done: int = 0
    total: int = 0
    problem: str = ""


def tab_line(chosen: Tab, width: int) -> Content:
    """A click on a name goes there."""
    gap = "   " if width >= 100 else "  "
    return Content(gap).join([_tab(number, tab, tab is chosen) for number, tab in enumerate(TABS, 1)])


def _tab(number: int, tab: Tab, chosen: bool) -> Content:
    style = "bold underline $text-primary" if chosen else ""
    return Content.assemble((f"{number} ", MUTED), (tab.value, style)).stylize(
        Style.from_meta({"@click": f"screen.tab({number - 1})"})
    )


def pane_lines(
    tab: Tab, version: DatasetVersion, details: DetailsRead | None, measuring: Measuring, problem: PreflightProblem | None,
    width: int,
) -> Sequence[PaneLine]:  # fmt: skip
    """`details`: None until they are read. `problem`: of the version's last preflight."""
    if tab is Tab.SPLIT:
        return Drawn(split_lines(version, width))
    if details is None:
        return list(muted("reading…", width))
    if tab in MEASURED and details.quality is None and not (tab is Tab.TOKENS and details.preflight is not None):
        return _not_measured(tab, measuring, width)
    match tab:
        case Tab.TOKENS:
            return list(token_lines(details.preflight, details.quality, width))
        case Tab.DIVERSITY:
            assert details.quality is not None
            return list(diversity_lines(details.quality, width))
        case Tab.VALUE:
            assert details.quality is not None
            return Drawn(value_lines(details.quality, width))
        case Tab.LEFT_OUT:
            return LeftOutLines(version, details.left_out, width)
        case Tab.PREFLIGHT:
            return list(preflight_lines(details.preflight, details.mark, problem, width))
        case _:
            return list(holdout_lines(version, details.looks, width))


def _not_measured(tab: Tab, measuring: Measuring, width: int) -> list[PaneLine]:
    if measuring.problem:
        return [heading(tab.value), *muted(measuring.problem, width)]
    percent = f" {measuring.done * 100 // measuring.total} %" if measuring.total else ""
    return [heading(tab.value), *muted(f"{measuring.doing}{percent}…  It is done once for each version.", width)]
