"""What a preflight finds, as plain data that is stored with the dataset version and comes back unchanged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """`FAIL` keeps a training from starting unless the check is waived by name."""

    FAIL = "fail"
    WARN = "warn"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class RowPlace:
    """A row of the dataset (`part`:`row`, from 1) and where its test stands (`file:line`). `note`: what is special about it."""

    part: str
    row: int
    place: str
    note: str = ""

    def __str__(self) -> str:
        return f"{self.part}:{self.row} ({self.place})" + (f" {self.note}" if self.note else "")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found. `count`: rows concerned, 0 where it is a matter of the model. `rows`: the first of them."""

    check: str
    severity: Severity
    what: str
    fix: str
    count: int = 0
    rows: tuple[RowPlace, ...] = ()


@dataclass(frozen=True, slots=True)
class Spread:
    """How many tokens rows have."""

    min: int
    p50: int
    p95: int
    p99: int
    max: int
    mean: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows with `low` ≤ tokens < `high`."""

    low: int
    high: int
    rows: int


@dataclass(frozen=True, slots=True)
class Lengths:
    """Tokens as they are trained, the template's included. `completion`: the tokens that are learned.

    `needed`: the longest row, `advised`: that, rounded up to a multiple of 64, which is what to train with.
    """

    rows: int
    prompt: Spread
    completion: Spread
    total: Spread
    bins: tuple[Bin, ...]
    needed: int
    advised: int


@dataclass(frozen=True, slots=True)
class Cut:
    """What a trainer does to the rows at a length. `lost`: rows of which no completion token is left or that are dropped.

    `cut_label`: rows that lose a part of the completion; `cut_prompt`: rows that lose only tokens of the prompt.
    """

    trainer: str
    length: int
    rule: str
    lost: int
    cut_label: int
    cut_prompt: int
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Probe:
    """A row as the trainer sees it, kept so that a server can be asked for the same tokens later.

    `tokens`: ids of prompt and completion; those from `border` on are learned. `ending`: the text around the border, token by
    token, and whether each is learned.
    """

    part: str
    row: int
    tokens: tuple[int, ...]
    border: int
    ending: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """The model's side. `form`: `chat` (rendered by the chat template) or `plain` (prompt and completion as they are).

    `tokenizer_sha256`: of the tokenizer's own file; `template_sha256`: of the chat template, empty without one. `folder`: the
    absolute path of `model` where that names a folder; None for a name on the hub.
    """

    model: str
    form: str
    vocabulary: int
    window: int | None
    template_sha256: str
    tokenizer_sha256: str
    eos: str
    pad: str
    stops: tuple[str, ...]
    folder: str | None = None


@dataclass(frozen=True, slots=True)
class Preflight:
    """A preflight's report. `parameters`: what it was asked for. `supervised`: share of all tokens that are learned.

    `val_in_train`: rows of val that train has word for word, and those whose dialogue state and message it has.

    `gpus`: estimates of `core.preflight.cost` as plain data, empty where the model's shape is not known; `gpu_note` says why.
    """

    dataset: str
    parameters: Mapping[str, Any]
    target: TargetFacts
    rows: Mapping[str, int]
    lengths: Lengths
    cuts: tuple[Cut, ...]
    supervised: float
    commands: Mapping[str, Mapping[str, int]]
    flows: Mapping[str, Mapping[str, int]]
    findings: tuple[Finding, ...]
    probes: tuple[Probe, ...]
    val_in_train: tuple[int, int] = (0, 0)
    gpus: tuple[Mapping[str, Any], ...] = ()
    gpu_note: str = ""
    seconds: float = 0.0

    def as_data(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> Preflight:
        lengths = data["lengths"]
        spreads = {name: Spread(**lengths[name]) for name in ("prompt", "completion", "total")}
        read: dict[str, Any] = {
            "target": TargetFacts(**data["target"] | {"stops": tuple(data["target"]["stops"])}),
            "lengths": Lengths(**lengths | spreads | {"bins": tuple(Bin(**one) for one in lengths["bins"])}),
            "cuts": tuple(Cut(**one) for one in data["cuts"]),
            "findings": tuple(_finding(one) for one in data["findings"]),
            "probes": tuple(_probe(one) for one in data["probes"]),
            "gpus": tuple(data["gpus"]),
            "val_in_train": tuple(data["val_in_train"]),
        }
        return Preflight(**{**data, **read})


def _finding(data: Mapping[str, Any]) -> Finding:
    rows = tuple(RowPlace(**row) for row in data["rows"])
    return Finding(**{**data, "severity": Severity(data["severity"]), "rows": rows})


def _probe(data: Mapping[str, Any]) -> Probe:
    ending = tuple((text, learned) for text, learned in data["ending"])
    return Probe(data["part"], data["row"], tuple(data["tokens"]), data["border"], ending)
