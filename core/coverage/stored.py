"""A report back from its plain data, as the database keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from core.coverage.report import CoverageReport


def report_from_data(data: Mapping[str, Any]) -> CoverageReport:
    """What `CoverageReport.as_data` wrote. Fields that an older version did not write get their defaults.

    Raises:
        TypeError: it is the data of something else.
    """
    report: CoverageReport = _record(CoverageReport, data)
    return report


def _record(kind: type[Any], data: Any) -> Any:
    if not isinstance(data, Mapping):
        raise TypeError(f"{kind.__name__} must be a mapping, not {type(data).__name__}")
    return kind(**{name: _value(hint, data[name]) for name, hint in _hints(kind).items() if name in data})


_HINTS: dict[type[Any], dict[str, Any]] = {}


def _hints(kind: type[Any]) -> dict[str, Any]:
    """Worked out once for each kind of record."""
    if kind not in _HINTS:
        hints = get_type_hints(kind)
        _HINTS[kind] = {field.name: hints[field.name] for field in fields(kind)}
    return _HINTS[kind]


def _value(hint: Any, value: Any) -> Any:
    """JSON has lists for tuples; scalars come back as they are."""
    origin = get_origin(hint)
    if origin is tuple:
        item = get_args(hint)[0]
        return tuple(_value(item, one) for one in value)
    if is_dataclass(hint):
        assert isinstance(hint, type)
        return _record(hint, value)
    if origin in (Union, UnionType, Literal) or isinstance(hint, type):
        return value
    raise TypeError(f"{hint} cannot be stored")
