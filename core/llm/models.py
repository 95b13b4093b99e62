"""What is asked of a language model, and what comes back: an answer, or one of the ways in which none comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Protocol


class Role(StrEnum):
    """What a model is there for; each is a section `[llm.<role>]` of `workbench.toml`."""

    ANNOTATOR = "annotator"
    REPHRASER = "rephraser"
    JUDGE = "judge"
    EMBEDDINGS = "embeddings"
    CANDIDATE = "candidate"


@dataclass(frozen=True, slots=True)
class Message:
    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Request:
    """One question. `messages`: for the completions API exactly one, whose content is the prompt as it is.

    `sample` tells apart answers wanted for the same question: 0 is the first, votes and top-up rounds are 1, 2, …
    `parameters` go before those of the role (`temperature`, `max_tokens`, `response_format`, …). `stage` and `item` say what
    the answer is for, in the ledger and to people; they do not make another question of it.
    """

    stage: str
    messages: tuple[Message, ...]
    sample: int = 0
    parameters: Mapping[str, Any] = field(default_factory=dict)
    item: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens. `exact`: counted by the server; else estimated, since it did not say."""

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """`cost` is in the role's currency, None where no price is set. `stored`: no call was made for it this time."""

    key: str
    text: str
    finish_reason: str
    usage: Usage
    cost: float | None
    seconds: float
    stored: bool = False

    @property
    def is_cut_off(self) -> bool:
        return self.finish_reason == "length"


class FailureKind(StrEnum):
    """Why a question has no answer. `ends_run`: no other question will fare better."""

    CONNECTION = "connection"  # refused, reset, DNS, TLS
    TIMEOUT = "timeout"
    RATE_LIMITED = "rate limited"  # still throttled when the budget for retries was used up
    SERVER = "server error"
    QUOTA = "quota exhausted"
    UNAUTHORISED = "unauthorised"
    NO_MODEL = "unknown model or address"
    TOO_LARGE = "request too large"
    CONTEXT = "context too small"
    CONTENT_FILTER = "content filter"
    EMPTY = "empty answer"
    INVALID = "invalid answer"  # not JSON, not what the API promises, or larger than any answer may be
    REFUSED = "request refused"  # any other 4xx
    BUDGET = "cost limit reached"
    STOPPED = "stopped"
    PENDING = "waits for a batch"

    @property
    def ends_run(self) -> bool:
        return self in _END_THE_RUN


_END_THE_RUN = frozenset(
    {FailureKind.QUOTA, FailureKind.UNAUTHORISED, FailureKind.NO_MODEL, FailureKind.BUDGET, FailureKind.STOPPED}
)


@dataclass(frozen=True, slots=True)
class CallFailure:
    """A question without an answer: `what` happened and what helps (`remedy`). `status`: of HTTP, if it came that far.

    `is_final`: the client asks the endpoint nothing more, whatever the kind says.
    """

    key: str
    kind: FailureKind
    what: str
    remedy: str = ""
    status: int | None = None
    attempts: int = 1
    is_final: bool = False

    @property
    def ends_run(self) -> bool:
        """No other question will fare better."""
        return self.is_final or self.kind.ends_run

    def __str__(self) -> str:
        what = f"{self.kind.value}: {self.what}"
        return f"{what.rstrip('.')}. {self.remedy}" if self.remedy else what


class Asker(Protocol):
    """Asks one model. Safe for any number of questions at once on one event loop; limits are its own matter."""

    async def ask(self, request: Request) -> Answer | CallFailure:
        """Never raises for what a server or a network does."""
        ...


class Askers(Protocol):
    """The models of a run by role."""

    def __call__(self, role: Role) -> Asker:
        """Raises ProjectError if the role is not configured."""
        ...
