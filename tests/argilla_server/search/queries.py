"""Does a document match a query of the engine's query language?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.argilla_server.search.documents import Document, Mapping, leaves, objects_at, values_at
from tests.argilla_server.search.text import says


class UnknownRequestError(Exception):
    """Argilla asked for something this stand-in does not do."""


def matches(query: Document, source: Document, mapping: Mapping) -> bool:
    """`source` holds its own id under `id`, as Argilla writes it."""
    ((kind, body),) = query.items()
    if kind not in KINDS:
        raise UnknownRequestError(f"query {kind}")
    return KINDS[kind](body, source, mapping)


def _several(clauses: Any) -> list[Document]:
    return clauses if isinstance(clauses, list) else [clauses] if clauses else []


def _bool(body: Document, source: Document, mapping: Mapping) -> bool:
    needed = _several(body.get("must")) + _several(body.get("filter"))
    either = _several(body.get("should"))
    least = int(body.get("minimum_should_match", 0 if needed or not either else 1))
    return (
        all(matches(clause, source, mapping) for clause in needed)
        and not any(matches(clause, source, mapping) for clause in _several(body.get("must_not")))
        and sum(matches(clause, source, mapping) for clause in either) >= least
    )


def _nested(body: Document, source: Document, mapping: Mapping) -> bool:
    """Each nested object is a document of its own: all clauses must hold of one and the same."""
    path = body["path"]
    return any(matches(body["query"], {path: part}, mapping) for part in objects_at(source, path))


def _terms(body: Document, source: Document, mapping: Mapping) -> bool:
    ((path, wanted),) = body.items()
    read = {mapping.read(value, path) for value in (wanted if isinstance(wanted, list) else [wanted])}
    return not read.isdisjoint(mapping.indexed(source, path))


def _range(body: Document, source: Document, mapping: Mapping) -> bool:
    ((path, bounds),) = body.items()
    low, high = (None if bounds.get(end) is None else mapping.read(bounds[end], path) for end in ("gte", "lte"))
    return any((low is None or value >= low) and (high is None or value <= high) for value in mapping.indexed(source, path))


def _text(body: Document, source: Document, mapping: Mapping) -> bool:
    return says(body["query"], [str(value) for path in body["fields"] for value in leaves(values_at(source, path))])


KINDS: dict[str, Callable[[Any, Document, Mapping], bool]] = {
    "match_all": lambda body, source, mapping: True,
    "ids": lambda body, source, mapping: source["id"] in body["values"],
    "exists": lambda body, source, mapping: bool(mapping.indexed(source, body["field"])),
    "function_score": lambda body, source, mapping: matches(body["query"], source, mapping),
    "bool": _bool,
    "nested": _nested,
    "term": _terms,
    "terms": _terms,
    "range": _range,
    "simple_query_string": _text,
}
