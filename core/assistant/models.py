"""An assistant as its files describe it: flows, slots, responses and configuration, each with the place it was read from.

Names and defaults follow the public reference of Rasa CALM (flows, flow steps, domain, configuration).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from core.assistant.conditions import Condition
from core.errors import Location

END: Final = "END"
"""The `next` that ends a flow."""

PATTERN_PREFIX: Final = "pattern_"
"""Flows whose id begins so repair the conversation; they are never offered to the command generator."""


class SlotType(StrEnum):
    TEXT = "text"
    BOOL = "bool"
    CATEGORICAL = "categorical"
    FLOAT = "float"
    LIST = "list"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Rejection:
    """A value for which `condition` holds is refused with the response `utter` and asked for again."""

    condition: Condition
    utter: str
    where: Location


@dataclass(frozen=True, slots=True)
class Slot:
    """`mappings` are the mapping types in order (`from_llm` alone if none is given)."""

    name: str
    type: SlotType
    where: Location
    values: tuple[str, ...] = ()
    initial_value: Any = None
    mappings: tuple[str, ...] = ("from_llm",)
    allow_nlu_correction: bool = False
    rejections: tuple[Rejection, ...] = ()
    refill_utter: str | None = None
    shared_for_coexistence: bool = False

    @property
    def filled_by_llm(self) -> bool:
        return "from_llm" in self.mappings


@dataclass(frozen=True, slots=True)
class Button:
    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class SlotIs:
    """The older form of a variation's condition: a slot has exactly this value."""

    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class Variation:
    """One way to say a response. `condition`: a predicate, or slots that must all match; None always holds."""

    text: str | None
    where: Location
    buttons: tuple[Button, ...] = ()
    condition: Condition | tuple[SlotIs, ...] | None = None
    channel: str | None = None
    image: str | None = None
    custom: Any = None
    is_jinja: bool = False
    is_rephrased: bool = False


@dataclass(frozen=True, slots=True)
class Response:
    name: str
    variations: tuple[Variation, ...]
    where: Location


@dataclass(frozen=True, slots=True)
class Branch:
    """`condition` None is `else`. `then`: a step id, `END`, or steps of its own."""

    condition: Condition | None
    then: str | tuple[Step, ...]
    where: Location


Next = str | tuple[Branch, ...]
"""Where a step leads: a step id, `END`, or branches of which the first that holds is taken (a plain list of steps is
one `else`). None elsewhere means the following step."""


@dataclass(frozen=True, slots=True)
class Step:
    """What every step has. `id`: as written, else `<index>_<kind name>`, unique within its flow, where index counts all
    steps of the flow in file order from 0. `last_line`: where its range ends, nested branches included (for coverage).
    """

    id: str
    where: Location
    last_line: int
    next: Next | None = None


@dataclass(frozen=True, slots=True)
class Collect(Step):
    slot: str = ""
    description: str | None = None
    utter: str | None = None
    ask_before_filling: bool = False
    reset_after_flow_ends: bool = True
    force_slot_filling: bool = False
    rejections: tuple[Rejection, ...] = ()

    @property
    def response(self) -> str:
        """The response that asks, unless the domain declares `action_ask_<slot>`."""
        return self.utter or f"utter_ask_{self.slot}"


@dataclass(frozen=True, slots=True)
class RunAction(Step):
    action: str = ""


@dataclass(frozen=True, slots=True)
class Link(Step):
    flow: str = ""


@dataclass(frozen=True, slots=True)
class Call(Step):
    """`is_external`: not a flow is called but a tool of an MCP server or a sub-agent, which this program cannot run."""

    flow: str = ""
    is_external: bool = False


@dataclass(frozen=True, slots=True)
class SetSlots(Step):
    """None empties a slot."""

    values: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Noop(Step):
    """A step that only branches or jumps: `noop: true`, or an id with a `next`."""


@dataclass(frozen=True, slots=True)
class Flow:
    """`guard`: the flow's `if`, None if it can always be started."""

    id: str
    where: Location
    steps: tuple[Step, ...]
    name: str | None = None
    description: str = ""
    guard: Condition | None = None
    always_include_in_prompt: bool = False
    run_pattern_completed: bool = True
    nlu_triggers: tuple[str, ...] = ()
    persisted_slots: tuple[str, ...] = ()

    @property
    def display_name(self) -> str:
        """As reports and responses show it."""
        return self.name or self.id.replace("_", " ")

    @property
    def is_pattern(self) -> bool:
        return self.id.startswith(PATTERN_PREFIX)


@dataclass(frozen=True, slots=True)
class CommandGenerator:
    """What config.yml says of the command generator. `prompt_template` as written there, relative to the assistant."""

    name: str | None = None
    prompt_template: str | None = None
    max_characters: int = 420
    flow_retrieval: bool = True
    include_date_time: bool = True
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Assistant:
    """Flows in file order, pattern flows of the project among them (see `Flow.is_pattern`). `actions` and `intents`: as
    the domain declares them.
    """

    root: str
    flows: Mapping[str, Flow]
    slots: Mapping[str, Slot]
    responses: Mapping[str, Response]
    actions: frozenset[str]
    generator: CommandGenerator = CommandGenerator()
    language: str = "en"
    action_endpoint: str | None = None
    session: Mapping[str, Any] = field(default_factory=dict)
    intents: frozenset[str] = frozenset()
