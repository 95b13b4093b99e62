"""The running stage: how far it is, how fast, what it costs, and why it waits. How the last one ended, once it has."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from core.llm.meter import MeterReading
from tui.messages import StageEnded
from tui.stage_live import StageLive
from tui.stage_words import count, money, pace, seconds
from tui.styles import BAD, DOUBTFUL, GOOD, HEADING, KEY, MUTED
from tui.widgets.plain import one_line

LINES = 6
GAP = "   "
LABEL_CELLS = 9
_IDLE = (
    ("a Annotate", "the commands of the tests' user messages, found by a model"),
    ("r Rephrase", "each user message in other words"),
    ("v Validate", "a verdict on each rephrasing: same, different or ambiguous"),
)


class StageMeter(Widget, can_focus=False):
    """Always of the same height: what it says changes several times a second, where it stands does not."""

    DEFAULT_CSS = f"StageMeter {{ height: {LINES}; padding: 0 1; }}"

    def __init__(self) -> None:
        super().__init__()
        self._live: StageLive | None = None
        self._ended: StageEnded | None = None

    def show(self, live: StageLive | None, ended: StageEnded | None = None) -> None:
        """`ended`: what came of it, once nothing runs any more."""
        self._live, self._ended = live, ended
        self.refresh()

    def render(self) -> Content:
        width = max(1, self.content_size.width)
        lines = idle_lines() if self._live is None else live_lines(self._live, self._ended, width)
        return Content("\n").join([line.truncate(width) for line in lines])


def idle_lines() -> list[Content]:
    """What can be started here."""
    lines = [Content.styled("No stage is running. Start one:", HEADING)]
    lines += [Content.assemble((f"  {name[0]}", KEY), f"{name[1:]:<12}", (what, MUTED)) for name, what in _IDLE]
    lines.append(Content.styled("What it will cost is shown first. What is stored is never asked again.", MUTED))
    return lines


def live_lines(live: StageLive, ended: StageEnded | None, width: int) -> list[Content]:
    """Six lines for a pane of `width` cells."""
    reading = live.reading
    return [
        _head(live, ended, width),
        _bar(live, width),
        _line("answers", *_answers(reading)),
        _line("pace", *_pace(live)),
        _line("tokens", *_tokens(reading)),
        _last(live, ended),
    ]


def _head(live: StageLive, ended: StageEnded | None, width: int) -> Content:
    words, style = {"running": ("running", GOOD), "paused": ("paused", DOUBTFUL), "stopping": ("stopping", DOUBTFUL)}.get(
        live.state, ("ended", MUTED)
    )
    if ended is not None:
        words, style = _how_it_ended(ended)
    right = Content.assemble((words, f"bold {style}"), (f"  {seconds(live.reading.elapsed)}", MUTED))
    what = live.told.what if live.state != "ended" else live.estimate.items
    left = Content.assemble((live.stage.value, HEADING), "  ", one_line(what))
    left = left.truncate(max(1, width - right.cell_length - 2))
    return left + " " * max(1, width - left.cell_length - right.cell_length) + right


def _how_it_ended(ended: StageEnded) -> tuple[str, str]:
    if ended.error is not None:
        return "failed", BAD
    if ended.report is None or ended.report.stopped:
        return "stopped", DOUBTFUL
    if ended.report.failures:
        return "done, with failures", DOUBTFUL
    return ("done, with some left out", DOUBTFUL) if ended.report.left_out else ("complete", GOOD)


def _bar(live: StageLive, width: int) -> Content:
    done, total = live.told.done, live.told.total
    numbers = f"  {done:,} / {total:,}" if total else "  counting"
    percent = f"{done * 100 // total:>5} %" if total else ""  # a remainder is never rounded away
    cells = max(4, width - len(numbers) - len(percent))
    full = min(cells, done * cells // total) if total else 0
    return Content.assemble(
        ("━" * full, GOOD if live.state != "paused" else DOUBTFUL), ("─" * (cells - full), MUTED),
        (numbers, "bold"), (percent, MUTED),
    )  # fmt: skip


def _line(label: str, *parts: Content) -> Content:
    return Content.styled(f"{label:<{LABEL_CELLS}}", MUTED) + Content(GAP).join(parts)


def _number(number: int, what: str, style: str = "bold") -> Content:
    return Content.assemble((f"{number:,}", style if number else MUTED), (f" {what}", MUTED))


def _answers(reading: MeterReading) -> list[Content]:
    return [
        _number(reading.answered, "new"),
        _number(reading.stored, "stored"),
        _number(reading.failed, "failed", f"bold {BAD}"),
        _number(reading.retries, "retried", f"bold {DOUBTFUL}"),
    ]


def _pace(live: StageLive) -> list[Content]:
    reading = live.reading
    if live.state == "ended":
        mean = reading.answered / reading.elapsed if reading.elapsed else 0.0
        return (
            [Content.assemble((pace(mean), "bold"), (" on average", MUTED))]
            if mean
            else [Content.styled("no call was made", MUTED)]
        )
    parts = [Content.assemble((pace(reading.rate), "bold")) if reading.rate else Content.styled("no answer yet", MUTED)]
    parts.append(Content.assemble((f"{reading.in_flight:,}", "bold"), (f" of {reading.limit:,} in flight", MUTED)))
    if live.eta is not None and live.state == "running":
        parts.append(Content.assemble(("ETA ", MUTED), (seconds(live.eta), "bold")))
    return parts


def _tokens(reading: MeterReading) -> list[Content]:
    sent = Content.assemble((f"{reading.prompt_tokens:,}", "bold"), (" in", MUTED))
    if reading.cached_tokens:
        sent += Content.styled(f" ({reading.cached_tokens:,} cached)", MUTED)
    parts = [sent, Content.assemble((f"{reading.completion_tokens:,}", "bold"), (" out", MUTED))]
    if reading.cost is not None:
        parts.append(Content.assemble(("cost ", MUTED), (money(reading.cost, reading.currency), "bold")))
    return parts


def _last(live: StageLive, ended: StageEnded | None) -> Content:
    """Why it waits, or what to do now."""
    if ended is None:
        if live.state == "stopping":
            return Content.styled("Waits for the answers on their way; x again ends at once.", DOUBTFUL)
        if live.state == "paused":
            return Content.styled("Paused: no new question is sent. space goes on.", DOUBTFUL)
        if live.reading.waiting:
            return _line("waits", Content.styled(one_line(live.reading.waiting), DOUBTFUL))
        missing, stored = live.estimate.missing, sum(one.stored for one in live.estimate.calls)
        return Content.styled(f"At the start {stored:,} answers were stored and {missing:,} missing.", MUTED)
    key = live.stage.value[0]
    if ended.error is not None:
        return Content.styled(one_line(str(ended.error)), BAD)
    if ended.report is None:
        return Content.styled(f"Ended at once; what was answered is stored. {key} does what is missing.", DOUBTFUL)
    if ended.report.stopped:
        return Content.styled(f"{one_line(ended.report.stopped)}. {key} does what is missing.", DOUBTFUL)
    if ended.report.failures:
        return Content.styled(
            f"{count(len(ended.report.failures), 'item')} failed, listed below; {key} tries them again.", DOUBTFUL
        )
    if ended.report.left_out:
        left_out = count(len(ended.report.left_out), "item")
        return Content.styled(f"{left_out} left out of what follows, listed below with the reason.", DOUBTFUL)
    return Content.styled("Everything is stored; run again, it asks nothing that was answered.", MUTED)
