"""What a coverage run found, as plain frozen data: for files, the console, the database and the app."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Side = Literal["passed", "failed"]
"""The reference reports what passing and what failing tests reach apart from each other."""
SIDES: tuple[Side, ...] = ("passed", "failed")


@dataclass(frozen=True, slots=True)
class StepCoverage:
    """A step that counts. `passed`, `failed`: how often tests of that outcome visited it."""

    id: str
    kind: str
    what: str
    first_line: int
    last_line: int
    depth: int
    passed: int = 0
    failed: int = 0

    @property
    def lines(self) -> str:
        return f"{self.first_line}-{self.last_line}"

    def visits(self, side: Side) -> int:
        return self.passed if side == "passed" else self.failed


@dataclass(frozen=True, slots=True)
class FlowCoverage:
    """`file` as given to the reader. `paths`: how many different ways passing tests went through it."""

    id: str
    name: str
    file: str
    line: int
    steps: tuple[StepCoverage, ...]
    paths: int = 0

    @property
    def label(self) -> str:
        """As the report of the reference names it."""
        return f"{self.file}::{self.name}"

    def missing(self, side: Side = "passed") -> tuple[StepCoverage, ...]:
        return tuple(step for step in self.steps if not step.visits(side))

    def percent(self, side: Side = "passed") -> float:
        """Unrounded; a flow without steps that count misses none."""
        return percent(len(self.steps) - len(self.missing(side)), len(self.steps))


@dataclass(frozen=True, slots=True)
class BranchCoverage:
    """A way out of a step with branches. `condition`: its text, or `else`; `leads_to`: a step id or `END`."""

    flow: str
    step: str
    line: int
    condition: str
    leads_to: str
    taken: int


@dataclass(frozen=True, slots=True)
class ValueCoverage:
    """A value that a categorical or boolean slot can have, and in how many passing tests it had it."""

    slot: str
    value: str
    tests: int


@dataclass(frozen=True, slots=True)
class PairCoverage:
    """Two commands one directly after the other in a conversation, in one message or in two."""

    first: str
    second: str
    count: int


@dataclass(frozen=True, slots=True)
class PatternCoverage:
    """A repair pattern and in how many passing tests it ran. `own`: the project has its own version of it."""

    name: str
    own: bool
    tests: int


@dataclass(frozen=True, slots=True)
class Extras:
    """What passing tests reach besides steps."""

    branches: tuple[BranchCoverage, ...] = ()
    values: tuple[ValueCoverage, ...] = ()
    pairs: tuple[PairCoverage, ...] = ()
    patterns: tuple[PatternCoverage, ...] = ()


TrainingKind = Literal["command", "flow", "value"]


@dataclass(frozen=True, slots=True)
class TrainingCount:
    """How often the training data has something. `steps`: annotated user steps; `texts`: their original texts and the
    rephrasings an export uses; `ready`: those of them whose prompt is known, so that an export writes them.
    """

    kind: TrainingKind
    name: str
    steps: int
    texts: int
    ready: int


@dataclass(frozen=True, slots=True)
class Gate:
    """A limit and what was found. `subject`: `total`, a flow's id, or a command."""

    name: Literal["total", "flow", "command"]
    subject: str
    wanted: float
    found: float
    passed: bool

    def __str__(self) -> str:
        if self.name == "command":
            return f"no passing test has the command `{self.subject}`"
        what = "total coverage" if self.name == "total" else f"flow {self.subject}"
        return f"{what} is {self.found:.2f} %, wanted {self.wanted:g} %"


@dataclass(frozen=True, slots=True)
class WayMessage:
    """One message of the user: its commands as lines of the dialect, or a button's payload."""

    commands: tuple[str, ...]
    payload: str = ""


@dataclass(frozen=True, slots=True)
class SlotValue:
    slot: str
    value: str | float | bool | None


@dataclass(frozen=True, slots=True)
class ActionStub:
    """What a custom action on the way has to set; nothing, if only its running matters."""

    action: str
    sets: tuple[SlotValue, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """The shortest way to a step. `conditions`: those that must hold (or, with `not`, must not), in order.

    `checked`: what came of going it with the engine: `reached`, `missed`, or `untried`. `note`: why there is none, or
    where it ended instead.
    """

    flow: str
    step: str
    messages: tuple[WayMessage, ...] = ()
    fixtures: tuple[SlotValue, ...] = ()
    stubs: tuple[ActionStub, ...] = ()
    conditions: tuple[str, ...] = ()
    checked: Literal["reached", "missed", "untried"] = "untried"
    note: str = ""


@dataclass(frozen=True, slots=True)
class CommandCount:
    """`unusable`: why the assistant cannot use it; empty: it can. Buttons are not counted: no command is found for them."""

    name: str
    passed: int
    failed: int
    unusable: str = ""

    def count(self, side: Side) -> int:
        return self.passed if side == "passed" else self.failed


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of flows as the tests were run with it. `path`: relative to the project."""

    file: str
    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """`not_run`: tests that could not be judged, which count on neither side. `is_whole`: all tests of the project were
    run, not a selection.
    """

    passed_tests: int
    failed_tests: int
    flows: tuple[FlowCoverage, ...]
    commands: tuple[CommandCount, ...]
    extras: Extras = Extras()
    training: tuple[TrainingCount, ...] = ()
    gates: tuple[Gate, ...] = ()
    ways: tuple[Way, ...] = ()
    not_run: int = 0
    is_whole: bool = True
    sources: tuple[SourceFile, ...] = ()

    @property
    def steps(self) -> int:
        return sum(len(flow.steps) for flow in self.flows)

    def missing(self, side: Side = "passed") -> int:
        return sum(len(flow.missing(side)) for flow in self.flows)

    def percent(self, side: Side = "passed") -> float:
        return percent(self.steps - self.missing(side), self.steps)

    def tests(self, side: Side) -> int:
        return self.passed_tests if side == "passed" else self.failed_tests

    @property
    def failed_gates(self) -> tuple[Gate, ...]:
        return tuple(gate for gate in self.gates if not gate.passed)

    def way_to(self, flow: str, step: str) -> Way | None:
        return next((way for way in self.ways if (way.flow, way.step) == (flow, step)), None)

    def summary(self) -> dict[str, Any]:
        """What status and overview show."""
        return {
            "passed_tests": self.passed_tests,
            "failed_tests": self.failed_tests,
            "not_run": self.not_run,
            "flows": len(self.flows),
            "steps": self.steps,
            "missing": self.missing(),
            "percent": round(self.percent(), 2),
            "failed_gates": [str(gate) for gate in self.failed_gates],
            "is_whole": self.is_whole,
        }

    def as_data(self) -> dict[str, Any]:
        """Plain data for `--json` and for the database."""
        return {"summary": self.summary(), **asdict(self)}


def percent(part: int, whole: int) -> float:
    """Divided before it is multiplied, as the reference does: 3 of 18 is 16.666666666666664."""
    return part / whole * 100 if whole else 100.0
