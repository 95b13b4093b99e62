"""Reading values out of nested documents, the way the engine indexes them: lists are flattened, nulls do not exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Document = dict[str, Any]


def values_at(source: object, path: str) -> list[Any]:
    """All values under a dotted path; `*` stands for every key, an object at the end of the path is flattened too."""
    step, _, rest = path.partition(".")
    found: list[Any] = []
    for part in source if isinstance(source, list) else [source]:
        if not isinstance(part, dict):
            continue
        for below in part.values() if step == "*" else [part[step]] if step in part else []:
            found += values_at(below, rest) if rest else leaves(below)
    return found


def leaves(value: object) -> Iterator[Any]:
    """The plain values in it."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from leaves(part)
    elif value is not None:
        yield value


def objects_at(source: Document, path: str) -> list[Document]:
    """The nested objects under one key."""
    held = source.get(path)
    return [part for part in (held if isinstance(held, list) else [held]) if isinstance(part, dict)]


def merge(target: Document, update: Document) -> None:
    """A partial update: objects are merged, everything else is replaced."""
    for key, value in update.items():
        if isinstance(value, dict) and isinstance(target.get(key), dict):
            merge(target[key], value)
        else:
            target[key] = value


class Mapping:
    """The types of an index's fields. Keys come dotted (`metadata.flow`) or as objects with `properties`."""

    def __init__(self) -> None:
        self._types: dict[str, str] = {}
        self._unindexed: set[str] = set()

    def add(self, properties: Document, above: str = "") -> None:
        for key, value in properties.items():
            path = above + key
            if value.get("enabled") is False:
                self._unindexed.add(path)
            if "properties" in value:
                self.add(value["properties"], path + ".")
            else:
                self._types[path] = value["type"]

    def indexed(self, source: object, path: str) -> list[Any]:
        """The values a query or a sort sees: none of a field kept without an index (Argilla's text questions)."""
        if any(path == hidden or path.startswith(hidden + ".") for hidden in self._unindexed):
            return []
        return [comparable(value, self._types.get(path, "")) for value in values_at(source, path)]

    def read(self, value: object, path: str) -> Any:
        """A value of a query in the form `indexed` gives."""
        return comparable(value, self._types.get(path, ""))


NUMBERS = ("long", "integer", "float")


def comparable(value: Any, kind: str) -> Any:
    """Numbers as numbers, everything else as text; a date is ISO 8601 in UTC, which sorts as text."""
    if kind in NUMBERS or (not kind and isinstance(value, (int, float)) and not isinstance(value, bool)):
        return float(value)
    text = str(value)
    # The server writes both forms of one instant: with a zone and without.
    return text.replace("+00:00", "").rstrip("Z") if kind.startswith("date") else text
