"""What waits in the project of a hand-out: its records, and then the way back of the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.pipeline.next_action import NextAction, Waiting

if TYPE_CHECKING:
    from core.pipeline.status import RephrasingCounts
    from core.store.pack_here import PackStanding


def list_waiting_in_pack(rephrasings: RephrasingCounts) -> tuple[Waiting, ...]:
    """What a person may want to look at again; all but the first are answers."""
    state = rephrasings.by_state
    found = (
        Waiting("stale", state["stale"], "answered before other commands were given: answer again", filter="state:stale"),
        Waiting("flagged", state["flag"], "answered with unsure", filter="state:flag"),
        Waiting("skipped", state["skip"], "passed over", filter="state:skip"),
    )
    return tuple(one for one in found if one.count)


def next_in_pack(standing: PackStanding) -> NextAction:
    pack = standing.pack
    records = f"{standing.records:,} record" + ("" if standing.records == 1 else "s")
    if standing.left:
        left = f"{standing.left:,} of the " if standing.answered else ""
        sentence = f"answer {left or 'the '}{records} of {pack.round}"
        return NextAction("review", sentence, f"workbench review open ../{pack.hand_out}")
    sentence = f"all of {pack.round} is answered ({records}): send back {pack.hand_in}"
    return NextAction("hand_in", sentence, f"workbench review answers ../{pack.hand_out}")
