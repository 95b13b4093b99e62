"""The team's server: whether it answers, what is done with it now and how far that is, and when it is asked again."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from tui.styles import BAD, DOUBTFUL, GOOD, HEADING, KEY, MUTED
from tui.team_live import Link, TeamLive, TeamState
from tui.widgets.beside import beside
from tui.widgets.plain import one_line

LINES = 4
_TITLES = {"check": "Asking", "push": "Pushing", "pull": "Pulling answers"}


class TeamMeter(Widget, can_focus=False):
    """Always of the same height: what it says changes while something runs, where it stands does not."""

    DEFAULT_CSS = f"TeamMeter {{ height: {LINES}; padding: 0 1; }}"

    def __init__(self) -> None:
        super().__init__()
        self.state = TeamState()
        self.has_open_round = False

    def show(self, state: TeamState, *, has_open_round: bool) -> None:
        if (state, has_open_round) != (self.state, self.has_open_round):
            self.state, self.has_open_round = state, has_open_round
            self.refresh()

    def render(self) -> Content:
        width = max(1, self.content_size.width)
        lines = meter_lines(self.state, width, has_open_round=self.has_open_round)[:LINES]
        return Content("\n").join([line.truncate(width) for line in lines])


def meter_lines(state: TeamState, width: int, *, has_open_round: bool) -> list[Content]:
    """At most four lines. What runs comes last, so that the lines above it stay where they are."""
    lines = _link(state.link, width)
    if state.live is not None:
        last = _running(state.live, width)
    else:  # where none is set up nothing is next: what is to be written needs the room
        last = [] if state.link.state == "absent" else [_next(state, has_open_round=has_open_round)]
    room = LINES - len(last)
    return [*lines[:room], *[Content()] * (room - len(lines)), *last]


def _link(link: Link, width: int) -> list[Content]:
    if link.state == "connected":
        facts = [("as ", MUTED), (one_line(link.who), "bold"), (f"   Argilla {one_line(link.version)}", MUTED)]
        return [
            Content.assemble(("✓ ", GOOD), ("connected  ", f"bold {GOOD}"), (one_line(link.url), "bold")),
            Content.assemble("  ", *facts, (f"   workspace {one_line(link.workspace)}", MUTED)),
        ]
    if link.state == "checking":
        return [Content.assemble(("… ", MUTED), ("connecting  ", "bold"), one_line(link.url))]
    if link.state == "unknown":
        return [Content.styled("… not asked yet", MUTED)]
    if link.state == "absent":
        head = Content.assemble(("- ", MUTED), ("no server is set up", "bold"))
    else:
        since = f" since {link.since}" if link.since else ""
        head = Content.assemble(("✗ ", BAD), (f"not connected{since}", f"bold {BAD}"))
        head = Content.assemble(head, "  ", one_line(link.problem))
    lines = beside(Content(), head, width)
    return lines + beside(Content("  "), Content.styled(one_line(link.remedy), MUTED), width)


def _running(live: TeamLive, width: int) -> list[Content]:
    words, style = ("stopping", DOUBTFUL) if live.stopping else (one_line(live.words), MUTED)
    numbers = f"  {live.done:,} / {live.total:,}{live.done * 100 // live.total:>5} %" if live.total else ""
    head = Content.assemble((_TITLES[live.work], HEADING), (f"  {words}", style))
    stop = Content.assemble(("x", KEY), (" stops", MUTED))
    space = max(1, width - head.cell_length - stop.cell_length)
    if not live.total:
        return [head.truncate(max(1, width - stop.cell_length - 1)) + " " * space + stop]
    cells = max(4, width - len(numbers))
    full = min(cells, live.done * cells // live.total)
    return [
        head.truncate(max(1, width - stop.cell_length - 1)) + " " * space + stop,
        Content.assemble(("━" * full, GOOD), ("─" * (cells - full), MUTED), (numbers, "bold")),
    ]


def _next(state: TeamState, *, has_open_round: bool) -> Content:
    if not has_open_round:
        return Content.assemble(("  No answers are waited for. ", MUTED), ("p", KEY), (" hands out a round.", MUTED))
    if not state.automatic:
        return Content.assemble(
            ("  Answers are fetched when you press ", MUTED),
            ("s", KEY),
            ("; ", MUTED),
            ("a", KEY),
            (" fetches them by itself.", MUTED),
        )
    words = "The last try failed; it is tried again" if state.link.is_broken else "Answers are fetched by themselves, next"
    return Content.assemble(
        (f"  {words} in {state.next_pull}. ", MUTED), ("s", KEY), (" now, ", MUTED),
        ("a", KEY), (" no longer.", MUTED),
    )  # fmt: skip
