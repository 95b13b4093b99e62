"""The words of the estimate: a table of what will be asked, or what to do first."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from core.errors import WorkbenchError
from core.llm.models import Role
from core.stages.models import CallEstimate, Estimate
from tui.stage_preparing import how_to_configure
from tui.stage_words import count, money
from tui.styles import BAD, DOUBTFUL, GOOD, KEY, MUTED
from tui.widgets.plain import one_line, printable
from tui.widgets.rephrasing_list import fit

_COLUMNS = (("missing", 9), ("stored", 9), ("tokens in", 12), ("out", 9), ("cost", 10))
ROLE_CELLS = 11
LEAST_MODEL_CELLS = 8


def estimate_text(estimate: Estimate, width: int) -> Content:
    """For a pane of `width` cells: what is worked on, a row per model, the cost, and what the figures leave out."""
    lines = [Content.styled(one_line(estimate.items), "bold"), Content()]
    if estimate.calls:
        lines += [*_table(estimate.calls, width), Content()]
    lines += _summary(estimate)
    if estimate.notes:
        lines.append(Content())
    for note in estimate.notes:
        wrapped = Content.styled(printable(note), MUTED).wrap(max(8, width - 2))
        lines += [(Content.styled("- ", MUTED) if at == 0 else Content("  ")) + line for at, line in enumerate(wrapped)]
    return Content("\n").join(lines)


def _table(calls: Sequence[CallEstimate], width: int) -> list[Content]:
    """Where there is little room, tokens of answers go first, then those of questions, then what is stored."""
    columns = list(_COLUMNS)
    for dispensable in ("out", "tokens in", "stored"):
        if ROLE_CELLS + LEAST_MODEL_CELLS + sum(cells for _, cells in columns) > width:
            columns = [column for column in columns if column[0] != dispensable]
    model_cells = max(LEAST_MODEL_CELLS, width - ROLE_CELLS - sum(cells for _, cells in columns))
    head = f"{'':<{ROLE_CELLS}}{'':<{model_cells}}" + "".join(f"{name:>{cells}}" for name, cells in columns)
    lines = [Content.styled(head, MUTED)]
    for one in calls:
        about = "" if one.exact or not one.calls else "~"
        values = {
            "missing": f"{one.calls:,}",
            "stored": f"{one.stored:,}",
            "tokens in": f"{about}{one.prompt_tokens:,}",
            "out": f"{'~' if one.calls else ''}{one.completion_tokens:,}",
            "cost": "no price" if one.cost is None else money(one.cost, one.currency),
        }
        lines.append(
            Content.assemble(
                (f"{one.role.value:<{ROLE_CELLS}}", "bold"),
                fit(one_line(one.model) or "default", model_cells),
                *((f"{values[name]:>{cells}}", MUTED if name == "stored" else "") for name, cells in columns),
            )
        )
    return lines


def _summary(estimate: Estimate) -> list[Content]:
    stored = sum(one.stored for one in estimate.calls)
    if not estimate.missing:
        what = f"nothing is missing: all {stored:,} answers are stored, no model is asked" if stored else "no model is asked"
        return [Content.styled(f"✓ {what}", GOOD)]
    answers = Content.assemble(f"{stored:,} stored, ", (f"{estimate.missing:,} missing", "bold"))
    cost = estimate.cost
    if cost is None:
        price = Content.styled("no price is set for all models: `price_input` and `price_output` in workbench.toml", DOUBTFUL)
    else:
        asked = [one for one in estimate.calls if one.calls]
        exact = all(one.exact for one in asked)
        price = Content.assemble(
            "cost ", (money(cost, asked[0].currency), KEY), (" for the " + count(estimate.missing, "call"), MUTED),
            ("" if exact else "; ~ prompt tokens are estimated", MUTED),
        )  # fmt: skip
    return [answers, price]


def missing_text(roles: Sequence[Role]) -> Content:
    """How to configure what is not."""
    lines: list[Content] = []
    for role in roles:
        lines += [Content()] if lines else []
        for line in how_to_configure(role):
            setting, mark, comment = line.partition("  #")
            lines.append(Content.assemble((setting, KEY if line.startswith(" ") else ""), (mark + comment, MUTED)))
    return Content("\n").join(lines)


def problem_text(error: WorkbenchError | None) -> Content:
    """What failed, where, and what to do next."""
    if error is None:
        return Content()
    place = f"{error.where}: " if error.where else ""
    return Content.assemble((printable(place + error.what), BAD), "\n\n" if error.remedy else "", printable(error.remedy))
