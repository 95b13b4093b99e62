"""What the push dialog says."""

from __future__ import annotations

from textual.content import Content

from tui.stage_words import count
from tui.styles import KEY, MUTED
from tui.team_work import PushPlan
from tui.widgets.choice_list import CURSOR
from tui.widgets.plain import one_line

LABEL_CELLS = 12
LINE_CELLS = 72


def push_text(plan: PushPlan, limit: int | None, overlap: int, cursor: int) -> Content:
    """`limit`, `overlap`: as chosen so far; `cursor`: the option they are chosen at."""
    if not plan.planned.is_new:
        lines = _rest(plan)
    elif not plan.planned.records:
        lines = _nothing(plan)
    else:
        lines = _round(plan, limit, overlap, cursor)
    return Content("\n").join(lines)


def _rest(plan: PushPlan) -> list[Content]:
    planned = plan.planned
    return [
        Content.styled(f"{count(planned.records, 'record')} of {one_line(planned.round_name)} did not arrive", "bold"),
        Content(),
        Content("The push was interrupted. This sends what is missing; what has arrived stays as it is, with its answers."),
        Content(),
        *_asked(plan, planned.overlap),
    ]


def _nothing(plan: PushPlan) -> list[Content]:
    return [
        Content.styled("Nothing is left that the team should see.", "bold"),
        Content(),
        Content(
            "To the team go rephrasings that are not decided yet and that the machine found ambiguous, that somebody flagged (f"
            f" in Review), or with an ambiguity score of {plan.team.threshold:.2f} or more; each once, as long as its words and"
            " commands stay the same. A lower `threshold` in [team] of workbench.toml finds more."
        ),
    ]


def _round(plan: PushPlan, limit: int | None, overlap: int, cursor: int) -> list[Content]:
    planned = plan.planned
    cells = max(len(f"{number:,}") for number in planned.reasons.values())
    why = [Content.assemble((f"  {number:>{cells},}  ", "bold"), words) for words, number in planned.reasons.items()]
    sent = planned.records if limit is None else min(limit, planned.records)
    some = f"all {planned.records:,}" if limit is None else f"the {sent:,} most uncertain"
    return [
        Content.styled(f"{count(planned.records, 'rephrasing')} should be seen by more than one person:", "bold"),
        *why,
        Content.styled("Not among them: what is with the team already, or decided here.", MUTED),
        Content(),
        _option("how many", some, "", cursor == 0),
        _option("overlap", f"{overlap}", f"people answer each: {count(sent * overlap, 'answer')}", cursor == 1),
        Content(),
        _fact("round", planned.round_name),
        *_asked(plan, overlap),
    ]


def _asked(plan: PushPlan, overlap: int) -> list[Content]:
    team = plan.team
    rule = f"majority, {team.margin} ahead" if team.rule == "majority" else team.rule
    experts = f"; {', '.join(team.experts)} decide" if team.experts else ""
    return [
        _fact("server", plan.argilla.url),
        _fact("workspace", plan.argilla.workspace),
        _fact("guidelines", team.guidelines or "Workbench's own"),
        _fact("rule", f"{rule}{experts}" if overlap > 1 else "one answer decides"),
    ]


def _fact(label: str, value: str) -> Content:
    return Content.assemble((f"  {label:<{LABEL_CELLS}}  ", MUTED), one_line(value))


def _option(label: str, value: str, note: str, at_cursor: bool) -> Content:
    arrows = ("◂ ", " ▸") if at_cursor else ("  ", "  ")
    line = Content.assemble(
        (f"{CURSOR} " if at_cursor else "  ", "bold"), (f"{label:<{LABEL_CELLS}}", "" if at_cursor else MUTED),
        (arrows[0], KEY), (value, "bold"), (arrows[1], KEY), (f"  {note}", MUTED),
    )  # fmt: skip
    return line.pad_right(max(0, LINE_CELLS - line.cell_length)).stylize("on $primary-muted") if at_cursor else line
