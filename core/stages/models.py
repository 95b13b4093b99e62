"""Estimate, progress and report of a stage (annotate, rephrase, validate): the same for the command line and the app."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from core.llm.models import Askers, Role


class StageName(StrEnum):
    ANNOTATE = "annotate"
    REPHRASE = "rephrase"
    VALIDATE = "validate"


@dataclass(frozen=True, slots=True)
class CallEstimate:
    """Calls that one role will be asked. `stored`: further ones whose answer is there already.

    Tokens are of the missing calls. `exact`: prompt tokens were counted with the model's tokenizer; `cost` is None where no
    price is set.
    """

    role: Role
    model: str
    calls: int
    stored: int
    prompt_tokens: int
    completion_tokens: int
    exact: bool
    cost: float | None
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Estimate:
    """`items`: what the stage works on ("184 user steps of 46 tests"). `notes`: what the figures leave out."""

    stage: StageName
    items: str
    calls: tuple[CallEstimate, ...]
    notes: tuple[str, ...] = ()

    @property
    def missing(self) -> int:
        return sum(one.calls for one in self.calls)

    @property
    def cost(self) -> float | None:
        """None where any call has no price."""
        known = [one.cost for one in self.calls if one.calls]
        return None if None in known else sum(cost for cost in known if cost is not None)


@dataclass(frozen=True, slots=True)
class ItemFailure:
    """One item that the stage could not do. `call`: key of the call behind it, to be looked at with `workbench llm show`."""

    item: str
    what: str
    remedy: str = ""
    call: str | None = None


@dataclass(frozen=True, slots=True)
class StageReport:
    """`counts` by label, in the order to be shown. `left_out` are items left out for a reason of their own (failing tests),
    with what there is to show of it; `kept` those that were taken all the same, because that was asked for; `failures` those
    that a call or the data made impossible this time: run it again.

    `stopped`: why the stage ended before its end, empty if it did not. `details`: further plain data of one stage.
    """

    stage: StageName
    counts: Mapping[str, int]
    left_out: tuple[ItemFailure, ...] = ()
    failures: tuple[ItemFailure, ...] = ()
    notes: tuple[str, ...] = ()
    stopped: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    kept: tuple[ItemFailure, ...] = ()

    @property
    def complete(self) -> bool:
        return not self.failures and not self.stopped

    def as_data(self) -> dict[str, Any]:
        """Plain data for `--json`."""
        return {**asdict(self), "stage": self.stage.value, "counts": dict(self.counts), "complete": self.complete}


Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many items are done, and how many there are."""


class Stage(Protocol):
    """A prepared stage: what it will do is settled (paths, options), nothing is asked yet."""

    @property
    def name(self) -> StageName: ...

    @property
    def roles(self) -> tuple[Role, ...]:
        """Those it asks."""
        ...

    def estimate(self) -> Estimate:
        """Reads the project, asks nobody."""
        ...

    async def run(self, askers: Askers, progress: Progress) -> StageReport:
        """Does what is missing and stores it as it comes. What was stored stays, however the run ends.

        Raises:
            asyncio.CancelledError: after storing what was answered.
            StoreError: the disk is full or the database is locked.
        """
        ...
