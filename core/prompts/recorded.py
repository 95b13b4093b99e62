"""Answers a template got from calling methods of a variable, kept so that it can be rendered again.

A template may print `current_datetime.strftime("%A")`. From a rendered prompt only what each call printed is known, not
the moment itself; `RecordedCalls` stands in for the object and answers the same calls with the same texts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

Call = tuple[str, tuple[Any, ...]]
"""Name of the method and its positional arguments."""

_RECORDED = "$recorded"
_DATETIME = "$datetime"


class RecordedCalls:
    """Stands in for an object of which only the printed answers to some method calls are known."""

    __slots__ = ("_answers",)

    def __init__(self, answers: Mapping[Call, str]) -> None:
        self._answers = dict(answers)

    @property
    def answers(self) -> dict[Call, str]:
        return dict(self._answers)

    def __getattr__(self, method: str) -> Callable[..., str]:
        if method.startswith("_") or not any(name == method for name, _ in self._answers):
            raise AttributeError(method)

        def answer(*arguments: Any) -> str:
            try:
                return self._answers[(method, arguments)]
            except KeyError:
                raise ValueError(f"the prompt never showed what {method}{arguments} prints") from None

        return answer

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RecordedCalls) and self._answers == other._answers

    def __hash__(self) -> int:
        return hash(frozenset(self._answers.items()))

    def __repr__(self) -> str:
        return f"RecordedCalls({self._answers!r})"


def encode_variable(value: Any) -> Any:
    """A top-level variable as JSON data. Only these are encoded: a slot's value is data and never looks like a tag."""
    if isinstance(value, RecordedCalls):
        return {_RECORDED: [[method, list(arguments), text] for (method, arguments), text in value.answers.items()]}
    if isinstance(value, datetime):
        zone = value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None
        return {_DATETIME: value.isoformat(), "zone": zone, "fold": value.fold}
    if isinstance(value, date):
        return value.isoformat()
    return value


def decode_variable(value: Any) -> Any:
    if isinstance(value, dict) and _RECORDED in value:
        return RecordedCalls({(method, tuple(arguments)): text for method, arguments, text in value[_RECORDED]})
    if isinstance(value, dict) and _DATETIME in value:
        moment = datetime.fromisoformat(value[_DATETIME])
        if value["zone"] is None:
            return moment
        return moment.replace(tzinfo=ZoneInfo(value["zone"]), fold=value["fold"])
    return value
