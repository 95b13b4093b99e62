"""What the Stages screen says at the right: of a run, or of an item that failed or was left out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from textual.content import Content

from core.stages.models import ItemFailure
from core.store.stage_runs import StageRun
from tui.stage_words import count, seconds
from tui.styles import BAD, DOUBTFUL, GOOD, HEADING, KEY, MUTED
from tui.widgets.plain import one_line, printable
from tui.widgets.stage_rows import Row, failures_of, left_out_of
from tui.widgets.transcript_text import Block

_NOTHING = Content()
_ABOUT = (
    "A stage asks language models: what it will cost is shown first, and it starts after a yes.",
    "It runs while you go on working: review on another screen what is there already; the first line says how far it is.",
    "Every answer is stored as it comes. A stage that was stopped or killed goes on where it was; only what is missing is"
    " asked, so running one again costs nothing for what is there.",
    "In a terminal: workbench annotate, rephrase, validate.",
)


def nothing_blocks() -> Iterator[Block]:
    yield Block(_NOTHING, Content.styled("Stages", HEADING))
    for line in _ABOUT:
        yield _line(line, MUTED)
        yield Block(_NOTHING, _NOTHING)


def run_blocks(run: StageRun, *, running: bool) -> Iterator[Block]:
    """When, by whom, and all that the report says."""
    yield Block(_NOTHING, Content.styled(run.stage.value, HEADING))
    yield _line(f"{_time(run.at)}, by {one_line(run.reviewer)}", MUTED)
    report = run.report
    if run.finished_at is None:
        if running:
            yield _line("It runs now; its report comes when it ends.", GOOD)
            failed = len(failures_of(run))
            if failed:
                yield _line(f"✗ {count(failed, 'call')} failed so far: each stands below; enter opens it.", BAD)
            yield from _parameters(run)
            return
        else:
            yield _line("! not finished: it was killed, or runs in another process. What was answered is stored.", DOUBTFUL)
            yield _line(f"{run.stage.value[0]} does what is missing.", MUTED)
    else:
        yield _line(f"took {_duration(run.at, run.finished_at)}", MUTED)
    if report.get("stopped"):
        yield _line(f"! {printable(str(report['stopped']))}", DOUBTFUL)
        yield _line(f"{run.stage.value[0]} does what is missing.", MUTED)
    counts = report.get("counts") or {}
    if counts:
        yield Block(_NOTHING, _NOTHING)
        cells = max(len(f"{number:,}") for number in counts.values())
        for label, number in counts.items():
            lead = Content.styled(f"{number:>{cells},}  ", "bold" if number else MUTED)
            yield Block(lead, Content.styled(one_line(label), "" if number else MUTED))
    failures, left_out = failures_of(run), left_out_of(run)
    if failures or left_out:
        yield Block(_NOTHING, _NOTHING)
    if failures:
        yield Block(
            Content.styled("✗ ", BAD), Content(f"{count(len(failures), 'item')} failed: {run.stage.value[0]} tries again")
        )
    if left_out:
        yield Block(
            Content.styled("- ", DOUBTFUL), Content(f"{count(len(left_out), 'item')} left out, each for a reason of its own")
        )
    if failures or left_out:
        yield _line("Each stands below the run, with its reason; enter opens it.", MUTED)
    notes = report.get("notes") or ()
    if notes:
        yield Block(_NOTHING, _NOTHING)
    for note in notes:
        yield Block(Content.styled("- ", MUTED), Content(printable(str(note))))
    yield from _parameters(run)


def _parameters(run: StageRun) -> Iterator[Block]:
    """Those that were given."""
    given = {name: value for name, value in run.parameters.items() if value not in (None, False, "", [], {})}
    if given:
        yield Block(_NOTHING, _NOTHING)
    for name, value in given.items():
        yield Block(Content.styled(f"{one_line(name)}  ", MUTED), Content(one_line(str(value))))


def item_blocks(row: Row, *, opened: bool = False) -> Iterator[Block]:
    """An item with what happened and what helps. `opened`: the call behind it is shown below already."""
    assert row.item is not None
    item: ItemFailure = row.item
    yield Block(_NOTHING, Content.styled(printable(item.item), HEADING))
    words, style = ("- left out", DOUBTFUL) if row.left_out else ("✗ failed", BAD)
    yield _line(f"{words} by {row.run.stage.value}, {_time(row.run.at)}", style)
    yield Block(_NOTHING, _NOTHING)
    for line in printable(item.what).split("\n"):
        yield diff_line(line)
    if item.remedy:
        yield Block(_NOTHING, _NOTHING)
        yield _line(printable(item.remedy), MUTED)
    if item.call and not opened:
        yield Block(_NOTHING, _NOTHING)
        yield Block(_NOTHING, Content.assemble(("enter", KEY), (" shows the question and the answer as they were sent", MUTED)))


def diff_line(line: str) -> Block:
    """`- expected` and `+ actual` are told apart by mark and colour; their indentation stays where they wrap."""
    text = line.lstrip(" ")
    indent = " " * (len(line) - len(text))
    for mark, style in (("- ", BAD), ("+ ", GOOD), ("! ", DOUBTFUL)):
        if text.startswith(mark):
            return Block(Content.styled(indent + mark, style), Content.styled(text[2:], style))
    return Block(Content(indent), Content(text))


def _line(text: str, style: str = "") -> Block:
    return Block(_NOTHING, Content.styled(text, style))


def _time(at: str) -> str:
    return at[:16].replace("T", " ") + " UTC"


def _duration(start: str, end: str) -> str:
    try:
        passed = datetime.fromisoformat(end) - datetime.fromisoformat(start)
    except ValueError:
        return "?"
    return seconds(max(0.0, passed.total_seconds()))
