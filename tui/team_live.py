"""The connection to the team's server and the work on it, as they are shown. Without Textual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Work = Literal["check", "push", "pull"]
LinkState = Literal["unknown", "absent", "checking", "connected", "unreachable"]


@dataclass(frozen=True, slots=True)
class Link:
    """What is known of the server. `since`: local time of day when this state began.

    unknown: nobody has asked it yet; absent: none is set up. `problem` and `remedy` say what is wrong and what to do.
    """

    state: LinkState = "unknown"
    url: str = ""
    workspace: str = ""
    who: str = ""
    version: str = ""
    since: str = ""
    problem: str = ""
    remedy: str = ""

    @property
    def is_broken(self) -> bool:
        return self.state == "unreachable"


@dataclass(frozen=True, slots=True)
class TeamLive:
    """The running work. `done` of `total`, 0 of 0 before that is known; `words`: what it does at the moment.

    `automatic`: nobody asked for it, so that it says nothing unless something is new. `stopping`: asked to stop.
    """

    work: Work
    words: str = "connecting"
    done: int = 0
    total: int = 0
    automatic: bool = False
    stopping: bool = False


@dataclass(frozen=True, slots=True)
class TeamOutcome:
    """What came of it. `link`: as the server was found. `words`: for the toast, empty where there is nothing to tell.

    `is_good`: False where a person is to look: something is missing, or waits here. `is_news`: False where all is as it was,
    which nobody needs to hear who has not asked.
    """

    link: Link
    words: str = ""
    is_good: bool = True
    is_news: bool = True


@dataclass(frozen=True, slots=True)
class TeamState:
    """All that screens and the title line show of it. `live`: None while nothing runs."""

    link: Link = Link()
    live: TeamLive | None = None
    automatic: bool = True
    next_pull: str = ""


def compact(live: TeamLive) -> tuple[str, ...]:
    """The running work for a title line, the longest wording first."""
    name = live.work
    if live.stopping:
        return (f"{name} stopping", name)
    if not live.total:
        return (f"{name} {live.words}", name)
    return (f"{name} {live.done:,}/{live.total:,}", f"{name} {live.done * 100 // live.total} %", name)
